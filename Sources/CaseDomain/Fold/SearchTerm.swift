public import LedgerTypes

/// What a case or a customer can be looked up by, beside its own id.
public enum SearchKind: UInt32, Vocabulary {
    case notStated
    /// A telephone number.
    case phone
    /// The last eight digits of a telephone number, for those who give it without its prefix.
    case phoneEnd
    /// A mail address.
    case mail
    /// A product's serial number.
    case serial
    /// The name of a case or customer in another system.
    case reference
}

/// An identifier in the one form in which it is compared. The form is personal; what is stored is
/// a keyed hash of it.
///
/// Forms (docs/FORMAT.md) are made of ASCII rules alone: no version of Unicode changes them.
public struct SearchTerm: Hashable, Sendable {
    /// The digits of ``SearchKind/phoneEnd``.
    static let phoneEndDigits = 8
    /// A number of fewer digits is not a telephone number that could be told from others.
    static let phoneDigitsMin = 5

    /// What kind of identifier.
    public let kind: SearchKind
    /// The form; never empty.
    public let form: String

    private init?(_ kind: SearchKind, form: String) {
        guard !form.isEmpty, form.utf8.count <= FieldLimits.noteBytesMax else { return nil }
        self.kind = kind
        self.form = form
    }

    /// The form of `text` as an identifier of `kind`; `nil` if it is none.
    public init?(_ kind: SearchKind, _ text: String) {
        let form: String? =
            switch kind {
            case .notStated: nil
            case .phone: Self.phone(text)
            case .phoneEnd: Self.phoneEnd(text)
            case .mail: Self.mail(text)
            case .serial: Self.serial(text)
            case .reference: Self.reference(text)
            }
        guard let form else { return nil }
        self.init(kind, form: form)
    }

    /// The terms by which a stated contact point is found: a mail address, a telephone number, or
    /// else a reference, such as a name in a forum.
    public static func terms(ofContactPoint text: String) -> [SearchTerm] {
        if let mail = SearchTerm(.mail, text) { return [mail] }
        if let phone = SearchTerm(.phone, text) {
            return [phone] + [SearchTerm(.phoneEnd, text)].compactMap { $0 }
        }
        return [SearchTerm(.reference, text)].compactMap { $0 }
    }

    /// Digits alone. A leading `+` or `00` goes, `(0)` as well; anything but digits and what people
    /// put between them makes it no number.
    private static func phone(_ text: String) -> String? {
        var rest = Self.trimmed(text)
        if rest.lowercasedASCII.hasPrefix("tel:") { rest = String(rest.dropFirst(4)) }
        let isInternational = rest.contains("+") || rest.utf8.starts(with: "00".utf8)
        if isInternational { rest = rest.replacing("(0)", with: "") }
        var digits = ""
        for (place, scalar) in rest.unicodeScalars.enumerated() {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+" where place == 0, " ", "-", ".", "/", "(", ")", "\u{A0}": continue
            default: return nil
            }
        }
        if digits.hasPrefix("00") { digits = String(digits.dropFirst(2)) }
        return digits.utf8.count >= Self.phoneDigitsMin ? digits : nil
    }

    private static func phoneEnd(_ text: String) -> String? {
        guard let digits = Self.phone(text), digits.utf8.count >= Self.phoneEndDigits else {
            return nil
        }
        return String(digits.suffix(Self.phoneEndDigits))
    }

    /// `A–Z` in lower case, outer spaces and `mailto:` gone; something on either side of an `@`.
    private static func mail(_ text: String) -> String? {
        var address = Self.trimmed(text).lowercasedASCII
        if address.hasPrefix("mailto:") { address = String(address.dropFirst(7)) }
        guard let at = address.lastIndex(of: "@"), at != address.startIndex,
            address.index(after: at) != address.endIndex,
            !address.unicodeScalars.contains(where: { $0.properties.isWhitespace })
        else { return nil }
        return address
    }

    /// `a–z` in capitals; spaces and `- . / : _ #` gone.
    private static func serial(_ text: String) -> String? {
        var form = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "-", ".", "/", ":", "_", "#": continue
            case "a"..."z":
                form.append(Unicode.Scalar(UInt8(scalar.value) - 32))
            default: if !scalar.properties.isWhitespace { form.append(scalar) }
            }
        }
        return form.isEmpty ? nil : String(form)
    }

    /// `A–Z` in lower case, outer spaces gone.
    private static func reference(_ text: String) -> String? {
        let form = Self.trimmed(text).lowercasedASCII
        return form.isEmpty ? nil : form
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}

extension String {
    /// `A–Z` in lower case, everything else as it is.
    fileprivate var lowercasedASCII: String {
        var lower = String.UnicodeScalarView()
        for scalar in self.unicodeScalars {
            let isCapital = (65...90).contains(scalar.value)
            lower.append(isCapital ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
        }
        return String(lower)
    }
}
