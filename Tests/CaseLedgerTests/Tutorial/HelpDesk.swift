import CaseDomain
import CaseLedger
import LedgerTypes

/// A help desk for kettles.
struct HelpDesk: Sendable {
    let ledger: Ledger

    /// Opens the help desk's ledger; makes it if there is none yet.
    init(directory: String, secrets: String) throws {
        do {
            self.ledger = try Ledger.open(at: directory, state: secrets)
        } catch {
            guard case .notALedger = error else { throw error }
            let name = SiteName("kettles.example/help-desk")
            guard let name else { preconditionFailure("the name is well formed") }
            self.ledger = try Ledger.create(
                at: directory,
                state: secrets,
                site: SiteProfile(name: name)
            )
        }
    }
}

extension HelpDesk {
    /// Where an agent of the first line works.
    func firstLine(_ agent: String) -> Desk {
        self.ledger.desk(
            of: ActorSnapshot(actorID: agent, kind: .agent, tier: "t1", team: "first line")
        )
    }

    /// Where somebody works who knows kettles from the inside.
    func workshop(_ person: String) -> Desk {
        self.ledger.desk(
            of: ActorSnapshot(actorID: person, kind: .specialist, tier: "t2", team: "workshop")
        )
    }
}

extension HelpDesk {
    /// Opens a case for what a customer says in `call`.
    func openCase(_ call: Desk, words: String, model: String) async throws -> Subject {
        let caseID = self.ledger.makeCaseID()
        try await call.decide(
            caseID,
            .open(title: words, product: Product(model), category: "does not boil"),
            .recordStatement(words, facts: ["model": model])
        )
        return caseID
    }
}

extension HelpDesk {
    /// What became of a step that an agent wants to write down.
    enum Answer: Equatable {
        case written
        case refused(because: [RuleID])
    }

    /// Writes down a step that was tried, unless the customer has been through it before.
    func tried(_ step: String, _ result: StepResult, in caseID: Subject, at desk: Desk)
        async throws -> Answer
    {
        do {
            try await desk.decide(caseID, .recordStep(step, result))
            return .written
        } catch {
            guard case .refused(let violations) = error else { throw error }
            return .refused(because: violations.map(\.rule))
        }
    }
}

extension HelpDesk {
    /// Asks the workshop. The customer is promised a call by the same person.
    func askWorkshop(_ question: String, in caseID: Subject, at desk: Desk) async throws {
        let tomorrow = self.ledger.now.adding(microseconds: 86_400_000_000)
        try await desk.decide(
            caseID,
            .escalate(
                to: .team("workshop", tier: .t2),
                because: .stepsExhausted,
                question: question,
                reportBackBy: tomorrow
            ),
            .promise(.callback, by: tomorrow, samePerson: true),
            .tellCustomer("I ask our workshop, and call you back tomorrow myself.")
        )
    }
}

extension HelpDesk {
    /// Calls the customer back with what the workshop found, and resolves the case.
    func callBack(_ caseID: Subject, from desk: Desk, saying text: String) async throws {
        let call = try await desk.callBack(caseID)
        try await call.decide(
            caseID,
            .tellCustomer(text),
            .resolve(.howTo, notes: text, confirmed: .yes)
        )
        try await call.endContact(wrapSeconds: 20)
    }
}

extension HelpDesk {
    /// What whoever picks up the phone must know, in at most 25 lines.
    func briefing(of caseID: Subject) throws -> [String] {
        try self.ledger.caseView(of: caseID).briefing.map(\.text)
    }
}

extension HelpDesk {
    /// Adds a note once, however often and from wherever it is asked to.
    func remind(_ note: String, in caseID: Subject, at desk: Desk) async throws {
        try await desk.decide(caseID) { (state, proposals) in
            guard state.standing == .open, state.ownerID == proposals.actor.actorID else { return }
            var message = MessageRecorded()
            message.visibility = .internal
            message.body = .open(note)
            proposals.add(.messageRecorded(message))
        }
    }
}

/// A courier fetched or brought something: an event type of our own.
struct CourierSent: Codable, Sendable {
    static let type = "example.kettles.courier"

    var grams: Int
    var isExpress = false
}

extension HelpDesk {
    /// Sends a courier for a case.
    func sendCourier(_ courier: CourierSent, for caseID: Subject, at desk: Desk) async throws {
        let payload = try EventPayload.custom(CourierSent.type, courier)
        try await desk.decide(caseID, .record(payload))
    }

    /// How much couriers carried for a case: a projection of our own over its events.
    func gramsCarried(for caseID: Subject) throws -> Int {
        try self.ledger.fold(caseID, into: 0) { (sum, event) in
            if let courier = event.payload.custom(CourierSent.type, as: CourierSent.self) {
                sum += courier.grams
            }
        }
    }
}

extension HelpDesk {
    /// Waits until somebody resolves a case, from an arrival number on.
    func nextResolved(from arrival: UInt64) async throws -> String? {
        for try await event in self.ledger.follow(from: arrival) where event.type == "case.resolved"
        {
            return event.subject
        }
        return nil
    }
}
