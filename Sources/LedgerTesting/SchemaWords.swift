public import LedgerTypes

/// The words of a vocabulary as docs/caseledger.proto declares them, and as they should be there.
public struct SchemaWords: Equatable, Sendable {
    /// The lines of the schema that declare a word of the enum.
    public let declared: [String]
    /// Those lines as our vocabulary has them, in its order.
    public let ours: [String]

    /// Compares `words` with the enum whose words begin with `prefix` in the text of the schema.
    public init<Word: Vocabulary>(_ words: Word.Type, prefix: String, schema: String) {
        self.declared = schema.split(separator: "\n").filter { $0.hasPrefix("  \(prefix)_") }
            .map(String.init)
        self.ours = words.allCases.map { word in
            let name = word.name.reduce(into: "") { name, letter in
                name += letter.isUppercase ? "_\(letter)" : letter.uppercased()
            }
            return "  \(prefix)_\(name) = \(word.rawValue);"
        }
    }
}
