/// Walks fields by their paths: the names of the messages that a field lies in, and its own.
protocol PathVisitor: FieldVisitor where Failure == Never {
    /// The path of the message that is being walked, with a full stop behind each name.
    var prefix: String { get set }
}

extension PathVisitor {
    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) {
        let outer = self.prefix
        self.prefix = "\(outer)\(name)."
        value?.visit(&self)
        self.prefix = outer
    }
}

/// Walks sealed fields alone.
protocol SealedVisitor: PathVisitor {}

extension SealedVisitor {
    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {}

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {}

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) {}

    // Messages in lists have no sealed fields: a path could not name them.
    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) {}
}

/// Collects the sealed fields of a message.
struct SealedCollector: SealedVisitor {
    var text = SealedText()
    var prefix = ""

    mutating func sealed(_ value: inout Sealed<String>, bit: UInt32, _ name: String, max: Int) {
        guard let text = value.value else { return }
        self.text.pairs.append(SealedText.Pair(name: self.prefix + name, value: text))
    }

    mutating func sealed(_ value: inout Sealed<[String]>, bit: UInt32, _ name: String, max: Int) {
        for text in value.value ?? [] {
            self.text.pairs.append(SealedText.Pair(name: self.prefix + name, value: text))
        }
    }
}

/// Puts opened texts into a message.
struct SealedOpener: SealedVisitor {
    let text: SealedText
    var prefix = ""

    init(text: SealedText) { self.text = text }

    mutating func sealed(_ value: inout Sealed<String>, bit: UInt32, _ name: String, max: Int) {
        if let text = self.text[self.prefix + name] { value = .open(text) }
    }

    mutating func sealed(_ value: inout Sealed<[String]>, bit: UInt32, _ name: String, max: Int) {
        let path = self.prefix + name
        let texts = self.text.pairs.filter { $0.name == path }.map(\.value)
        if !texts.isEmpty { value = .open(texts) }
    }
}
