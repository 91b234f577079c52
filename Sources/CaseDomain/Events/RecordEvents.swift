public import LedgerTypes

/// `record.corrected`: a field of an event is to be read with another value.
public struct RecordCorrected: EventMessage {
    /// The event.
    public var targetEventID: EventID?
    /// Its field, such as `product.id`.
    public var field = ""
    /// The value to read, as JSON writes it, for a clear field.
    public var newValue: String?
    /// The text to read, for a sealed field; sealed.
    public var newText = Sealed<String>.absent
    /// Why, in prose; sealed.
    public var reason = Sealed<String>.absent

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.targetEventID, 1, "targetEventID")
        try visitor.field(&self.field, 2, "field")
        try visitor.field(&self.newValue, 3, "newValue")
        try visitor.sealed(&self.newText, bit: 0, "newText")
        try visitor.sealed(&self.reason, bit: 1, "reason")
    }
}

/// `record.redacted`: sealed fields are not to be read any more.
public struct RecordRedacted: EventMessage {
    /// The event; absent for everything of the customer.
    public var targetEventID: EventID?
    /// The customer's pseudonym.
    public var customerID: String?
    /// The sealed fields; empty is all of them.
    public var fields: [String] = []
    /// By which law.
    public var legalBasis = ""
    /// The keys that were destroyed.
    public var keyIDs: [KeyID] = []
    /// Who asked for it.
    public var requestedBy = ""

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.targetEventID, 1, "targetEventID")
        try visitor.field(&self.customerID, 2, "customerID")
        try visitor.list(&self.fields, 3, "fields")
        try visitor.field(&self.legalBasis, 4, "legalBasis")
        try visitor.list(&self.keyIDs, 5, "keyIDs")
        try visitor.field(&self.requestedBy, 6, "requestedBy")
    }
}
