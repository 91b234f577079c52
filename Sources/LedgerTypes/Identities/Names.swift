/// A site's name, such as `support.example/site/berlin` (SYNC.md 1).
///
/// 1 to 200 bytes of UTF-8 without white space, `+` or control characters; two names are equal when
/// their bytes are.
public struct SiteName: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes a name may have.
    public static let bytesMax = 200

    /// The name.
    public let rawValue: String

    /// Creates a name; `nil` if `text` is not one.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.bytesMax else { return nil }
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar == "+" { return nil }
            if scalar.properties.generalCategory == .control { return nil }
        }
        self.rawValue = text
    }

    /// The name.
    public var description: String { self.rawValue }

    /// Whether the bytes are the same.
    public static func == (lhs: SiteName, rhs: SiteName) -> Bool {
        lhs.rawValue.hasSameBytes(as: rhs.rawValue)
    }
}

/// What an event is about: a kind and an id, written `kind:id` (DOMAIN.md 2.1).
///
/// An id is 1 to 255 bytes of UTF-8, without control characters or outer spaces. Two subjects are
/// equal when their bytes are: a source may hold two ids that differ only in Unicode normal form.
public struct Subject: Hashable, Sendable, CustomStringConvertible {
    /// The kinds that the catalogue uses; another kind is kept as it is.
    public static let kinds = [
        "case", "contact", "customer", "agent", "team", "site", "article", "session", "policy",
    ]
    /// The most bytes an id may have.
    public static let idBytesMax = 255
    /// The most bytes a kind may have.
    public static let kindBytesMax = 32

    /// The whole text, `kind:id`.
    public let rawValue: String

    /// Creates a subject from `kind:id`; `nil` if `text` is not one.
    public init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let kind = text.utf8[..<colon]
        guard !kind.isEmpty, kind.count <= Self.kindBytesMax,
            kind.allSatisfy(Self.isKindByte),
            Self.isID(text[text.utf8.index(after: colon)...])
        else { return nil }
        self.rawValue = text
    }

    /// Creates the subject of kind `kind` and id `id`; `nil` if either is malformed.
    public init?(kind: String, id: String) {
        self.init("\(kind):\(id)")
    }

    /// The part before the colon.
    public var kind: String {
        String(self.rawValue[..<self.colon])
    }

    /// The part after the colon.
    public var id: String {
        String(self.rawValue[self.rawValue.utf8.index(after: self.colon)...])
    }

    /// Whether this is a case.
    public var isCase: Bool { self.isOf(kind: "case") }

    /// Whether the part before the colon is `kind`; builds no text.
    public func isOf(kind: String) -> Bool {
        let kind = kind.utf8Span.span
        let bytes = self.rawValue.utf8Span.span
        return bytes.count > kind.count && bytes[kind.count] == UInt8(ascii: ":")
            && bytes.extracting(..<kind.count).equals(kind)
    }

    /// The whole text, `kind:id`.
    public var description: String { self.rawValue }

    /// Whether `text` may be an id.
    public static func isID(_ text: some StringProtocol) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
            text.utf8.count <= Self.idBytesMax
        else { return false }
        // Looking up properties is slow, and almost every id is ASCII.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return first != " " && last != " "
        }
        for scalar in text.unicodeScalars
        where scalar.properties.generalCategory == .control {
            return false
        }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
    }

    /// Whether `bytes` are the text of a subject, found without building a string of ASCII text.
    public static func isSubject(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= Self.kindBytesMax + 1 + Self.idBytesMax else { return false }
        var kindCount = 0
        while kindCount < bytes.count, Self.isKindByte(bytes[kindCount]) { kindCount += 1 }
        let idStart = kindCount + 1
        guard (1...Self.kindBytesMax).contains(kindCount), idStart < bytes.count,
            bytes[kindCount] == UInt8(ascii: ":"), bytes.count - idStart <= Self.idBytesMax
        else { return false }
        for index in idStart..<bytes.count where !(0x20...0x7E).contains(bytes[index]) {
            guard let text = try? UTF8Span(validating: bytes) else { return false }
            return Subject(String(copying: text)) != nil
        }
        return bytes[idStart] != 0x20 && bytes[bytes.count - 1] != 0x20
    }

    /// Whether the bytes are the same.
    public static func == (lhs: Subject, rhs: Subject) -> Bool {
        lhs.rawValue.hasSameBytes(as: rhs.rawValue)
    }

    /// Where the colon stands. Found in the bytes: a mark after it makes it one character with it.
    private var colon: String.Index {
        let utf8 = self.rawValue.utf8
        return utf8.firstIndex(of: UInt8(ascii: ":")) ?? utf8.endIndex
    }

    private static func isKindByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
    }
}

extension String {
    /// Whether the UTF-8 bytes are the same; `==` would also take another Unicode normal form.
    func hasSameBytes(as other: String) -> Bool {
        self.utf8Span.span.equals(other.utf8Span.span)
    }
}
