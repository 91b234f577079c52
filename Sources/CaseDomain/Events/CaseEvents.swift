public import LedgerTypes

/// The product a case is about.
public struct Product: EventMessage {
    /// The product's id or model.
    public var id = ""
    /// The serial number; sealed.
    public var serial = Sealed<String>.absent
    /// The production lot.
    public var lot: String?
    /// How hard it is to support.
    public var complexity = ProductComplexity.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.id, 1, "id")
        try visitor.sealed(&self.serial, bit: 0, "serial")
        try visitor.field(&self.lot, 2, "lot")
        try visitor.field(&self.complexity, 3, "complexity")
    }
}

/// What a customer tried before the first contact.
public struct PriorAttempt: EventMessage {
    /// Where they looked.
    public var place = AttemptPlace.notStated
    /// The step they tried.
    public var stepID: String?
    /// The answer they found.
    public var answerID: String?
    /// At which rank it was found, from 1.
    public var rankFound: UInt32?
    /// What it led to.
    public var result = StepResult.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.place, 1, "place")
        try visitor.field(&self.stepID, 2, "stepID")
        try visitor.field(&self.answerID, 3, "answerID")
        try visitor.field(&self.rankFound, 4, "rankFound")
        try visitor.field(&self.result, 5, "result")
    }
}

/// `case.opened`: a case begins.
public struct CaseOpened: EventMessage {
    /// The customer's pseudonym.
    public var customerID: String?
    /// The product.
    public var product: Product?
    /// When it was bought.
    public var purchaseDate: CalendarDate?
    /// The case in a line; sealed.
    public var title = Sealed<String>.absent
    /// What the customer wants.
    public var ticketType = TicketType.notStated
    /// The house's category.
    public var category = ""
    /// 1 is the worst; 0 is not stated.
    public var severity: UInt32 = 0
    /// The house's priority.
    public var priority = ""
    /// What made it begin.
    public var initiation = Initiation.notStated
    /// What the customer tried before.
    public var priorAttempts: [PriorAttempt] = []
    /// How much the customer knows.
    public var customerExpertise: CustomerExpertise?
    /// The contact in which it began.
    public var firstContactID: String?
    /// The case's names elsewhere; sealed.
    public var externalRefs = Sealed<[String]>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.customerID, 1, "customerID")
        try visitor.message(&self.product, 2, "product")
        try visitor.field(&self.purchaseDate, 3, "purchaseDate")
        try visitor.sealed(&self.title, bit: 0, "title")
        try visitor.field(&self.ticketType, 4, "ticketType")
        try visitor.field(&self.category, 5, "category")
        try visitor.field(&self.severity, 6, "severity")
        try visitor.field(&self.priority, 7, "priority")
        try visitor.field(&self.initiation, 8, "initiation")
        try visitor.messages(&self.priorAttempts, 9, "priorAttempts")
        try visitor.field(&self.customerExpertise, 10, "customerExpertise")
        try visitor.field(&self.firstContactID, 11, "firstContactID")
        try visitor.sealed(
            &self.externalRefs,
            bit: 1,
            "externalRefs",
            max: FieldLimits.textBytesMax
        )
    }
}

/// `case.classified`: a clear field of the case gets another value.
public struct CaseClassified: EventMessage {
    /// The field: `ticketType`, `category`, `severity`, `priority`, `product` or the house's own.
    public var field = ""
    /// The value before.
    public var old: String?
    /// The value now.
    public var new = ""
    /// Why, in prose; sealed.
    public var reason = Sealed<String>.absent
    /// The rule that changed it, if none but a rule did.
    public var rule: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.field, 1, "field")
        try visitor.field(&self.old, 2, "old")
        try visitor.field(&self.new, 3, "new")
        try visitor.sealed(&self.reason, bit: 0, "reason")
        try visitor.field(&self.rule, 4, "rule")
    }
}

/// `case.linked`: the case relates to another.
public struct CaseLinked: EventMessage {
    /// The other case.
    public var otherCaseID = ""
    /// How they relate.
    public var relation = LinkRelation.notStated
    /// Whether the cases are of two customers, which a merge must say (L25).
    public var crossCustomer = false

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.otherCaseID, 1, "otherCaseID")
        try visitor.field(&self.relation, 2, "relation")
        try visitor.field(&self.crossCustomer, 3, "crossCustomer")
    }
}

/// `case.unlinked`: a link is undone.
public struct CaseUnlinked: EventMessage {
    /// The `case.linked` that no longer holds.
    public var linkEventID: EventID?
    /// Why, in prose; sealed.
    public var reason = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.linkEventID, 1, "linkEventID")
        try visitor.sealed(&self.reason, bit: 0, "reason")
    }
}

/// `case.waitChanged`: the case waits for somebody, or no longer does.
public struct CaseWaitChanged: EventMessage {
    /// For whom; `none` ends the wait.
    public var waitingOn = WaitingOn.notStated
    /// The message that asked the question.
    public var questionMessageID: String?
    /// Until when.
    public var until: Timestamp?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.waitingOn, 1, "waitingOn")
        try visitor.field(&self.questionMessageID, 2, "questionMessageID")
        try visitor.field(&self.until, 3, "until")
    }
}

/// `case.resolved`: the case's question is answered, or given up.
public struct CaseResolved: EventMessage {
    /// How.
    public var resolutionKind = ResolutionKind.notStated
    /// What was done; sealed.
    public var notes = Sealed<String>.absent
    /// The cause found.
    public var rootCause: String?
    /// The step that worked.
    public var workingStepEventID: EventID?
    /// The answers used.
    public var answerIDs: [String] = []
    /// The tier that resolved it.
    public var resolvedTier = Tier.notStated
    /// The episode, from 1; the ledger fills it in.
    public var episode: UInt32 = 0
    /// Whether the customer agreed.
    public var customerConfirmed = CustomerConfirmed.notStated
    /// Whether it is claimed to be resolved at first contact.
    public var firstContactClaim = false
    /// The commitments that live on.
    public var carriedOver: [String] = []

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.resolutionKind, 1, "resolutionKind")
        try visitor.sealed(&self.notes, bit: 0, "notes")
        try visitor.field(&self.rootCause, 2, "rootCause")
        try visitor.field(&self.workingStepEventID, 3, "workingStepEventID")
        try visitor.list(&self.answerIDs, 4, "answerIDs")
        try visitor.field(&self.resolvedTier, 5, "resolvedTier")
        try visitor.field(&self.episode, 6, "episode")
        try visitor.field(&self.customerConfirmed, 7, "customerConfirmed")
        try visitor.field(&self.firstContactClaim, 8, "firstContactClaim")
        try visitor.list(&self.carriedOver, 9, "carriedOver")
    }
}

/// `case.closed`: nothing more is expected on the case.
public struct CaseClosed: EventMessage {
    /// Why.
    public var reason = CloseReason.notStated
    /// After how many days, where nobody but the clock closed it (`autoAfter`).
    public var days: UInt32?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.reason, 1, "reason")
        try visitor.field(&self.days, 2, "days")
    }
}

/// `case.reopened`: a case that was resolved or closed goes on. Its contact is the envelope's.
public struct CaseReopened: EventMessage {
    /// Why.
    public var reason = ReopenReason.notStated

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.reason, 1, "reason")
    }
}

/// `case.customerChanged`: the case was opened on the wrong customer.
public struct CaseCustomerChanged: EventMessage {
    /// The wrong customer's pseudonym.
    public var old: String?
    /// The right customer's pseudonym.
    public var new = ""
    /// Why, in prose; sealed.
    public var reason = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.old, 1, "old")
        try visitor.field(&self.new, 2, "new")
        try visitor.sealed(&self.reason, bit: 0, "reason")
    }
}
