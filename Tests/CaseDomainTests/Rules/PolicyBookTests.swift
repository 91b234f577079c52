import CaseDomain
import LedgerTypes
import Testing

@Suite("Policies")
struct PolicyBookTests {
    static let origins = [
        Story.berlin: LogOrigin(site: "berlin", incarnation: 1),
        Story.manila: LogOrigin(site: "manila", incarnation: 1),
    ]

    static func event(
        _ payload: EventPayload,
        about subject: String,
        at minute: Double,
        log: LogID = Story.berlin
    ) throws -> CaseEvent {
        CaseEvent(
            id: EventID(rawValue: UInt128(minute * 1_000) << 40 | log.rawValue),
            address: EventAddress(log: log, index: UInt64(1_000_000 + minute)),
            subject: try #require(Subject(subject)),
            occurred: Story.minute(minute),
            order: Story.minute(minute),
            recorded: HybridTime(after: HybridTime(rawValue: 0), now: Story.minute(minute)),
            isHistory: false,
            actor: Story.agent("sue", kind: .supervisor),
            payload: payload
        )
    }

    static func policy(
        _ what: PolicyTopic,
        value: UInt64? = nil,
        rule: String? = nil,
        mode: RuleSeverity = .notStated,
        at minute: Double,
        version: UInt32 = 1,
        log: LogID = Story.berlin
    ) throws -> CaseEvent {
        try Self.event(
            .policyDefined(
                Examples.make {
                    $0.what = what
                    $0.version = version
                    $0.value = value
                    $0.rule = rule
                    $0.mode = mode
                }
            ),
            about: "policy:\(what.name)",
            at: minute,
            log: log
        )
    }

    @Test("The policy in force at the moment decides, at its own site only")
    func moment() throws {
        let book = PolicyBook(
            [
                try Self.policy(.reopenWindow, value: 60, at: 10),
                try Self.policy(.reopenWindow, value: 120, at: 20, version: 2),
                try Self.policy(.maxOwned, value: 7, at: 15),
            ],
            origins: Self.origins
        )
        #expect(book.policy(of: "berlin", at: Story.minute(9)).reopenWindowSeconds == nil)
        #expect(book.policy(of: "berlin", at: Story.minute(10)).reopenWindowSeconds == 60)
        let later = book.policy(of: "berlin", at: Story.minute(30))
        #expect(later.reopenWindowSeconds == 120)
        #expect(later.ownedMax == 7)
        #expect(later.references.map(\.version).sorted() == [1, 2])
        #expect(book.policy(of: "manila", at: Story.minute(30)).reopenWindowSeconds == nil)
    }

    @Test("A site switches what becomes of a breach, but not of a structural rule")
    func modes() throws {
        let book = PolicyBook(
            [
                try Self.policy(.ruleMode, rule: "L15", mode: .flag, at: 0),
                try Self.policy(.ruleMode, rule: "L10", mode: .refuse, at: 1),
                try Self.policy(.ruleMode, rule: "L11", mode: .flag, at: 2),
            ],
            origins: Self.origins
        )
        let policy = book.policy(of: "berlin", at: Story.minute(5))
        var story = try Story.opened()
        try story.write(UnderstandingRuleTests.step("reboot"), at: 5)
        #expect(
            story.rules(UnderstandingRuleTests.step("reboot"), at: 6, policy: policy)
                == .flagged([.l15])
        )
        #expect(
            story.rules(
                .handoffOffered(Examples.make { $0.kind = .cold }),
                at: 6,
                handoff: "h",
                policy: policy
            ) == .refused([.l10])
        )
        #expect(
            story.rules(.handoffDeclined(HandoffDeclined()), at: 6, handoff: "x", policy: policy)
                == .refused([.l11])
        )
    }

    @Test("The fold judges an event by the policy of its own site at its own time")
    func fold() throws {
        var story = try Story.opened()
        story.resolve(at: 10)
        story.tell(.caseReopened(Examples.reopened), at: 20)
        story.resolve(at: 30)
        story.tell(.caseReopened(Examples.reopened), at: 40)
        let book = PolicyBook(
            [try Self.policy(.reopenWindow, value: 60, at: 25)],
            origins: Self.origins
        )
        let state = CaseState.folding(story.events, of: story.caseID, book: book)
        let flags = state.view(at: Story.minute(41)).integrity.flags.filter { $0.rule == .l6 }
        #expect(flags.map(\.event) == [story.events[7].id])
    }

    @Test("Teams and staff are what events say: who is away is not reinstated (L7, L8, L12)")
    func staff() throws {
        let book = PolicyBook(
            [
                try Self.event(
                    .agentAbsent(
                        Examples.make {
                            $0.from = Story.minute(15)
                            $0.to = Story.minute(25)
                        }
                    ),
                    about: "agent:anna",
                    at: 1
                ),
                try Self.event(.agentLeft(AgentLeft()), about: "agent:anna", at: 100),
                try Self.event(
                    .teamDefined(
                        Examples.make {
                            $0.customerFacing = false
                            $0.routingOnly = true
                        }
                    ),
                    about: "team:labs",
                    at: 2
                ),
            ],
            origins: Self.origins
        )
        #expect(!book.isEmpty)
        let policy = book.policy(of: "berlin", at: Story.minute(20))
        #expect(!policy.isAway("anna", at: Story.minute(14)))
        #expect(policy.isAway("anna", at: Story.minute(20)))
        #expect(!policy.isAway("anna", at: Story.minute(30)))
        #expect(policy.isAway("anna", at: Story.minute(101)))
        #expect(!policy.facesCustomers("labs", at: Story.minute(20)))
        #expect(policy.isRoutingOnly("labs", at: Story.minute(20)))
        var story = try Story.opened()
        #expect(
            story.rules(
                Story.offer(to: "labs", moves: true, reason: .language),
                at: 5,
                handoff: "h",
                policy: policy
            ) == .flagged([.l12])
        )
        story.resolve(at: 10)
        story.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 11)
        let away = try story.decide(.caseReopened(Examples.reopened), at: 20, policy: policy)
        #expect(away.flags.map(\.rule) == [.l7])
        let back = try story.decide(.caseReopened(Examples.reopened), at: 30, policy: policy)
        #expect(back.events.count == 2)
    }

    @Test("The script says which steps nobody tried yet")
    func script() throws {
        let script = try Self.event(
            .scriptDefined(
                Examples.make {
                    $0.steps = ["reboot", "cable", "reset"].map { id in
                        Examples.make { $0.stepID = id }
                    }
                }
            ),
            about: "policy:dsl-1",
            at: 0
        )
        var story = try Story.opened()
        story.tell(
            .stepTried(
                Examples.make {
                    $0.stepID = "cable"
                    $0.scriptID = "dsl-1"
                    $0.result = .failed
                }
            ),
            at: 5
        )
        let state = CaseState.folding(
            story.events,
            of: story.caseID,
            book: PolicyBook([script], origins: Self.origins)
        )
        #expect(
            state.view(at: Story.minute(6)).steps.notYetTried.map(\.stepID) == ["reboot", "reset"]
        )
    }
}
