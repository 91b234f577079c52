public import LedgerTypes

/// A value that fits one protobuf field.
public protocol FieldScalar: Codable, Hashable, Sendable {
    /// The value that says nothing.
    static var blank: Self { get }

    /// Reads the value of `field`, which was found in `bytes`.
    static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> Self

    /// Writes the value, also when it is blank.
    func write(to wire: inout WireWriter, field: UInt32)

    /// What to say if the value does not fit `max`, else `nil`.
    func breach(max: Int) -> String?

    /// Whether JSON leaves the value out.
    var isUnstated: Bool { get }
}

extension FieldScalar {
    /// Every value fits.
    public func breach(max: Int) -> String? { nil }
    /// JSON shows the value.
    public var isUnstated: Bool { false }
}

extension FieldScalar where Self: Vocabulary {
    /// The word for "the source does not say".
    public static var blank: Self { .notStated }
    /// Reads the word's number.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> Self {
        Self(wire: try field.unsigned32)
    }
    /// Writes the word's number.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.varint(UInt64(self.rawValue), field: field)
    }
    /// JSON leaves `notStated` out.
    public var isUnstated: Bool { self == .notStated }
}

extension String: FieldScalar {
    /// Empty.
    public static var blank: String { "" }
    /// Reads UTF-8.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> String {
        let range = try field.range
        do {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
        } catch {
            throw .notUTF8(field: field.number)
        }
    }
    /// Writes UTF-8.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.string(self, field: field)
    }
    /// At most `max` bytes.
    public func breach(max: Int) -> String? {
        let count = self.utf8.count
        return count <= max ? nil : "has \(count) bytes; at most \(max) are allowed"
    }
    /// JSON leaves the empty text out.
    public var isUnstated: Bool { self.isEmpty }
}

extension Bool: FieldScalar {
    /// No.
    public static var blank: Bool { false }
    /// Reads a varint.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> Bool {
        try field.flag
    }
    /// Writes a varint.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.varint(self ? 1 : 0, field: field)
    }
}

extension UInt32: FieldScalar {
    /// Zero.
    public static var blank: UInt32 { 0 }
    /// Reads a varint.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> UInt32 {
        try field.unsigned32
    }
    /// Writes a varint.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.varint(UInt64(self), field: field)
    }
}

extension UInt64: FieldScalar {
    /// Zero.
    public static var blank: UInt64 { 0 }
    /// Reads a varint.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> UInt64 {
        try field.unsigned
    }
    /// Writes a varint.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.varint(self, field: field)
    }
}

extension Double: FieldScalar {
    /// Zero.
    public static var blank: Double { 0 }
    /// Reads IEEE 754.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> Double {
        try field.double
    }
    /// Writes IEEE 754.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.double(self, field: field)
    }
    /// A number, and not below zero: every double of the catalogue is a time span or a share.
    public func breach(max: Int) -> String? {
        self.isFinite && self >= 0 ? nil : "is \(self); it must be a number from 0"
    }
}

extension Timestamp: FieldScalar {
    /// The beginning of 1970.
    public static var blank: Timestamp { Timestamp(microseconds: 0) }
    /// Reads `sfixed64`.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> Timestamp {
        Timestamp(microseconds: try field.sfixed64)
    }
    /// Writes `sfixed64`.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.sfixed64(self.microseconds, field: field)
    }
}

extension EventID: FieldScalar {
    /// Sixteen zero bytes.
    public static var blank: EventID { EventID(rawValue: 0) }
    /// Reads 16 bytes.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> EventID {
        guard let id = EventID(bytes.span.extracting(try field.range)) else {
            throw .wrongType(field: field.number)
        }
        return id
    }
    /// Writes 16 bytes.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.id(self, field: field)
    }
}

extension Digest: FieldScalar {
    /// 32 zero bytes.
    public static var blank: Digest { Digest(words: 0, 0, 0, 0) }
    /// Reads 32 bytes.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> Digest {
        guard let digest = Digest(bytes.span.extracting(try field.range)) else {
            throw .wrongType(field: field.number)
        }
        return digest
    }
    /// Writes 32 bytes.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.digest(self, field: field)
    }
}
