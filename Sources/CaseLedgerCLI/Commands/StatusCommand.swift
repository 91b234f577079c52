import ArgumentParser
import CaseLedger
import LedgerTypes
import SyncService

/// `caseledger status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print how this ledger stands with each peer.",
        discussion: """
            Per peer: in step or how far behind, since when, the last error, and when it is tried \
            again. It comes from the journal that caseledger sync and caseledger serve keep in \
            the state directory; nobody is asked. A peer may hold more than is known here until \
            it is heard again.

              caseledger status --ledger support
              caseledger status --ledger support --json

            With --json the last line has no peer but the key scrub: when every stored byte was \
            last rehashed, and what is rotten; absent where nothing was rehashed yet.

            The exit code is 0 if every peer was in step when it was last heard and lacks nothing \
            since, else 75.
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON, one object a line.") var json = false

    /// One peer's line.
    struct Line: Encodable {
        let peer: String
        let address: String?
        /// inStep, behind, apart, failing, or never.
        let state: String
        let since: String?
        let lastHeard: String?
        let lastInStep: String?
        let toSend: UInt64?
        let toReceive: UInt64?
        let error: String?
        let next: String?
    }

    /// When the stored bytes were looked after.
    struct Scrub: Encodable {
        /// The last look, whatever it rehashed.
        let time: String
        /// When everything was last rehashed.
        let everything: String?
        /// Rows that are rotten still.
        let rotten: UInt64
        /// Rows put right, as far as the journal goes back.
        let repaired: UInt64

        init?(_ notes: [ScrubNote]) {
            guard let last = notes.last else { return nil }
            self.time = last.time
            self.everything = notes.last { $0.isWhole && $0.bytes > 0 }?.time
            self.rotten = last.rotten - min(last.repaired, last.rotten)
            self.repaired = notes.reduce(0) { $0 + $1.repaired }
        }
    }

    private struct ScrubLine: Encodable { let scrub: Scrub }

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let journal = SyncJournal(folder: try ledger.siteFolder())
        let states: [String: PeerState]
        do throws(SyncJournal.Failure) {
            states = try journal.read()
        } catch {
            throw CommandFailure(
                "\(error.path): \(errorText(error.code))",
                nextStep: "run as the user that runs caseledger sync or serve",
                exit: .noPermission
            )
        }
        let held = try ledger.heldCount()
        let peers = try ledger.peers()
        var lines = peers.map { Self.line($0.site, $0.address, states[$0.site], held: held) }
        lines += states.values.filter { state in !peers.contains { $0.site == state.peer } }
            .sorted { $0.peer < $1.peer }
            .map { Self.line($0.peer, nil, $0, held: held) }
        if self.json {
            let printer = JSONLines()
            for line in lines { try printer.print(line) }
            if let scrub = Scrub(ledger.scrubs()) { try printer.print(ScrubLine(scrub: scrub)) }
        } else {
            self.show(lines, now: ledger.now)
            Self.show(try ledger.heldParts())
            Self.show(ledger.scrubs())
        }
        guard lines.allSatisfy({ $0.state == "inStep" }) else {
            throw Sysexit.temporaryFailure.code
        }
    }

    private static func line(
        _ peer: String,
        _ address: String?,
        _ state: PeerState?,
        held: UInt64
    ) -> Line {
        let toSend = state?.toSend(held: held)
        var word = state?.standing.rawValue ?? "never"
        if state?.standing == .inStep, toSend ?? 0 > 0 { word = "behind" }
        return Line(
            peer: peer,
            address: address,
            state: word,
            since: state?.since,
            lastHeard: state?.time,
            lastInStep: state?.lastInStep,
            toSend: toSend,
            toReceive: state?.toReceive,
            error: state?.error,
            next: state?.next
        )
    }

    private func show(_ lines: [Line], now: Timestamp) {
        if lines.isEmpty {
            Terminal.line("no peers")
            Terminal.note("  next: caseledger peer add NAME ADDRESS KEY")
        }
        for (number, line) in lines.enumerated() {
            if number > 0 { Terminal.line() }
            Terminal.line(line.peer + (line.address.map { "  \(DisplayText.clean($0))" } ?? ""))
            Terminal.line("  \(Self.words(line))")
            if let error = line.error {
                Terminal.line(
                    "  last error: \(DisplayText.clip(DisplayText.clean(error), to: 200))"
                )
            }
            if let next = line.next { Terminal.line("  next try: \(Self.minute(next))") }
        }
    }

    /// The logs of which a part is held.
    private static func show(_ parts: [HeldPart]) {
        if !parts.isEmpty { Terminal.line() }
        for part in parts {
            Terminal.line(
                "\(part.origin): held in part, \(part.leaves) of \(part.size) leaves"
                    + (part.isComplete ? "" : ", not all of the grant yet")
            )
        }
    }

    /// When the stored bytes were looked after, and what is rotten.
    private static func show(_ notes: [ScrubNote]) {
        guard let scrub = Scrub(notes) else { return }
        let whole = scrub.everything.map { Self.minute($0) } ?? "never"
        let rotten = DisplayText.counted(scrub.rotten, "row")
        Terminal.line()
        Terminal.line(
            "stored bytes: all rehashed \(whole); "
                + (scrub.rotten == 0 ? "nothing rotten" : "\(rotten) rotten: caseledger doctor")
        )
    }

    private static func words(_ line: Line) -> String {
        let counts = [(line.toSend, "here that it lacks"), (line.toReceive, "there that we lack")]
        let missing = counts.compactMap { count, place in
            count.flatMap { $0 > 0 ? "\(DisplayText.counted($0, "event")) \(place)" : nil }
        }.joined(separator: ", ")
        let inStep = line.lastInStep.map { "last in step \(Self.minute($0))" } ?? "never in step"
        switch line.state {
        case "inStep":
            return "in step since \(Self.minute(line.since)), last heard "
                + Self.minute(line.lastHeard)
        case "behind": return "behind: \(missing); \(inStep)"
        case "apart":
            return "not in step since \(Self.minute(line.since))"
                + (missing.isEmpty ? "" : ": \(missing)") + "; \(inStep)"
        case "failing":
            return "not reached since \(Self.minute(line.since))"
                + (missing.isEmpty ? "" : ": \(missing)") + "; \(inStep)"
        default: return "never synced"
        }
    }

    private static func minute(_ text: String?) -> String {
        text.flatMap { Timestamp(rfc3339: $0) }.map { DisplayText.minute($0) } ?? "?"
    }
}
