/// Text as a CloudEvents attribute holds it (CloudEvents 1.0, "Type System").
///
/// Control characters and noncharacters are not allowed there, and lists have no form of their own:
/// such characters, `%` and whatever separates values are written as `%` and two hexadecimal digits
/// for each byte of UTF-8. A `%` that is not followed by two digits stands for itself.
enum AttributeText {
    /// `text` with what cannot stand there as it is, and `reserved`, in percent form.
    static func encode(_ text: String, reserved: String = "") -> String {
        guard text.unicodeScalars.contains(where: { Self.needsCode($0, reserved) }) else {
            return text
        }
        var coded = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard Self.needsCode(scalar, reserved) else {
                coded.append(scalar)
                continue
            }
            for byte in UTF8.encode(scalar) ?? UTF8.EncodedScalar() {
                let digits = String(byte, radix: 16, uppercase: true)
                coded.append(contentsOf: (byte < 16 ? "%0" : "%").unicodeScalars)
                coded.append(contentsOf: digits.unicodeScalars)
            }
        }
        return String(coded)
    }

    /// What ``encode(_:reserved:)`` made its text of.
    static func decode(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let coded = Array(text.utf8)
        var bytes: [UInt8] = []
        var place = 0
        while place < coded.count {
            if coded[place] == UInt8(ascii: "%"), place + 2 < coded.count,
                let high = Self.digit(coded[place + 1]), let low = Self.digit(coded[place + 2])
            {
                bytes.append(high << 4 | low)
                place += 3
            } else {
                bytes.append(coded[place])
                place += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The texts in one attribute, separated by commas.
    static func list(_ texts: [String]) -> String {
        texts.map { Self.encode($0, reserved: ",") }.joined(separator: ",")
    }

    /// The texts of a list.
    static func texts(ofList text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { Self.decode($0) }
    }

    /// Names and values in one attribute, as `name=value&name=value`.
    static func pairs(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { pair in
            Self.encode(pair.name, reserved: "=&") + "=" + Self.encode(pair.value, reserved: "=&")
        }.joined(separator: "&")
    }

    /// The names and values of ``pairs(_:)``; `nil` if `text` is not of that form.
    static func pairs(of text: String) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: "&", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            let value = part[part.index(after: equals)...]
            pairs.append((Self.decode(part[..<equals]), Self.decode(value)))
        }
        return pairs
    }

    /// `name` as a URI reference (RFC 3986): what may not stand in a path is in percent form.
    static func path(_ name: String) -> String {
        var path = ""
        for byte in name.utf8 {
            let character = Unicode.Scalar(byte)
            if byte < 0x80, character.isPathCharacter {
                path.unicodeScalars.append(character)
            } else {
                path += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return path
    }

    private static func needsCode(_ scalar: Unicode.Scalar, _ reserved: String) -> Bool {
        switch scalar.value {
        case 0x25, 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: true
        case let value where value & 0xFFFE == 0xFFFE: true
        default: reserved.unicodeScalars.contains(scalar)
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension Unicode.Scalar {
    /// Whether it may stand in a path of RFC 3986 as it is.
    fileprivate var isPathCharacter: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "/", "!", "$", "&", "'", "(",
            ")", "*", ",", ";", "=", ":", "@":
            true
        default: false
        }
    }
}
