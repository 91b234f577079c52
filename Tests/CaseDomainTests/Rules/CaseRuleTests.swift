import CaseDomain
import LedgerTypes
import Testing

@Suite("Rules of cases")
struct CaseRuleTests {
    @Test("L1: a live case begins with case.opened that cites a contact")
    func beginsWithOpened() throws {
        let story = try Story()
        let opening = EventPayload.caseOpened(Examples.make { $0.firstContactID = "k" })
        #expect(story.rules(opening, at: 0) == .accepted)
        #expect(story.rules(.caseOpened(CaseOpened()), at: 0) == .refused([.l1]))
        let proactive = EventPayload.caseOpened(Examples.make { $0.initiation = .proactive })
        #expect(story.rules(proactive, at: 0) == .accepted)
        #expect(story.rules(.caseOpened(CaseOpened()), at: 0, contact: "k") == .accepted)
    }

    @Test("L1: nothing else may begin a live case")
    func nothingElseBegins() throws {
        let story = try Story()
        #expect(story.rules(.messageRecorded(Examples.message), at: 0) == .refused([.l1]))
        #expect(story.rules(.caseObserved(Examples.observed), at: 0) == .refused([.l1]))
    }

    @Test("L1: history may begin with case.observed")
    func historyBegins() throws {
        let story = try Story()
        #expect(
            story.rules(.caseObserved(Examples.observed), at: 0, history: true) == .accepted
        )
        #expect(
            story.rules(.messageRecorded(Examples.message), at: 0, history: true)
                == .flagged([.l1])
        )
    }

    @Test("L1: a case is opened once")
    func openedOnce() throws {
        let story = try Story.opened()
        let opening = EventPayload.caseOpened(Examples.make { $0.firstContactID = "k" })
        #expect(story.rules(opening, at: 9) == .refused([.l1]))
    }

    @Test("L2: an open case is resolved")
    func resolves() throws {
        let story = try Story.opened()
        let decision = try story.decide(.caseResolved(Story.fixed), at: 9)
        guard case .caseResolved(let resolve) = decision.events.first?.payload else {
            Issue.record("no resolve")
            return
        }
        #expect(resolve.episode == 1)
        #expect(decision.flags.isEmpty)
    }

    @Test("L2: a resolve says how, and a solution what worked; all violations come at once")
    func resolveExplains() throws {
        var story = try Story.opened()
        #expect(story.rules(.caseResolved(CaseResolved()), at: 9) == .refused([.l2]))
        for kind in [ResolutionKind.fixed, .workaround, .howTo] {
            let bare = EventPayload.caseResolved(Examples.make { $0.resolutionKind = kind })
            #expect(story.rules(bare, at: 9) == .refused([.l2]))
        }
        let refunded = EventPayload.caseResolved(Examples.make { $0.resolutionKind = .refunded })
        #expect(story.rules(refunded, at: 9) == .accepted)
        let answered = EventPayload.caseResolved(
            Examples.make {
                $0.resolutionKind = .howTo
                $0.answerIDs = ["KB-1"]
            }
        )
        #expect(story.rules(answered, at: 9) == .accepted)
        story.resolve(at: 9)
        let bare = EventPayload.caseResolved(Examples.make { $0.resolutionKind = .fixed })
        #expect(story.rules(bare, at: 10) == .refused([.l2, .l2]))
    }

    @Test("L2: policy may accept and flag what it would refuse")
    func policySwitches() throws {
        let story = try Story.opened()
        let policy = RulePolicy(modes: [.l2: .flag])
        #expect(
            story.rules(.caseResolved(CaseResolved()), at: 9, policy: policy) == .flagged([.l2])
        )
    }

    @Test("Structural rules cannot be switched off")
    func structural() throws {
        let story = try Story()
        let policy = RulePolicy(modes: [.l1: .flag])
        #expect(
            story.rules(.messageRecorded(Examples.message), at: 0, policy: policy)
                == .refused([.l1])
        )
    }

    @Test("L5: closed after resolved, or for a reason that needs no resolution")
    func closes() throws {
        var story = try Story.opened()
        let confirmed = EventPayload.caseClosed(Examples.make { $0.reason = .confirmed })
        #expect(story.rules(confirmed, at: 9) == .refused([.l5]))
        for reason in [
            CloseReason.duplicate, .abandonedByCustomer, .withdrawn, .spam, .notSupported,
            .openedInError,
        ] {
            let close = EventPayload.caseClosed(Examples.make { $0.reason = reason })
            #expect(story.rules(close, at: 9) == .accepted)
        }
        story.resolve(at: 9)
        #expect(story.rules(confirmed, at: 10) == .accepted)
        story.tell(confirmed, at: 10)
        #expect(story.rules(confirmed, at: 11) == .refused([.l5]))
    }

    @Test("On a closed case messages and links stay legal")
    func closedCase() throws {
        var story = try Story.opened()
        story.resolve(at: 9)
        story.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 10)
        #expect(story.rules(.messageRecorded(Examples.message), at: 11) == .accepted)
        let link = EventPayload.caseLinked(
            Examples.make {
                $0.otherCaseID = "C-2"
                $0.relation = .related
            }
        )
        #expect(story.rules(link, at: 11) == .accepted)
    }

    @Test("L6: only what ended is reopened, and within the window")
    func reopens() throws {
        var story = try Story.opened()
        let reopen = EventPayload.caseReopened(Examples.reopened)
        #expect(story.rules(reopen, at: 9) == .refused([.l6]))
        story.resolve(at: 9)
        #expect(story.rules(reopen, at: 10) == .accepted)
        let policy = RulePolicy(reopenWindowSeconds: 3_600)
        #expect(story.rules(reopen, at: 60, policy: policy) == .accepted)
        #expect(story.rules(reopen, at: 70, policy: policy) == .refused([.l6]))
        story.tell(reopen, at: 10)
        #expect(story.view().header.episode == 2)
        #expect(story.view().header.state == .open)
    }

    @Test("L17: waiting on the customer cites the question")
    func waiting() throws {
        var story = try Story.opened()
        let wait = EventPayload.caseWaitChanged(Examples.make { $0.waitingOn = .customer })
        let asked = EventPayload.caseWaitChanged(
            Examples.make {
                $0.waitingOn = .customer
                $0.questionMessageID = "m-1"
            }
        )
        #expect(story.rules(wait, at: 9) == .flagged([.l17]))
        #expect(story.rules(asked, at: 9) == .flagged([.l17]))
        #expect(story.rules(wait, at: 9, contact: "k") == .accepted)
        story.tell(.messageRecorded(Examples.message), at: 9)
        #expect(story.rules(asked, at: 10) == .accepted)
        story.tell(
            .messageRecorded(Examples.make { $0.messageID = "m-2" }),
            at: 11,
            by: Story.agent("cust", kind: .customer)
        )
        #expect(story.rules(asked, at: 12) == .flagged([.l17]))
        let vendor = EventPayload.caseWaitChanged(Examples.make { $0.waitingOn = .vendor })
        #expect(story.rules(vendor, at: 12) == .accepted)
    }

    @Test("L17: an inbound customer event ends the wait")
    func waitEnds() throws {
        var story = try Story.opened()
        story.tell(.caseWaitChanged(Examples.make { $0.waitingOn = .customer }), at: 10)
        #expect(story.view().header.status == .pending)
        let answer = story.tell(
            .messageRecorded(Examples.make { $0.messageID = "m-2" }),
            at: 40,
            by: Story.agent("cust", kind: .customer)
        )
        let view = story.view()
        #expect(view.path.waits.first?.endedBy == answer.id)
        #expect(view.header.status == .inProgress)
        #expect(story.state.facts.waits.map(\.microseconds) == [30 * 60_000_000])
    }

    @Test("L23: a change cannot claim an old value that the case did not have")
    func oldValue() throws {
        let story = try Story.opened()
        let wrong = EventPayload.caseClassified(
            Examples.make {
                $0.field = "category"
                $0.old = "billing"
                $0.new = "dsl"
            }
        )
        #expect(story.rules(wrong, at: 9) == .refused([.l23]))
        let change = EventPayload.caseClassified(
            Examples.make {
                $0.field = "category"
                $0.new = "dsl"
            }
        )
        let decision = try story.decide(change, at: 9)
        guard case .caseClassified(let completed) = decision.events.first?.payload else {
            Issue.record("no change")
            return
        }
        #expect(completed.old == "network")
        let customer = EventPayload.caseCustomerChanged(
            Examples.make {
                $0.old = "other"
                $0.new = "new"
            }
        )
        #expect(story.rules(customer, at: 9) == .refused([.l23]))
    }

    @Test("L25: a merge names another case, once, and says when it joins two customers")
    func merges() throws {
        var story = try Story.opened()
        var link = CaseLinked()
        link.relation = .mergedInto
        link.otherCaseID = "C-1"
        #expect(story.rules(.caseLinked(link), at: 9) == .refused([.l25]))
        link.otherCaseID = "C-2"
        #expect(story.rules(.caseLinked(link), at: 9) == .accepted)
        let policy = RulePolicy(customersOfOtherCases: ["C-2": "somebody else"])
        #expect(story.rules(.caseLinked(link), at: 9, policy: policy) == .refused([.l25]))
        link.crossCustomer = true
        #expect(story.rules(.caseLinked(link), at: 9, policy: policy) == .accepted)
        story.tell(.caseLinked(link), at: 9)
        #expect(story.rules(.caseLinked(link), at: 10) == .refused([.l25]))
    }

    @Test("L25: only a link that holds is undone, and undoing restores the case")
    func unlinks() throws {
        var story = try Story.opened()
        #expect(story.rules(.caseUnlinked(Examples.unlinked), at: 9) == .refused([.l25]))
        let link = story.tell(.caseLinked(Examples.linked), at: 9)
        #expect(story.view().header.mergedInto?.value == "C-2")
        let unlink = EventPayload.caseUnlinked(Examples.make { $0.linkEventID = link.id })
        #expect(story.rules(unlink, at: 10) == .accepted)
        story.tell(unlink, at: 10)
        #expect(story.view().header.mergedInto == nil)
        #expect(story.rules(unlink, at: 11) == .refused([.l25]))
    }

    @Test("A live event lies at most 5 minutes ahead and 24 hours behind")
    func times() throws {
        let story = try Story.opened()
        let proposal = ProposedEvent(
            id: EventID(rawValue: 1 << 100),
            subject: story.caseID,
            occurred: Story.minute(100),
            actor: Story.agent("anna"),
            payload: .messageRecorded(Examples.message)
        )
        let ahead = #expect(throws: RuleViolations.self) {
            try story.state.decide([proposal], now: Story.minute(94))
        }
        #expect(ahead?.violations.map(\.rule) == [.occurredAhead])
        #expect(try story.state.decide([proposal], now: Story.minute(95)).events.count == 1)
        let behind = #expect(throws: RuleViolations.self) {
            try story.state.decide([proposal], now: Story.minute(100 + 24 * 60 + 1))
        }
        #expect(behind?.violations.map(\.rule) == [.undeclaredHistory])
        var history = proposal
        history.isHistory = true
        #expect(try story.state.decide([history], now: Story.minute(90_000)).flags.isEmpty)
    }

    @Test("A field that is too long, or a subject of another kind, is refused, also in history")
    func malformed() throws {
        let story = try Story.opened()
        let long = EventPayload.caseClassified(
            Examples.make { $0.new = String(repeating: "x", count: 256) }
        )
        #expect(story.rules(long, at: 9) == .refused([.malformed]))
        #expect(story.rules(long, at: 9, history: true) == .refused([.malformed]))
        #expect(
            story.rules(.siteRegistered(Examples.registered), at: 9) == .refused([.malformed])
        )
    }

    @Test("A violation says what it saw and what to do")
    func explains() throws {
        var story = try Story.opened()
        let first = story.tell(.caseResolved(Story.fixed), at: 9)
        let error = #expect(throws: RuleViolations.self) {
            try story.decide(.caseResolved(Story.fixed), at: 10)
        }
        let violation = try #require(error?.violations.first)
        #expect(violation.saw == [first.id])
        #expect(violation.remedy == "append case.reopened first")
        #expect(
            error?.description
                == "refuse L2: the case is resolved, so there is nothing to resolve; "
                + "append case.reopened first"
        )
    }
}
