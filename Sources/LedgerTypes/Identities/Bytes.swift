extension [UInt8] {
    /// Creates bytes from pairs of hexadecimal digits; `nil` when `hex` is anything else.
    public init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init()
        self.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.hexValue(digits[index]),
                let low = Self.hexValue(digits[index + 1])
            else { return nil }
            self.append(high << 4 | low)
        }
    }

    /// Copies `bytes` out of wherever they lie.
    public init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }

    /// The bytes as lower-case hexadecimal digits.
    public var hex: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return unsafe String(unsafeUninitializedCapacity: self.count * 2) { buffer in
            for (index, byte) in self.enumerated() {
                unsafe buffer[index * 2] = digits[Int(byte >> 4)]
                unsafe buffer[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return self.count * 2
        }
    }

    /// Appends every byte of `bytes`.
    public mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe self.append(contentsOf: $0) }
    }

    /// Appends `value`, most significant byte first.
    ///
    /// Inlinable: called unspecialised from other modules it took 12 % of an indexed append.
    @inlinable
    public mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        var shift = value.bitWidth
        while shift > 0 {
            shift -= 8
            self.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// The eight bytes at `offset` as a number, most significant first. The caller has checked that
    /// they are there.
    @inlinable
    public func bigEndianWord(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset + 8 <= self.count)
        // The bytes are there, as has just been checked.
        return unsafe self.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            .bigEndian
    }

    /// Whether the two spans hold the same bytes.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard self.count == other.count else { return false }
        var index = 0
        // Eight bytes at a time; both spans have them.
        while index + 8 <= self.count {
            let mine = unsafe self.bytes.unsafeLoadUnaligned(
                fromByteOffset: index,
                as: UInt64.self
            )
            let others = unsafe other.bytes.unsafeLoadUnaligned(
                fromByteOffset: index,
                as: UInt64.self
            )
            guard mine == others else { return false }
            index += 8
        }
        while index < self.count {
            guard self[index] == other[index] else { return false }
            index += 1
        }
        return true
    }
}
