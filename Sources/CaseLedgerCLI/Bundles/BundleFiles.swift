import ArgumentParser
import CaseLedger
import Glibc

/// The files of a bundle that is being made: one, or numbered parts.
struct BundleFiles {
    /// The most bytes of a vector that is read.
    static let vectorBytesMax = 1 << 20

    private let output: String
    private let isSplit: Bool
    private var file: OutputFile?
    /// What was written, in order.
    private(set) var paths: [String] = []

    init(output: String, isSplit: Bool) {
        self.output = output
        self.isSplit = isSplit
    }

    /// Writes the next piece; each file stands in its place when it is whole.
    mutating func write(_ piece: BundlePiece) throws(CommandFailure) {
        switch piece {
        case .begin(let number):
            let path = self.isSplit ? Self.path(self.output, part: number) : self.output
            self.file = try OutputFile(path: path, atomically: true)
            self.paths.append(path)
        case .bytes(let bytes): try self.file?.write(bytes)
        case .end: try self.file?.close()
        }
    }

    /// `x.clb` becomes `x.001.clb`.
    static func path(_ path: String, part: UInt32) -> String {
        let digits = String(repeating: "0", count: max(0, 3 - String(part).count)) + "\(part)"
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let point = name.lastIndex(of: "."), point > name.startIndex else {
            return "\(path).\(digits)"
        }
        return "\(path[..<point]).\(digits)\(path[point...])"
    }
}

/// A bundle's bytes from a file, or from standard input.
final class BundleSource {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(CommandFailure) {
        self.path = path
        self.descriptor = try FileInput.open(path)
    }

    deinit { if self.descriptor != 0 { Glibc.close(self.descriptor) } }

    /// The next bytes, empty at the end.
    func next() throws -> [UInt8] { try FileInput.read(self.descriptor, path: self.path) }
}

/// A number of bytes, written as 500000, 64KiB, 700MB or 4GB.
struct ByteCount: ExpressibleByArgument {
    /// The least that a bundle is split into.
    static let splitMin: UInt64 = 64 << 10

    /// The bytes.
    let bytes: UInt64

    init?(argument: String) {
        let units: [(String, UInt64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1_000),
            ("MB", 1_000_000), ("GB", 1_000_000_000), ("", 1),
        ]
        for (unit, factor) in units where argument.hasSuffix(unit) {
            guard let number = UInt64(argument.dropLast(unit.count)) else { return nil }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            self.bytes = bytes
            return
        }
        return nil
    }
}

/// What is said of a bundle that was checked or applied.
enum BundleScreen {
    /// Prints it; throws unless the file was whole.
    static func show(
        _ summary: BundleSummary,
        _ file: String,
        isApplied: Bool,
        json: Bool
    ) throws {
        if json { try JSONLines().print(summary) } else { Self.print(summary, file, isApplied) }
        Terminal.flush()
        switch summary.ending {
        case .complete, .goesOn: break
        case .truncated:
            throw CommandFailure(
                "\(file) ends before it should" + Self.kept(isApplied),
                nextStep: "copy it again, and \(isApplied ? "apply" : "verify") it again",
                exit: .dataError
            )
        case .damaged:
            throw CommandFailure(
                "\(file) cannot be believed after byte \(summary.bytes): "
                    + (summary.problem ?? "") + Self.kept(isApplied),
                nextStep: "copy it again; if it stays so, have it made again",
                exit: .dataError
            )
        }
        if let site = summary.untrusted.first { throw Self.untrusted(site) }
        if let log = summary.logs.first(where: { $0.problem != nil }) {
            throw CommandFailure(
                "log \(log.id.prefix(16)) was left alone: \(log.problem ?? "")",
                nextStep: "sync with the site that made the bundle over a line, which shows the "
                    + "evidence; caseledger verify checks this copy",
                exit: .protocolError
            )
        }
    }

    /// A site whose key is not known here.
    static func untrusted(_ site: String) -> CommandFailure {
        CommandFailure(
            "the key of site \(site) is not pinned; nothing of it was taken in",
            nextStep: "caseledger bundle verify prints the key; once you have checked whose it "
                + "is, apply once with --trust-first-use",
            exit: .unavailable
        )
    }

    private static func kept(_ isApplied: Bool) -> String {
        isApplied ? "; what came before is kept" : ""
    }

    private static func print(_ summary: BundleSummary, _ file: String, _ isApplied: Bool) {
        let recipient = summary.recipient.map { "for \($0)" } ?? "for anybody"
        let part = summary.part > 1 || summary.ending == .goesOn ? ", part \(summary.part)" : ""
        Terminal.line("\(file): from \(summary.site), \(recipient)\(part)")
        Terminal.line("key \(summary.siteKey)")
        for log in summary.logs {
            let site = log.site.map { " of \($0)" } ?? ""
            let what =
                log.problem ?? (isApplied ? "\(log.added) added" : "verified to \(log.verified)")
            Terminal.line("log \(log.id.prefix(16))\(site): \(log.from) to \(log.to), \(what)")
        }
        for gap in summary.missing {
            let words = summary.ending == .goesOn ? "to come" : Terminal.red("missing")
            Terminal.line("\(words): log \(gap.log.prefix(16)), \(gap.from) to \(gap.to)")
        }
        if let digest = summary.digest { Terminal.line("digest \(digest)") }
        if summary.isWhole {
            let whole = isApplied ? "All of it is held." : "All of it is proven."
            Terminal.line(
                summary.ending == .goesOn ? "The next part goes on." : Terminal.bold(whole)
            )
        }
    }
}
