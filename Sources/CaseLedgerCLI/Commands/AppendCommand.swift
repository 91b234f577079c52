import ArgumentParser
import CaseDomain
import CaseLedger
import Glibc
import LedgerTypes

/// `caseledger append`.
struct AppendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append",
        abstract: "Append events, one a line as JSON; answer one line each.",
        discussion: """
            Each line is one event. It is answered when it is durable, with one line; the next \
            line is read then. The rules are checked against the case as it stands.

              caseledger append --ledger support <<'END'
              {"type":"case.opened","subject":"case:1","data":{"ticketType":"incident"}}
              END

            Needed:
              type        what happened; docs/EVENTS.md lists the types and their fields
              subject     what it is about: case:ID, contact:ID
              data        the type's fields; free text, such as title or body, is sealed

            Optional:
              id          a UUIDv7, the retry key: what came before is not written twice
              time        RFC 3339; now if absent. Older than a day needs "history": true
              actor       who acts: {"actorID": "ada", "kind": "agent", "team": "First line"}
              contactID, handoffID   the contact or the handoff it belongs to
              expecting   "any", "new", "exists" or {"version": N}, as show --json tells N
              labels      {"name": "value"}, in the clear

            A line with the key specversion is a CloudEvent 1.0, as other languages' libraries and \
            caseledger export --format cloudevents write them; docs/EVENTS.md has the table.

            An unknown key or field is refused, so that a misspelt one never passes in silence. \
            Without --keep-going the first line that is not appended ends the run; lines before \
            it are durable.
            """
    )

    @Argument(
        help: ArgumentHelp("A file of JSON lines, or - for standard input.", valueName: "FILE"),
        completion: .file()
    )
    var file = "-"

    @OptionGroup var options: LedgerOptions
    @OptionGroup var restore: RestoreOptions
    @Flag(help: "Take every line for history: events of another ledger, or older than a day.")
    var history = false
    @Flag(help: "Go on after a line that is not appended.") var keepGoing = false
    @Flag(help: "Print the answers as JSON, one object a line.") var json = false

    func run() async throws {
        let descriptor = try FileInput.open(self.file)
        let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
        defer { ledger.close() }
        Terminal.makeAnswersMatter()
        if self.file == "-", isatty(0) == 1 {
            Terminal.note("caseledger: reading events, one a line as JSON; Ctrl-D ends")
        }
        let name = self.file == "-" ? "standard input" : self.file
        var reader = LineReader(descriptor: descriptor, path: name)
        let lines = JSONLines()
        var number = 0
        var failures: [CommandFailure] = []
        while let line = try reader.next() {
            number += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let answer = await AppendAnswer(
                appending: line,
                number: number,
                asHistory: self.history,
                to: ledger
            )
            if self.json { try lines.print(answer) } else { Terminal.line(answer.text) }
            Terminal.flush()
            guard let failure = answer.failure else { continue }
            failures.append(failure)
            // What is wrong with the place and not with the line is wrong for the next line, too.
            if !self.keepGoing || !answer.isAboutTheLine { break }
        }
        guard let first = failures.first else { return }
        guard failures.count > 1 || self.keepGoing else {
            throw CommandFailure(
                "\(name), line \(number): \(first.message)",
                nextStep: first.nextStep ?? "mend it and send the rest; what came before is in",
                exit: first.exit
            )
        }
        throw CommandFailure(
            "\(name): \(failures.count) lines were not appended; the first: \(first.message)",
            nextStep: "mend them and send them again; the others are durable",
            exit: first.exit
        )
    }
}

/// What became of one line.
struct AppendAnswer: Encodable {
    /// A broken rule.
    struct Violation: Encodable {
        let rule: String
        let message: String
        let remedy: String
        let saw: [EventID]
    }

    /// An event that is held now.
    struct Event: Encodable {
        let id: EventID
        let log: LogID
        let index: UInt64
    }

    private enum CodingKeys: String, CodingKey {
        case line, outcome, events, violations, error, next, retry
    }

    let line: Int
    private(set) var outcome: String
    private(set) var events: [Event]?
    private(set) var violations: [Violation]?
    private(set) var error: String?
    private(set) var next: String?
    private(set) var retry: Bool?
    /// Why it was not appended.
    private(set) var failure: CommandFailure?
    /// Whether the failure says nothing about other lines.
    private(set) var isAboutTheLine = true

    /// Appends `bytes`, which are line `number`, and says what became of them.
    init(appending bytes: [UInt8], number: Int, asHistory: Bool, to ledger: Ledger) async {
        self.line = number
        do throws(LedgerError) {
            let receipt = try await ledger.append(jsonLine: bytes, asHistory: asHistory)
            self.outcome = receipt.isRepeat ? "alreadyAppended" : "appended"
            self.events = zip(receipt.ids, receipt.addresses).map { id, address in
                Event(id: id, log: address.log, index: address.index)
            }
        } catch {
            self.outcome = "failed"
            let failure = CommandFailure(error)
            self.failure = failure
            self.error = failure.message
            self.next = failure.nextStep
            self.retry = error.isRetryable
            switch error {
            case .refused(let violations):
                self.outcome = "refused"
                self.violations = violations.map {
                    Violation(
                        rule: $0.rule.rawValue,
                        message: $0.message,
                        remedy: $0.remedy,
                        saw: $0.saw
                    )
                }
            case .conflict: self.outcome = "conflict"
            case .idReused, .partialRetry, .eventTooLarge, .invalidEvent, .occurredAhead,
                .occurredBehind, .overloaded:
                break
            default: self.isAboutTheLine = false
            }
        }
    }

    /// The answer for people.
    var text: String {
        guard let events = self.events else {
            let head = "line \(self.line): " + Terminal.red(self.outcome)
            guard let violations = self.violations, !violations.isEmpty else {
                return head + " \(DisplayText.clean(self.error ?? ""))"
            }
            return ([head] + violations.map { "  \($0.rule): \(DisplayText.clean($0.message))" })
                .joined(separator: "\n")
        }
        let places = events.map { "\($0.id) at \(EventAddress(log: $0.log, index: $0.index))" }
        let word = self.outcome == "appended" ? "appended" : "already held:"
        return "line \(self.line): \(word) " + places.joined(separator: ", ")
    }
}
