internal import LedgerTypes

// `contact.*` and `message.recorded`.
extension CaseState {
    mutating func takeContact(_ event: CaseEvent) {
        guard let contactID = event.contact else { return }
        let place = self.contactPlace(contactID, event)
        switch event.payload {
        case .contactStarted(let start):
            self.contacts[place].isStarted = true
            self.contacts[place].event = event.id
            self.contacts[place].at = event.occurred
            self.contacts[place].channel = start.channel
            self.contacts[place].direction = start.direction
            self.contacts[place].initiation = start.initiation
            self.contacts[place].mood = start.mood
            if let promise = start.fulfils { self.fulfil(promise, event) }
            if start.direction == .inbound, event.viaCase == nil { self.customerSpoke(event) }
        case .contactAnswered(let answer):
            let agentID = answer.agentID.isEmpty ? event.actor.actorID : answer.agentID
            self.contacts[place].answers.append(
                AnswerLine(
                    event: event.id,
                    agentID: agentID,
                    at: event.occurred,
                    waitSeconds: answer.waitSeconds
                )
            )
            if event.actor.kind.isHumanStaff { self.lastAnsweredContact = place }
            if event.viaCase == nil {
                self.enterSegment(agentID, contact: contactID, event)
                self.answered(by: agentID, event)
            }
        case .contactEnded(let end):
            self.contacts[place].endedBy = event.id
            self.contacts[place].endedAt = event.occurred
            self.contacts[place].outcome = end.outcome
            self.contacts[place].queueSeconds = end.queueSeconds
            self.contacts[place].segments = end.segments
        case .contactWrappedUp(let wrapUp):
            self.contacts[place].wrapUps.append(
                WrapUpLine(
                    event: event.id,
                    at: event.occurred,
                    wrapSeconds: wrapUp.wrapSeconds,
                    dispositionCodes: wrapUp.dispositionCodes,
                    summary: wrapUp.summary,
                    nextAction: wrapUp.nextAction
                )
            )
        case .contactAttached(let attachment): self.contacts[place].share = attachment.share
        default: break
        }
    }

    func contact(_ contactID: String) -> ContactLine? {
        self.contactPlaces[contactID].map { self.contacts[$0] }
    }

    mutating func take(_ message: MessageRecorded, _ event: CaseEvent) {
        let author = message.author == .notStated ? event.actor.kind : message.author
        let place = self.messages.count
        self.messages.append(
            MessageLine(
                event: event.id,
                at: event.occurred,
                messageID: message.messageID,
                author: author,
                actorID: event.actor.actorID,
                visibility: message.visibility,
                automatic: message.automatic,
                text: message.body,
                contactID: event.contact,
                viaCase: event.viaCase
            )
        )
        if self.messages[place].isFromCustomer {
            self.lastHeard = place
            if event.viaCase == nil { self.customerSpoke(event) }
            return
        }
        if !message.automatic { self.worked() }
        guard message.visibility == .public else { return }
        self.lastTold = place
        if !message.messageID.isEmpty { self.toldPlaces.set(message.messageID, place) }
    }

    private mutating func contactPlace(_ contactID: String, _ event: CaseEvent) -> Int {
        if let known = self.contactPlaces[contactID] { return known }
        self.contactPlaces.set(contactID, self.contacts.count)
        self.contacts.append(
            ContactLine(
                contactID: contactID,
                event: event.id,
                at: event.occurred,
                isStarted: false,
                channel: .notStated,
                direction: .notStated,
                initiation: .notStated,
                answers: [],
                segments: [],
                wrapUps: [],
                viaCase: event.viaCase
            )
        )
        return self.contacts.count - 1
    }

    /// The first human answer makes a holder, and demands an owner (L8).
    private mutating func answered(by agentID: String, _ event: CaseEvent) {
        guard event.actor.kind.isHumanStaff else { return }
        self.worked()
        let place = self.place(of: agentID, event)
        if self.holder.agent == nil { self.move(to: place, event) }
        guard self.owner == nil, self.ownerlessSince == nil, self.standing != .closed,
            !self.policy.isRoutingOnly(event.actor.team ?? "", at: event.occurred)
        else { return }
        self.lacksOwner = event.id
        self.ownerlessSince = event.occurred
    }

    /// An inbound customer event ends a wait on the customer (L17).
    private mutating func customerSpoke(_ event: CaseEvent) {
        if self.openWait?.waitingOn == .customer { self.endWait(event) }
    }
}
