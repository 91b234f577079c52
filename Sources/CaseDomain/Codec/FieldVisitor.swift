/// Walks the fields of an event's message. One walk, written once per type, gives the wire codec,
/// the JSON form, the sealed text and the limits.
public protocol FieldVisitor {
    /// Why a walk stops early.
    associatedtype Failure: Error

    /// A field that is always there; the blank value is left off the wire.
    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws(Failure)

    /// A field that may be absent; presence is kept.
    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws(Failure)

    /// A list of at most `countMax` values.
    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) throws(Failure)

    /// A message inside the message.
    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) throws(Failure)

    /// A list of at most `countMax` messages inside the message.
    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) throws(Failure)

    /// A sealed text: never in the clear body, which holds only that it is there (bit `bit` of
    /// field 15).
    mutating func sealed(
        _ value: inout Sealed<String>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws(Failure)

    /// A list of sealed texts.
    mutating func sealed(
        _ value: inout Sealed<[String]>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws(Failure)
}

/// How long fields may be.
public enum FieldLimits {
    /// The most bytes of an id, a name or a code.
    public static let textBytesMax = 255
    /// The most bytes of a short sealed text.
    public static let noteBytesMax = 65_536
    /// The most bytes of a sealed message body.
    public static let bodyBytesMax = 4 << 20
    /// The most values of a list.
    public static let countMax = 256
    /// The most pairs of a sealed text.
    public static let sealedPairsMax = 1_024
}

extension FieldVisitor {
    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String
    ) throws(Failure) {
        try self.field(&value, number, name, max: FieldLimits.textBytesMax)
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) throws(Failure) {
        try self.field(&value, number, name, max: FieldLimits.textBytesMax)
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String
    ) throws(Failure) {
        try self.list(
            &values,
            number,
            name,
            max: FieldLimits.textBytesMax,
            countMax: FieldLimits.countMax
        )
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String
    ) throws(Failure) {
        try self.messages(&values, number, name, countMax: FieldLimits.countMax)
    }

    mutating func sealed(
        _ value: inout Sealed<String>,
        bit: UInt32,
        _ name: String
    ) throws(Failure) {
        try self.sealed(&value, bit: bit, name, max: FieldLimits.noteBytesMax)
    }
}
