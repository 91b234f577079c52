public import LedgerTypes

/// Something in an event's body that this version cannot show: a field of a newer version, or a
/// word that a newer version gave a number. The leaf keeps it and passes it on.
public struct UnreadField: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The field's path: names as far as they are known, then numbers.
    public let path: String
    /// The number of a word that is not known; `nil` for a field that is not known.
    public let word: UInt32?

    /// The path, and the word's number.
    public var description: String { self.word.map { "\(self.path) = \($0)" } ?? self.path }
}

extension EventType {
    /// What `body`, the clear fields of an event of this type, holds that this version cannot show.
    /// For views and audits; folds never ask.
    public func unreadFields(in body: [UInt8]) throws(WireError) -> [UnreadField] {
        try EventPayload.blank(self).read(ListUnread(bytes: body))?.get() ?? []
    }
}

private struct ListUnread: MessageUse {
    let bytes: [UInt8]

    func callAsFunction<Message: EventMessage>(
        _ message: Message
    ) -> Result<[UnreadField], WireError> {
        do throws(WireError) {
            var found: [UnreadField] = []
            try FieldCensus.look(Message.self, self.bytes, 0..<self.bytes.count, "", &found)
            return .success(found)
        } catch {
            return .failure(error)
        }
    }
}

/// Looks at one field found on the wire: is it known, and if it is a word, is the word?
private struct FieldCensus: FieldVisitor {
    typealias Failure = WireError

    let bytes: [UInt8]
    let field: WireField
    let prefix: String
    private(set) var isKnown = false
    private(set) var found: [UnreadField] = []

    init(bytes: [UInt8], field: WireField, prefix: String) {
        self.bytes = bytes
        self.field = field
        self.prefix = prefix
    }

    static func look<Message: EventMessage>(
        _ type: Message.Type,
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ prefix: String,
        _ found: inout [UnreadField]
    ) throws(WireError) {
        var reader = WireReader(bytes.span, at: range)
        while let field = try reader.next() {
            if field.number == sealedMaskField { continue }
            var census = FieldCensus(bytes: bytes, field: field, prefix: prefix)
            var message = Message()
            try message.visit(&census)
            found += census.found
            guard !census.isKnown else { continue }
            found.append(UnreadField(path: "\(prefix)\(field.number)", word: nil))
        }
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws(WireError) {
        try self.look(Value.self, number, name)
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws(WireError) {
        try self.look(Value.self, number, name)
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) throws(WireError) {
        try self.look(Value.self, number, name)
    }

    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) throws(WireError) {
        try self.descend(Value.self, number, name)
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) throws(WireError) {
        try self.descend(Value.self, number, name)
    }

    mutating func sealed(_ value: inout Sealed<String>, bit: UInt32, _ name: String, max: Int) {}

    mutating func sealed(_ value: inout Sealed<[String]>, bit: UInt32, _ name: String, max: Int) {}

    private mutating func look<Value: FieldScalar>(
        _ type: Value.Type,
        _ number: UInt32,
        _ name: String
    ) throws(WireError) {
        guard number == self.field.number else { return }
        self.isKnown = true
        guard let words = type as? any Vocabulary.Type else { return }
        let word = try self.field.unsigned32
        guard !Self.knows(word, words) else { return }
        self.found.append(UnreadField(path: self.prefix + name, word: word))
    }

    private static func knows<Word: Vocabulary>(_ word: UInt32, _ type: Word.Type) -> Bool {
        Word(rawValue: word) != nil
    }

    private mutating func descend<Value: EventMessage>(
        _ type: Value.Type,
        _ number: UInt32,
        _ name: String
    ) throws(WireError) {
        guard number == self.field.number else { return }
        self.isKnown = true
        try Self.look(
            type,
            self.bytes,
            try self.field.range,
            "\(self.prefix)\(name).",
            &self.found
        )
    }
}
