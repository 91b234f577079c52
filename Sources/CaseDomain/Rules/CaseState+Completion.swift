internal import LedgerTypes

// What the ledger fills in, so that nobody has to remember it.
extension CaseState {
    /// `proposed` with what the case itself knows.
    func completed(_ proposed: ProposedEvent, caseHead: Digest?) -> ProposedEvent {
        var event = proposed
        guard !event.isHistory else { return event }
        switch event.payload {
        case .caseResolved(var resolve):
            if resolve.episode == 0 { resolve.episode = max(self.episodeNumber, 1) }
            event.payload = .caseResolved(resolve)
        case .caseClassified(var change):
            if change.old == nil { change.old = self.classification(change.field) }
            event.payload = .caseClassified(change)
        case .caseCustomerChanged(var change):
            if change.old == nil { change.old = self.customerID?.value }
            event.payload = .caseCustomerChanged(change)
        case .contactAnswered(var answer):
            if answer.agentID.isEmpty { answer.agentID = event.actor.actorID }
            event.payload = .contactAnswered(answer)
        case .ownerAssigned(var assignment):
            if assignment.previousOwnerID == nil {
                assignment.previousOwnerID = self.owners.last?.ownerID
            }
            event.payload = .ownerAssigned(assignment)
        case .handoffOffered(var offer):
            if offer.from == nil, !self.holder.isEmpty { offer.from = self.holder.place }
            offer.context = self.completed(offer.context, caseHead: caseHead)
            event.payload = .handoffOffered(offer)
        case .handoffAccepted(var acceptance):
            if acceptance.by.isEmpty { acceptance.by = event.actor.actorID }
            event.payload = .handoffAccepted(acceptance)
        default: event.payload = self.completedPayload(of: event)
        }
        return event
    }

    private func completedPayload(of event: ProposedEvent) -> EventPayload {
        switch event.payload {
        case .messageRecorded(var message):
            if message.messageID.isEmpty { message.messageID = event.id.description }
            return .messageRecorded(message)
        case .issueStated(let stated): return .issueStated(self.completed(stated, event))
        case .stepTried(let step): return .stepTried(self.completed(step, event))
        case .escalationRaised(let raise): return .escalationRaised(self.completed(raise, event))
        case .escalationReportedBack(let report):
            return .escalationReportedBack(self.completed(report))
        case .commitmentMade(let promise): return .commitmentMade(self.completed(promise, event))
        case .commitmentSettled(let settlement):
            return .commitmentSettled(self.completed(settlement, event))
        case .entitlementDetermined(let determined):
            return .entitlementDetermined(self.completed(determined))
        case .remedyDecided(let remedy): return .remedyDecided(self.completed(remedy, event))
        case .signalRaised(let signal): return .signalRaised(self.completed(signal, event))
        case .returnRecorded(let record): return .returnRecorded(self.completed(record, event))
        case .feedbackReceived(var feedback):
            if feedback.solicited == false, self.wasAsked(feedback.instrument) {
                feedback.solicited = true
            }
            return .feedbackReceived(feedback)
        default: return event.payload
        }
    }

    private func wasAsked(_ instrument: FeedbackInstrument) -> Bool {
        self.research.feedback.last { $0.instrument == instrument }?.isRequest ?? false
    }

    private func completed(_ context: HandoffContext?, caseHead: Digest?) -> HandoffContext? {
        guard var context else { return nil }
        if context.whatWeToldTheCustomer == nil, let told = self.lastTold {
            context.whatWeToldTheCustomer = self.messages[told].messageID
        }
        let count = FieldLimits.countMax
        context.stepsTried = self.understanding.steps.suffix(count).map(\.event)
        context.openCommitments = self.commitments.open.places.suffix(count).map {
            self.commitments.lines[$0].commitmentID
        }
        context.entitlement = self.entitlement?.entitlement ?? context.entitlement
        if context.problemInCustomersWords == nil {
            context.problemInCustomersWords = self.understanding.statements.first?.statementID
        }
        if context.doNotAskAgain.isEmpty {
            context.doNotAskAgain = self.understanding.facts.suffix(count).map(\.key)
        }
        if context.knownIssueIDs.isEmpty {
            context.knownIssueIDs = self.understanding.knownIssues.suffix(count).map(\.issueID)
        }
        if context.mood == nil { context.mood = self.contacts.last { $0.mood != nil }?.mood }
        if let caseHead { context.caseHead = caseHead }
        return context
    }
}

extension Holder {
    /// The holder as one end of a handoff.
    var place: CustodyPlace {
        var place = CustodyPlace()
        place.actor = self.agent
        place.team = self.team
        place.site = self.site
        place.tier = self.tier
        return place
    }
}
