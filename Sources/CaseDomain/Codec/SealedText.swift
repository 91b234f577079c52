public import LedgerTypes

/// A field that may be withheld or shredded: its text lives in the section `text`, and the clear
/// body says only that it is there.
///
/// A struct and not an enum of three cases: the 6.3.1 optimiser crashes on the enum where a
/// generic decoder puts a case without payload in the place of a text.
public struct Sealed<Value: Codable & Hashable & Sendable>: Hashable, Sendable {
    /// Whether something was stated. Rules and metrics read this and nothing else, so they stay
    /// the same after erasure (L24).
    public let isPresent: Bool
    /// The text, if it is open.
    public let value: Value?

    /// Nothing was stated.
    public static var absent: Sealed { Sealed(isPresent: false, value: nil) }

    /// Something was stated; it is not open here, or not any more.
    public static var withheld: Sealed { Sealed(isPresent: true, value: nil) }

    /// The text.
    public static func open(_ value: Value) -> Sealed { Sealed(isPresent: true, value: value) }

    private init(isPresent: Bool, value: Value?) {
        self.isPresent = isPresent
        self.value = value
    }
}

extension Sealed: Codable {
    private enum Keys: String, CodingKey { case sealed }

    /// Reads a text, or `{"sealed": true}`.
    public init(from decoder: any Decoder) throws {
        if let value = try? Value(from: decoder) {
            self = .open(value)
            return
        }
        let container = try decoder.container(keyedBy: Keys.self)
        self = try container.decode(Bool.self, forKey: .sealed) ? .withheld : .absent
    }

    /// Writes the text, or `{"sealed": true}` where it is not open.
    public func encode(to encoder: any Encoder) throws {
        if let value = self.value { return try value.encode(to: encoder) }
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(self.isPresent, forKey: .sealed)
    }
}

/// The sealed fields of an event: the plaintext of its section `text`.
public struct SealedText: Hashable, Sendable {
    /// A field's path, such as `context.summary`, and its text.
    public struct Pair: Hashable, Sendable {
        /// The path.
        public let name: String
        /// The text.
        public let value: String

        /// Creates a pair.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The kind of the section that holds it.
    public static let sectionKind = "text"

    /// The fields in the order of the type; a list has one pair per value.
    public var pairs: [Pair]

    /// Creates a sealed text.
    public init(pairs: [Pair] = []) { self.pairs = pairs }

    /// The first text called `name`.
    public subscript(name: String) -> String? {
        self.pairs.first { $0.name == name }?.value
    }

    /// The section's plaintext: the protobuf message `SealedText`.
    public var bytes: [UInt8] {
        var wire = WireWriter()
        for pair in self.pairs {
            wire.message(field: 1) { inner in
                inner.string(pair.name, field: 1)
                inner.string(pair.value, field: 2)
            }
        }
        return wire.bytes
    }

    /// Reads a section's plaintext.
    public init(bytes: [UInt8]) throws(WireError) {
        self.pairs = []
        var reader = WireReader(bytes.span)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            guard self.pairs.count < FieldLimits.sealedPairsMax else {
                throw .outOfRange(field: 1)
            }
            self.pairs.append(try Self.pair(bytes, at: try field.range))
        }
    }

    private static func pair(_ bytes: [UInt8], at range: Range<Int>) throws(WireError) -> Pair {
        var name = ""
        var value = ""
        var reader = WireReader(bytes.span, at: range)
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.string(field)
            case 2: value = try reader.string(field)
            default: break
            }
        }
        return Pair(name: name, value: value)
    }
}
