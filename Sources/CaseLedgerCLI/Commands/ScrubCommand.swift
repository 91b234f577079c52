import ArgumentParser
import CaseLedger
import Glibc

/// `caseledger scrub`.
struct ScrubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Rehash every stored byte at a bounded rate, and name what is rotten.",
        discussion: """
            Unlike verify it tells which leaves, sections and rows of hashes have to be fetched \
            again, and it can run beside a service, weekly, at a rate that nobody feels. Changes \
            nothing: caseledger sync OTHER --deep puts right what it finds. Exit code 65 if \
            something is rotten.

              caseledger scrub --rate 20 --ledger support
            """
    )

    @Option(help: ArgumentHelp("The most megabytes a second; 0 for no bound.", valueName: "MB"))
    var rate = 20

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (0...100_000).contains(self.rate) else {
            throw ValidationError("--rate takes 0 to 100000.")
        }
    }

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let progress = Progress("scrub")
        let pace = Pace(megabytesPerSecond: self.rate)
        let report = try ledger.scrub { bytes in
            progress.update(Int(clamping: bytes >> 20), unit: "MiB")
            pace.wait(after: bytes)
        }
        progress.end()
        if self.json {
            try JSONLines().print(report)
        } else {
            Self.show(report)
        }
        guard report.count == 0 else {
            throw CommandFailure(
                "\(report.count) stored rows are rotten; nothing was changed",
                nextStep: "caseledger sync OTHER --deep fetches them from a peer, with proof",
                exit: .dataError
            )
        }
    }

    /// What was read, and what is rotten.
    static func show(_ report: ScrubReport) {
        for damage in report.damages {
            let isRepaired = report.repaired.contains(damage)
            Terminal.line("  \(damage.kind) \(damage.place)\(isRepaired ? ", put right" : "")")
        }
        Terminal.line(
            "\(report.leaves) leaves and \(report.sections) sections rehashed, \(report.bytes) "
                + "bytes: \(report.count) rotten, \(report.repairedCount) put right."
        )
    }
}

/// Keeps a reader from going faster than a rate.
private struct Pace {
    private let bytesPerSecond: Double
    private let start = ContinuousClock.now

    init(megabytesPerSecond: Int) { self.bytesPerSecond = Double(megabytesPerSecond) * 1_000_000 }

    /// Waits until `bytes` may have been read.
    func wait(after bytes: UInt64) {
        guard self.bytesPerSecond > 0 else { return }
        let due = Double(bytes) / self.bytesPerSecond
        let left = due - self.start.duration(to: .now) / .seconds(1)
        guard left > 0.001 else { return }
        usleep(UInt32(min(left, 1) * 1_000_000))
    }
}
