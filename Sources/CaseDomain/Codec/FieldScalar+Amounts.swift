public import LedgerTypes

extension Int64: FieldScalar {
    /// Zero.
    public static var blank: Int64 { 0 }
    /// Reads `sint64`.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> Int64 {
        try field.zigzag
    }
    /// Writes `sint64`.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.zigzag(self, field: field)
    }
}

extension KeyID: FieldScalar {
    /// Sixteen zero bytes.
    public static var blank: KeyID { KeyID(rawValue: 0) }
    /// Reads 16 bytes.
    public static func read(_ field: WireField, in bytes: [UInt8]) throws(WireError) -> KeyID {
        guard let id = KeyID(bytes.span.extracting(try field.range)) else {
            throw .wrongType(field: field.number)
        }
        return id
    }
    /// Writes 16 bytes.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.id(self, field: field)
    }
}
