public import CaseDomain
public import LedgerTypes

// Opening, classifying, linking, waiting, resolving.
extension CaseCommand {
    /// Opens the case, in the contact of the desk if there is one, and claims it.
    ///
    /// Without a contact `initiation` has to be `proactive` or `system` (L1).
    ///
    /// - Parameters:
    ///   - title: the case in a line.
    ///   - customerID: the customer's pseudonym.
    ///   - product: what it is about.
    ///   - purchased: when that was bought.
    ///   - ticketType: what the customer wants.
    ///   - category: the house's category.
    ///   - severity: 1 is the worst; 0 is not stated.
    ///   - priority: the house's priority.
    ///   - initiation: what made it begin.
    ///   - priorAttempts: what the customer tried before.
    ///   - expertise: how much the customer knows.
    ///   - externalRefs: the case's names elsewhere.
    ///   - claims: whether the actor becomes the owner; if not given, where a person acts in a team
    ///     that answers to customers.
    /// - Returns: the command.
    public static func open(
        title: String? = nil,
        customerID: String? = nil,
        product: Product? = nil,
        purchased: CalendarDate? = nil,
        ticketType: TicketType = .notStated,
        category: String = "",
        severity: UInt32 = 0,
        priority: String = "",
        initiation: Initiation = .notStated,
        priorAttempts: [PriorAttempt] = [],
        expertise: CustomerExpertise? = nil,
        externalRefs: [String]? = nil,
        claims: Bool? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var opening = CaseOpened()
            opening.title = .stated(title)
            opening.customerID = customerID
            opening.product = product
            opening.purchaseDate = purchased
            opening.ticketType = ticketType
            opening.category = category
            opening.severity = severity
            opening.priority = priority
            opening.initiation = initiation
            if initiation == .notStated, proposals.contactID != nil {
                opening.initiation = .customer
            }
            opening.priorAttempts = priorAttempts
            opening.customerExpertise = expertise
            opening.firstContactID = proposals.contactID
            opening.externalRefs = .stated(externalRefs)
            proposals.add(.caseOpened(opening))
            if claims ?? proposals.actorMayOwn {
                proposals.assign(proposals.actor.actorID, .claimed)
            }
        })
    }

    /// Changes a clear field of the case: `ticketType`, `category`, `severity`, `priority`,
    /// `product` or the house's own.
    public static func classify(
        _ field: String,
        as value: String,
        because reason: String? = nil,
        rule: String? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var change = CaseClassified()
            change.field = field
            change.new = value
            change.reason = .stated(reason)
            change.rule = rule
            proposals.add(.caseClassified(change))
        })
    }

    /// Says that the case is of another customer than it was opened for.
    public static func changeCustomer(
        to customerID: String,
        because reason: String? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var change = CaseCustomerChanged()
            change.new = customerID
            change.reason = .stated(reason)
            proposals.add(.caseCustomerChanged(change))
        })
    }

    /// Attaches the contact of the desk, or another one, to the case: a contact may concern
    /// several.
    ///
    /// - Parameters:
    ///   - contactID: the contact; the desk's if not given.
    ///   - share: which part of it is this case's, from 0 to 1.
    /// - Returns: the command.
    public static func attachContact(
        _ contactID: String? = nil,
        share: Double? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) throws(RuleViolations) in
            guard let id = contactID ?? proposals.contactID,
                let contact = Subject(kind: "contact", id: id)
            else {
                throw proposals.refusal(
                    .malformed,
                    "there is no contact to attach",
                    remedy: "name it, or use a desk that is on one"
                )
            }
            var attachment = ContactAttached()
            attachment.caseID = proposals.caseID.id
            attachment.share = share
            proposals.add(.contactAttached(attachment), about: contact)
        })
    }

    /// Links the case to another. To merge it use ``merge(into:crossCustomer:)``.
    public static func link(to other: Subject, as relation: LinkRelation) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var link = CaseLinked()
            link.otherCaseID = other.id
            link.relation = relation
            proposals.add(.caseLinked(link))
        })
    }

    /// Undoes a link; both cases are as they were.
    public static func unlink(_ link: EventID, because reason: String? = nil) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var unlink = CaseUnlinked()
            unlink.linkEventID = link
            unlink.reason = .stated(reason)
            proposals.add(.caseUnlinked(unlink))
        })
    }

    /// Merges the case into another, whose view then shows this one's events as well (L25).
    ///
    /// - Parameters:
    ///   - other: the case that goes on.
    ///   - crossCustomer: whether it is meant that the two are of different customers.
    /// - Returns: the command.
    public static func merge(into other: Subject, crossCustomer: Bool = false) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var link = CaseLinked()
            link.otherCaseID = other.id
            link.relation = .mergedInto
            link.crossCustomer = crossCustomer
            proposals.add(.caseLinked(link))
        })
    }

    /// Undoes the merge of the case; both cases are exactly as they were.
    public static func unmerge(because reason: String? = nil) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) in
            var unlink = CaseUnlinked()
            unlink.linkEventID = state.standingLinks.last { $0.relation == .mergedInto }?.event
            unlink.reason = .stated(reason)
            proposals.add(.caseUnlinked(unlink))
        })
    }

    /// Lets the case wait. A wait on the customer cites the question: a message, or the contact of
    /// the desk in which it was asked (L17).
    public static func wait(
        on whom: WaitingOn,
        question messageID: String? = nil,
        until: Timestamp? = nil
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var change = CaseWaitChanged()
            change.waitingOn = whom
            change.questionMessageID = messageID
            change.until = until
            proposals.add(.caseWaitChanged(change))
        })
    }

    /// Ends the wait.
    public static func endWait() -> CaseCommand { .wait(on: .none) }

    /// Resolves the case. Refused while an escalation is open without a final report (L3), and over
    /// open promises unless they are settled with it or carried over (L4).
    ///
    /// - Parameters:
    ///   - kind: how.
    ///   - notes: what was done.
    ///   - step: the step that worked; the last one that did if not given.
    ///   - answers: the answers that were used.
    ///   - cause: the cause that was found.
    ///   - confirmed: whether the customer agreed.
    ///   - claim: whether it is claimed to be resolved at first contact.
    ///   - promises: the promises that live on.
    /// - Returns: the command.
    public static func resolve(
        _ kind: ResolutionKind,
        notes: String? = nil,
        workingStep step: EventID? = nil,
        answers: [String] = [],
        cause: String? = nil,
        confirmed: CustomerConfirmed = .notAsked,
        firstContact claim: Bool = false,
        carryingOver promises: [String] = []
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) in
            var resolve = CaseResolved()
            resolve.resolutionKind = kind
            resolve.notes = .stated(notes)
            resolve.workingStepEventID = step
            if step == nil, kind.claimsSolution {
                resolve.workingStepEventID = proposals.lastWorkingStep(in: state)
            }
            resolve.answerIDs = answers
            resolve.rootCause = cause
            resolve.resolvedTier = proposals.actorTier
            resolve.customerConfirmed = confirmed
            resolve.firstContactClaim = claim
            resolve.carriedOver = promises
            proposals.add(.caseResolved(resolve))
        })
    }

    /// Closes the case: after a resolve, or for a reason that needs none (L5).
    public static func close(_ reason: CloseReason, days: UInt32? = nil) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var close = CaseClosed()
            close.reason = reason
            close.days = days
            proposals.add(.caseClosed(close))
        })
    }

    /// Reopens the case. The last owner is reinstated by the ledger; if that person has left or is
    /// away, somebody has to be assigned with it (L7).
    ///
    /// - Parameters:
    ///   - reason: why.
    ///   - person: who owns it from now on, where the last owner cannot.
    ///   - cause: why that person does.
    /// - Returns: the command.
    public static func reopen(
        _ reason: ReopenReason,
        routedTo person: String? = nil,
        because cause: HandoffReason = .notStated
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var reopen = CaseReopened()
            reopen.reason = reason
            proposals.add(.caseReopened(reopen))
            if let person { proposals.assign(person, .routed, because: cause) }
        })
    }
}

extension Proposals {
    /// Whether the actor is a person whose team answers to customers.
    var actorMayOwn: Bool {
        guard self.actor.kind.isHumanStaff else { return false }
        guard let team = self.actor.team else { return true }
        return self.policy.facesCustomers(team, at: self.now)
            && !self.policy.isRoutingOnly(team, at: self.now)
    }

    /// The actor's tier, where it is one of ours.
    var actorTier: Tier { self.actor.tier.flatMap { Tier(name: $0) } ?? .notStated }

    /// The last step that worked, of this decision or before.
    func lastWorkingStep(in state: CaseState) -> EventID? {
        let proposed = self.events.last {
            if case .stepTried(let step) = $0.payload { step.result == .worked } else { false }
        }
        return proposed?.id
            ?? state.triedSteps.last { $0.result == .worked && $0.place == nil }?.event
    }

    mutating func assign(
        _ owner: String,
        _ how: AssignmentMode,
        because reason: HandoffReason = .notStated,
        rule: String? = nil
    ) {
        var assignment = OwnerAssigned()
        assignment.ownerID = owner
        assignment.how = how
        assignment.reason = reason
        assignment.rule = rule
        self.add(.ownerAssigned(assignment))
    }
}
