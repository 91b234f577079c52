internal import LedgerTypes

/// Writes the clear fields of a message.
struct ClearWriter: FieldVisitor {
    typealias Failure = Never

    private var wire = WireWriter(capacity: 64)
    private var sealedMask: UInt64 = 0

    mutating func finish() -> [UInt8] {
        if self.sealedMask != 0 { self.wire.varint(self.sealedMask, field: sealedMaskField) }
        return self.wire.bytes
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        if value != .blank { value.write(to: &self.wire, field: number) }
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) {
        value?.write(to: &self.wire, field: number)
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) {
        for value in values { value.write(to: &self.wire, field: number) }
    }

    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) {
        if let value { self.wire.data(value.clearBytes, field: number) }
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) {
        for value in values { self.wire.data(value.clearBytes, field: number) }
    }

    mutating func sealed(_ value: inout Sealed<String>, bit: UInt32, _ name: String, max: Int) {
        if value.isPresent { self.sealedMask |= 1 << UInt64(bit) }
    }

    mutating func sealed(_ value: inout Sealed<[String]>, bit: UInt32, _ name: String, max: Int) {
        if value.isPresent { self.sealedMask |= 1 << UInt64(bit) }
    }
}

/// Puts one field found on the wire where it belongs.
struct ClearReader: FieldVisitor {
    typealias Failure = WireError

    let bytes: [UInt8]
    let field: WireField

    mutating func field<Value: FieldScalar>(
        _ value: inout Value,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws(WireError) {
        guard number == self.field.number else { return }
        value = try Value.read(self.field, in: self.bytes)
    }

    mutating func field<Value: FieldScalar>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String,
        max: Int
    ) throws(WireError) {
        guard number == self.field.number else { return }
        value = try Value.read(self.field, in: self.bytes)
    }

    mutating func list<Value: FieldScalar>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        max: Int,
        countMax: Int
    ) throws(WireError) {
        guard number == self.field.number else { return }
        values.append(try Value.read(self.field, in: self.bytes))
    }

    mutating func message<Value: EventMessage>(
        _ value: inout Value?,
        _ number: UInt32,
        _ name: String
    ) throws(WireError) {
        guard number == self.field.number else { return }
        value = try Value(clear: self.bytes, at: try self.field.range)
    }

    mutating func messages<Value: EventMessage>(
        _ values: inout [Value],
        _ number: UInt32,
        _ name: String,
        countMax: Int
    ) throws(WireError) {
        guard number == self.field.number else { return }
        values.append(try Value(clear: self.bytes, at: try self.field.range))
    }

    mutating func sealed(
        _ value: inout Sealed<String>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws(WireError) {
        if try self.isMarked(bit) { value = .withheld }
    }

    mutating func sealed(
        _ value: inout Sealed<[String]>,
        bit: UInt32,
        _ name: String,
        max: Int
    ) throws(WireError) {
        if try self.isMarked(bit) { value = .withheld }
    }

    private func isMarked(_ bit: UInt32) throws(WireError) -> Bool {
        guard self.field.number == sealedMaskField else { return false }
        return try self.field.unsigned & (1 << UInt64(bit)) != 0
    }
}
