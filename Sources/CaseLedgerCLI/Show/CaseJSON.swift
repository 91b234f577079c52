import CaseDomain
import CaseLedger
import LedgerTypes

/// What `show --json` prints. Everything but `here` is a function of the events, so its bytes are
/// the same on every replica (DOMAIN.md 3.1).
struct CaseJSON: Encodable {
    /// An event of the case; its address stands under `here`.
    struct Event: Encodable {
        let event: EventID
        let type: String
        let occurred: Timestamp
        let actorID: String
        let subject: Subject?
        let isKnown: Bool
        let isHistory: Bool
        let duplicateOf: EventAddress?
        let viaCase: Subject?
    }

    /// What depends on the place and the time of asking.
    struct Here: Encodable {
        struct Address: Encodable {
            let event: EventID
            let log: LogID
            let index: UInt64
        }

        /// The time at which deadlines were judged.
        let asOf: Timestamp
        /// From the opening to `asOf`.
        let ageSeconds: Double?
        /// What `expecting` of an append takes as the case's version.
        let version: UInt64
        /// Where each event stands, in the order of `events`.
        let addresses: [Address]
        /// The logs that are held.
        let logs: [LogJSON]
        /// Rank in the owner's list, and the customer's other cases; absent where lists are behind.
        let around: CaseSurroundings?

        init(
            view: CaseView,
            version: UInt64,
            logs: [LogSummary],
            around: CaseSurroundings?
        ) {
            self.around = around
            self.asOf = view.asOf
            self.ageSeconds = view.header.openedAt.map {
                Double(view.asOf.microseconds(since: $0)) / 1_000_000
            }
            self.version = version
            self.addresses = view.events.map {
                Address(event: $0.event, log: $0.address.log, index: $0.address.index)
            }
            self.logs = LogJSON.sorted(logs)
        }
    }

    let `case`: String
    let header: CaseView.Header
    let journey: CaseView.Journey?
    let understanding: CaseView.Understanding
    let steps: CaseView.Steps
    let work: CaseView.Work
    let commitments: [CommitmentLine]
    let claims: CaseView.Claims
    let outcomes: CaseView.Outcomes
    let customer: CaseView.Customer
    let records: CaseView.Records
    let openOffers: [HandoffLine]
    let messages: CaseView.Messages
    let path: CaseView.Path
    let integrity: CaseView.Integrity
    let events: [Event]
    let facts: CaseFacts
    let here: Here

    init(view: CaseView, facts: CaseFacts, here: Here) {
        self.case = view.header.case.id
        self.header = view.header
        self.journey = view.journey
        self.understanding = view.understanding
        self.steps = view.steps
        self.work = view.work
        self.commitments = view.commitments
        self.claims = view.claims
        self.outcomes = view.outcomes
        self.customer = view.customer
        self.records = view.records
        self.openOffers = view.openOffers
        self.messages = view.messages
        self.path = view.path
        self.integrity = view.integrity
        self.events = view.events.map { line in
            Event(
                event: line.event,
                type: line.type,
                occurred: line.occurred,
                actorID: line.actorID,
                subject: line.subject,
                isKnown: line.isKnown,
                isHistory: line.isHistory,
                duplicateOf: line.duplicateOf,
                viaCase: line.viaCase
            )
        }
        self.facts = facts
        self.here = here
    }
}

/// One log and where it stands.
struct LogJSON: Encodable {
    let id: String
    let origin: String
    let site: String
    let incarnation: UInt32
    let size: UInt64
    let root: String

    init(_ log: LogSummary) {
        self.id = log.id.hex
        self.origin = log.origin
        self.site = log.site.rawValue
        self.incarnation = log.incarnation
        self.size = log.position.size
        self.root = log.position.root.hex
    }

    /// The logs by id, so that every replica lists them alike.
    static func sorted(_ logs: [LogSummary]) -> [LogJSON] {
        logs.sorted { $0.id < $1.id }.map(LogJSON.init)
    }
}
