import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("What append looks up", .temporaryDirectory)
struct LookupTests {
    @Test("Cases of two customers are merged only if that is meant, and unmerged exactly")
    func crossCustomer() async throws {
        let office = try Office()
        let mine = try await office.opened("Mine", customerID: "c-1")
        let theirs = try await office.opened("Theirs", customerID: "c-2")
        let before = try office.ledger.caseView(of: theirs, at: office.clock.now)
        #expect(
            await office.broken {
                try await office.anna.decide(mine, .merge(into: theirs))
            } == [.l25]
        )
        try await office.anna.decide(mine, .merge(into: theirs, crossCustomer: true))
        #expect(try office.ledger.caseView(of: theirs).events.contains { $0.viaCase == mine })
        try await office.anna.decide(mine, .unmerge(because: "two people"))
        #expect(try office.ledger.caseView(of: theirs, at: office.clock.now) == before)
    }

    @Test("Cases of one customer are merged without a word")
    func sameCustomer() async throws {
        let office = try Office()
        let one = try await office.opened("One", customerID: "c-1")
        let other = try await office.opened("Other", customerID: "c-1")
        try await office.anna.decide(one, .merge(into: other))
        #expect(try office.ledger.caseView(of: one).header.mergedInto?.value == other.id)
    }

    @Test("Of a customer on hold nothing is redacted until the hold is lifted")
    func hold() async throws {
        let office = try Office()
        let caseID = try await office.opened("No calls", customerID: "c-1")
        let customer = try #require(Subject("customer:c-1"))
        var hold = HoldPlaced()
        hold.legalBasis = "court order"
        _ = try await office.ledger.append([
            office.ledger.propose(.holdPlaced(hold), about: customer, by: office.lea.actor)
        ])
        let opening = try #require(office.ledger.caseView(of: caseID).events.first?.event)
        let redact = CaseCommand.redact(opening, legalBasis: "GDPR 17", requestedBy: "customer")
        #expect(await office.broken { try await office.lea.decide(caseID, redact) } == [.l24])
        _ = try await office.ledger.append([
            office.ledger.propose(.holdLifted(HoldLifted()), about: customer, by: office.lea.actor)
        ])
        try await office.lea.decide(caseID, redact)
    }

    @Test("A hold on the case itself forbids erasing as well")
    func holdOnCase() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.lea.decide(caseID, .placeHold(legalBasis: "court order"))
        let opening = try #require(office.ledger.caseView(of: caseID).events.first?.event)
        let redact = CaseCommand.redact(opening, legalBasis: "GDPR 17", requestedBy: "customer")
        #expect(await office.broken { try await office.lea.decide(caseID, redact) } == [.l24])
        try await office.lea.decide(caseID, .liftHold())
        try await office.lea.decide(caseID, redact)
    }

    /// What was lost without it: reading stopped after 16 merges, and said nothing.
    @Test("A chain of forty merges is followed to its end, and cannot be closed to a circle")
    func longChain() async throws {
        let office = try Office()
        var chain: [Subject] = []
        for number in 0..<40 {
            let caseID = try await office.opened("Case \(number)")
            try await office.anna.decide(caseID, .recordStep("step-\(number)", .worked))
            if let last = chain.last { try await office.anna.decide(last, .merge(into: caseID)) }
            chain.append(caseID)
        }
        let end = try #require(chain.last)
        let steps = try office.ledger.caseView(of: end).steps.tried
        #expect(Set(steps.compactMap(\.stepID)).count == 40)
        #expect(
            await office.broken {
                try await office.anna.decide(end, .merge(into: chain[0]))
            } == [.l25]
        )
        try await office.anna.decide(chain[19], .unmerge())
        #expect(try office.ledger.caseView(of: end).steps.tried.count == 20)
    }

    /// What was lost without it: a case that was merged, unmerged and merged elsewhere did not show
    /// where both of its targets met.
    @Test("A case that was merged elsewhere before shows where it is merged now")
    func mergedElsewhere() async throws {
        let office = try Office()
        let moved = try await office.opened("Moved")
        let end = try await office.opened("End")
        let between = try await office.opened("Between")
        try await office.anna.decide(moved, .recordStep("looked", .worked))
        try await office.anna.decide(moved, .merge(into: end))
        try await office.anna.decide(moved, .unmerge())
        try await office.anna.decide(moved, .merge(into: between))
        try await office.anna.decide(between, .merge(into: end))
        let steps = try office.ledger.caseView(of: end).steps.tried
        #expect(steps.compactMap(\.stepID) == ["looked"])
    }

    @Test(
        "No event is about a subject of the index's own",
        arguments: ["book:policies", "attached:1"]
    )
    func reserved(name: String) async throws {
        let office = try Office()
        let subject = try #require(Subject(name))
        let event = office.ledger.propose(
            .unknown(type: "acme.noted", body: nil),
            about: subject,
            by: office.anna.actor
        )
        await #expect {
            _ = try await office.ledger.append([event])
        } throws: { error in
            guard case .invalidEvent(event.id, _) = error as? LedgerError else { return false }
            return true
        }
        #expect(try office.ledger.version(of: subject) == 0)
    }

    @Test("A contact and a case of one id are two things")
    func sameID() async throws {
        let office = try Office()
        let caseID = try #require(Subject("case:7"))
        let first = try await office.anna.startContact(.phone, contactID: "8")
        try await first.decide(caseID, .open(title: "No calls"))
        let second = try await office.bert.startContact(.phone, contactID: "7")
        try await second.endContact(wrapSeconds: 1)
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.path.contacts.map(\.contactID) == ["8"])
    }
}
