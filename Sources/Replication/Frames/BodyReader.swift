internal import LedgerTypes

/// Reads a frame's body field by field; every read is checked against what is left.
///
/// Pure. Numbers are big-endian; counts are compared with their maximum before an allocation.
struct BodyReader: ~Escapable {
    private let bytes: Span<UInt8>
    private let type: FrameType
    /// Where the next field begins.
    private(set) var offset = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, of type: FrameType) {
        self.bytes = bytes
        self.type = type
    }

    /// The number of bytes not read yet.
    var remaining: Int { self.bytes.count - self.offset }

    /// What to throw when the field before this point is wrong.
    var malformed: SyncError { .malformed(self.type, offset: self.offset) }

    mutating func range(_ count: Int) throws(SyncError) -> Range<Int> {
        guard count >= 0, count <= self.remaining else { throw self.malformed }
        self.offset += count
        return self.offset - count..<self.offset
    }

    mutating func bytes(_ count: Int) throws(SyncError) -> [UInt8] {
        let range = try self.range(count)
        return [UInt8](copying: self.bytes.extracting(range))
    }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type = Number.self
    ) throws(SyncError) -> Number {
        let range = try self.range(Number.bitWidth / 8)
        var value: UInt64 = 0
        for index in range { value = value << 8 | UInt64(self.bytes[index]) }
        return Number(truncatingIfNeeded: value)
    }

    /// A base-128 varint in its shortest form.
    mutating func varint() throws(SyncError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try self.number(UInt8.self)
            if shift == 63 && byte > 1 { throw self.malformed }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                if byte == 0 && shift > 0 { throw self.malformed }
                return value
            }
            shift += 7
            if shift > 63 { throw self.malformed }
        }
    }

    mutating func digest() throws(SyncError) -> Digest {
        let range = try self.range(Digest.byteCount)
        guard let digest = Digest(self.bytes.extracting(range)) else { throw self.malformed }
        return digest
    }

    mutating func logID() throws(SyncError) -> LogID {
        let range = try self.range(16)
        guard let id = LogID(self.bytes.extracting(range)) else { throw self.malformed }
        return id
    }

    mutating func keyID() throws(SyncError) -> KeyID {
        let range = try self.range(16)
        guard let id = KeyID(self.bytes.extracting(range)) else { throw self.malformed }
        return id
    }

    mutating func position() throws(SyncError) -> Position {
        let log = try self.logID()
        let size = try self.number(UInt64.self)
        return Position(log: log, size: size, root: try self.digest())
    }

    /// u8 count ‖ that many digests.
    mutating func proof() throws(SyncError) -> [Digest] {
        let count = try self.number(UInt8.self)
        guard Int(count) <= SyncLimits.proofHashesMax else { throw self.malformed }
        var proof: [Digest] = []
        proof.reserveCapacity(Int(count))
        for _ in 0..<count { proof.append(try self.digest()) }
        return proof
    }

    /// u16 length ‖ UTF-8.
    mutating func text(bytesMax: Int) throws(SyncError) -> String {
        let count = Int(try self.number(UInt16.self))
        guard count <= bytesMax else { throw .limit(.textBytes, log: nil) }
        let range = try self.range(count)
        guard let text = try? UTF8Span(validating: self.bytes.extracting(range)) else {
            throw self.malformed
        }
        return String(copying: text)
    }

    /// Throws unless the body ends here.
    func end() throws(SyncError) {
        guard self.remaining == 0 else { throw self.malformed }
    }
}

extension [UInt8] {
    mutating func append(_ position: Position) {
        self.appendBigEndian(position.log.rawValue)
        self.appendBigEndian(position.size)
        position.root.append(to: &self)
    }

    mutating func append(proof: [Digest]) {
        precondition(proof.count <= SyncLimits.proofHashesMax)
        self.append(UInt8(proof.count))
        for hash in proof { hash.append(to: &self) }
    }

    /// Appends u16 length ‖ UTF-8; the caller keeps to the field's maximum.
    mutating func append(text: String) {
        precondition(text.utf8.count <= Int(UInt16.max))
        self.appendBigEndian(UInt16(text.utf8.count))
        self.append(contentsOf: text.utf8)
    }
}
