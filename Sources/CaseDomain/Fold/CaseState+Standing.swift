// How a case stands now, for whoever decides on it.
extension CaseState {
    /// Who answers to the customer.
    public var ownerID: String? { self.owner?.ownerID }

    /// Who works on the case; nothing is known of who does not act in it.
    public var holderNow: Holder { self.holder }

    /// The offers that nobody answered, those past their deadline among them, oldest first.
    public var unansweredOffers: [HandoffLine] {
        self.openOffers.places.map { self.offers[$0].line }
    }

    /// The escalations that still owe a report back, oldest first.
    public var owingEscalations: [EscalationLine] {
        self.escalations.owing.places.map { self.escalations.lines[$0] }
    }

    /// The promises that nobody settled, oldest first; of merged cases none.
    public var openPromises: [CommitmentLine] { self.openCommitments }

    /// The steps that were tried, in order, those of the customer and of merged cases as well.
    public var triedSteps: [StepLine] { self.understanding.steps }

    /// What is known, by the key of each fact.
    public var knownFacts: [FactLine] { self.understanding.facts }

    /// What the customer is entitled to, as last determined.
    public var entitlementNow: EntitlementLine? { self.entitlement }

    /// For whom the case waits, if it does.
    public var waitNow: WaitLine? { self.openWait }

    /// The links that still hold.
    public var standingLinks: [LinkLine] {
        self.links.filter { $0.unlinkedBy == nil && $0.closesCircle == nil }
    }

    /// The contact, as far as the case knows it.
    public func contactLine(_ contactID: String) -> ContactLine? { self.contact(contactID) }

    /// The last contact that a person of ours answered.
    public var lastAnswered: ContactLine? { self.lastAnsweredContact.map { self.contacts[$0] } }

    /// Whether the contact belongs to the case.
    public func knows(contactID: String) -> Bool { self.contactPlaces[contactID] != nil }
}
