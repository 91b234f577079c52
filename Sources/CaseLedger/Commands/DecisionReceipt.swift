internal import CaseDomain
public import LedgerTypes

/// The answer to a decision that is durable.
public struct DecisionReceipt: Hashable, Sendable {
    /// The events' ids, in order; an event that the ledger added stands after the one it belongs
    /// to. Empty if the commands proposed nothing.
    public let ids: [EventID]
    /// Where they stand, in the same order.
    public let addresses: [EventAddress]
    /// Where the log stood after the commit; `nil` if nothing was written.
    public let position: Position?
    /// The names of what was made, in order: cases, contacts, promises, offers, escalations,
    /// statements, messages, remedies, returns, signals.
    public let made: [String]

    /// Whether the same decision was held already, so that nothing was written.
    public var isRepeat: Bool { self.position == nil && !self.ids.isEmpty }

    /// A decision that wrote nothing.
    static let empty = DecisionReceipt(ids: [], addresses: [], position: nil, made: [])
}

extension DecisionReceipt {
    init(_ receipt: AppendReceipt, made: [String]) {
        self.init(
            ids: receipt.ids,
            addresses: receipt.addresses,
            position: receipt.position,
            made: made
        )
    }
}

extension EventPayload {
    /// The name of what the event makes; `nil` for most.
    func madeName(_ subject: Subject, handoffID: String?, escalationID: String?) -> String? {
        switch self {
        case .caseOpened, .contactStarted: subject.id
        case .commitmentMade(let promise): promise.commitmentID
        case .handoffOffered: handoffID
        case .escalationRaised: escalationID
        case .issueStated(let stated): stated.statementID
        case .messageRecorded(let message): message.messageID
        case .remedyDecided(let remedy): remedy.remedyID
        case .returnRecorded(let record): record.returnID
        case .signalRaised(let signal): signal.signalID
        default: nil
        }
    }
}

extension ProposedEvent {
    /// The name of what the event makes; its own id where the ledger fills that in.
    var madeName: String? {
        let name = self.payload.madeName(
            self.subject,
            handoffID: self.handoffID,
            escalationID: self.escalationID
        )
        return name?.isEmpty == true ? self.id.description : name
    }
}
