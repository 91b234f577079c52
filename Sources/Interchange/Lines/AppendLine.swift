package import CaseDomain
internal import FoundationEssentials
package import LedgerTypes

/// One event as a line of JSON, the input of `append`, in one of two forms.
///
/// A line with the key `specversion` is a CloudEvent 1.0 (``CloudEventReader``). In the other form
/// `type` and `subject` are needed, `data` holds the type's fields, `time` (or `occurred`) is when
/// it happened. A key that is not known is refused, so that a misspelt one never passes in silence.
package struct AppendLine: Hashable, Sendable {
    /// What the writer expects of the subject.
    package enum Expecting: Hashable, Sendable {
        /// Nothing.
        case any
        /// No event yet.
        case new
        /// At least one event.
        case exists
        /// Exactly this many events held here.
        case version(UInt64)
    }

    /// The most bytes of a line.
    package static let bytesMax = 16 << 20
    /// The keys of a line that is no CloudEvent.
    package static let keys = [
        "id", "type", "subject", "time", "occurred", "history", "actor", "onBehalfOf",
        "contactID", "handoffID", "escalationID", "causation", "labels", "classification",
        "regulations", "expecting", "data",
    ]

    /// The retry key, if the line names one.
    package let id: EventID?
    /// What it is about.
    package let subject: Subject
    /// When it happened, if the line says.
    package let occurred: Timestamp?
    /// Filled in afterwards.
    package let isHistory: Bool
    /// Who acts, if the line says.
    package let actor: ActorSnapshot?
    /// For whom.
    package let onBehalfOf: String?
    /// The contact it belongs to.
    package let contactID: String?
    /// The handoff it belongs to.
    package let handoffID: String?
    /// The escalation it belongs to.
    package let escalationID: String?
    /// Which event makes this one happen.
    package let causation: EventID?
    /// The caller's labels, in order of their names.
    package let labels: [Label]
    /// Who may see the clear fields.
    package let classification: Classification
    /// Regulations that apply.
    package let regulations: [String]
    /// What is expected of the subject.
    package let expecting: Expecting
    /// The event's own fields.
    package let payload: EventPayload

    /// Reads a line, without its line end.
    package init(json bytes: [UInt8]) throws(AppendLineError) {
        guard bytes.count <= Self.bytesMax else { throw .tooLong(bytes: bytes.count) }
        do {
            self = try JSONDecoder().decode(Reading.self, from: Data(bytes)).line
        } catch let error as AppendLineError {
            throw error
        } catch let error as DecodingError {
            throw AppendLineError(error)
        } catch {
            throw .notJSON(reason: "it cannot be read")
        }
    }

    init(
        id: EventID?,
        subject: Subject,
        occurred: Timestamp?,
        isHistory: Bool,
        actor: ActorSnapshot?,
        onBehalfOf: String?,
        contactID: String?,
        handoffID: String?,
        escalationID: String?,
        causation: EventID?,
        labels: [Label],
        classification: Classification,
        regulations: [String],
        expecting: Expecting,
        payload: EventPayload
    ) {
        self.id = id
        self.subject = subject
        self.occurred = occurred
        self.isHistory = isHistory
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.contactID = contactID
        self.handoffID = handoffID
        self.escalationID = escalationID
        self.causation = causation
        self.labels = labels
        self.classification = classification
        self.regulations = regulations
        self.expecting = expecting
        self.payload = payload
    }

    fileprivate init(_ container: KeyedDecodingContainer<AttributeName>) throws {
        for key in container.allKeys where !Self.keys.contains(key.stringValue) {
            throw AppendLineError.unknownKey(key.stringValue)
        }
        func optional<Value: Decodable>(_ key: String) throws -> Value? {
            try container.decodeIfPresent(Value.self, forKey: AttributeName(key))
        }
        func required<Value: Decodable>(_ key: String) throws -> Value {
            guard let value: Value = try optional(key) else { throw AppendLineError.missing(key) }
            return value
        }
        let time: Timestamp? = try optional("time")
        let occurred: Timestamp? = try optional("occurred")
        guard time == nil || occurred == nil else { throw AppendLineError.both("time", "occurred") }
        self.id = try optional("id")
        self.subject = try required("subject")
        self.occurred = time ?? occurred
        self.isHistory = try optional("history") ?? false
        self.actor = try optional("actor")
        self.onBehalfOf = try optional("onBehalfOf")
        self.contactID = try optional("contactID")
        self.handoffID = try optional("handoffID")
        self.escalationID = try optional("escalationID")
        self.causation = try optional("causation")
        self.labels = try Self.labels(optional("labels") ?? [:])
        self.classification = try optional("classification") ?? .notStated
        self.regulations = try optional("regulations") ?? []
        self.expecting = try optional("expecting") ?? .any
        let type: String = try required("type")
        let isPrefixed = type.hasPrefix(CloudEvent.typePrefix)
        let name = isPrefixed ? String(type.dropFirst(CloudEvent.typePrefix.count)) : type
        guard EventType(rawValue: name) != nil else { throw AppendLineError.unknownType(type) }
        let key = AttributeName("data")
        let data = container.contains(key) ? try container.superDecoder(forKey: key) : nil
        self.payload = try Self.payload(type: name, data)
    }

    private static func labels(_ labels: [String: String]) throws -> [Label] {
        try labels.sorted { $0.key < $1.key }.map { try Self.label($0.key, $0.value) }
    }

    /// The label `name` with `value`, if it may be one.
    static func label(_ name: String, _ value: String) throws -> Label {
        guard (1...Label.nameBytesMax).contains(name.utf8.count), name != Label.subjectName,
            value.utf8.count <= Label.valueBytesMax
        else {
            let reason = "\"\(name)\" is no label, or its value is too long"
            throw AppendLineError.invalid(key: "labels", reason: reason)
        }
        return Label(name: name, value: value)
    }

    /// The fields of an event of `type`, which the catalogue has; nothing is stated without `data`.
    static func payload(type: String, _ data: (any Decoder)?) throws -> EventPayload {
        let decoder =
            try data ?? JSONDecoder().decode(AnyDecoder.self, from: Data("{}".utf8)).decoder
        guard let payload = try EventPayload(typeName: type, from: decoder) else {
            throw AppendLineError.unknownType(type)
        }
        let breaches = payload.limitBreaches.map { "\"data.\($0.field)\" \($0.problem)" }
        guard breaches.isEmpty else { throw AppendLineError.tooLarge(breaches) }
        return payload
    }
}

/// Decodes a line of either form.
private struct Reading: Decodable {
    let line: AppendLine

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AttributeName.self)
        self.line =
            container.contains(AttributeName("specversion"))
            ? try CloudEventReader(from: decoder).line() : try AppendLine(container)
    }
}

/// Keeps a decoder, for a value that is not in the line.
private struct AnyDecoder: Decodable {
    let decoder: any Decoder

    init(from decoder: any Decoder) throws { self.decoder = decoder }
}

extension AppendLine.Expecting: Decodable {
    private enum Keys: String, CodingKey, CaseIterable { case version }

    /// Reads `"any"`, `"new"`, `"exists"` or `{"version": 7}`.
    package init(from decoder: any Decoder) throws {
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            self = try Self(word: word)
            return
        }
        let container = try decoder.container(keyedBy: Keys.self)
        guard let version = UInt64(exactly: try container.decode(Int64.self, forKey: .version))
        else {
            throw AppendLineError.invalid(key: "expecting.version", reason: "must not be negative")
        }
        self = .version(version)
    }

    init(word: String) throws {
        switch word {
        case "any": self = .any
        case "new": self = .new
        case "exists": self = .exists
        default:
            let reason = "\"\(word)\" is not one of: any, new, exists, {\"version\": N}"
            throw AppendLineError.invalid(key: "expecting", reason: reason)
        }
    }
}

extension AppendLineError {
    /// What a decoding error amounts to.
    init(_ error: DecodingError) {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default:
            self = .notJSON(reason: "it cannot be read")
            return
        }
        let path = context.codingPath.map { key in
            key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
        }
        let key = path.joined().drop { $0 == "." }
        guard !key.isEmpty else {
            self = .notJSON(reason: context.debugDescription)
            return
        }
        self = .invalid(key: String(key), reason: context.debugDescription)
    }
}
