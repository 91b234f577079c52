import FoundationEssentials

/// One JSON object a line: keys sorted, so that equal values are equal bytes.
struct JSONLines {
    private let encoder: JSONEncoder

    init() {
        self.encoder = JSONEncoder()
        self.encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity",
            negativeInfinity: "-infinity",
            nan: "nan"
        )
    }

    /// Prints `value` as one line.
    func print(_ value: some Encodable) throws { Terminal.line(try self.text(value)) }

    /// `value` as one line, without its end.
    func text(_ value: some Encodable) throws -> String {
        String(decoding: try self.encoder.encode(value), as: UTF8.self)
    }
}
