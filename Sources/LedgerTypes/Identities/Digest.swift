/// A SHA-256 digest: 32 bytes, compared bytewise.
public struct Digest: Hashable, Sendable {
    /// The number of bytes in a digest.
    public static let byteCount = 32

    // Four big-endian words, so that word order is byte order.
    private let word0: UInt64
    private let word1: UInt64
    private let word2: UInt64
    private let word3: UInt64

    /// Creates a digest from exactly 32 bytes; `nil` for any other count.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.word0 = bytes.bigEndianWord(at: 0)
        self.word1 = bytes.bigEndianWord(at: 8)
        self.word2 = bytes.bigEndianWord(at: 16)
        self.word3 = bytes.bigEndianWord(at: 24)
    }

    /// Creates a digest from four big-endian words, first word first.
    public init(words word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// Creates a digest from 64 hexadecimal digits; `nil` for anything else.
    public init?(hex: String) {
        guard let bytes = [UInt8](hex: hex) else { return nil }
        self.init(bytes.span)
    }

    /// The digest as four big-endian words.
    public var words: (UInt64, UInt64, UInt64, UInt64) {
        (self.word0, self.word1, self.word2, self.word3)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        self.append(to: &bytes)
        return bytes
    }

    /// Appends the 32 bytes to `bytes`.
    public func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(self.word0)
        bytes.appendBigEndian(self.word1)
        bytes.appendBigEndian(self.word2)
        bytes.appendBigEndian(self.word3)
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public var hex: String { self.bytes.hex }
}

extension Digest: Comparable {
    /// Whether `lhs` comes first bytewise.
    public static func < (lhs: Digest, rhs: Digest) -> Bool {
        lhs.words < rhs.words
    }
}

extension Digest: CustomStringConvertible {
    /// The digest as 64 lower-case hexadecimal digits.
    public var description: String { self.hex }
}
