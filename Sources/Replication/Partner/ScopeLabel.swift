package import LedgerTypes

// Labels as the notes about a partner's scope write them.
extension Label {
    /// The label that every event of a case, or of another subject, has.
    package static func subject(_ subject: Subject) -> Label {
        Label(name: Self.subjectName, value: subject.rawValue)
    }

    /// Name and value as two words without a space or control character: every byte up to 0x20,
    /// 0x7F and `%` as `%` and two capital hexadecimal digits.
    var words: String { "\(Self.word(self.name)) \(Self.word(self.value))" }

    /// Reads two such words; `nil` unless ``words`` would write them so.
    init?(_ name: Substring, _ value: Substring) {
        guard let name = Self.text(name, bytesMax: Self.nameBytesMax),
            let value = Self.text(value, bytesMax: Self.valueBytesMax)
        else { return nil }
        self.init(name: name, value: value)
    }

    /// Whether it may stand in a grant.
    package var fitsGrant: Bool {
        !self.name.isEmpty && self.name.utf8.count <= Self.nameBytesMax
            && !self.value.isEmpty && self.value.utf8.count <= Self.valueBytesMax
            && (self.name != Self.subjectName || Subject(self.value) != nil)
    }

    /// By the bytes of the name, then of the value.
    package static func precedes(_ one: Label, _ other: Label) -> Bool {
        if !one.name.utf8.elementsEqual(other.name.utf8) {
            return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        }
        return one.value.utf8.lexicographicallyPrecedes(other.value.utf8)
    }

    private static func word(_ text: String) -> String {
        var word: [UInt8] = []
        for byte in text.utf8 {
            if byte > 0x20, byte != 0x7F, byte != UInt8(ascii: "%") {
                word.append(byte)
            } else {
                word.append(UInt8(ascii: "%"))
                word.append(Self.digits[Int(byte >> 4)])
                word.append(Self.digits[Int(byte & 15)])
            }
        }
        return String(decoding: word, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func text(_ word: Substring, bytesMax: Int) -> String? {
        guard word.utf8.count <= 3 * bytesMax else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap({ Self.digits.firstIndex(of: $0) }),
                let low = rest.popFirst().flatMap({ Self.digits.firstIndex(of: $0) })
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        guard bytes.count <= bytesMax, let valid = try? UTF8Span(validating: bytes.span) else {
            return nil
        }
        let text = String(copying: valid)
        return Self.word(text).utf8.elementsEqual(word.utf8) ? text : nil
    }
}
