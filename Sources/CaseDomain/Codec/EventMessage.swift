public import LedgerTypes

/// The fields of one event type, or of a part of it.
///
/// A type states its fields once, in ``visit(_:)``; wire form, JSON form, sealed text and limits
/// follow from it.
public protocol EventMessage: Codable, Hashable, Sendable {
    /// Creates a message in which nothing is stated.
    init()

    /// Shows every field to `visitor`, in order of field number.
    mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure)
}

/// The field that says which sealed fields a message has.
let sealedMaskField: UInt32 = 15

extension EventMessage {
    /// The clear fields as a protobuf message.
    public var clearBytes: [UInt8] {
        var writer = ClearWriter()
        var copy = self
        copy.visit(&writer)
        return writer.finish()
    }

    /// Reads the clear fields; sealed ones that are there come out as withheld.
    public init(clear bytes: [UInt8]) throws(WireError) {
        try self.init(clear: bytes, at: 0..<bytes.count)
    }

    init(clear bytes: [UInt8], at range: Range<Int>) throws(WireError) {
        self.init()
        var reader = WireReader(bytes.span, at: range)
        while let field = try reader.next() {
            var picker = ClearReader(bytes: bytes, field: field)
            try self.visit(&picker)
        }
    }

    /// The sealed fields as names and values; `nil` if there are none.
    public var sealedText: SealedText? {
        var collector = SealedCollector()
        var copy = self
        copy.visit(&collector)
        return collector.text.pairs.isEmpty ? nil : collector.text
    }

    /// Puts opened texts in the place of the withheld ones.
    public mutating func open(_ text: SealedText) {
        var opener = SealedOpener(text: text)
        self.visit(&opener)
    }

    /// The fields that are longer than they may be.
    public var limitBreaches: [FieldBreach] {
        var checker = LimitChecker()
        var copy = self
        copy.visit(&checker)
        return checker.breaches
    }

    /// Reads the JSON form. A field that the type does not have is an error.
    public init(from decoder: any Decoder) throws {
        self.init()
        var reader = JSONReader(try decoder.container(keyedBy: FieldName.self))
        try self.visit(&reader)
        try reader.finish()
    }

    /// Writes the JSON form; what is not stated is left out.
    public func encode(to encoder: any Encoder) throws {
        var writer = JSONWriter(container: encoder.container(keyedBy: FieldName.self))
        var copy = self
        try copy.visit(&writer)
    }
}

/// A field name as a coding key.
struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}
