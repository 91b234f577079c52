/// Sixteen bytes that name something, compared bytewise.
public protocol SixteenByteID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The bytes as one big-endian number.
    var rawValue: UInt128 { get }

    /// Creates the id whose bytes are `rawValue`, most significant byte first.
    init(rawValue: UInt128)
}

extension SixteenByteID {
    /// Creates an id from exactly 16 bytes; `nil` for any other count.
    @inlinable
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let high = UInt128(bytes.bigEndianWord(at: 0))
        self.init(rawValue: high << 64 | UInt128(bytes.bigEndianWord(at: 8)))
    }

    /// Creates an id from 32 hexadecimal digits; `nil` for anything else.
    public init?(hex: String) {
        guard let bytes = [UInt8](hex: hex) else { return nil }
        self.init(bytes.span)
    }

    /// The 16 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        bytes.appendBigEndian(self.rawValue)
        return bytes
    }

    /// The id as 32 lower-case hexadecimal digits.
    public var hex: String { self.bytes.hex }

    /// The id as 32 lower-case hexadecimal digits.
    public var description: String { self.hex }

    /// Whether `lhs` comes first bytewise.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// Names one incarnation log: the first 16 bytes of SHA-256("cl/log/1" ‖ leaf 0) (SYNC.md 1).
public struct LogID: SixteenByteID {
    /// The bytes as one big-endian number.
    public let rawValue: UInt128

    /// Creates the id whose bytes are `rawValue`.
    public init(rawValue: UInt128) { self.rawValue = rawValue }

    /// The 16 hexadecimal digits that people see.
    public var short: String { String(self.hex.prefix(16)) }
}

/// Names one customer's or case's data encryption key; random, made with the key.
public struct KeyID: SixteenByteID {
    /// The bytes as one big-endian number.
    public let rawValue: UInt128

    /// Creates the id whose bytes are `rawValue`.
    public init(rawValue: UInt128) { self.rawValue = rawValue }
}

/// Names one event and is its only retry key: a UUIDv7 (RFC 9562).
public struct EventID: SixteenByteID {
    /// The bytes as one big-endian number.
    public let rawValue: UInt128

    /// Creates the id whose bytes are `rawValue`.
    public init(rawValue: UInt128) { self.rawValue = rawValue }

    /// Creates a UUIDv7 (RFC 9562, 5.7).
    ///
    /// - Parameters:
    ///   - unixMilliseconds: `unix_ts_ms`, clamped to 0…2^48−1.
    ///   - random: at least 10 bytes, of which the first 74 bits become `rand_a` and `rand_b`.
    public init(unixMilliseconds: Int64, random: Span<UInt8>) {
        precondition(random.count >= 10)
        let milliseconds = UInt128(min(max(unixMilliseconds, 0), 1 << 48 - 1))
        var bits: UInt128 = 0
        for index in 0..<10 { bits = bits << 8 | UInt128(random[index]) }
        bits >>= 6  // 80 bits to the first 74.
        let randA = bits >> 62
        let randB = bits & (1 << 62 - 1)
        self.rawValue = milliseconds << 80 | 7 << 76 | randA << 64 | 2 << 62 | randB
    }

    /// Creates an id from its text form (8-4-4-4-12 digits, or 32 digits without hyphens); `nil`
    /// for anything else.
    public init?(_ text: String) {
        var digits = Array(text.utf8)
        if digits.count == 36 {
            for hyphen in [23, 18, 13, 8] {
                guard digits.remove(at: hyphen) == UInt8(ascii: "-") else { return nil }
            }
        }
        guard digits.count == 32 else { return nil }
        self.init(hex: String(decoding: digits, as: UTF8.self))
    }

    /// Whether the version and variant bits are those of a UUIDv7.
    public var isVersion7: Bool {
        (self.rawValue >> 76) & 15 == 7 && (self.rawValue >> 62) & 3 == 2
    }

    /// The id in the text form of RFC 9562: 8-4-4-4-12 lower-case digits.
    public var description: String {
        let hex = Array(self.hex.utf8)
        var text: [UInt8] = []
        for (index, digit) in hex.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                text.append(UInt8(ascii: "-"))
            }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
