internal import LedgerTypes

/// What a fold knows of escalations.
struct EscalationState: RarePart {
    static let blank = EscalationState()

    var lines: [EscalationLine] = []
    var places = Places<String>()
    /// Those that still owe a report.
    var owing = OpenPlaces()
    /// What answered each, and
    var reportPlaces: [Int: EventPlace] = [:]
    /// what closed each, to tell what was parallel to it.
    var ends: [EventID: EventPlace] = [:]
}

// `escalation.*`.
extension CaseState {
    /// The place of the escalation that an event belongs to.
    func escalationPlace(_ escalationID: String?) -> Int? {
        escalationID.flatMap { self.escalations.places[$0] }
    }

    mutating func take(_ raise: EscalationRaised, _ event: CaseEvent) {
        guard let id = event.escalationID, self.escalations.places[id] == nil else { return }
        let place = self.escalations.lines.count
        self.escalations.places.set(id, place)
        self.escalations.owing.append(place)
        self.escalations.lines.append(
            EscalationLine(
                escalationID: id,
                event: event.id,
                at: event.occurred,
                raisedBy: event.actor.actorID,
                kind: raise.kind,
                fromTier: raise.fromTier,
                toTier: raise.toTier,
                toTeam: raise.toTeam,
                toSite: raise.toSite,
                reason: raise.reason,
                severity: raise.severity,
                question: raise.question,
                failedSteps: raise.failedSteps,
                reportBackTo: raise.reportBackTo,
                reportBackDue: raise.reportBackDue,
                ownerAtRaise: self.owner?.ownerID,
                reports: [],
                waiver: .absent,
                hasBrokenChain: false
            )
        )
    }

    mutating func take(_ report: EscalationReportedBack, _ event: CaseEvent) {
        guard let place = self.escalationPlace(event.escalationID) else { return }
        let owner = self.owner?.ownerID
        self.escalations.lines[place].reports.append(
            ReportLine(
                event: event.id,
                at: event.occurred,
                actorID: event.actor.actorID,
                to: report.to,
                reachedOwner: owner == report.to ? nil : owner,
                outcome: report.outcome,
                findings: report.findings,
                steps: report.steps,
                answerIDs: report.answerIDs,
                final: report.isFinal
            )
        )
        self.worked()
        guard report.isFinal, self.escalations.lines[place].answeredBy == nil else { return }
        self.escalations.lines[place].answeredBy = event.id
        self.escalations.lines[place].answeredAt = event.occurred
        self.escalations.reportPlaces[place] = event.place
        let asked = self.escalations.lines[place].ownerAtRaise
        self.escalations.lines[place].hasBrokenChain = asked != owner
        self.escalations.owing.remove(place)
        self.giveBack(to: self.owner, event)
    }

    /// The case is with its owner again, which is not a handoff.
    private mutating func giveBack(to owner: OwnerSpan?, _ event: CaseEvent) {
        guard let owner, self.holder.agent != owner.ownerID else { return }
        let holder = self.knownPlaces[owner.ownerID] ?? Holder(agent: owner.ownerID)
        self.fold.giveBack(to: holder)
        self.holder = holder
        self.holderEvent = event.id
    }

    mutating func take(_ close: EscalationClosed, _ event: CaseEvent) {
        guard let place = self.escalationPlace(event.escalationID),
            self.escalations.lines[place].closedBy == nil
        else { return }
        self.escalations.lines[place].closedBy = event.id
        self.escalations.lines[place].closedAt = event.occurred
        self.escalations.lines[place].closeReason = close.reason
        self.escalations.lines[place].waiver = close.waiver
        self.escalations.ends[event.id] = event.place
        self.escalations.owing.remove(place)
    }
}
