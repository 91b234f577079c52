internal import LedgerTypes

/// What a fold knows of answers, feedback and signals.
struct KnowledgeState: RarePart {
    static let blank = KnowledgeState()

    var answers: [AnswerLinkLine] = []
    var feedback: [FeedbackLine] = []
    var signals: [SignalLine] = []
    var signalPlaces = Places<String>()
    var sales: [SaleLine] = []
    var mentions: [MentionLine] = []
}

// `answer.*`, `feedback.*`, `signal.*`, `offer.made`, `mention.observed`.
extension CaseState {
    mutating func take(_ link: AnswerLinked, _ event: CaseEvent) {
        self.worked()
        self.add(link.answerID, link.version, link.relation, event)
    }

    mutating func take(_ answer: AnswerPublished, _ event: CaseEvent) {
        guard let answerID = answer.answerID else { return }
        self.add(answerID, answer.version, nil, event)
    }

    private mutating func add(
        _ answerID: String,
        _ version: UInt32,
        _ relation: AnswerRelation?,
        _ event: CaseEvent
    ) {
        self.research.answers.append(
            AnswerLinkLine(
                event: event.id,
                at: event.occurred,
                answerID: answerID,
                version: version,
                relation: relation,
                actorID: event.actor.actorID,
                contactID: event.contact,
                viaCase: event.viaCase
            )
        )
    }

    mutating func take(_ feedback: FeedbackReceived, _ event: CaseEvent) {
        self.research.feedback.append(
            FeedbackLine(
                event: event.id,
                at: event.occurred,
                instrument: feedback.instrument,
                scaleMin: feedback.scaleMin,
                scaleMax: feedback.scaleMax,
                score: feedback.score,
                toldCount: feedback.toldCount,
                about: feedback.about,
                solicited: feedback.solicited,
                verbatim: feedback.verbatim,
                isRequest: false,
                contactID: event.contact
            )
        )
    }

    mutating func take(_ request: FeedbackRequested, _ event: CaseEvent) {
        self.research.feedback.append(
            FeedbackLine(
                event: event.id,
                at: event.occurred,
                instrument: request.instrument,
                scaleMin: 0,
                scaleMax: 0,
                about: request.about,
                solicited: true,
                verbatim: .absent,
                isRequest: true,
                contactID: event.contact
            )
        )
    }

    mutating func take(_ signal: SignalRaised, _ event: CaseEvent) {
        if !signal.signalID.isEmpty {
            self.research.signalPlaces.set(signal.signalID, self.research.signals.count)
        }
        self.research.signals.append(
            SignalLine(
                signalID: signal.signalID,
                event: event.id,
                at: event.occurred,
                kind: signal.kind,
                polarity: signal.polarity,
                component: signal.component,
                daysInField: signal.daysInField,
                department: signal.department,
                solicited: signal.solicited
            )
        )
    }

    mutating func take(_ decided: SignalDecided, _ event: CaseEvent) {
        guard let place = decided.signalID.flatMap({ self.research.signalPlaces[$0] }) else {
            return
        }
        self.research.signals[place].decision = decided.decision
        self.research.signals[place].decidedBy = event.id
    }

    mutating func take(_ offer: OfferMade, _ event: CaseEvent) {
        self.research.sales.append(
            SaleLine(
                event: event.id,
                at: event.occurred,
                product: offer.product,
                outcome: offer.outcome,
                contactID: event.contact
            )
        )
    }

    mutating func take(_ mention: MentionObserved, _ event: CaseEvent) {
        guard mention.consent else { return }
        self.research.mentions.append(
            MentionLine(
                event: event.id,
                at: event.occurred,
                platform: mention.platform,
                polarity: mention.polarity,
                reach: mention.reach
            )
        )
    }
}
