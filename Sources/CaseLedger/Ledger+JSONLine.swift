internal import CaseDomain
internal import Interchange
internal import LedgerTypes

extension Ledger {
    /// Appends one event given as a line of JSON: the input of `caseledger append`. A line with the
    /// key `specversion` is a CloudEvent 1.0. Keys of others: `type` and `subject`, `data` with the
    /// type's fields, and optionally `id`, `time`, `history`, `actor`, `contactID`, `handoffID`,
    /// `labels`, `expecting` and others (docs/EVENTS.md).
    ///
    /// What the line does not say is filled in: a new id, the time of the id it gives, else now,
    /// and the actor `caseledger`. A line with an id can be sent again. Cancelling the task does
    /// not take back an append that is queued.
    ///
    /// - Parameters:
    ///   - line: the event, without a line end.
    ///   - asHistory: whether it is declared history, whatever the line says.
    /// - Returns: where the event stands.
    /// - Throws: ``LedgerError/invalidEvent(_:what:)`` for a line that is no event, else as
    ///   ``append(_:expecting:policy:)``.
    public func append(
        jsonLine line: [UInt8],
        asHistory: Bool = false
    ) async throws(LedgerError) -> AppendReceipt {
        let event: AppendLine
        do throws(AppendLineError) {
            event = try AppendLine(json: line)
        } catch {
            throw .invalidEvent(nil, what: error.description)
        }
        let proposed = ProposedEvent(
            id: event.id ?? self.makeEventID(),
            subject: event.subject,
            occurred: event.occurred ?? event.id?.occurred ?? self.now,
            isHistory: event.isHistory || asHistory,
            actor: event.actor ?? ActorSnapshot(actorID: "caseledger", kind: .system),
            onBehalfOf: event.onBehalfOf,
            contactID: event.contactID,
            handoffID: event.handoffID,
            escalationID: event.escalationID,
            causation: event.causation,
            labels: event.labels,
            classification: event.classification,
            regulations: event.regulations,
            payload: event.payload
        )
        let expectation: Expectation =
            switch event.expecting {
            case .any: .any
            case .new: .new
            case .exists: .exists
            case .version(let version): .version(version)
            }
        return try await self.append([proposed], expecting: [event.subject: expectation])
    }
}

extension EventID {
    /// The time in the id, so that a line that gives an id and no time means the same every time.
    fileprivate var occurred: Timestamp? {
        guard self.isVersion7 else { return nil }
        return Timestamp(microseconds: Int64(self.rawValue >> 80) * 1_000)
    }
}
