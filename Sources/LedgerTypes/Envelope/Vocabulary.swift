internal import Synchronization

/// A controlled list: a number on the wire, a name everywhere people look (DOMAIN.md 2.2).
///
/// Number 0 is `notStated` in every list. A number from a newer version reads as `notStated`; the
/// leaf keeps what was written.
public protocol Vocabulary: RawRepresentable<UInt32>, CaseIterable, Codable, Hashable, Sendable {
    /// The word for "the source does not say".
    static var notStated: Self { get }
}

extension Vocabulary {
    /// The word, as written in JSON and shown to people.
    public var name: String { VocabularyNames.of(Self.self).names[self.rawValue] ?? "" }

    /// Creates the word called `name`; `nil` if the list has none such.
    public init?(name: String) {
        guard let number = VocabularyNames.of(Self.self).numbers[name],
            let word = Self(rawValue: number)
        else { return nil }
        self = word
    }

    /// Creates the word numbered `number`, or `notStated`.
    @inlinable
    public init(wire number: UInt32) {
        self = Self(rawValue: number) ?? .notStated
    }

    /// Reads the word by its name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let word = Self(name: name) else {
            let words = Self.allCases.map(\.name).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(name)\" is not one of: \(words)"
            )
        }
        self = word
    }

    /// Writes the word's name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.name)
    }
}

/// The names of one list both ways, looked up once: asking the runtime for the name of a case takes
/// microseconds.
private struct VocabularyNames: Sendable {
    private static let lists = Mutex<[ObjectIdentifier: VocabularyNames]>([:])

    let names: [UInt32: String]
    let numbers: [String: UInt32]

    static func of<Words: Vocabulary>(_ type: Words.Type) -> VocabularyNames {
        Self.lists.withLock { lists in
            let list = ObjectIdentifier(type)
            if let known = lists[list] { return known }
            var names: [UInt32: String] = [:]
            for word in Words.allCases { names[word.rawValue] = String(describing: word) }
            var numbers: [String: UInt32] = [:]
            for (number, name) in names { numbers[name] = number }
            let made = VocabularyNames(names: names, numbers: numbers)
            lists[list] = made
            return made
        }
    }
}

/// What sort of party acts.
public enum ActorKind: UInt32, Vocabulary {
    case notStated, customer, customerDelegate, agent, specialist, supervisor, fieldTech, partner
    case vendor, bot, peer, volunteer, system, auditor

    /// Whether a person of the support organisation acts.
    public var isHumanStaff: Bool {
        switch self {
        case .agent, .specialist, .supervisor, .fieldTech, .partner, .vendor: true
        default: false
        }
    }
}

/// How far from the customer a team works.
public enum Tier: UInt32, Vocabulary {
    case notStated, t0, t1, t2, t3, engineering, vendor, management
}

/// What sort of site writes.
public enum SiteKind: UInt32, Vocabulary {
    case notStated, inHouse, outsourced, partner, retail, community
}

/// Who may see an event's clear fields.
public enum Classification: UInt32, Vocabulary {
    case notStated, `public`, `internal`, confidential, restricted
}
