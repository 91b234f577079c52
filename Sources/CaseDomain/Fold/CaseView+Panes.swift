public import LedgerTypes

// The parts of a case view that stand beside header, messages, path and integrity.

/// Whether the customer still tells buying from owning (DOMAIN.md 1).
public enum JourneyStage: UInt32, Vocabulary {
    case notStated, buying, owning
}

/// What is owed in a case.
public enum DebtKind: UInt32, Vocabulary {
    case notStated, commitment, reportBack, answerToOffer, owner
}

/// Something that is owed: to the customer, or to the owner.
public struct DebtLine: Hashable, Sendable, Codable {
    /// What.
    public var kind: DebtKind
    /// The promise, escalation or handoff.
    public var id: String
    /// The event.
    public var event: EventID
    /// Who owes it, as far as it is known.
    public var owedBy: String?
    /// To whom it is owed; `nil` is the customer.
    public var owedTo: String?
    /// By when.
    public var dueAt: Timestamp?
    /// Whether that has passed.
    public var isOverdue: Bool
}

extension CaseView {
    /// Where the customer stands with the product.
    public struct Journey: Hashable, Sendable, Codable {
        /// Buying, up to the threshold; then owning.
        public var stage: JourneyStage
        /// The day of the purchase, and where it is known from.
        public var purchaseDate: Sourced<CalendarDate>
        /// Days since then.
        public var daysSincePurchase: Int64
        /// Days until the threshold; 0 after it.
        public var daysLeft: Int64
        /// The threshold.
        public var thresholdDays: Int64
        /// The policy that sets it; `nil` is the standard.
        public var policy: PolicyReference?
    }

    /// Panes 1 and 2: what it is, and what not to ask again.
    public struct Understanding: Hashable, Sendable, Codable {
        /// The customer's own explanations, in order.
        public var statements: [StatementLine]
        /// How often the customer explained: the first time, and each restatement.
        public var explanations: UInt32
        /// What is known; do not ask again.
        public var facts: [FactLine]
        /// Changes of agent, tier, site, channel or shift, and what each made the customer repeat.
        public var crossings: [CrossingLine]
        /// Known issues that match.
        public var knownIssues: [KnownIssueLine]
        /// Whose problem it was last said to be.
        public var responsibleParty: Sourced<String>?
    }

    /// Pane 3: what was tried.
    public struct Steps: Hashable, Sendable, Codable {
        /// In order, those of the customer before the first contact and of other sites as well.
        public var tried: [StepLine]
        /// The events that repeat a step without need.
        public var needlessRepeats: [EventID]
        /// The steps of the script in use that nobody tried yet.
        public var notYetTried: [ScriptStep]
    }

    /// Pane 4: what has to be done.
    public struct Work: Hashable, Sendable, Codable {
        /// The next action, as last said.
        public var nextAction: Sourced<Sealed<String>>?
        /// Who holds it.
        public var holder: Sourced<Holder>?
        /// Escalations, those that owe an answer first.
        public var escalations: [EscalationLine]
        /// What is owed, overdue first.
        public var debts: [DebtLine]
    }

    /// Pane 6: what the customer was told about the outcome, beside the messages.
    public struct Claims: Hashable, Sendable, Codable {
        /// Each claim that it is solved, and whether the customer agreed.
        public var resolutions: [EpisodeLine]
        /// What was said about entitlement and price.
        public var entitlements: [EntitlementLine]
    }

    /// Pane 8: remedies, returns and answers.
    public struct Outcomes: Hashable, Sendable, Codable {
        /// Remedies.
        public var remedies: [RemedyLine]
        /// Returns.
        public var returns: [ReturnLine]
        /// Answers that worked, failed or were sent.
        public var answers: [AnswerLinkLine]
    }

    /// Pane 9, as far as the case itself knows: other cases of the customer are joined at display.
    public struct Customer: Hashable, Sendable, Codable {
        /// Cases of the same cause, or that this one follows.
        public var relatedCases: [LinkLine]
        /// Feedback asked for and given.
        public var feedback: [FeedbackLine]
        /// What the case says to the rest of the house.
        public var signals: [SignalLine]
        /// What was offered for sale.
        public var sales: [SaleLine]
        /// What the customer said in public, with consent.
        public var mentions: [MentionLine]
        /// How the customer sounded, contact by contact.
        public var moods: [Sourced<Mood>]
    }

    /// Pane 10: what was changed afterwards, and what judged the case.
    public struct Records: Hashable, Sendable, Codable {
        /// Corrections, both values.
        public var corrections: [CorrectionLine]
        /// Redactions.
        public var redactions: [RedactionLine]
        /// Holds.
        public var holds: [HoldLine]
        /// The policies in force at the view's time, at the site that answers to the customer.
        public var policies: [PolicyReference]
    }
}
