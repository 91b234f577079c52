import CaseDomain
import LedgerTypes
import Testing

@Suite("Entitlement, remedies, answers and returns")
struct EntitlementRuleTests {
    static func determined(
        _ entitlement: Entitlement,
        party: String? = nil,
        reason: Bool = false
    ) -> EventPayload {
        .entitlementDetermined(
            Examples.make {
                $0.entitlement = entitlement
                $0.ruleID = "demarc"
                $0.ruleVersion = 4
                $0.responsibleParty = party
                if reason { $0.reason = .open("the router is the vendor's") }
            }
        )
    }

    static func remedy(
        _ amount: Int64,
        approver: String? = nil,
        currency: String = "EUR"
    ) -> EventPayload {
        .remedyDecided(
            Examples.make {
                $0.kind = .refund
                $0.value = Examples.make {
                    $0.amountMinor = amount
                    $0.currency = currency
                }
                $0.decision = .granted
                if let approver { $0.approvers = [Examples.make { $0.id = approver }] }
            }
        )
    }

    static let limited = ActorSnapshot(
        actorID: "anna",
        kind: .agent,
        authorityLimit: ActorSnapshot.AuthorityLimit(amountMinor: 5_000, currency: "EUR")
    )

    @Test("L20: no remedy without an entitlement")
    func noEntitlement() throws {
        var story = try Story.opened()
        #expect(story.rules(Self.remedy(100), at: 5) == .refused([.l20]))
        try story.write(Self.determined(.warranty), at: 5)
        #expect(story.rules(Self.remedy(100), at: 6) == .accepted)
    }

    @Test("L20: a change says why, and nobody is sent away without a signpost")
    func changes() throws {
        var story = try Story.opened()
        #expect(story.rules(Self.determined(.unsupported), at: 5) == .refused([.l20]))
        #expect(story.rules(Self.determined(.thirdParty, party: "isp"), at: 5) == .accepted)
        try story.write(Self.determined(.warranty), at: 5)
        #expect(story.rules(Self.determined(.warranty), at: 6) == .accepted)
        #expect(story.rules(Self.determined(.free), at: 6) == .refused([.l20]))
        let decision = try story.decide(Self.determined(.free, reason: true), at: 6)
        guard case .entitlementDetermined(let determined) = decision.events[0].payload else {
            return
        }
        #expect(determined.previousEntitlement == .warranty)
    }

    @Test("L21: above the authority somebody other than the requester approves")
    func authority() throws {
        var story = try Story.opened()
        try story.write(Self.determined(.warranty), at: 5)
        #expect(story.rules(Self.remedy(5_000), at: 6, by: Self.limited) == .accepted)
        #expect(story.rules(Self.remedy(5_001), at: 6, by: Self.limited) == .refused([.l21]))
        #expect(
            story.rules(Self.remedy(5_001, approver: "anna"), at: 6, by: Self.limited)
                == .refused([.l21])
        )
        #expect(
            story.rules(Self.remedy(5_001, approver: "sue"), at: 6, by: Self.limited) == .accepted
        )
        #expect(
            story.rules(Self.remedy(1, currency: "USD"), at: 6, by: Self.limited)
                == .refused([.l21])
        )
        let decision = try story.decide(Self.remedy(10), at: 6, by: Self.limited)
        guard case .remedyDecided(let remedy) = decision.events[0].payload else { return }
        #expect(remedy.withinAuthority == true)
        #expect(remedy.requestedBy == "anna")
    }

    @Test("L22: an answer has solved only what is resolved")
    func answers() throws {
        var story = try Story.opened()
        let solved = EventPayload.answerLinked(
            Examples.make {
                $0.answerID = "KB-1"
                $0.relation = .solved
            }
        )
        #expect(story.rules(solved, at: 5) == .flagged([.l22]))
        #expect(
            story.rules(
                .answerLinked(Examples.make { $0.relation = .triedFailed }),
                at: 5
            ) == .accepted
        )
        story.resolve(at: 6)
        #expect(story.rules(solved, at: 7) == .accepted)
        story.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 8)
        #expect(story.rules(solved, at: 9) == .accepted)
    }

    private static func bought(_ date: String) throws -> Story {
        var story = try Story()
        story.tell(
            .contactStarted(Examples.make { $0.direction = .inbound }),
            at: 0,
            contact: "call"
        )
        story.tell(.contactAnswered(ContactAnswered()), at: 1, contact: "call")
        story.tell(
            .caseOpened(
                Examples.make {
                    $0.firstContactID = "call"
                    $0.purchaseDate = CalendarDate(date)
                }
            ),
            at: 2
        )
        story.tell(.ownerAssigned(Examples.make { $0.ownerID = "anna" }), at: 3)
        return story
    }

    @Test("The journey stage follows from the purchase, the time and the site's threshold")
    func journey() throws {
        // The story begins on 2023-11-14, 22:13 UTC.
        let story = try Self.bought("2023-10-17")
        let journey = try #require(story.view(at: 0).journey)
        #expect(journey.daysSincePurchase == 28)
        #expect(journey.stage == .buying)
        #expect(journey.daysLeft == 2)
        #expect(story.view(at: 3 * 1_440).journey?.stage == .owning)
        let policy = try PolicyBookTests.policy(.journeyThreshold, value: 14, at: 0)
        let book = PolicyBook([policy], origins: PolicyBookTests.origins)
        let state = CaseState.folding(story.events, of: story.caseID, book: book)
        let strict = try #require(state.view(at: Story.minute(1)).journey)
        #expect(strict.stage == .owning)
        #expect(strict.policy?.event == policy.id)
        #expect(try Story.opened().view().journey == nil)
    }

    @Test("A faultless return names the contact that could have saved it")
    func faultless() throws {
        var story = try Self.bought("2023-10-17")
        let asked = try story.write(
            .returnRecorded(Examples.make { $0.stage = .requested }),
            at: 10
        )
        guard case .returnRecorded(let first) = asked.payload else { return }
        #expect(first.withinWindow == true)
        try story.write(
            .returnRecorded(
                Examples.make {
                    $0.stage = .inspected
                    $0.finding = .noFaultFound
                }
            ),
            at: 20
        )
        let line = try #require(story.view().outcomes.returns.first)
        #expect(line.stages.map(\.stage) == [.requested, .inspected])
        #expect(line.isPreventable)
        #expect(line.savingContact == "call")
        #expect(line.daysSincePurchase == 28)
    }

    @Test("A faultless return of a solved case was not preventable; nor is one with a fault")
    func notPreventable() throws {
        var story = try Self.bought("2023-10-17")
        story.resolve(at: 5)
        try story.write(.returnRecorded(Examples.make { $0.stage = .requested }), at: 10)
        try story.write(
            .returnRecorded(Examples.make { $0.finding = .noFaultFound }),
            at: 20
        )
        #expect(story.view().outcomes.returns.first?.isPreventable == false)
        var broken = try Self.bought("2023-10-17")
        try broken.write(
            .returnRecorded(Examples.make { $0.finding = .faultConfirmed }),
            at: 20
        )
        #expect(broken.view().outcomes.returns.first?.savingContact == nil)
    }

    @Test("A signal knows how long the product was in the field, and who answered it")
    func signals() throws {
        var story = try Self.bought("2023-10-17")
        let raised = try story.write(
            .signalRaised(
                Examples.make {
                    $0.signalID = "s"
                    $0.kind = .defect
                }
            ),
            at: 10
        )
        story.tell(
            .signalDecided(
                Examples.make {
                    $0.signalID = "s"
                    $0.decision = .accepted
                }
            ),
            at: 11
        )
        let line = try #require(story.view().customer.signals.first)
        #expect(line.event == raised.id)
        #expect(line.daysInField == 28)
        #expect(line.decision == .accepted)
    }

    @Test("An answer to a survey counts as asked for; the question shows as well")
    func feedback() throws {
        var story = try Story.opened()
        story.tell(.feedbackRequested(Examples.make { $0.instrument = .csat }), at: 5)
        try story.write(
            .feedbackReceived(
                Examples.make {
                    $0.instrument = .csat
                    $0.score = 4
                }
            ),
            at: 6
        )
        let lines = story.view().customer.feedback
        #expect(lines.map(\.isRequest) == [true, false])
        #expect(lines.map(\.solicited) == [true, true])
    }
}
