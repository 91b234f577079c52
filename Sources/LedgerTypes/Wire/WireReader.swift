/// Why bytes are not protobuf wire format, or not the message they should be.
public enum WireError: Error, Hashable, Sendable {
    /// The bytes end inside a field.
    case truncated(offset: Int)
    /// A varint of more than 10 bytes, or one that does not fit 64 bits.
    case varintTooLong(offset: Int)
    /// A wire type this format does not use (groups), or a field number that protobuf has not.
    case unsupportedField(offset: Int)
    /// A field has another wire type or length than its schema says.
    case wrongType(field: UInt32)
    /// A string is not UTF-8.
    case notUTF8(field: UInt32)
    /// A field that must be there is missing.
    case missing(field: UInt32)
    /// A field holds a value outside its range.
    case outOfRange(field: UInt32)
    /// A field comes after one with a greater number.
    case outOfOrder(field: UInt32)
    /// A field that may be there once is there again, or a second body.
    case repeated(field: UInt32)
    /// The bytes are more than a leaf may have.
    case tooLong(bytes: Int)
}

/// One field as found on the wire.
public struct WireField: Hashable, Sendable {
    /// What the field holds.
    public enum Value: Hashable, Sendable {
        /// Wire type 0.
        case varint(UInt64)
        /// Wire type 1.
        case fixed64(UInt64)
        /// Wire type 2: where the bytes lie in what the reader reads.
        case data(Range<Int>)
        /// Wire type 5.
        case fixed32(UInt32)
    }

    /// The greatest field number of protobuf.
    public static let numberMax: UInt32 = 1 << 29 - 1

    /// The field number.
    public let number: UInt32
    /// Where the field's key begins.
    public let start: Int
    /// The value.
    public let value: Value

    @usableFromInline
    init(number: UInt32, start: Int, value: Value) {
        self.number = number
        self.start = start
        self.value = value
    }
}

/// Reads protobuf wire format in place, field by field. Never recurses and never allocates by a
/// length it has not checked.
///
/// Source: https://protobuf.dev/programming-guides/encoding/
public struct WireReader: ~Escapable {
    @usableFromInline let bytes: Span<UInt8>
    @usableFromInline let end: Int
    /// Where the next field begins.
    public var offset: Int { self.place }
    @usableFromInline var place: Int

    /// Reads all of `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
        self.place = 0
        self.end = bytes.count
    }

    /// Reads the embedded message that lies at `range` of `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>, at range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        self.place = range.lowerBound
        self.end = range.upperBound
    }

    // Inlined into the loops that read fields: a call for each would cost as much as the field.

    /// The next field, or `nil` at the end.
    @inlinable
    @inline(__always)
    public mutating func next() throws(WireError) -> WireField? {
        guard self.place < self.end else { return nil }
        let start = self.place
        let key = try self.varint()
        guard let number = UInt32(exactly: key >> 3), (1...WireField.numberMax).contains(number)
        else { throw .unsupportedField(offset: start) }
        let value: WireField.Value
        switch key & 7 {
        case 0: value = .varint(try self.varint())
        case 1: value = .fixed64(try self.littleEndian(count: 8))
        case 2:
            let count = try self.varint()
            guard count <= UInt64(self.end - self.place) else {
                throw .truncated(offset: start)
            }
            value = .data(self.place..<self.place + Int(count))
            self.place += Int(count)
        case 5: value = .fixed32(UInt32(try self.littleEndian(count: 4)))
        default: throw .unsupportedField(offset: start)
        }
        return WireField(number: number, start: start, value: value)
    }

    /// The bytes at `range`.
    public func copy(_ range: Range<Int>) -> [UInt8] {
        [UInt8](copying: self.bytes.extracting(range))
    }

    /// The bytes of `field`.
    public func data(_ field: WireField) throws(WireError) -> [UInt8] {
        self.copy(try field.range)
    }

    /// The text of `field`.
    public func string(_ field: WireField) throws(WireError) -> String {
        let range = try field.range
        do {
            return String(copying: try UTF8Span(validating: self.bytes.extracting(range)))
        } catch {
            throw .notUTF8(field: field.number)
        }
    }

    /// The 16-byte id in `field`.
    public func id<ID: SixteenByteID>(
        _ field: WireField,
        as type: ID.Type = ID.self
    ) throws(WireError) -> ID {
        guard let id = ID(self.bytes.extracting(try field.range)) else {
            throw .wrongType(field: field.number)
        }
        return id
    }

    /// The digest in `field`.
    public func digest(_ field: WireField) throws(WireError) -> Digest {
        guard let digest = Digest(self.bytes.extracting(try field.range)) else {
            throw .wrongType(field: field.number)
        }
        return digest
    }

    @inlinable
    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        let start = self.place
        // Nearly every number here has one byte.
        if start < self.end, self.bytes[start] < 0x80 {
            self.place = start + 1
            return UInt64(self.bytes[start])
        }
        return try self.longVarint()
    }

    @usableFromInline
    @inline(never)
    mutating func longVarint() throws(WireError) -> UInt64 {
        let start = self.place
        // Most of the others, the keys of fields from 16 on among them, have two.
        if start + 1 < self.end, self.bytes[start + 1] < 0x80 {
            self.place = start + 2
            return UInt64(self.bytes[start] & 0x7F) | UInt64(self.bytes[start + 1]) << 7
        }
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard self.place < self.end else { throw .truncated(offset: start) }
            let byte = self.bytes[self.place]
            self.place += 1
            if shift == 63 && byte > 1 { throw .varintTooLong(offset: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            if shift > 63 { throw .varintTooLong(offset: start) }
        }
    }

    @inlinable
    @inline(__always)
    mutating func littleEndian(count: Int) throws(WireError) -> UInt64 {
        guard self.end - self.place >= count else { throw .truncated(offset: self.place) }
        let word: UInt64
        if count == 8 {
            // Eight bytes are there, as has just been checked.
            word = unsafe self.bytes.bytes.unsafeLoadUnaligned(
                fromByteOffset: self.place,
                as: UInt64.self
            ).littleEndian
        } else {
            var value: UInt64 = 0
            for index in (0..<count).reversed() {
                value = value << 8 | UInt64(self.bytes[self.place + index])
            }
            word = value
        }
        self.place += count
        return word
    }
}

extension WireField {
    /// Where the bytes of a length-delimited field lie.
    public var range: Range<Int> {
        get throws(WireError) {
            guard case .data(let range) = self.value else { throw .wrongType(field: self.number) }
            return range
        }
    }

    /// The number in a varint field.
    public var unsigned: UInt64 {
        get throws(WireError) {
            guard case .varint(let value) = self.value else {
                throw .wrongType(field: self.number)
            }
            return value
        }
    }

    /// The number in a varint field, at most 32 bits.
    public var unsigned32: UInt32 {
        get throws(WireError) {
            guard let value = UInt32(exactly: try self.unsigned) else {
                throw .outOfRange(field: self.number)
            }
            return value
        }
    }

    /// The number in a zigzag varint field.
    public var zigzag: Int64 {
        get throws(WireError) {
            let value = try self.unsigned
            return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
        }
    }

    /// The flag in a varint field.
    public var flag: Bool {
        get throws(WireError) { try self.unsigned != 0 }
    }

    /// The number in a `fixed64` field.
    public var fixed64: UInt64 {
        get throws(WireError) {
            guard case .fixed64(let value) = self.value else {
                throw .wrongType(field: self.number)
            }
            return value
        }
    }

    /// The number in an `sfixed64` field.
    public var sfixed64: Int64 {
        get throws(WireError) { Int64(bitPattern: try self.fixed64) }
    }

    /// The number in a `double` field.
    public var double: Double {
        get throws(WireError) { Double(bitPattern: try self.fixed64) }
    }
}
