import CaseDomain
import CaseLedger
import LedgerTypes

/// The events that are appended: 20 a case, leaves of about 300 bytes, six in twenty with a sealed
/// section.
struct Workload: Sendable {
    static let eventsPerCase = 20

    private static let sealedPlaces: Set<Int> = [2, 5, 8, 12, 15, 17]
    private static let text =
        "The router loses its connection every evening at about nine and comes back by itself "
        + "after ten minutes; the lamp for the line stays green all the time."

    private let agent = ActorSnapshot(
        actorID: "berlin-agent-042",
        kind: .agent,
        role: "owner",
        tier: "tier1",
        team: "First line Berlin",
        siteID: "support.example/berlin",
        siteKind: .inHouse,
        tenureDays: 412,
        skills: ["network", "german"]
    )
    private let customer = ActorSnapshot(actorID: "customer-portal", kind: .customer)
    private let labels: [Label]

    init() {
        self.labels = [
            Label(name: "source", value: "desk.example/tickets/queue-network-access")
        ]
    }

    /// The case of that number.
    func subject(_ number: Int) throws -> Subject {
        guard let subject = Subject("case:bench-\(number)") else {
            throw PeerFailure(description: "the case number \(number) makes no subject")
        }
        return subject
    }

    /// Event number `place` of a case.
    func event(_ place: Int, ofCase number: Int, in ledger: Ledger) throws -> ProposedEvent {
        let fromCustomer = place % 4 == 2
        var event = ledger.propose(
            self.payload(place, number, fromCustomer),
            about: try self.subject(number),
            by: fromCustomer ? self.customer : self.agent
        )
        event.labels = self.labels
        return event
    }

    /// The same for a case that goes on: after it was opened and owned, messages without end.
    func message(_ place: Int, ofCase number: Int, in ledger: Ledger) throws -> ProposedEvent {
        let cycle = place < 2 ? place : 2 + (place - 2) % 16
        var event = try self.event(cycle, ofCase: number, in: ledger)
        if case .messageRecorded(var message) = event.payload {
            message.messageID = "message-\(number)-\(place)"
            event.payload = .messageRecorded(message)
        }
        return event
    }

    /// Whole cases, one after the other.
    func events(ofCases numbers: Range<Int>, in ledger: Ledger) throws -> [ProposedEvent] {
        try numbers.flatMap { number in
            try (0..<Self.eventsPerCase).map { try self.event($0, ofCase: number, in: ledger) }
        }
    }

    private func payload(_ place: Int, _ number: Int, _ fromCustomer: Bool) -> EventPayload {
        switch place {
        case 0:
            var opened = CaseOpened()
            opened.customerID = "customer-\(number / 4)"
            opened.ticketType = .incident
            opened.category = "network.access.line"
            opened.severity = 3
            opened.priority = "normal"
            opened.initiation = .proactive
            return .caseOpened(opened)
        case 1:
            var assigned = OwnerAssigned()
            assigned.ownerID = self.agent.actorID
            assigned.how = .claimed
            return .ownerAssigned(assigned)
        case 18:
            var resolved = CaseResolved()
            resolved.resolutionKind = .fixed
            resolved.answerIDs = ["answer-1182"]
            resolved.rootCause = "firmware.dsl.retrain"
            return .caseResolved(resolved)
        case 19:
            var closed = CaseClosed()
            closed.reason = .confirmed
            return .caseClosed(closed)
        default:
            var message = MessageRecorded()
            message.messageID = "message-\(number)-\(place)"
            message.author = fromCustomer ? .customer : .agent
            message.visibility = .public
            if Self.sealedPlaces.contains(place) {
                message.body = .open(Self.text)
            } else {
                message.template = "desk.example/templates/network/progress-note-2"
            }
            return .messageRecorded(message)
        }
    }
}
