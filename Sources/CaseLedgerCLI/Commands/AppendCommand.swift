import ArgumentParser
import CaseLedger
import LedgerTypes

/// `caseledger append`.
struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append events given as JSON lines; answer one line each.",
        discussion: """
            Each line is one event, or an array of events that are appended together or not at \
            all. An answer is printed only when the events are durable. Text in "text" is sealed; \
            fields in "data" stay in the clear, so nothing personal belongs there.

              echo '{"type":"case.opened","subject":"case:4711","actor":{"actorID":"a1",\
            "kind":"agent"},"data":{"ticketType":"incident","initiation":"proactive"},\
            "text":{"title":"No dial tone"}}' | caseledger append --ledger support

            "id" (a UUIDv7) is the retry key: the same line sent again answers alreadyAppended. \
            Without one an id is made. "occurred" is RFC 3339, now if absent; older than a day \
            needs "history": true. "expecting" is "any", "new", "exists" or a version number. \
            docs/EVENTS.md lists the types and their fields.
            """
    )

    @Argument(
        help: ArgumentHelp("A file of JSON lines, or - for standard input.", valueName: "FILE"),
        completion: .file()
    )
    var file = "-"

    @OptionGroup var options: LedgerOptions
    @OptionGroup var restore: RestoreOptions
    @Flag(help: "Go on after a line that is refused.") var keepGoing = false
    @Flag(help: "Print JSON (answers are JSON in any case).") var json = false

    private struct Answer: Encodable {
        struct Event: Encodable {
            let id: String
            let log: String
            let index: UInt64
        }

        var line: Int
        var outcome: String
        var events: [Event] = []
        var violations: [Violation]?
        var error: String?
        var next: String?
        var retry: Bool?
    }

    private struct Violation: Encodable {
        let rule: String
        let message: String
        let remedy: String
        let saw: [String]
    }

    func run() async throws {
        let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
        defer { ledger.close() }
        let descriptor = try FileInput.open(self.file)
        var reader = LineReader(descriptor: descriptor, path: self.file)
        let lines = JSONLines()
        var number = 0
        var failures = 0
        while let line = try reader.next() {
            number += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let answer = await Self.answer(line, number: number, ledger: ledger)
            try lines.print(answer)
            Terminal.flush()
            guard answer.error != nil else { continue }
            failures += 1
            if !self.keepGoing { break }
        }
        guard failures == 0 else {
            throw CommandFailure(
                self.keepGoing
                    ? "\(failures) line(s) were not appended" : "line \(number) was not appended",
                nextStep: self.keepGoing
                    ? "mend them and send them again; the others are durable"
                    : "mend it and send the rest again; lines before it are durable",
                exit: .dataError
            )
        }
    }

    private static func answer(_ line: [UInt8], number: Int, ledger: Ledger) async -> Answer {
        do {
            let receipt = try await ledger.append(jsonLine: line)
            return Answer(
                line: number,
                outcome: receipt.isRepeat ? "alreadyAppended" : "appended",
                events: zip(receipt.ids, receipt.addresses).map { id, address in
                    .init(id: id.description, log: address.log.hex, index: address.index)
                }
            )
        } catch {
            let failure = CommandFailure(error)
            var answer = Answer(line: number, outcome: "failed")
            if case .refused(let violations) = error {
                answer.outcome = "refused"
                answer.violations = violations.map { violation in
                    Violation(
                        rule: "\(violation.rule)",
                        message: violation.message,
                        remedy: violation.remedy,
                        saw: violation.saw.map(\.description)
                    )
                }
            } else if case .conflict = error {
                answer.outcome = "conflict"
            }
            answer.error = failure.message
            answer.next = failure.nextStep
            answer.retry = error.isRetryable
            return answer
        }
    }
}

/// Splits a file into lines of at most 4 MiB.
struct LineReader {
    private static let lineBytesMax = 4 << 20

    let descriptor: Int32
    let path: String
    private var pending: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// The next line without its end, or `nil` at the end.
    mutating func next() throws(CommandFailure) -> [UInt8]? {
        while true {
            if let end = self.pending[self.start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { self.start = end + 1 }
                return Array(self.pending[self.start..<end])
            }
            if self.isAtEnd {
                guard self.start < self.pending.count else { return nil }
                defer { self.start = self.pending.count }
                return Array(self.pending[self.start...])
            }
            guard self.pending.count - self.start <= Self.lineBytesMax else {
                throw CommandFailure(
                    "\(self.path): a line has more than \(Self.lineBytesMax) bytes",
                    exit: .dataError
                )
            }
            self.pending.removeSubrange(..<self.start)
            self.start = 0
            let chunk = try FileInput.read(self.descriptor, path: self.path)
            self.isAtEnd = chunk.isEmpty
            self.pending.append(contentsOf: chunk)
        }
    }
}
