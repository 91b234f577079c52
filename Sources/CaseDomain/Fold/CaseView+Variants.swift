public import LedgerTypes

/// What a customer may be shown of their case: what they said and were told, promised and given.
/// Nothing internal, and no pseudonym of staff.
public struct CustomerCopy: Hashable, Sendable, Codable {
    /// The case.
    public var `case`: Subject
    /// The time at which it stands.
    public var asOf: Timestamp
    /// The case in the words of TMF621.
    public var status: CaseStatus
    /// The product.
    public var product: Sourced<Product>?
    /// When it began.
    public var openedAt: Timestamp?
    /// What the customer explained.
    public var statements: [StatementLine]
    /// What was written, both ways.
    public var messages: [MessageLine]
    /// What was promised.
    public var commitments: [CommitmentLine]
    /// What was said to be solved.
    public var resolutions: [EpisodeLine]
    /// What the customer is entitled to.
    public var entitlements: [EntitlementLine]
    /// Remedies.
    public var remedies: [RemedyLine]
    /// Returns.
    public var returns: [ReturnLine]
    /// Answers that were sent or that solved it.
    public var answers: [AnswerLinkLine]
}

extension CaseView {
    /// What the customer may be shown.
    public var customerCopy: CustomerCopy {
        CustomerCopy(
            case: self.header.case,
            asOf: self.asOf,
            status: self.header.status,
            product: self.header.product,
            openedAt: self.header.openedAt,
            statements: self.understanding.statements.map(Self.shown),
            messages: (self.messages.told + self.messages.heard).map(Self.shown)
                .enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
                .map(\.element),
            commitments: self.commitments.map(Self.shown),
            resolutions: self.claims.resolutions.map(Self.shown),
            entitlements: self.claims.entitlements.map(Self.shown),
            remedies: self.outcomes.remedies.map(Self.shown),
            returns: self.outcomes.returns.map(Self.shown),
            answers: self.outcomes.answers.filter(\.isForCustomer).map(Self.shown)
        )
    }

    private static func shown(_ line: StatementLine) -> StatementLine {
        var line = line
        line.askedBy = nil
        line.crossing = nil
        line.crossingEvent = nil
        line.reason = .notStated
        line.viaCase = nil
        return line
    }

    private static func shown(_ line: MessageLine) -> MessageLine {
        var line = line
        if !line.isFromCustomer { line.actorID = "" }
        line.viaCase = nil
        return line
    }

    private static func shown(_ line: CommitmentLine) -> CommitmentLine {
        var line = line
        line.promisedBy = ""
        line.keptBy = nil
        line.viaCase = nil
        return line
    }

    private static func shown(_ line: EpisodeLine) -> EpisodeLine {
        var line = line
        line.notes = .absent
        line.confirmations = []
        return line
    }

    private static func shown(_ line: EntitlementLine) -> EntitlementLine {
        var line = line
        line.actorID = ""
        line.site = nil
        line.reason = .absent
        return line
    }

    private static func shown(_ line: RemedyLine) -> RemedyLine {
        var line = line
        line.actorID = ""
        line.requestedBy = ""
        line.approvers = []
        line.withinAuthority = nil
        line.viaCase = nil
        return line
    }

    private static func shown(_ line: ReturnLine) -> ReturnLine {
        var line = line
        line.isPreventable = false
        line.savingContact = nil
        line.savingContactEvent = nil
        line.caseIDs = []
        line.viaCase = nil
        return line
    }

    private static func shown(_ line: AnswerLinkLine) -> AnswerLinkLine {
        var line = line
        line.actorID = ""
        line.viaCase = nil
        return line
    }
}

extension AnswerLinkLine {
    /// Whether the customer got the answer.
    var isForCustomer: Bool { self.relation == .sentToCustomer || self.relation == .solved }
}

/// A case with everything that an auditor follows up: the view, and each event with the hash of its
/// leaf.
public struct AuditorView: Hashable, Sendable, Codable {
    /// An event and its leaf's hash.
    public struct Line: Hashable, Sendable, Codable {
        /// The event.
        public var event: EventLine
        /// The hash of the leaf; `nil` where it is not held.
        public var leafHash: Digest?
    }

    /// The view.
    public var view: CaseView
    /// Every event, in fold order.
    public var events: [Line]
}

extension CaseView {
    /// The view for an auditor; `leafHash` tells the hash of the leaf at an address.
    public func auditor(leafHash: (EventAddress) -> Digest?) -> AuditorView {
        AuditorView(
            view: self,
            events: self.events.map {
                AuditorView.Line(event: $0, leafHash: leafHash($0.address))
            }
        )
    }
}
