internal import CaseDomain

/// Numbers as a report shows them: few digits, units that fit. Pure; no locale.
enum ReportText {
    /// A whole number with a comma between thousands.
    static func whole(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number with so many digits of fraction.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "–" }
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int64((value * Double(scale)).rounded())
        let sign = scaled < 0 ? "-" : ""
        let whole = Self.whole(Int(scaled.magnitude) / scale)
        guard digits > 0 else { return sign + whole }
        let rest = String(Int(scaled.magnitude) % scale)
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
    }

    /// A name of ours as words: "internal team" for `internalTeam`.
    static func words(_ name: String) -> String {
        guard !name.isEmpty else { return "not stated" }
        return name.reduce(into: "") { words, letter in
            if letter.isASCII, letter.isUppercase, words.last?.isLowercase == true { words += " " }
            words += letter.lowercased()
        }
    }

    /// A share in percent.
    static func share(_ value: Double) -> String { Self.fixed(value * 100, 1) + " %" }

    /// A time in the unit that fits.
    static func seconds(_ value: Double) -> String {
        switch abs(value) {
        case .infinity: "–"
        case ..<120: Self.fixed(value, 0) + " s"
        case ..<7_200: Self.fixed(value / 60, 0) + " min"
        case ..<172_800: Self.fixed(value / 3_600, 1) + " h"
        case ..<63_072_000: Self.fixed(value / 86_400, 1) + " days"
        default: Self.fixed(value / 31_557_600, 1) + " years"
        }
    }

    /// A value of a figure, in its unit.
    static func value(_ value: Double?, _ measure: MetricMeasure) -> String {
        guard let value else { return "–" }
        return switch measure.unit {
        case .share where measure.kind == .ratio && value <= 1.5: Self.share(value)
        case .share: Self.fixed(value, 2)
        case .seconds: Self.seconds(value)
        case .percent: Self.fixed(value, 1) + " %"
        case .count where measure.kind == .amount: Self.fixed(value, 0)
        case .count, .score: Self.fixed(value, 2)
        case .money: Self.fixed(value / 100, 2)
        }
    }
}
