import CaseDomain
import LedgerTypes
import Testing

/// The two stories that must come out right, as the case itself tells them.
@Suite("Stories")
struct StoryTests {
    static func agent(_ id: String, _ tier: String, site: String = "manila") -> ActorSnapshot {
        ActorSnapshot(actorID: id, kind: .agent, tier: tier, team: "\(site)-\(tier)", siteID: site)
    }

    private static func call(
        _ story: inout Story,
        _ contact: String,
        by agent: ActorSnapshot,
        at minute: Double
    ) {
        story.tell(
            .contactStarted(
                Examples.make {
                    $0.direction = .inbound
                    $0.channel = .phone
                }
            ),
            at: minute,
            by: agent,
            contact: contact
        )
        story.tell(.contactAnswered(ContactAnswered()), at: minute + 1, by: agent, contact: contact)
    }

    /// The mobile phone, the way it went. Rules are broken as people break them: the fold flags.
    private static func phone() throws -> Story {
        var story = try Story()
        let anna = Self.agent("anna", "t1")
        let bert = Self.agent("bert", "t2")
        let carl = Self.agent("carl", "t1")
        Self.call(&story, "call-1", by: anna, at: 0)
        story.tell(.caseOpened(Examples.make { $0.firstContactID = "call-1" }), at: 2, by: anna)
        story.tell(.ownerAssigned(Examples.make { $0.ownerID = "anna" }), at: 2, by: anna)
        story.tell(Self.explained("s-1"), at: 3, by: anna, contact: "call-1")
        for (number, step) in ["reboot", "battery", "settings"].enumerated() {
            story.tell(Self.tried(step), at: 4 + Double(number), by: anna, contact: "call-1")
        }
        story.tell(Story.offer(kind: .cold), at: 10, by: anna, handoff: "h-1")
        story.tell(.handoffAccepted(HandoffAccepted()), at: 11, by: bert, handoff: "h-1")
        story.tell(.contactAnswered(ContactAnswered()), at: 11, by: bert, contact: "call-1")
        story.tell(Self.explained("s-2", again: true), at: 12, by: bert, contact: "call-1")
        for (number, step) in ["reboot", "battery", "settings", "reset", "roaming"].enumerated() {
            story.tell(Self.tried(step), at: 13 + Double(number), by: bert, contact: "call-1")
        }
        story.tell(
            EscalationRuleTests.raised(due: 3 * 1_440),
            at: 20,
            by: bert,
            escalation: "e-1"
        )
        story.tell(
            .commitmentMade(
                Examples.make {
                    $0.commitmentID = "callback"
                    $0.kind = .callback
                    $0.promisedBy = "carl"
                    $0.dueAt = Story.minute(1_000)
                }
            ),
            at: 21,
            by: bert
        )
        Self.call(&story, "call-2", by: carl, at: 1_440)
        story.tell(Self.explained("s-3", again: true), at: 1_443, by: carl, contact: "call-2")
        story.tell(
            .caseResolved(
                Examples.make {
                    $0.resolutionKind = .workaround
                    $0.notes = .open("get a new SIM card")
                    $0.customerConfirmed = .notAsked
                }
            ),
            at: 1_450,
            by: carl
        )
        story.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 1_451, by: carl)
        story.tell(
            .caseReopened(Examples.make { $0.reason = .notFixed }),
            at: 4_320,
            by: carl
        )
        return story
    }

    private static func explained(_ id: String, again: Bool = false) -> EventPayload {
        .issueStated(
            Examples.make {
                $0.statementID = id
                $0.narrative = .open("no calls since Monday")
                $0.isRestatement = again
                $0.reason = again ? .notVisibleHere : .notStated
            }
        )
    }

    private static func tried(_ step: String) -> EventPayload {
        .stepTried(
            Examples.make {
                $0.stepID = step
                $0.result = .failed
            }
        )
    }

    @Test("The mobile phone: the view shows what went wrong, where, and who promised what")
    func phoneAsItWent() throws {
        let story = try Self.phone()
        let view = story.view(at: 6_000)
        #expect(view.understanding.explanations == 3)
        #expect(view.understanding.statements.map(\.crossing) == [nil, .tier, .tier])
        #expect(view.understanding.crossings.map(\.restatements) == [1, 1])
        let repeated = view.integrity.flags.filter { $0.rule == .l15 }
        #expect(repeated.count == 3)
        #expect(repeated.map { $0.saw.count } == [1, 1, 1])
        let promise = try #require(view.commitments.first)
        #expect(promise.standing == .missed)
        #expect(promise.promisedBy == "carl")
        #expect(view.claims.resolutions.map(\.customerConfirmed) == [.notAsked])
        #expect(view.path.episodes.count == 2)
        #expect(view.path.episodes.last?.reopenReason == .notFixed)
        let owing = try #require(view.work.escalations.first)
        #expect(owing.owesReport)
        #expect(owing.isOverdue(at: Story.minute(6_000)))
        // The owner was lost when the case was closed, and reopening reinstated nobody.
        #expect(view.header.owner == nil)
        #expect(view.header.originalOwner?.value == "anna")
        #expect(
            view.path.owners.first?.endedBy
                == story.events.last { event in
                    if case .caseClosed = event.payload { true } else { false }
                }?.id
        )
        let broken = Set(view.integrity.flags.map(\.rule))
        #expect(broken.isSuperset(of: [.l3, .l4, .l7, .l15]))
        #expect(view.work.debts.map(\.kind).contains(.owner))
    }

    @Test("The mobile phone: played as it should go, the ledger refuses and rings the same person")
    func phoneAsItShouldGo() throws {
        var story = try Story.opened()
        let anna = Story.agent("anna")
        try story.write(Self.explained(""), at: 3, by: anna, contact: "k")
        try story.write(Self.tried("reboot"), at: 4, by: anna, contact: "k")
        #expect(story.rules(Self.tried("reboot"), at: 5) == .refused([.l15]))
        let offer = try story.write(Story.offer(), at: 6, by: anna, handoff: "h")
        guard case .handoffOffered(let offered) = offer.payload else { return }
        #expect(offered.context?.stepsTried.count == 1)
        #expect(offered.context?.problemInCustomersWords != nil)
        try story.write(
            .handoffAccepted(HandoffAccepted()),
            at: 7,
            by: Self.agent("bert", "t2"),
            handoff: "h"
        )
        try story.write(EscalationRuleTests.raised(due: 500), at: 8, escalation: "e")
        try story.write(CommitmentRuleTests.promise(due: 600), at: 9)
        #expect(story.rules(.caseResolved(Story.fixed), at: 10) == .refused([.l3, .l4]))
        try story.write(
            EscalationRuleTests.report(),
            at: 400,
            by: Self.agent("dora", "t3"),
            escalation: "e"
        )
        #expect(story.view(at: 401).header.owner?.value == "anna")
        #expect(story.view(at: 401).header.holder?.value.agent == "anna")
        try story.write(CommitmentRuleTests.settled(), at: 500, by: anna)
        #expect(story.view(at: 501).commitments.first?.isSameRep == true)
        #expect(story.rules(.caseResolved(Story.fixed), at: 502) == .accepted)
    }

    /// A home-automation system, bought 28 days before; three companies that each point at another.
    private static func day28() throws -> Story {
        var story = try Story()
        let ivy = Self.agent("ivy", "t1", site: "berlin")
        let omar = Self.agent("omar", "t1", site: "manila")
        Self.call(&story, "call-1", by: ivy, at: 0)
        story.tell(
            .caseOpened(
                Examples.make {
                    $0.firstContactID = "call-1"
                    $0.purchaseDate = CalendarDate("2023-10-17")
                    $0.product = Examples.make { $0.id = "home-hub" }
                }
            ),
            at: 2,
            by: ivy
        )
        story.tell(.ownerAssigned(Examples.make { $0.ownerID = "ivy" }), at: 3, by: ivy)
        for (number, party) in ["broadband", "router", "hub maker"].enumerated() {
            story.tell(
                .entitlementDetermined(
                    Examples.make {
                        $0.entitlement = number < 2 ? .thirdParty : .warranty
                        $0.ruleID = "demarc"
                        $0.ruleVersion = UInt32(number + 1)
                        $0.responsibleParty = party
                        $0.contactedParty = "retailer"
                        $0.disputed = true
                        $0.reason = .open("measured")
                    }
                ),
                at: 10 + Double(number),
                by: number == 1 ? omar : ivy
            )
        }
        story.tell(.returnRecorded(Examples.make { $0.stage = .requested }), at: 20, by: ivy)
        story.tell(
            .returnRecorded(
                Examples.make {
                    $0.stage = .inspected
                    $0.finding = .noFaultFound
                }
            ),
            at: 10_000,
            by: omar
        )
        return story
    }

    @Test("Day 28: stage and days left, the demarcation, and the contact that could have saved it")
    func day28() throws {
        let view = try Self.day28().view(at: 30)
        #expect(view.journey?.stage == .buying)
        #expect(view.journey?.daysSincePurchase == 28)
        #expect(view.journey?.daysLeft == 2)
        #expect(view.claims.entitlements.map(\.ruleVersion) == [1, 2, 3])
        #expect(view.claims.entitlements.map(\.isDeadEnd) == [false, false, false])
        #expect(view.claims.entitlements.map(\.site) == ["berlin", "manila", "berlin"])
        #expect(view.understanding.responsibleParty?.value == "hub maker")
        #expect(view.header.owner?.value == "ivy")
        let line = try #require(view.outcomes.returns.first)
        #expect(line.finding == .noFaultFound)
        #expect(line.isPreventable)
        #expect(line.savingContact == "call-1")
        #expect(!view.integrity.flags.contains { $0.rule == .l20 })
    }

    @Test("A briefing has at most 25 lines, each with its event")
    func briefing() throws {
        let view = try Self.phone().view(at: 6_000)
        let lines = view.briefing
        #expect(lines.count <= CaseView.briefingLinesMax)
        #expect(!lines.contains { $0.event == nil && $0.topic != .header })
        #expect(lines.map(\.topic).contains(.owed))
        #expect(lines.contains { $0.text.hasPrefix("OVERDUE") })
        #expect(lines.contains { $0.text.contains("told 3 times") })
    }

    @Test("A customer's copy has no pseudonym of staff, no note and no flag in it")
    func customerCopy() throws {
        var story = try Self.phone()
        story.tell(
            .messageRecorded(
                Examples.make {
                    $0.visibility = .internal
                    $0.body = .open("annoying customer")
                }
            ),
            at: 5_000
        )
        story.tell(
            .messageRecorded(
                Examples.make {
                    $0.visibility = .public
                    $0.body = .open("we are on it")
                }
            ),
            at: 5_001
        )
        let json = try PayloadJSONTests.encode(story.view().customerCopy)
        for secret in ["anna", "bert", "carl", "annoying", "L15", "SIM card"] {
            #expect(!json.contains(secret), "\(secret)")
        }
        #expect(json.contains("we are on it"))
        #expect(json.contains("no calls since Monday"))
    }

    @Test("An auditor's view has every event with its leaf's hash")
    func auditor() throws {
        let story = try Self.phone()
        let audit = story.view().auditor { $0.index == 0 ? Examples.digest : nil }
        #expect(audit.events.count == story.events.count)
        #expect(audit.events.map(\.leafHash).prefix(2) == [Examples.digest, nil])
    }
}
