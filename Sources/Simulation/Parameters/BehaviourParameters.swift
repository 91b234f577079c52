/// How likely things are, 0 to 1; docs/SIMULATION.md says of what each is the share.
package struct BehaviourParameters: Codable, Hashable, Sendable {
    /// The customer searches before the first contact.
    package var searchesFirst: Double
    /// The search helps, and there is no contact.
    package var searchSucceeds: Double
    /// The contact is a chat.
    package var chat: Double
    /// The contact is an e-mail.
    package var email: Double
    /// The customer gives up in the queue, and tries again.
    package var abandonsInQueue: Double
    /// The agent asks who the customer is.
    package var identityCheck: Double
    /// Nobody determines what the customer is entitled to.
    package var skipsEntitlement: Double
    /// At the handle-time limit the agent says anything to end the contact.
    package var timeLimitFalseFix: Double
    /// A handoff is cold.
    package var coldHandoff: Double
    /// A handoff's context is whole.
    package var fullContext: Double
    /// The receiver reads it.
    package var readsContext: Double
    /// The receiver declines the first offer.
    package var declinesHandoff: Double
    /// A receiver who lacks the steps repeats them.
    package var repeatsSteps: Double
    /// What the first line cannot solve goes to another site.
    package var handsToOtherSite: Double
    /// What waits past the end of its holder's shift goes to somebody of the next.
    package var handsToNextShift: Double
    /// What a vendor has to mend is handed to the vendor, and not the customer.
    package var handsToVendor: Double
    /// What the second line cannot solve is escalated.
    package var escalates: Double
    /// A report back comes after it was due.
    package var reportsBackLate: Double
    /// A callback is promised while the case waits.
    package var promisesCallback: Double
    /// It does not come in time.
    package var breaksPromise: Double
    /// The same person calls back.
    package var sameRep: Double
    /// The customer is asked something and has to answer.
    package var asksCustomer: Double
    /// It is another party's problem.
    package var thirdParty: Double
    /// The customer gets something.
    package var remedy: Double
    /// The product comes back.
    package var returnsProduct: Double
    /// Inspection finds no fault in it.
    package var noFaultFound: Double
    /// The solution becomes an answer that all can read.
    package var publishesAnswer: Double
    /// What was resolved was not.
    package var falseFix: Double
    /// The customer comes back because of it.
    package var comesBack: Double
    /// The customer confirms that it is resolved.
    package var confirms: Double
    /// The customer answers when asked for feedback.
    package var feedback: Double
    /// The agent raises a signal.
    package var signal: Double
    /// An angry customer speaks about it in public.
    package var mention: Double
    /// The agent tries to sell something.
    package var offer: Double
    /// A reassignment takes the owner away for no reason that allows it.
    package var ownerTakenAway: Double
    /// The customer opens a second case for the same thing, which is merged.
    package var merged: Double
}

/// How long things take.
package struct TimeParameters: Codable, Hashable, Sendable {
    /// In the queue, on average.
    package var queueSecondsMean: Double
    /// A step, on average.
    package var stepMinutesMean: Double
    /// The work after a contact, on average.
    package var wrapSecondsMean: Double
    /// Until an escalation is answered, on average.
    package var escalationHoursMean: Double
    /// Until when a callback is promised.
    package var callbackHours: Double
    /// Until a customer whose case is not solved comes back, on average.
    package var comesBackHoursMean: Double
    /// After how many days a resolved case is closed by the clock.
    package var closesAfterDays: Int
    /// One stage of a return, on average.
    package var returnDaysMean: Double
}
