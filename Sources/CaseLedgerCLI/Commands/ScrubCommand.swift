import ArgumentParser
import CaseLedger
import SyncService

/// `caseledger scrub`.
struct ScrubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Rehash every stored byte at a bounded rate, and name what is rotten.",
        discussion: """
            Unlike verify it tells which leaves, sections and rows of hashes have to be fetched \
            again, and it can run beside a service, weekly, at a rate that nobody feels. Changes \
            nothing: caseledger sync OTHER --deep puts right what it finds, with what a peer \
            holds. With --repair everything is made again that follows from other rows here: \
            hashes, heads, runs, labels, and leaf 0 of a log from its copy; also in a ledger that \
            no longer opens for them. Of a log that is held in part nothing can be made again or \
            fetched alone: a part with something rotten is set aside, and comes again with the \
            next sync. Exit code 65 if something stays rotten.

              caseledger scrub --rate 20 --ledger support
              caseledger scrub --repair --ledger support
            """
    )

    @Option(help: ArgumentHelp("The most megabytes a second; 0 for no bound.", valueName: "MB"))
    var rate = 20

    @Flag(help: "Make again what follows from other rows of this ledger.") var repair = false
    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (0...100_000).contains(self.rate) else {
            throw ValidationError("--rate takes 0 to 100000.")
        }
    }

    func run() async throws {
        if self.repair {
            try Self.mend(self.options, isQuiet: self.json)
            try await Self.setPartsAside(self.options)
        }
        let ledger = try self.options.open(self.repair ? .readWrite : .readOnly)
        defer { ledger.close() }
        let progress = Progress("scrub")
        let pace = ScanPace(bytesPerSecond: UInt64(self.rate) * 1_000_000)
        let wait = { (bytes: UInt64) in
            progress.update(Int(clamping: bytes >> 20), unit: "MiB")
            await pace.wait(after: bytes)
        }
        let report =
            self.repair
            ? try await ledger.repair(.everything, wait) : try await ledger.scrub(.everything, wait)
        progress.end()
        if self.json {
            try JSONLines().print(report)
        } else {
            Self.show(report)
        }
        guard report.isSound else {
            throw CommandFailure(
                "\(report.count - report.repairedCount) stored rows are rotten"
                    + (self.repair ? "" : "; nothing was changed"),
                nextStep: report.damages.contains { $0.kind == "part" }
                    ? "caseledger scrub --repair sets a rotten part aside; sync brings it again"
                    : "caseledger sync OTHER --deep fetches them from a peer, with proof",
                exit: .dataError
            )
        }
    }

    /// Leaves out parts of logs in which something is rotten.
    static func setPartsAside(_ options: LedgerOptions) async throws {
        let origins = try await Ledger.setRottenPartsAside(
            at: try options.directory(),
            state: options.stateDirectory()
        )
        for origin in origins {
            Terminal.note("caseledger: the part of \(origin) that was held is rotten; set aside")
        }
        guard !origins.isEmpty else { return }
        Terminal.note("  next: caseledger sync its home site, which sends it again")
    }

    /// Puts right what would keep a ledger from opening.
    static func mend(_ options: LedgerOptions, isQuiet: Bool) throws {
        let directory = try options.directory()
        let report = try Ledger.mend(at: directory, state: options.stateDirectory())
        guard report.count > 0, !isQuiet else { return }
        for damage in report.damages {
            let isRepaired = report.repaired.contains(damage)
            Terminal.line("  \(damage.kind) \(damage.place)\(isRepaired ? ", put right" : "")")
        }
    }

    /// What was read, and what is rotten.
    static func show(_ report: ScrubReport) {
        for damage in report.damages {
            let isRepaired = report.repaired.contains(damage)
            Terminal.line("  \(damage.kind) \(damage.place)\(isRepaired ? ", put right" : "")")
        }
        Terminal.line(
            "\(DisplayText.leaves(report.leaves)) and "
                + "\(DisplayText.counted(report.sections, "section")) rehashed, "
                + "\(report.bytes) bytes: \(report.count) rotten, "
                + "\(report.repairedCount) put right."
        )
        if report.count > 0, !report.isJournalled {
            Terminal.note("caseledger: the journal of scrubs was not written")
        }
    }
}
