internal import LedgerTypes

/// What a fold knows of entitlements, remedies and returns.
struct EntitlementState: RarePart {
    static let blank = EntitlementState()

    /// How the case stood when a return began.
    struct Before: Hashable, Sendable {
        var isResolved: Bool
        var hasAnswer: Bool
        var contactPlace: Int?
    }

    var lines: [EntitlementLine] = []
    var lastPlace: EventPlace?
    var remedies: [RemedyLine] = []
    var returns: [ReturnLine] = []
    var returnPlaces = Places<String>()
    var before: [Before] = []
}

// `entitlement.determined`, `remedy.decided`, `return.recorded`.
extension CaseState {
    /// What the customer is entitled to now.
    var entitlement: EntitlementLine? { self.terms.lines.last }

    mutating func take(_ determined: EntitlementDetermined, _ event: CaseEvent) {
        self.worked()
        self.terms.lastPlace = event.place
        self.terms.lines.append(
            EntitlementLine(
                event: event.id,
                at: event.occurred,
                actorID: event.actor.actorID,
                site: event.actor.siteID,
                entitlement: determined.entitlement,
                scope: determined.scope,
                basis: determined.basis,
                ruleID: determined.ruleID,
                ruleVersion: determined.ruleVersion,
                responsibleParty: determined.responsibleParty,
                price: determined.price,
                previous: determined.previousEntitlement,
                disputed: determined.disputed,
                contactedParty: determined.contactedParty,
                signpostAnswerID: determined.signpostAnswerID,
                slaPolicyID: determined.slaPolicyID,
                slaPolicyVersion: determined.slaPolicyVersion,
                reason: determined.reason
            )
        )
    }

    mutating func take(_ remedy: RemedyDecided, _ event: CaseEvent) {
        self.worked()
        self.terms.remedies.append(
            RemedyLine(
                remedyID: remedy.remedyID,
                event: event.id,
                at: event.occurred,
                actorID: event.actor.actorID,
                kind: remedy.kind,
                value: remedy.value,
                requestedAt: remedy.requestedAt,
                requestedBy: remedy.requestedBy,
                decision: remedy.decision,
                approvers: remedy.approvers,
                withinAuthority: remedy.withinAuthority,
                viaCase: event.viaCase
            )
        )
    }

    mutating func take(_ record: ReturnRecorded, _ event: CaseEvent) {
        let place = self.returnPlace(record, event)
        self.terms.returns[place].stages.append(
            ReturnStageLine(event: event.id, at: event.occurred, stage: record.stage)
        )
        if record.reasonStated.isPresent {
            self.terms.returns[place].reasonStated = record.reasonStated
        }
        if let within = record.withinWindow { self.terms.returns[place].withinWindow = within }
        self.terms.returns[place].caseIDs += record.caseIDs.filter {
            !self.terms.returns[place].caseIDs.contains($0)
        }
        guard record.finding != .notStated else { return }
        self.terms.returns[place].finding = record.finding
        let before = self.terms.before[place]
        let isFaultless = record.finding == .noFaultFound
        self.terms.returns[place].isPreventable =
            isFaultless && (!before.hasAnswer || !before.isResolved)
        let contact = isFaultless ? before.contactPlace.map { self.contacts[$0] } : nil
        self.terms.returns[place].savingContact = contact?.contactID
        self.terms.returns[place].savingContactEvent = contact?.event
    }

    private mutating func returnPlace(_ record: ReturnRecorded, _ event: CaseEvent) -> Int {
        if let known = self.terms.returnPlaces[record.returnID] { return known }
        let place = self.terms.returns.count
        self.terms.returnPlaces.set(record.returnID, place)
        self.terms.before.append(
            EntitlementState.Before(
                isResolved: self.standing == .resolved || self.standing == .closed,
                hasAnswer: self.lastAnsweredContact != nil,
                contactPlace: self.lastAnsweredContact
                    ?? (self.contacts.isEmpty ? nil : self.contacts.count - 1)
            )
        )
        self.terms.returns.append(
            ReturnLine(
                returnID: record.returnID,
                stages: [],
                reasonStated: .absent,
                finding: .notStated,
                daysSincePurchase: self.daysSincePurchase(at: event.occurred),
                caseIDs: [],
                isPreventable: false,
                viaCase: event.viaCase
            )
        )
        return place
    }

    /// Days from the purchase to `time`; `nil` if the purchase is not known.
    func daysSincePurchase(at time: Timestamp) -> Int64? {
        guard let bought = self.purchaseDate?.value else { return nil }
        let day: Int64 = 86_400_000_000
        let (days, rest) = time.microseconds(since: bought.start).quotientAndRemainder(
            dividingBy: day
        )
        return rest < 0 ? days - 1 : days
    }
}
