import CaseDomain
import CaseLedger
import Glibc
import LedgerTypes

extension CommandFailure {
    /// What happened, what it touched and what to do next, for an error of the ledger.
    init(_ error: LedgerError) {
        switch error {
        case .notALedger(let path):
            self.init(
                "\(path) is not a ledger",
                nextStep: "check the path, or make one: caseledger init \(path) --site NAME",
                exit: .noInput
            )
        case .alreadyExists(let path):
            self.init(
                "\(path) already exists and is not empty",
                nextStep: "name another directory; an existing ledger is used as it is",
                exit: .cannotCreate
            )
        case .newerFormat(let path, let found, let supported):
            self.init(
                "\(path) has format \(found); this program reads up to \(supported)",
                nextStep: "use a newer caseledger",
                exit: .configuration
            )
        case .permission(let path):
            self.init(
                "no permission for \(path)",
                nextStep: "run as the user that owns the ledger, or change its permissions",
                exit: .noPermission
            )
        case .file(let path, let code):
            self.init("\(path): \(errorText(code))", exit: code == 2 ? .noInput : .ioError)
        case .malformedFile(let path):
            self.init(
                "\(path) is damaged",
                nextStep: "restore this file from a backup",
                exit: .dataError
            )
        case .otherHistory(let path):
            self.init(
                "the backup in \(path) is of another history than this ledger",
                nextStep: "keep it, and back this ledger up into another directory",
                exit: .cannotCreate
            )
        case .readOnly, .closed:
            self.init("the ledger is open for reading only", exit: .software)
        case .suspect(let log, let reason):
            self.init(
                "log \(log.short) looks restored or cloned (\(reason)); nothing was written",
                nextStep: "if this copy is to go on writing, begin a new incarnation: "
                    + "repeat the command with --on-restore new-incarnation",
                exit: .configuration
            )
        case .forkPlaceUnknown(let log, let peer):
            self.init(
                "where the two histories of log \(log.short) part is not known yet",
                nextStep: "caseledger sync with \(peer ?? "the peer that has the other one") "
                    + "once more, then run this again",
                exit: .temporaryFailure
            )
        default: self = Self.aboutEvents(error)
        }
    }

    private static func aboutEvents(_ error: LedgerError) -> CommandFailure {
        switch error {
        case .refused(let violations): Self.refused(violations)
        case .conflict(let conflicts): Self.conflict(conflicts)
        case .idReused(let id, let address):
            CommandFailure(
                "event id \(id) is already held with other content"
                    + (address.map { " at \($0)" } ?? ""),
                nextStep: "give the new event an id of its own; if an import's mapping was "
                    + "changed, rows that are already in keep their first reading",
                exit: .dataError
            )
        case .partialRetry(let held):
            CommandFailure(
                "\(held.count) events of this append are already held, the others are not",
                nextStep: "append the missing ones on their own",
                exit: .dataError
            )
        case .eventTooLarge(let id, let bytes, let maximum):
            CommandFailure(
                "event \(id) has \(bytes) bytes; at most \(maximum) are allowed",
                nextStep: "move long text into sealed fields or attachments",
                exit: .dataError
            )
        case .invalidEvent(let id, let what):
            CommandFailure((id.map { "event \($0): " } ?? "") + what, exit: .dataError)
        case .occurredAhead(let id, let occurred):
            CommandFailure(
                "event \(id) occurred at \(occurred.rfc3339), more than 5 minutes from now",
                nextStep: "check the clocks and the time zone",
                exit: .dataError
            )
        case .occurredBehind(let id, let occurred):
            CommandFailure(
                "event \(id) occurred at \(occurred.rfc3339), more than a day ago",
                nextStep: "declare it history (\"history\": true)",
                exit: .dataError
            )
        default: Self.aboutStorage(error)
        }
    }

    private static func aboutStorage(_ error: LedgerError) -> CommandFailure {
        switch error {
        case .overloaded:
            CommandFailure("too many appends wait", nextStep: "try again", exit: .temporaryFailure)
        case .outcomeUnknown:
            CommandFailure(
                "the disk failed during a commit; it may or may not have happened",
                nextStep: "run the same command again: the event ids tell what is in",
                exit: .temporaryFailure
            )
        case .diskFull:
            CommandFailure(
                "the disk is full; everything acknowledged is safe, nothing else was written",
                nextStep: "free some space and run the same command again",
                exit: .ioError
            )
        case .storage(let code, let description):
            CommandFailure(
                "storage: \(description) (\(code)); nothing of it was written",
                nextStep: "see that the device works, then run the same command again; what was "
                    + "acknowledged is safe",
                exit: .ioError
            )
        case .damaged(let table, let row):
            CommandFailure(
                "a row of \(table) is damaged: \(row)",
                nextStep: ["heads", "runs"].contains(table)
                    ? "caseledger scrub --repair makes it again; else restore a backup"
                    : "caseledger scrub tells what is rotten; sync OTHER --deep mends it",
                exit: .dataError
            )
        case .unknownSubject(let subject):
            CommandFailure(
                "nothing is known of \(subject)",
                nextStep: "caseledger cases lists the cases that are",
                exit: .noInput
            )
        case .mapping(let what):
            CommandFailure(what, nextStep: "see docs/mapping.schema.json", exit: .configuration)
        case .source(let what): CommandFailure(what, exit: .dataError)
        case .row(let line, let what):
            CommandFailure(
                "line \(line): \(what)",
                nextStep: "mend the row, or set bad rows aside with --rejects FILE",
                exit: .dataError
            )
        case .peer(let detail, let isRetryable):
            CommandFailure(
                detail,
                nextStep: isRetryable ? "try again" : nil,
                exit: isRetryable ? .temporaryFailure : .protocolError
            )
        case .untrusted(let site, let byPeer): Self.untrusted(site, byPeer: byPeer)
        default: Self.aboutPeers(error)
        }
    }

    private static func aboutPeers(_ error: LedgerError) -> CommandFailure {
        switch error {
        case .otherKey(let site):
            CommandFailure(
                "the name \(site) is bound to another key here; nothing was changed",
                nextStep: "ask its operator for the phrase of caseledger site key and compare it "
                    + "with caseledger peer list; a site that lost its key needs a new name",
                exit: .dataError
            )
        case .malformedKey(let site):
            CommandFailure(
                "this is not the key of \(site)",
                nextStep: "copy the whole line that caseledger site key prints there",
                exit: .dataError
            )
        case .malformedAddress(let address):
            CommandFailure(
                "\(DisplayText.clip(DisplayText.clean(address), to: 60)) cannot be an address",
                nextStep: "caseledger help peer add lists the forms",
                exit: .usage
            )
        case .grant(let detail):
            CommandFailure(
                detail,
                nextStep: "caseledger grant list --all shows what counts at the site that grants",
                exit: .noPermission
            )
        case .ownSite:
            CommandFailure(
                "this is the ledger's own site",
                nextStep: "name the other site, with the key that it prints",
                exit: .usage
            )
        case .bundle(let detail):
            CommandFailure(
                detail,
                nextStep: "see that it is the file that was meant; if so, copy it again",
                exit: .dataError
            )
        case .bundlePartTooSmall(let bytes):
            CommandFailure(
                "one package with what goes before it needs \(bytes) bytes in one file",
                nextStep: "split into larger files",
                exit: .usage
            )
        case .leavesMissing(let missing): Self.leavesMissing(missing)
        default: CommandFailure(String(describing: error), exit: .software)
        }
    }

    /// A key that is not pinned, here or at the peer.
    static func untrusted(_ site: String, byPeer: Bool) -> CommandFailure {
        CommandFailure(
            byPeer
                ? "the peer has not pinned the key of this site, \(site); nothing was sent"
                : "the key of site \(site) is not pinned; nothing of it was taken in",
            nextStep: byPeer
                ? "once its operator has checked who you are: serve once with --trust-first-use"
                : "once you have checked whose it is: sync once with --trust-first-use",
            exit: .unavailable
        )
    }

    /// A bundle that goes on from what is not here.
    private static func leavesMissing(_ missing: [MissingLeaves]) -> CommandFailure {
        let lines = missing.map {
            "log \($0.log.hex): needs \($0.needed) leaves, \($0.held) are held"
        }
        return CommandFailure(
            "the bundle goes on from leaves that are not held here; nothing of it was taken in\n  "
                + lines.joined(separator: "\n  "),
            nextStep: "apply the bundle or part before this one first; or write a vector with "
                + "caseledger bundle receipt, and have a bundle made --since it",
            exit: .unavailable
        )
    }

    private static func refused(_ violations: [RuleViolation]) -> CommandFailure {
        let lines = violations.map { "\($0.rule.rawValue): \($0.message); \($0.remedy)" }
        return CommandFailure(
            "refused by \(violations.count) rule(s); nothing was appended\n  "
                + lines.joined(separator: "\n  "),
            exit: .dataError
        )
    }

    private static func conflict(_ conflicts: [Conflict]) -> CommandFailure {
        let lines = conflicts.map { conflict in
            "\(conflict.subject): expected \(Self.words(conflict.expected)), "
                + "holds \(conflict.actual) events"
        }
        return CommandFailure(
            "the case moved meanwhile; nothing was appended\n  " + lines.joined(separator: "\n  "),
            nextStep: "read the case again and decide anew",
            exit: .temporaryFailure
        )
    }
}

extension CommandFailure {
    private static func words(_ expectation: CaseLedger.Expectation) -> String {
        switch expectation {
        case .any: "anything"
        case .new: "none"
        case .exists: "at least one"
        case .version(let version): "version \(version)"
        }
    }
}

/// The operating system's words for an `errno`.
func errorText(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
}
