import LedgerTypes
import Testing

@testable import CaseDomain

@Suite("Metrics of custody and effort: M-01, M-03 to M-05, M-14 to M-18")
struct CustodyMetricsTests {
    @Test("A case closed with one owner counts, one that was handed on does not")
    func oneOwner() throws {
        var kept = try Story.opened()
        kept.resolve(at: 10)
        kept.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 20)
        var given = try Story.opened()
        given.tell(
            .ownerAssigned(
                Examples.make {
                    $0.ownerID = "bert"
                    $0.how = .given
                }
            ),
            at: 5
        )
        given.resolve(at: 10)
        given.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 20)
        let figure = try Story.figure(1, "oneOwner", of: [kept, given])
        #expect(figure.total?.n == 2)
        #expect(figure.total?.value == 0.5)
    }

    @Test("The owner answers the next contact, or somebody else does; the first one is left out")
    func continuity() throws {
        var story = try Story.opened()
        for (contact, agent, minute) in [("k2", "anna", 100.0), ("k3", "bert", 200.0)] {
            story.tell(
                .contactStarted(Examples.make { $0.direction = .inbound }),
                at: minute,
                contact: contact
            )
            story.tell(
                .contactAnswered(Examples.make { $0.agentID = agent }),
                at: minute + 1,
                by: Story.agent(agent),
                contact: contact
            )
            story.tell(
                .contactAttached(Examples.make { $0.caseID = story.caseID.id }),
                at: minute + 2,
                contact: contact
            )
        }
        let figure = try story.figure(1, "ownerHandled")
        #expect(figure.total?.n == 2)
        #expect(figure.total?.value == 0.5)
    }

    /// A second agent has the customer, who explains again for `reason`.
    private static func explained(_ reason: RestatementReason) throws -> Story {
        var story = try Story.opened()
        story.tell(.issueStated(Examples.make { $0.statementID = "s1" }), at: 4, contact: "k")
        story.tell(
            .contactAnswered(Examples.make { $0.agentID = "bert" }),
            at: 10,
            by: Story.agent("bert"),
            contact: "k"
        )
        story.tell(
            .issueStated(
                Examples.make {
                    $0.statementID = "s2"
                    $0.isRestatement = true
                    $0.restates = "s1"
                    $0.reason = reason
                    $0.askedBy = "bert"
                }
            ),
            at: 11,
            by: Story.agent("bert"),
            contact: "k"
        )
        return story
    }

    @Test("Explaining again is charged to the seam before it; an identity check stands apart")
    func seams() throws {
        let again = try Self.explained(.notRecorded)
        #expect(try again.figure(3, "restated").total?.value == 1)
        #expect(try again.figure(4, "restatements", by: [.kind]).group("agent")?.value == 1)
        #expect(try again.figure(3, "explanations").total?.value == 2)
        let check = try Self.explained(.identityCheck)
        #expect(try check.figure(3, "restated").total?.value == 0)
        #expect(try check.figure(3, "restatedApart").total?.value == 1)
    }

    @Test("A step that two people tried without need is repeated, one to verify is not")
    func repeatedSteps() throws {
        for (reason, share) in [(RepeatReason.unaware, 0.5), (.verify, 0)] {
            var story = try Story.opened()
            let first = story.tell(
                .stepTried(
                    Examples.make {
                        $0.stepID = "reset"
                        $0.result = .failed
                    }
                ),
                at: 5
            )
            #expect(try story.figure(5, "repeated").reasons == ["one person tried steps": 1])
            story.tell(
                .stepTried(
                    Examples.make {
                        $0.stepID = "reset"
                        $0.repeatOf = first.id
                        $0.repeatReason = reason
                    }
                ),
                at: 9,
                by: Story.agent("bert")
            )
            #expect(try story.figure(5, "repeated").total?.value == share, "\(reason)")
        }
    }

    @Test("Ping-pong is A, B, A; a case that was handed on once is no part of its rate")
    func pingPong() throws {
        func rows(_ teams: [String]) throws -> Story {
            var story = try Story()
            for (number, team) in teams.enumerated() {
                let row: CaseObserved = Examples.make {
                    $0.status = .inProgress
                    $0.team = team
                }
                story.tell(.caseObserved(row), at: Double(number), history: true)
            }
            return story
        }
        let stories = try [rows(["A", "B", "A"]), rows(["A", "B", "C"]), rows(["A", "B"])]
        let rate = try Story.figure(14, "teamPingPongRate", of: stories)
        #expect(rate.total?.numerator == 1)
        #expect(rate.total?.denominator == 2)
        #expect(try Story.figure(14, "teamHandoffs", of: stories).total?.value == 5)
        #expect(try Story.figure(14, "teamReturns", of: stories).total?.value == 1)
        let agents = try Story.figure(14, "agentHandoffCases", of: stories)
        #expect(agents.noData != nil)
        #expect(agents.reasons == ["the source does not carry it": 3])
    }

    @Test("A handoff that is passed on without work is a hot potato; a decline bounces")
    func handoffs() throws {
        var story = try Story.opened()
        story.tell(Story.offer(), at: 10, handoff: "h1")
        story.tell(
            .handoffAccepted(
                Examples.make {
                    $0.by = "bert"
                    $0.missing = ["serial"]
                }
            ),
            at: 12,
            by: Story.agent("bert", team: "two"),
            handoff: "h1"
        )
        story.tell(
            Story.offer(to: "three"),
            at: 13,
            by: Story.agent("bert", team: "two"),
            handoff: "h2"
        )
        story.tell(
            .handoffDeclined(Examples.make { $0.reason = .wrongTeam }),
            at: 14,
            by: Story.agent("carl", team: "three"),
            handoff: "h2"
        )
        #expect(try story.figure(15, "passedOn").total?.value == 1)
        #expect(try story.figure(14, "declined").total?.value == 0.5)
        #expect(try story.figure(16, "lacking").total?.value == 1)
        // No statement, fact, step, message or promise was there to be left out.
        #expect(try story.figure(16, "completeness").total?.value == 100)
    }

    @Test("A transfer is a contact handed over with the customer on the line")
    func transfers() throws {
        var story = try Story.opened()
        let offer: HandoffOffered = Examples.make {
            $0.kind = .warm
            $0.customerOnLine = true
            $0.to = Examples.make { $0.team = "two" }
        }
        story.tell(.handoffOffered(offer), at: 10, contact: "k", handoff: "h")
        #expect(try story.figure(14, "transferred").total?.value == 0)
        story.tell(
            .handoffAccepted(Examples.make { $0.by = "bert" }),
            at: 11,
            by: Story.agent("bert"),
            handoff: "h"
        )
        #expect(try story.figure(14, "transferred").total?.value == 1)
        #expect(try story.figure(14, "transferredWarm").total?.value == 1)
        #expect(try story.figure(14, "transferredCold").total?.value == 0)
    }

    /// A functional escalation, answered or not.
    private static func escalated(_ isAnswered: Bool, due: Double) throws -> Story {
        var story = try Story.opened()
        story.tell(
            .escalationRaised(
                Examples.make {
                    $0.kind = .functional
                    $0.reportBackTo = "anna"
                    $0.reportBackDue = Story.minute(due)
                }
            ),
            at: 10,
            escalation: "e"
        )
        if isAnswered {
            story.tell(
                .escalationReportedBack(
                    Examples.make {
                        $0.to = "anna"
                        $0.outcome = .fixed
                        $0.isFinal = true
                    }
                ),
                at: 70,
                by: Story.agent("bert"),
                escalation: "e"
            )
        }
        story.tell(
            .escalationClosed(Examples.make { $0.reason = isAnswered ? .answered : .waived }),
            at: 80,
            escalation: "e"
        )
        story.resolve(at: 90)
        return story
    }

    @Test("An escalation is reported back or waived, in time or late")
    func escalations() throws {
        let answered = try Self.escalated(true, due: 60)
        #expect(try answered.figure(17, "functional").total?.value == 1)
        #expect(try answered.figure(17, "hierarchic").total?.value == 0)
        #expect(try answered.figure(17, "firstLevel").total?.value == 0)
        #expect(try answered.figure(18, "reported").total?.value == 1)
        #expect(try answered.figure(18, "time").total?.value == 3_600)
        #expect(try answered.figure(18, "onTime").total?.value == 0)
        #expect(try answered.figure(18, "brokenChain").total?.value == 0)
        let waived = try Self.escalated(false, due: 60)
        #expect(try waived.figure(18, "reported").reasons == ["waived": 1])
        var plain = try Story.opened()
        plain.resolve(at: 90)
        #expect(try plain.figure(17, "firstLevel").total?.value == 1)
    }
}
