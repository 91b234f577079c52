public import CaseDomain
internal import EventStore
public import LedgerTypes

/// One event as the log holds it, with its text opened where this site has the key.
public struct LoggedEvent: Sendable, Encodable {
    /// A sealed section as the leaf names it.
    public struct Section: Sendable, Encodable {
        /// Its kind.
        public let kind: String
        /// Its digest, 64 hexadecimal digits.
        public let digest: String
        /// Its bytes, sealed.
        public let bytes: UInt32
    }

    /// The log, 32 hexadecimal digits.
    public let log: String
    /// The 0-based index in it.
    public let index: UInt64
    /// The local arrival number, from 0.
    public let arrival: UInt64
    /// The event id; `nil` for a genesis.
    public let id: String?
    /// The type; `log.began` for a genesis.
    public let type: String
    /// What it is about.
    public let subject: String?
    /// When it happened, RFC 3339.
    public let occurred: String
    /// When the site wrote it, RFC 3339.
    public let recorded: String
    /// The story clock, RFC 3339.
    public let order: String?
    /// Whether it was filled in afterwards.
    public let history: Bool?
    /// Who acted.
    public let actor: ActorSnapshot?
    /// The contact it belongs to.
    public let contactID: String?
    /// The handoff it belongs to.
    public let handoffID: String?
    /// The caller's labels.
    public let labels: [String: String]?
    /// The type's fields; sealed ones open where the key is here.
    public let data: EventPayload?
    /// The sealed sections.
    public let sections: [Section]?
    /// The SHA-256 leaf hash of RFC 6962, 64 hexadecimal digits.
    public let leafHash: String

    /// Says in a few words what happened; `nil` if the type says it all.
    public var summary: String? {
        switch self.data {
        case .caseObserved(let row):
            [row.status.name, row.team, row.agent].compactMap { $0 }.joined(separator: ", ")
        case .ownerAssigned(let assignment): assignment.ownerID
        case .caseResolved(let resolve): resolve.resolutionKind.name
        case .messageRecorded(let message): message.body.value
        case .caseOpened(let opening): opening.title.value
        default: nil
        }
    }
}

extension LoggedEvent {
    init(_ genesis: Genesis, at stored: StoredLeaf, hash: Digest) {
        self.init(
            log: stored.address.log.hex,
            index: stored.address.index,
            arrival: stored.arrival,
            id: nil,
            type: "log.began",
            subject: "site:\(genesis.site)",
            occurred: genesis.recorded.timestamp.rfc3339,
            recorded: genesis.recorded.timestamp.rfc3339,
            order: nil,
            history: nil,
            actor: nil,
            contactID: nil,
            handoffID: nil,
            labels: nil,
            data: nil,
            sections: nil,
            leafHash: hash.hex
        )
    }

    init(_ envelope: EventEnvelope, _ payload: EventPayload, at stored: StoredLeaf, hash: Digest) {
        let draft = envelope.draft
        self.init(
            log: stored.address.log.hex,
            index: stored.address.index,
            arrival: stored.arrival,
            id: draft.id.description,
            type: draft.type,
            subject: draft.subject.rawValue,
            occurred: draft.occurred.rfc3339,
            recorded: envelope.stamp.recorded.timestamp.rfc3339,
            order: envelope.stamp.order.rfc3339,
            history: draft.isHistory ? true : nil,
            actor: draft.actor,
            contactID: draft.contactID,
            handoffID: draft.handoffID,
            labels: draft.labels.isEmpty
                ? nil
                : Dictionary(
                    draft.labels.map { ($0.name, $0.value) },
                    uniquingKeysWith: { first, _ in first }
                ),
            data: payload,
            sections: draft.sections.isEmpty
                ? nil
                : draft.sections.map {
                    Section(kind: $0.kind, digest: $0.digest.hex, bytes: $0.paddedLength)
                },
            leafHash: hash.hex
        )
    }
}
