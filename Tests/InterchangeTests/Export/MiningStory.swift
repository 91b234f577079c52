import CaseDomain
import LedgerTypes
import Testing

/// A case with a contact and an event of somebody else's type, for event logs and tables.
struct MiningStory {
    let caseID: Subject
    private(set) var events: [CaseEvent] = []

    static func time(_ minute: Int64) -> Timestamp {
        Timestamp(microseconds: 1_700_000_000_000_000 + minute * 60_000_000)
    }

    init(_ name: String = "C 1", contact: String = "k<1>") throws {
        self.caseID = try #require(Subject(kind: "case", id: name))
        let contactID = try #require(Subject(kind: "contact", id: contact))
        var start = ContactStarted()
        start.direction = .inbound
        start.channel = .phone
        self.tell(.contactStarted(start), 0, about: contactID, contact: contact, kind: .customer)
        var opening = CaseOpened()
        opening.customerID = "c1"
        opening.firstContactID = contact
        opening.title = .open("a title that is nobody's business")
        opening.severity = 2
        var product = Product()
        product.id = "R-7"
        opening.product = product
        self.tell(.caseOpened(opening), 1)
        var assignment = OwnerAssigned()
        assignment.ownerID = "anna"
        assignment.how = .claimed
        self.tell(.ownerAssigned(assignment), 2)
        let body = EventBody(
            field: EventBody.customField,
            bytes: Array(#"{"note":"a \"b\" <c>","deep":{"x":1},"Note":2,"n":1.5}"#.utf8)
        )
        self.tell(.unknown(type: "com.example.rebooted", body: body), 3)
        var resolve = CaseResolved()
        resolve.resolutionKind = .howTo
        resolve.notes = .open("what was said")
        self.tell(.caseResolved(resolve), 63)
    }

    private mutating func tell(
        _ payload: EventPayload,
        _ minute: Int64,
        about subject: Subject? = nil,
        contact: String? = nil,
        kind: ActorKind = .agent
    ) {
        let actor =
            kind == .customer
            ? ActorSnapshot(actorID: "c1", kind: .customer)
            : ActorSnapshot(
                actorID: "anna",
                kind: .agent,
                role: "desk",
                tier: "t1",
                team: "First & line",
                siteID: "berlin"
            )
        let index = UInt64(self.events.count)
        self.events.append(
            CaseEvent(
                id: EventID(rawValue: UInt128(index + 1) << 8 | UInt128(self.caseID.id.utf8.count)),
                address: EventAddress(log: LogID(rawValue: 1), index: index),
                subject: subject ?? self.caseID,
                occurred: Self.time(minute),
                order: Self.time(minute),
                recorded: HybridTime(after: HybridTime(rawValue: 0), now: Self.time(minute)),
                isHistory: true,
                actor: actor,
                contactID: contact,
                payload: payload
            )
        )
    }

    /// The case event by event.
    var trace: CaseTrace { CaseTrace(self.events, of: self.caseID) }
}
