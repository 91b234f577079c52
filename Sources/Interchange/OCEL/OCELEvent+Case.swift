package import CaseDomain
internal import LedgerTypes

// What an event of the ledger becomes in an OCEL 2.0 log; docs/MINING.md has the tables. Pure.
extension OCELEvent {
    /// The events of a case in the order of its story.
    ///
    /// - Parameters:
    ///   - trace: the case.
    ///   - typeOf: the type of an observed row whose source has a word of its own for it.
    /// - Returns: as many as the trace has steps.
    package static func events(
        of trace: CaseTrace,
        typeOf: (CaseObserved) -> String
    ) -> [OCELEvent] {
        let subject = OCELObject("case", trace.caseID.id)
        var events: [OCELEvent] = []
        events.reserveCapacity(trace.steps.count)
        var before = CaseAttributes()
        for (place, step) in trace.steps.enumerated() {
            var event = OCELEvent(step.event, typeOf: typeOf)
            event.attributes.insert(ClearField("step", .integer(Int64(place + 1))), at: 0)
            if !step.handoffs.isEmpty {
                let levels = step.handoffs.map(\.name).joined(separator: ",")
                event.attributes.append(ClearField("handoffLevels", .text(levels)))
            }
            event.links.insert(OCELLink(subject, "case"), at: 0)
            event.linkHolder(step.attributes.holder)
            event.relateCase(subject, step.event)
            for (new, old) in zip(step.attributes.fields, before.fields)
            where new.value != old.value {
                let time = step.event.occurred
                event.caseChanges.append(OCELChange(subject, new.name, new.value, at: time))
            }
            before = step.attributes
            events.append(event)
        }
        if var last = events.popLast() {
            for link in trace.state.standingLinks where !link.otherCaseID.isEmpty {
                let other = OCELObject("case", link.otherCaseID)
                last.relations.append(OCELRelation(subject, other, link.relation.name))
            }
            events.append(last)
        }
        return events
    }

    /// An event that belongs to no case: what it says stands with its subject.
    package init(outsideCases event: CaseEvent) {
        self.init(event, typeOf: ExportedEvent.activity(of:))
        let subject = OCELObject(event.subject.kind, event.subject.id)
        self.link(subject, "subject")
        switch event.payload {
        case .customerDescribed, .teamDefined, .siteRegistered, .answerPublished,
            .selfServiceEnded:
            self.describe(subject, event.payload.clearFields)
        case .agentEnrolled(let enrolment):
            self.describe(subject, event.payload.clearFields)
            self.relate(subject, "team", enrolment.team, "member of")
        default: break
        }
        switch event.payload {
        case .teamDefined(let team): self.relate(subject, "site", team.site, "at")
        case .customerLinked(let link):
            self.relate(subject, "customer", link.otherCustomerID, "same person")
        case .answerPublished(let answer):
            for caseID in answer.originCaseIDs { self.relate(subject, "case", caseID, "made from") }
        default: break
        }
    }

    /// What does not depend on a case.
    private init(_ event: CaseEvent, typeOf: (CaseObserved) -> String) {
        var type = event.typeName
        if case .caseObserved(let row) = event.payload { type = typeOf(row) }
        self.init(
            id: event.id.description,
            type: type,
            time: event.occurred,
            attributes: [ClearField("storyTime", .time(event.order))]
        )
        let actor = event.actor
        let texts = [
            ("actorKind", actor.kind == .notStated ? nil : actor.kind.name),
            ("actorRole", actor.role), ("actorTier", actor.tier), ("actorTeam", actor.team),
            ("onBehalfOf", event.onBehalfOf),
        ]
        for (name, text) in texts {
            if let text { self.attributes.append(ClearField(name, .text(text))) }
        }
        self.attributes += event.payload.tableFields
        self.link("contact", event.contact, "contact")
        self.link("handoff", event.handoffID, "handoff")
        self.link("escalation", event.escalationID, "escalation")
        self.link(Self.type(of: actor.kind), actor.actorID, "actor")
        self.link("team", actor.team, "actor's team")
        self.link("site", actor.siteID, "actor's site")
        self.linkPayload(event)
        self.describeParts(event)
    }

    /// What the actors of a kind are in the log.
    private static func type(of kind: ActorKind) -> String {
        switch kind {
        case .customer, .customerDelegate: "customer"
        case .system, .bot: "system"
        default: "agent"
        }
    }
}

extension OCELEvent {
    private mutating func link(_ object: OCELObject, _ qualifier: String) {
        let link = OCELLink(object, qualifier)
        if !self.links.contains(link) { self.links.append(link) }
    }

    private mutating func link(_ type: String, _ name: String?, _ qualifier: String) {
        guard let name, !name.isEmpty else { return }
        self.link(OCELObject(type, name), qualifier)
    }

    private mutating func relate(
        _ source: OCELObject,
        _ type: String,
        _ name: String?,
        _ qualifier: String
    ) {
        guard let name, !name.isEmpty else { return }
        self.relations.append(OCELRelation(source, OCELObject(type, name), qualifier))
    }

    private mutating func describe(_ object: OCELObject, _ fields: [ClearField]) {
        for field in fields {
            self.changes.append(OCELChange(object, field.name, field.value, at: self.time))
        }
    }

    /// Who works on the case after the event.
    private mutating func linkHolder(_ holder: Holder) {
        self.link("agent", holder.agent, "holder")
        self.link("team", holder.team, "holder's team")
        self.link("site", holder.site, "holder's site")
    }

    /// What belongs to the case, and whom and what the case is about.
    private mutating func relateCase(_ subject: OCELObject, _ event: CaseEvent) {
        let parts = [
            ("contact", event.contact), ("handoff", event.handoffID),
            ("escalation", event.escalationID),
        ]
        for (type, name) in parts {
            guard let name, !name.isEmpty else { continue }
            self.relate(OCELObject(type, name), "case", subject.name, "concerns")
        }
        switch event.payload {
        case .caseOpened(let opening):
            self.relate(subject, "customer", opening.customerID, "customer")
            self.relate(subject, "product", opening.product?.id, "product")
        case .caseObserved(let row): self.relate(subject, "product", row.product, "product")
        case .caseCustomerChanged(let change):
            self.relate(subject, "customer", change.new, "customer")
        case .commitmentMade(let promise) where !promise.commitmentID.isEmpty:
            self.relate(OCELObject("commitment", promise.commitmentID), "case", subject.name, "in")
        case .remedyDecided(let remedy) where !remedy.remedyID.isEmpty:
            self.relate(OCELObject("remedy", remedy.remedyID), "case", subject.name, "in")
        case .returnRecorded(let record) where !record.returnID.isEmpty:
            self.relate(OCELObject("return", record.returnID), "case", subject.name, "in")
        default: break
        }
    }

    private mutating func linkPayload(_ event: CaseEvent) {
        switch event.payload {
        case .caseOpened(let opening):
            self.link("customer", opening.customerID, "customer")
            self.link("product", opening.product?.id, "product")
        case .caseObserved(let row): self.link("product", row.product, "product")
        case .caseCustomerChanged(let change): self.link("customer", change.new, "customer")
        case .caseLinked(let link): self.link("case", link.otherCaseID, "other case")
        case .caseResolved(let resolve):
            for id in resolve.answerIDs { self.link("article", id, "answer") }
        case .contactStarted(let start): self.link("commitment", start.fulfils, "fulfils")
        case .contactAnswered(let answer): self.link("agent", answer.agentID, "answered by")
        case .ownerAssigned(let assignment):
            self.link("agent", assignment.ownerID, "owner")
            self.link("agent", assignment.previousOwnerID, "previous owner")
        case .handoffOffered(let offer):
            self.link("agent", offer.to?.actor, "offered to")
            self.link("team", offer.to?.team, "offered to team")
            self.link("site", offer.to?.site, "offered to site")
        case .handoffAccepted(let acceptance): self.link("agent", acceptance.by, "accepted by")
        case .escalationRaised(let raise):
            self.link("agent", raise.reportBackTo, "reports back to")
            self.link("team", raise.toTeam, "escalated to team")
            self.link("site", raise.toSite, "escalated to site")
        case .escalationReportedBack(let report): self.link("agent", report.to, "reports back to")
        default: self.linkOutcome(event)
        }
    }

    private mutating func linkOutcome(_ event: CaseEvent) {
        switch event.payload {
        case .commitmentMade(let promise):
            self.link("commitment", promise.commitmentID, "promise")
            self.link("agent", promise.promisedBy, "promised by")
        case .commitmentSettled(let settlement):
            self.link("commitment", settlement.commitmentID, "promise")
            self.link("commitment", settlement.newCommitmentID, "new promise")
            self.link("agent", settlement.keptBy, "kept by")
        case .remedyDecided(let remedy): self.link("remedy", remedy.remedyID, "remedy")
        case .returnRecorded(let record): self.link("return", record.returnID, "return")
        case .answerLinked(let link): self.link("article", link.answerID, "answer")
        case .signalRaised(let signal): self.link("signal", signal.signalID, "signal")
        case .knownIssueLinked(let link): self.link("article", link.issueID, "known issue")
        case .offerMade(let offer): self.link("product", offer.product, "product")
        default: break
        }
    }

    /// What the event says about the contact, promise and so on that it is about.
    private mutating func describeParts(_ event: CaseEvent) {
        let fields = event.payload.clearFields
        switch event.payload {
        case .contactStarted, .contactEnded, .contactWrappedUp:
            if let id = event.contact { self.describe(OCELObject("contact", id), fields) }
        case .handoffOffered:
            if let id = event.handoffID { self.describe(OCELObject("handoff", id), fields) }
        case .handoffAccepted, .handoffDeclined:
            guard let id = event.handoffID else { return }
            self.describe(
                OCELObject("handoff", id),
                [ClearField("outcome", .text(event.typeName))]
            )
        case .escalationRaised:
            if let id = event.escalationID { self.describe(OCELObject("escalation", id), fields) }
        case .escalationReportedBack(let report):
            guard let id = event.escalationID else { return }
            self.describe(
                OCELObject("escalation", id),
                [ClearField("outcome", .text(report.outcome.name))]
            )
        case .commitmentMade(let promise) where !promise.commitmentID.isEmpty:
            self.describe(OCELObject("commitment", promise.commitmentID), fields)
        case .commitmentSettled(let settlement) where !settlement.commitmentID.isEmpty:
            self.describe(
                OCELObject("commitment", settlement.commitmentID),
                [ClearField("outcome", .text(settlement.outcome.name))]
            )
        case .remedyDecided(let remedy) where !remedy.remedyID.isEmpty:
            self.describe(OCELObject("remedy", remedy.remedyID), fields)
        case .returnRecorded(let record) where !record.returnID.isEmpty:
            self.describe(OCELObject("return", record.returnID), fields)
        case .signalRaised(let signal) where !signal.signalID.isEmpty:
            self.describe(OCELObject("signal", signal.signalID), fields)
        default: break
        }
    }
}
