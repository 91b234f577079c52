public import CaseDomain
public import LedgerTypes

// Entitlement, remedies, returns, answers, feedback, signals.
extension CaseCommand {
    /// Says what the customer is entitled to, and by which rule. Who is sent away is told where to
    /// go (L20).
    ///
    /// - Parameters:
    ///   - entitlement: what.
    ///   - rule: the rule that says so, such as the id of a policy.
    ///   - version: its version.
    ///   - scope: for what.
    ///   - basis: what it rests on.
    ///   - party: whose problem it is.
    ///   - signpost: the answer that says where to go.
    ///   - contacted: whom the customer had asked before.
    ///   - disputed: whether the customer disagrees.
    ///   - reason: why it changes.
    ///   - price: what it costs.
    /// - Returns: the command.
    public static func determineEntitlement(
        _ entitlement: Entitlement,
        rule: String,
        version: UInt32,
        scope: String = "",
        basis: EntitlementBasis? = nil,
        responsible party: String? = nil,
        signpost: String? = nil,
        contacted: String? = nil,
        disputed: Bool = false,
        because reason: String? = nil,
        price: Money? = nil
    ) -> CaseCommand {
        var determined = EntitlementDetermined()
        determined.entitlement = entitlement
        determined.ruleID = rule
        determined.ruleVersion = version
        determined.scope = scope
        determined.basis = basis
        determined.responsibleParty = party
        determined.signpostAnswerID = signpost
        determined.contactedParty = contacted
        determined.disputed = disputed
        determined.reason = .stated(reason)
        determined.price = price
        return .record(.entitlementDetermined(determined))
    }

    /// Decides what the customer gets. Above the actor's authority somebody else approves (L21).
    ///
    /// - Parameters:
    ///   - kind: what.
    ///   - decision: granted, refused or partial.
    ///   - value: what it is worth.
    ///   - approvers: who approved it, now.
    ///   - requestedAt: when it was asked for.
    ///   - requester: who asked for it; the actor if not given.
    ///   - remedyID: its name; the text of its event id if not given.
    /// - Returns: the command.
    public static func decideRemedy(
        _ kind: RemedyKind,
        _ decision: RemedyDecision,
        value: Money? = nil,
        approvedBy approvers: [String] = [],
        requestedAt: Timestamp? = nil,
        requestedBy requester: String? = nil,
        remedyID: String = ""
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var remedy = RemedyDecided()
            remedy.remedyID = remedyID
            remedy.kind = kind
            remedy.decision = decision
            remedy.value = value
            remedy.requestedAt = requestedAt
            remedy.requestedBy = requester ?? ""
            for person in approvers {
                var approver = Approver()
                approver.id = person
                approver.at = proposals.now
                remedy.approvers.append(approver)
            }
            proposals.add(.remedyDecided(remedy))
        })
    }

    /// Records how far a return has come, and what inspection found.
    ///
    /// - Parameters:
    ///   - stage: how far.
    ///   - finding: what was found.
    ///   - reason: why, as the customer said.
    ///   - returnID: the return; the last one of the case if not given, or a new one.
    ///   - cases: other cases of the same product.
    /// - Returns: the command.
    public static func recordReturn(
        _ stage: ReturnStage,
        finding: ReturnFinding = .notStated,
        because reason: String? = nil,
        returnID: String = "",
        cases: [Subject] = []
    ) -> CaseCommand {
        var record = ReturnRecorded()
        record.returnID = returnID
        record.stage = stage
        record.finding = finding
        record.reasonStated = .stated(reason)
        record.caseIDs = cases.map(\.id)
        return .record(.returnRecorded(record))
    }

    /// Says what an answer did for the case. That it solved it, only of a resolved one (L22).
    public static func linkAnswer(
        _ answerID: String,
        version: UInt32,
        _ relation: AnswerRelation
    ) -> CaseCommand {
        var link = AnswerLinked()
        link.answerID = answerID
        link.version = version
        link.relation = relation
        return .record(.answerLinked(link))
    }

    /// Asks the customer what they think.
    public static func requestFeedback(
        _ instrument: FeedbackInstrument,
        about topic: FeedbackTopic = .case
    ) -> CaseCommand {
        var request = FeedbackRequested()
        request.instrument = instrument
        request.about = topic
        return .record(.feedbackRequested(request))
    }

    /// Records what the customer thinks.
    ///
    /// - Parameters:
    ///   - instrument: what was asked.
    ///   - score: the score.
    ///   - scale: from the worst to the best score.
    ///   - verbatim: in the customer's words.
    ///   - toldCount: how many people the customer told.
    ///   - topic: what it is about.
    /// - Returns: the command.
    public static func recordFeedback(
        _ instrument: FeedbackInstrument,
        score: Double? = nil,
        scale: ClosedRange<UInt32> = 1...5,
        verbatim: String? = nil,
        toldCount: UInt32? = nil,
        about topic: FeedbackTopic = .case
    ) -> CaseCommand {
        var feedback = FeedbackReceived()
        feedback.instrument = instrument
        feedback.score = score
        feedback.scaleMin = scale.lowerBound
        feedback.scaleMax = scale.upperBound
        feedback.verbatim = .stated(verbatim)
        feedback.toldCount = toldCount
        feedback.about = topic
        return .record(.feedbackReceived(feedback))
    }

    /// Says something to the rest of the house: a defect, a gap in the manual, a wish.
    ///
    /// - Parameters:
    ///   - kind: what sort.
    ///   - department: whom it concerns.
    ///   - component: the part of the product.
    ///   - polarity: good or bad.
    ///   - solicited: whether it was asked for.
    ///   - words: the event that holds the customer's words.
    ///   - signalID: its name; the text of its event id if not given.
    /// - Returns: the command.
    public static func raiseSignal(
        _ kind: SignalKind,
        to department: String,
        component: String? = nil,
        polarity: Polarity = .negative,
        solicited: Bool = false,
        words: EventID? = nil,
        signalID: String = ""
    ) -> CaseCommand {
        var signal = SignalRaised()
        signal.signalID = signalID
        signal.kind = kind
        signal.department = department
        signal.component = component
        signal.polarity = polarity
        signal.solicited = solicited
        signal.verbatimRef = words
        return .record(.signalRaised(signal))
    }
}
