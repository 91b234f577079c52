/// A field that is longer than it may be.
public struct FieldBreach: Hashable, Sendable, CustomStringConvertible {
    /// The field's path, such as `product.id`.
    public let field: String
    /// What is wrong with it.
    public let problem: String

    /// The path and the problem.
    public var description: String { "\(self.field) \(self.problem)" }
}

extension SealedText {
    /// What of the texts of a type of the caller's own is longer than it may be.
    var limitBreaches: [FieldBreach] {
        var breaches: [FieldBreach] = []
        if self.pairs.count > FieldLimits.countMax {
            let problem =
                "has \(self.pairs.count) values; at most \(FieldLimits.countMax) are allowed"
            breaches.append(FieldBreach(field: "sealed", problem: problem))
        }
        for pair in self.pairs {
            if let problem = pair.name.breach(max: FieldLimits.textBytesMax) {
                breaches.append(FieldBreach(field: "sealed", problem: problem))
            }
            if let problem = pair.value.breach(max: FieldLimits.noteBytesMax) {
                breaches.append(FieldBreach(field: "sealed.\(pair.name)", problem: problem))
            }
        }
        return breaches
    }
}

/// Finds the fields that are longer than they may be.
struct LimitChecker: PathVisitor {
    private(set) var breaches: [FieldBreach] = []
    var prefix = ""

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        self.note(name, value.breach(max: max))
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        self.note(name, value?.breach(max: max))
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) {
        self.count(values.count, name, max: countMax)
        for value in values { self.note(name, value.breach(max: max)) }
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) {
        self.count(values.count, name, max: countMax)
        let outer = self.prefix
        for index in values.indices {
            self.prefix = "\(outer)\(name)[\(index)]."
            values[index].visit(&self)
        }
        self.prefix = outer
    }

    mutating func sealed(_ value: inout Sealed<String>, bit: UInt32, _ name: String, max: Int) {
        self.note(name, value.value?.breach(max: max))
    }

    mutating func sealed(_ value: inout Sealed<[String]>, bit: UInt32, _ name: String, max: Int) {
        let texts = value.value ?? []
        self.count(texts.count, name, max: FieldLimits.countMax)
        for text in texts { self.note(name, text.breach(max: max)) }
    }

    private mutating func count(_ count: Int, _ name: String, max: Int) {
        guard count > max else { return }
        self.note(name, "has \(count) values; at most \(max) are allowed")
    }

    private mutating func note(_ name: String, _ problem: String?) {
        guard let problem else { return }
        self.breaches.append(FieldBreach(field: self.prefix + name, problem: problem))
    }
}
