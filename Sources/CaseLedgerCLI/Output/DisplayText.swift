import LedgerTypes

/// Text as people see it: nothing that could steer a terminal, and cut to its columns.
enum DisplayText {
    /// `text` on one line, with control characters replaced.
    static func clean(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator:
                if clean.last != " " { clean.append(" ") }
            case .format where scalar != "\u{200D}": clean.append("\u{FFFD}")
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }

    /// A number with its noun, as many as there are: "1 leaf", "2 leaves".
    static func counted(
        _ count: some BinaryInteger,
        _ noun: String,
        _ plural: String? = nil
    ) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// How many leaves.
    static func leaves(_ count: some BinaryInteger) -> String {
        Self.counted(count, "leaf", "leaves")
    }

    /// The columns that `text` takes: two for the wide characters of East Asia and for pictures.
    static func columns(_ text: String) -> Int {
        text.reduce(0) { $0 + Self.columns($1) }
    }

    private static func columns(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// `text`, cut to `width` columns.
    static func clip(_ text: String, to width: Int) -> String {
        guard Self.columns(text) > width else { return text }
        var used = 0
        var clipped = ""
        for character in text {
            used += Self.columns(character)
            guard used < width else { break }
            clipped.append(character)
        }
        return clipped + "…"
    }

    /// `text` in lines of at most `width` columns, broken at spaces; at most `linesMax` lines.
    static func wrap(_ text: String, to width: Int, linesMax: Int = .max) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, Self.columns(line) + 1 + Self.columns(String(word)) > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        guard lines.count > linesMax else { return lines.map { Self.clip($0, to: width) } }
        let rest = lines[(linesMax - 1)...].joined(separator: " ")
        return lines[..<(linesMax - 1)].map { Self.clip($0, to: width) }
            + [Self.clip(rest, to: width)]
    }

    /// `text` with spaces after it.
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Self.columns(text)))
    }

    /// `text` with spaces before it.
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - Self.columns(text))) + text
    }

    /// `value` with `digits` digits after the point.
    static func fixed(_ value: Double, _ digits: Int = 1) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let whole = scaled / Int64(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let fraction = String(scaled % Int64(scale))
        let zeros = String(repeating: "0", count: digits - fraction.utf8.count)
        return "\(sign)\(whole).\(zeros)\(fraction)"
    }

    /// A span of time in its two largest units, such as `3 d 4 h`.
    static func span(seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e13 else { return "\(seconds) s" }
        let sign = seconds < 0 ? "-" : ""
        let whole = Int64(abs(seconds).rounded())
        let units: [(Int64, String)] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
        guard let first = units.firstIndex(where: { whole >= $0.0 }) else { return "0 s" }
        var text = "\(sign)\(whole / units[first].0) \(units[first].1)"
        if first + 1 < units.count {
            let rest = whole % units[first].0 / units[first + 1].0
            if rest > 0 { text += " \(rest) \(units[first + 1].1)" }
        }
        return text
    }

    /// A moment to the minute, in UTC: `2026-01-31 14:59`.
    static func minute(_ time: Timestamp) -> String {
        let text = Array(time.rfc3339.utf8)
        // A year of five digits, or before the year 0, is shown as it is.
        guard text.count >= 20, text[4] == UInt8(ascii: "-") else { return time.rfc3339 }
        var minute = Array(text[..<16])
        minute[10] = UInt8(ascii: " ")
        return String(decoding: minute, as: UTF8.self)
    }
}
