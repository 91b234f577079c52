/// A column of a table, as docs/QUERY.md describes it.
package struct TableColumn: Hashable, Sendable {
    /// What a column holds.
    package enum Kind: String, Sendable {
        case text, integer, number, flag, time, json
    }

    /// Its name.
    package let name: String
    /// What it holds.
    package let kind: Kind
    /// In which unit, if it has one.
    package let unit: String?
    /// Whether a row may have no value.
    package let isNullable: Bool
    /// What it means.
    package let meaning: String

    init(
        _ name: String,
        _ kind: Kind,
        unit: String? = nil,
        nullable: Bool = false,
        _ meaning: String
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.isNullable = nullable
        self.meaning = meaning
    }
}
