public import CaseDomain
public import LedgerTypes

// Owner and holder: who answers to the customer, and who works on the case.
extension CaseCommand {
    /// The actor takes the case as its owner.
    public static func claim() -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            proposals.assign(proposals.actor.actorID, .claimed)
        })
    }

    /// Assigns an owner. A system names the rule by which it does so (L9).
    public static func assignOwner(
        _ person: String,
        _ how: AssignmentMode,
        because reason: HandoffReason = .notStated,
        rule: String? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            proposals.assign(person, how, because: reason, rule: rule)
        })
    }

    /// The owner gives the case up; until the next one is assigned nobody owns it, and the time is
    /// measured.
    public static func releaseOwner(
        because reason: ReleaseReason,
        interim holder: String? = nil,
        rule: String? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var release = OwnerReleased()
            release.reason = reason
            release.interimHolder = holder
            release.rule = rule
            proposals.add(.ownerReleased(release))
        })
    }

    /// Offers the work on the case to somebody. Nothing moves until it is accepted, and ownership
    /// does not move unless that is said.
    ///
    /// The ledger fills in what the receiver must know: the customer's words, what not to ask
    /// again, the steps tried, open promises, the entitlement, what the customer was told, the
    /// mood, known issues and the digest of the case's history.
    ///
    /// - Parameters:
    ///   - place: to whom.
    ///   - kind: how.
    ///   - reason: why.
    ///   - summary: what it is about.
    ///   - nextAction: what has to be done.
    ///   - expectation: what the customer was told would follow.
    ///   - keyFacts: the keys of the facts that matter.
    ///   - deadline: when the offer ends by itself.
    ///   - customerOnLine: whether the customer is on the line; if not given, in a cold or warm
    ///     handoff in a contact.
    ///   - movesOwnership: whether the receiver becomes the owner as well, which few reasons
    ///     allow (L12).
    ///   - handoffID: the offer's name; the text of its event id if not given.
    /// - Returns: the command.
    public static func offerHandoff(
        to place: CustodyPlace,
        _ kind: HandoffKind,
        because reason: HandoffReason,
        summary: String? = nil,
        next nextAction: String? = nil,
        expectation: String? = nil,
        keyFacts: [String] = [],
        deadline: Timestamp? = nil,
        customerOnLine: Bool? = nil,
        movesOwnership: Bool = false,
        handoffID: String? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var context = HandoffContext()
            context.summary = .stated(summary)
            context.nextAction = .stated(nextAction)
            context.keyFacts = keyFacts
            if let expectation {
                var promised = CaseDomain.Expectation()
                promised.what = .open(expectation)
                context.expectation = promised
            }
            var offer = HandoffOffered()
            offer.kind = kind
            offer.to = place
            offer.reason = reason
            offer.deadline = deadline
            offer.movesOwnership = movesOwnership
            offer.customerOnLine =
                customerOnLine ?? (proposals.contactID != nil && (kind == .cold || kind == .warm))
            offer.context = context
            let name = handoffID ?? proposals.nextID.description
            proposals.add(.handoffOffered(offer), handoffID: name)
        })
    }

    /// Accepts an offer: the actor works on the case from now on, and owns it where the offer says
    /// so.
    ///
    /// - Parameters:
    ///   - handoffID: the offer; the only open one if not given, or the one that is addressed to
    ///     the actor or the actor's team.
    ///   - missing: the keys of what the receiver lacked.
    ///   - contextRead: whether the context was read.
    ///   - readSeconds: how long reading took.
    /// - Returns: the command.
    public static func acceptHandoff(
        _ handoffID: String? = nil,
        missing: [String] = [],
        contextRead: Bool = true,
        readSeconds: Double? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            let name = try proposals.offer(handoffID, in: state, isMine: true)
            var acceptance = HandoffAccepted()
            acceptance.by = proposals.actor.actorID
            acceptance.missing = missing
            acceptance.contextRead = contextRead
            acceptance.readSeconds = readSeconds
            proposals.add(.handoffAccepted(acceptance), handoffID: name)
        })
    }

    /// Turns an offer down; the case stays with who offered it.
    public static func declineHandoff(
        _ handoffID: String? = nil,
        because reason: DeclineReason
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            let name = try proposals.offer(handoffID, in: state, isMine: true)
            proposals.decline(name, reason, in: state)
        })
    }

    /// Takes an offer back.
    public static func withdrawHandoff(_ handoffID: String? = nil) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) throws(RuleViolations) in
            let name = try proposals.offer(handoffID, in: state, isMine: false)
            proposals.decline(name, .withdrawn, in: state)
        })
    }
}

extension Proposals {
    /// The offer that is meant. With `isMine` those to the actor come before those to others, and
    /// open ones before those past their deadline.
    fileprivate func offer(
        _ name: String?,
        in state: CaseState,
        isMine: Bool
    ) throws(RuleViolations) -> String {
        var offers = state.unansweredOffers
        let inTime = offers.filter { $0.deadline.map { self.now <= $0 } ?? true }
        if !inTime.isEmpty { offers = inTime }
        if isMine {
            let mine = offers.filter {
                $0.to?.actor == self.actor.actorID
                    || $0.to?.actor == nil && $0.to?.team != nil && $0.to?.team == self.actor.team
            }
            if !mine.isEmpty { offers = mine }
        }
        return try self.meant(
            name,
            of: offers.map { (name: $0.handoffID, event: $0.event) },
            called: "offers"
        )
    }

    fileprivate mutating func decline(
        _ handoffID: String,
        _ reason: DeclineReason,
        in state: CaseState
    ) {
        let offer = state.unansweredOffers.last { $0.handoffID == handoffID }
        var decline = HandoffDeclined()
        decline.reason = reason
        decline.returnsTo = offer?.from?.actor ?? offer?.from?.team
        self.add(.handoffDeclined(decline), handoffID: handoffID)
    }
}
