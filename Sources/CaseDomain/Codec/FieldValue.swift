package import LedgerTypes

/// A clear value as a table or an event log holds it.
package enum FieldValue: Hashable, Sendable {
    /// A text, a word of a list, an id.
    case text(String)
    /// A whole number.
    case integer(Int64)
    /// Another number.
    case number(Double)
    /// Yes or no.
    case flag(Bool)
    /// A moment.
    case time(Timestamp)
}

/// A clear field: its name as docs/EVENTS.md writes it, with dots into messages, and its value.
package struct ClearField: Hashable, Sendable {
    /// Such as `product.id`.
    package let name: String
    /// The value.
    package let value: FieldValue

    /// Creates a field.
    package init(_ name: String, _ value: FieldValue) {
        self.name = name
        self.value = value
    }
}

extension EventPayload {
    /// The clear fields that are stated, in the order of the type; sealed ones never. A list of
    /// values is one text, joined by commas; of a list of messages there is its count. Empty for a
    /// type that this version does not know.
    package var clearFields: [ClearField] { self.read(ListClearFields()) ?? [] }
}

private struct ListClearFields: MessageUse {
    func callAsFunction<Message: EventMessage>(_ message: Message) -> [ClearField] {
        var message = message
        var lister = ClearFieldLister()
        message.visit(&lister)
        return lister.fields
    }
}

/// Lists the clear fields of a message.
private struct ClearFieldLister: FieldVisitor {
    typealias Failure = Never

    var fields: [ClearField] = []
    var prefix = ""

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        guard !value.isUnstated else { return }
        self.fields.append(ClearField(self.prefix + name, value.fieldValue))
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        guard let value else { return }
        self.fields.append(ClearField(self.prefix + name, value.fieldValue))
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) {
        guard !values.isEmpty else { return }
        let text = values.map(\.fieldValue.text).joined(separator: ",")
        self.fields.append(ClearField(self.prefix + name, .text(text)))
    }

    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) {
        guard var message = value else { return }
        let outer = self.prefix
        self.prefix += "\(name)."
        message.visit(&self)
        self.prefix = outer
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) {
        guard !values.isEmpty else { return }
        self.fields.append(ClearField(self.prefix + name, .integer(Int64(values.count))))
    }

    mutating func sealed(
        _ value: inout Sealed<String>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) {}

    mutating func sealed(
        _ value: inout Sealed<[String]>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) {}
}

extension FieldScalar {
    /// The value for a table.
    fileprivate var fieldValue: FieldValue {
        switch self {
        case let text as String: .text(text)
        case let flag as Bool: .flag(flag)
        case let number as UInt32: .integer(Int64(number))
        case let number as UInt64: Int64(exactly: number).map { .integer($0) } ?? .text("\(number)")
        case let number as Int64: .integer(number)
        case let number as Double: .number(number)
        case let time as Timestamp: .time(time)
        case let id as EventID: .text(id.description)
        case let digest as Digest: .text(digest.hex)
        case let key as KeyID: .text(key.hex)
        case let date as CalendarDate: .text(String(date.start.rfc3339.prefix(10)))
        case let word as any Vocabulary: .text(word.name)
        default: .text("\(self)")
        }
    }
}

extension FieldValue {
    /// The value as text: numbers in decimal, times in RFC 3339.
    package var text: String {
        switch self {
        case .text(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .flag(let flag): flag ? "true" : "false"
        case .time(let time): time.rfc3339
        }
    }
}
