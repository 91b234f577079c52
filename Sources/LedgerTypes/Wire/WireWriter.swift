/// Writes protobuf wire format. Fields come out in the order written.
///
/// Source: https://protobuf.dev/programming-guides/encoding/
public struct WireWriter: Sendable {
    /// The bytes written so far.
    public private(set) var bytes: [UInt8]

    /// Starts empty, with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        self.bytes = []
        if capacity > 0 { self.bytes.reserveCapacity(capacity) }
    }

    /// Goes on after `bytes`.
    public init(continuing bytes: [UInt8]) { self.bytes = bytes }

    /// Writes a varint field, also when `value` is zero.
    public mutating func varint(_ value: UInt64, field: UInt32) {
        self.key(field, type: 0)
        self.bytes.appendVarint(value)
    }

    /// Writes `true` as a varint field; leaves `false` out.
    public mutating func flag(_ value: Bool, field: UInt32) {
        if value { self.varint(1, field: field) }
    }

    /// Writes a zigzag varint field (`sint64`), also when `value` is zero.
    public mutating func zigzag(_ value: Int64, field: UInt32) {
        self.varint(UInt64(bitPattern: (value << 1) ^ (value >> 63)), field: field)
    }

    /// Writes eight bytes, least significant first (`fixed64`).
    public mutating func fixed64(_ value: UInt64, field: UInt32) {
        self.key(field, type: 1)
        for shift in stride(from: 0, to: 64, by: 8) {
            self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    /// Writes eight bytes of a signed number (`sfixed64`).
    public mutating func sfixed64(_ value: Int64, field: UInt32) {
        self.fixed64(UInt64(bitPattern: value), field: field)
    }

    /// Writes an IEEE 754 double (`double`).
    public mutating func double(_ value: Double, field: UInt32) {
        self.fixed64(value.bitPattern, field: field)
    }

    /// Writes a length-delimited field.
    public mutating func data(_ value: [UInt8], field: UInt32) {
        self.key(field, type: 2)
        self.bytes.appendVarint(UInt64(value.count))
        self.bytes.append(contentsOf: value)
    }

    /// Writes a 16-byte id.
    public mutating func id(_ value: some SixteenByteID, field: UInt32) {
        self.key(field, type: 2)
        self.bytes.append(16)
        self.bytes.appendBigEndian(value.rawValue)
    }

    /// Writes a digest.
    public mutating func digest(_ value: Digest, field: UInt32) {
        self.key(field, type: 2)
        self.bytes.append(32)
        value.append(to: &self.bytes)
    }

    /// Writes a string field, also when it is empty.
    public mutating func string(_ value: String, field: UInt32) {
        self.key(field, type: 2)
        self.bytes.appendVarint(UInt64(value.utf8.count))
        self.bytes.append(contentsOf: value.utf8)
    }

    /// Writes a string field unless there is none.
    public mutating func string(_ value: String?, field: UInt32) {
        if let value { self.string(value, field: field) }
    }

    /// Writes an embedded message: the fields that `body` adds.
    public mutating func message(field: UInt32, _ body: (inout WireWriter) -> Void) {
        self.key(field, type: 2)
        // Written in place: most messages are short, and their length is one byte.
        self.bytes.append(0)
        let start = self.bytes.count
        body(&self)
        let count = self.bytes.count - start
        guard count >= 0x80 else { return self.bytes[start - 1] = UInt8(count) }
        var length: [UInt8] = []
        length.appendVarint(UInt64(count))
        self.bytes.replaceSubrange(start - 1..<start, with: length)
    }

    private mutating func key(_ field: UInt32, type: UInt64) {
        self.bytes.appendVarint(UInt64(field) << 3 | type)
    }
}

extension [UInt8] {
    /// Appends `value` as a base-128 varint, 1 to 10 bytes.
    public mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.append(UInt8(rest))
    }
}
