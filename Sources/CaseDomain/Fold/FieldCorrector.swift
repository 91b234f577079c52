internal import LedgerTypes

/// Puts another value into one field of a message, named by its path, such as `product.id` or
/// `facts[0].value`. On a copy it tells whether a correction fits.
struct FieldCorrector: FieldVisitor {
    typealias Failure = Never

    /// What came of it.
    enum Outcome: Hashable, Sendable {
        case noSuchField
        case misfit(String)
        case corrected(old: Sealed<String>, isSealed: Bool)
    }

    static let sealedList = "a sealed list has no single value"

    let path: String
    let value: String?
    let text: Sealed<String>
    private(set) var outcome = Outcome.noSuchField
    private var prefix = ""

    init(path: String, value: String?, text: Sealed<String>) {
        self.path = path
        self.value = value
        self.text = text
    }

    init(_ correction: RecordCorrected) {
        self.init(path: correction.field, value: correction.newValue, text: correction.newText)
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        guard self.isMeant(name) else { return }
        var field: Value? = value
        self.correct(&field, max: max)
        if case .corrected = self.outcome { value = field ?? .blank }
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        if self.isMeant(name) { self.correct(&value, max: max) }
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) {
        for index in values.indices where self.isMeant("\(name)[\(index)]") {
            var field: Value? = values[index]
            self.correct(&field, max: max)
            if case .corrected = self.outcome { values[index] = field ?? .blank }
        }
    }

    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) {
        guard self.path.hasPrefix("\(self.prefix)\(name).") else { return }
        var message = value ?? Value()
        self.descend(into: &message, name)
        if case .corrected = self.outcome { value = message }
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) {
        for index in values.indices { self.descend(into: &values[index], "\(name)[\(index)]") }
    }

    mutating func sealed(_ value: inout Sealed<String>, bit: UInt32, _ name: String, max: Int) {
        guard self.isMeant(name) else { return }
        guard self.value == nil else {
            self.outcome = .misfit("it is sealed: give newText")
            return
        }
        if let problem = self.text.value?.breach(max: max) {
            self.outcome = .misfit("the value \(problem)")
            return
        }
        self.outcome = .corrected(old: value, isSealed: true)
        value = self.text
    }

    mutating func sealed(_ value: inout Sealed<[String]>, bit: UInt32, _ name: String, max: Int) {
        if self.isMeant(name) { self.outcome = .misfit(Self.sealedList) }
    }

    private func isMeant(_ name: String) -> Bool { self.path == self.prefix + name }

    private mutating func descend<Value: EventMessage>(into message: inout Value, _ name: String) {
        let outer = self.prefix
        self.prefix = "\(outer)\(name)."
        if self.path.hasPrefix(self.prefix) { message.visit(&self) }
        self.prefix = outer
    }

    private mutating func correct<Value: FieldScalar>(_ field: inout Value?, max: Int) {
        guard !self.text.isPresent else {
            self.outcome = .misfit("it is not sealed: give newValue")
            return
        }
        let old = field.map { FieldText.text($0) }
        guard let text = self.value else {
            field = nil
            self.outcome = .corrected(old: old.map { .open($0) } ?? .absent, isSealed: false)
            return
        }
        guard let value = FieldText.value(text, as: Value.self) else {
            self.outcome = .misfit("\"\(text)\" is no value of this field")
            return
        }
        if let problem = value.breach(max: max) {
            self.outcome = .misfit("the value \(problem)")
            return
        }
        field = value
        self.outcome = .corrected(old: old.map { .open($0) } ?? .absent, isSealed: false)
    }
}

/// Hides sealed fields: those named, or all.
struct SealedMasker: SealedVisitor {
    let fields: Set<String>
    /// Whether there was something to hide.
    private(set) var hasFound = false
    var prefix = ""

    init(fields: Set<String>) { self.fields = fields }

    mutating func sealed(_ value: inout Sealed<String>, bit: UInt32, _ name: String, max: Int) {
        guard value.isPresent, self.isMeant(name) else { return }
        self.hasFound = true
        value = .withheld
    }

    mutating func sealed(_ value: inout Sealed<[String]>, bit: UInt32, _ name: String, max: Int) {
        guard value.isPresent, self.isMeant(name) else { return }
        self.hasFound = true
        value = .withheld
    }

    private func isMeant(_ name: String) -> Bool {
        self.fields.isEmpty || self.fields.contains(self.prefix + name)
    }
}

/// The text form of a scalar, as JSON writes it without quotes. Only corrections use it.
enum FieldText {
    static func text<Value: FieldScalar>(_ value: Value) -> String {
        switch value {
        case let word as any Vocabulary: word.name
        case let text as String: text
        case let time as Timestamp: time.rfc3339
        case let date as CalendarDate: String(date.start.rfc3339.prefix(10))
        case let digest as Digest: digest.hex
        case let flag as Bool: flag ? "true" : "false"
        default: "\(value)"
        }
    }

    static func value<Value: FieldScalar>(_ text: String, as type: Value.Type) -> Value? {
        if let words = type as? any Vocabulary.Type { return Self.word(text, of: words) as? Value }
        return switch type {
        case is String.Type: text as? Value
        case is Bool.Type: Bool(text) as? Value
        case is UInt32.Type: UInt32(text) as? Value
        case is UInt64.Type: UInt64(text) as? Value
        case is Int64.Type: Int64(text) as? Value
        case is Double.Type: Double(text) as? Value
        case is Timestamp.Type: Timestamp(rfc3339: text) as? Value
        case is CalendarDate.Type: CalendarDate(text) as? Value
        case is EventID.Type: EventID(text) as? Value
        case is KeyID.Type: KeyID(hex: text) as? Value
        case is Digest.Type: Digest(hex: text) as? Value
        default: nil
        }
    }

    private static func word<Word: Vocabulary>(_ text: String, of type: Word.Type) -> Word? {
        Word(name: text)
    }
}
