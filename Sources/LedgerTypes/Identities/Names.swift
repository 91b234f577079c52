/// A site's name, such as `support.example/site/berlin` (SYNC.md 1).
///
/// 1 to 200 bytes of UTF-8 without white space, `+` or control characters.
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
}

/// What an event is about: a kind and an id, written `kind:id` (DOMAIN.md 2.1).
///
/// An id is 1 to 255 bytes of UTF-8, without control characters or outer spaces.
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
            kind.allSatisfy({ (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) }),
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
        String(self.rawValue.prefix { $0 != ":" })
    }

    /// The part after the colon.
    public var id: String {
        String(self.rawValue.drop { $0 != ":" }.dropFirst())
    }

    /// Whether this is a case.
    public var isCase: Bool { self.rawValue.utf8.starts(with: "case:".utf8) }

    /// The whole text, `kind:id`.
    public var description: String { self.rawValue }

    /// Whether `text` may be an id.
    public static func isID(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty, text.utf8.count <= Self.idBytesMax else { return false }
        for scalar in text.unicodeScalars
        where scalar.properties.generalCategory == .control {
            return false
        }
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else {
            return false
        }
        return !first.properties.isWhitespace && !last.properties.isWhitespace
    }
}
