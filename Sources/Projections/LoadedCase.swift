package import CaseDomain
internal import EventStore
package import LedgerTypes

/// The events that fold into one case, in any order, and the versions of what was read for it.
package struct LoadedCase: Sendable {
    /// The case.
    package let caseID: Subject
    /// The case's own events, those of its contacts, and those that came through merges.
    package var events: [CaseEvent] = []
    /// Every subject that was read and how many events it had.
    package internal(set) var basis: [Subject: UInt64] = [:]

    /// The state after all events.
    package func state(_ context: FoldContext) -> CaseState {
        CaseState.folding(
            self.events,
            of: self.caseID,
            origins: context.origins,
            book: context.book
        )
    }
}

/// The pseudo subjects under which the index files what belongs to a case but is about another
/// subject (contacts that were attached to it, and cases that were merged into it), and what sites
/// decided.
package enum Attachment {
    /// The kind of the pseudo subjects of cases.
    package static let kind = "attached"

    /// The types of the events that are filed so.
    package static let types =
        [EventType.contactAttached.rawValue, EventType.caseLinked.rawValue]
        + Attachment.decidingTypes.map(\.rawValue)

    /// The pseudo subject of policies, calendars, teams, staff and scripts: what a ``PolicyBook``
    /// is made of.
    package static let policies: Subject = {
        guard let subject = Subject(kind: "book", id: "policies") else {
            preconditionFailure("the literal is a subject")
        }
        return subject
    }()

    /// The kinds of subjects that are the index's own, so that no event may be about one.
    package static let reservedKinds = [Attachment.kind, Attachment.policies.kind]

    private static let reserved = Attachment.reservedKinds.map { Array("\($0):".utf8) }

    /// Whether `subject` is one of the index's own.
    package static func isReserved(_ subject: Subject) -> Bool {
        let text = subject.rawValue.utf8
        // Nearly every event is about a case or a contact.
        guard text.first != UInt8(ascii: "c") else { return false }
        return Self.reserved.contains { text.starts(with: $0) }
    }

    private static let attached = Array(EventType.contactAttached.rawValue.utf8)
    private static let linked = Array(EventType.caseLinked.rawValue.utf8)
    private static let decidingTypes: [EventType] = [
        .policyDefined, .calendarDefined, .teamDefined, .scriptDefined, .agentEnrolled,
        .agentAbsent, .agentLeft,
    ]
    private static let decided = Attachment.decidingTypes.map { Array($0.rawValue.utf8) }

    /// The pseudo subject of a case.
    package static func subject(of caseID: Subject) -> Subject? {
        Subject(kind: Self.kind, id: caseID.id)
    }

    /// The pseudo subject under which `leaf` is filed as well; `nil` for nearly all. Pure.
    package static func crossReference(_ keys: LeafKeys, _ leaf: Span<UInt8>) -> Subject? {
        let type = leaf.extracting(keys.type)
        // Nearly every event is about a case or a contact.
        guard leaf[keys.subject.lowerBound] == UInt8(ascii: "c") else {
            return Self.decided.contains { type.equals($0.span) } ? Self.policies : nil
        }
        guard type.equals(Self.attached.span) || type.equals(Self.linked.span),
            let envelope = try? EventEnvelope(leaf: leaf),
            let payload = try? EventPayload(
                typeName: envelope.draft.type,
                body: envelope.draft.body
            )
        else { return nil }
        return switch payload {
        case .contactAttached(let attachment): Self.named(attachment.caseID)
        case .caseLinked(let link) where link.relation == .mergedInto: Self.named(link.otherCaseID)
        default: nil
        }
    }

    private static func named(_ caseID: String) -> Subject? {
        Subject(kind: Self.kind, id: caseID)
    }
}
