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
        default: break
        }
        return event
    }

    private func completed(_ context: HandoffContext?, caseHead: Digest?) -> HandoffContext? {
        guard var context else { return nil }
        if context.whatWeToldTheCustomer == nil {
            context.whatWeToldTheCustomer =
                self.messages.last { $0.visibility == .public && !$0.isFromCustomer }?.messageID
        }
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
