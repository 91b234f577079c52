/// Writes a message's JSON form.
struct JSONWriter: FieldVisitor {
    typealias Failure = any Error

    var container: KeyedEncodingContainer<FieldName>

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws {
        guard !value.isUnstated else { return }
        try self.container.encode(value, forKey: FieldName(stringValue: name))
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws {
        try self.container.encodeIfPresent(value, forKey: FieldName(stringValue: name))
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) throws {
        guard !values.isEmpty else { return }
        try self.container.encode(values, forKey: FieldName(stringValue: name))
    }

    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) throws {
        try self.container.encodeIfPresent(value, forKey: FieldName(stringValue: name))
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) throws {
        guard !values.isEmpty else { return }
        try self.container.encode(values, forKey: FieldName(stringValue: name))
    }

    mutating func sealed(
        _ value: inout Sealed<String>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws {
        guard value.isPresent else { return }
        try self.container.encode(value, forKey: FieldName(stringValue: name))
    }

    mutating func sealed(
        _ value: inout Sealed<[String]>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws {
        guard value.isPresent else { return }
        try self.container.encode(value, forKey: FieldName(stringValue: name))
    }
}

/// Reads a message's JSON form.
struct JSONReader: FieldVisitor {
    typealias Failure = any Error

    private let container: KeyedDecodingContainer<FieldName>
    private var names: [String] = []

    init(_ container: KeyedDecodingContainer<FieldName>) { self.container = container }

    /// Throws if there is a field that the type does not have: nothing given is lost in silence.
    func finish() throws {
        for key in self.container.allKeys where !self.names.contains(key.stringValue) {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self.container,
                debugDescription: "there is no field \"\(key.stringValue)\"; the fields are: "
                    + self.names.joined(separator: ", ")
            )
        }
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws {
        if let found = try self.value(Value.self, name) { value = found }
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws {
        if let found = try self.value(Value.self, name) { value = found }
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) throws {
        if let found = try self.value([Value].self, name) { values = found }
    }

    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) throws {
        if let found = try self.value(Value.self, name) { value = found }
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) throws {
        if let found = try self.value([Value].self, name) { values = found }
    }

    mutating func sealed(
        _ value: inout Sealed<String>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws {
        if let found = try self.value(Sealed<String>.self, name) { value = found }
    }

    mutating func sealed(
        _ value: inout Sealed<[String]>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws {
        if let found = try self.value(Sealed<[String]>.self, name) { value = found }
    }

    private mutating func value<Value: Decodable>(
        _ type: Value.Type,
        _ name: String
    ) throws -> Value? {
        self.names.append(name)
        return try self.container.decodeIfPresent(type, forKey: FieldName(stringValue: name))
    }
}
