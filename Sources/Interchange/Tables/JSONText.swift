internal import CaseDomain

/// A text as JSON writes it (RFC 8259), without building an encoder. Pure.
enum JSONText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Appends `text` in quotation marks.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x00..<0x20, 0x7F:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONText {
    /// Appends a value: numbers and truths as JSON has them, times as texts. A number that JSON
    /// does not have is `null`.
    static func append(_ value: FieldValue, to bytes: inout [UInt8]) {
        switch value {
        case .text, .time: Self.append(value.text, to: &bytes)
        case .number(let number) where !number.isFinite: bytes.append(contentsOf: "null".utf8)
        case .integer, .number, .flag: bytes.append(contentsOf: value.text.utf8)
        }
    }
}
