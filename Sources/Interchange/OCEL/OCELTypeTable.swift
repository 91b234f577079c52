internal import CaseDomain

/// The table of one type of events or objects, and the columns that it has so far. Belongs to the
/// task of its database.
final class OCELTypeTable {
    /// An attribute.
    struct Column: Hashable, Sendable {
        /// The attribute's name.
        let name: String
        /// Its place among the attributes.
        let place: Int
        /// What it holds.
        let kind: Kind

        /// The value as the column holds it; one of another kind becomes text.
        func stored(_ value: FieldValue?) -> SQLiteValue {
            switch (self.kind, value) {
            case (_, nil): .null
            case (.integer, .integer(let number)): .integer(number)
            case (.real, .number(let number)): .number(number)
            case (.boolean, .flag(let flag)): .integer(flag ? 1 : 0)
            case (.timestamp, .time(let time)): .text(time.ocel)
            case (_, let value?): .text(value.text)
            }
        }
    }

    /// The standard's attribute types.
    enum Kind: String, Sendable {
        case text = "TEXT"
        case timestamp = "TIMESTAMP"
        case integer = "INTEGER"
        case real = "REAL"
        case boolean = "BOOLEAN"

        init(_ value: FieldValue) {
            self =
                switch value {
                case .text: .text
                case .integer: .integer
                case .number: .real
                case .flag: .boolean
                case .time: .timestamp
                }
        }

        /// The type's name in the JSON form.
        var json: String {
            switch self {
            case .text: "string"
            case .timestamp: "time"
            case .integer: "integer"
            case .real: "float"
            case .boolean: "boolean"
            }
        }
    }

    let name: String
    private let isEvents: Bool
    private(set) var columns: [Column] = []
    private var places: [String: Int] = [:]
    private var insertion: SQLiteStatement?
    private var beginning: SQLiteStatement?
    private var changing: [Int: SQLiteStatement] = [:]

    init(name: String, isEvents: Bool) {
        self.name = name
        self.isEvents = isEvents
    }

    /// The table's name as SQL writes it.
    var quoted: String { SQLiteDatabase.quoted(self.name) }

    /// The column of an attribute, made if it is the first value; `nil`, and counted, where there
    /// is no room or another attribute differs only in capitals, which SQLite does not tell apart.
    func column(
        _ name: String,
        _ value: FieldValue?,
        _ database: OCELDatabase
    ) throws(SQLiteError) -> Column? {
        let key = name.lowercased()
        if let place = self.places[key] {
            if self.columns[place].name == name { return self.columns[place] }
            database.countLeftOut()
            return nil
        }
        guard let value else { return nil }
        let isOurs = ["ocel_id", "ocel_time", "ocel_changed_field"].contains(key)
        guard self.columns.count < OCELDatabase.attributesMax, !isOurs, !name.isEmpty else {
            database.countLeftOut()
            return nil
        }
        let column = Column(name: name, place: self.columns.count, kind: Kind(value))
        try database.database.run(
            "ALTER TABLE \(self.quoted) ADD COLUMN "
                + "\(SQLiteDatabase.quoted(name)) \(column.kind.rawValue)"
        )
        self.columns.append(column)
        self.places[key] = column.place
        self.insertion = nil
        return column
    }

    /// Inserts an event: id, time, and every attribute.
    func insert(_ database: SQLiteDatabase) throws(SQLiteError) -> SQLiteStatement {
        if let insertion { return insertion }
        let names = ["ocel_id", "ocel_time"] + self.columns.map { SQLiteDatabase.quoted($0.name) }
        let marks = Array(repeating: "?", count: names.count).joined(separator: ", ")
        let statement = try database.prepare(
            "INSERT INTO \(self.quoted) (\(names.joined(separator: ", "))) VALUES (\(marks))"
        )
        self.insertion = statement
        return statement
    }

    /// Inserts an object that says nothing yet: id and time.
    func begin(_ database: SQLiteDatabase) throws(SQLiteError) -> SQLiteStatement {
        if let beginning { return beginning }
        let statement = try database.prepare(
            "INSERT INTO \(self.quoted) (ocel_id, ocel_time) VALUES (?, ?)"
        )
        self.beginning = statement
        return statement
    }

    /// Inserts a change: id, time, the attribute's name and its value.
    func change(
        _ column: Column,
        _ database: SQLiteDatabase
    ) throws(SQLiteError) -> SQLiteStatement {
        if let statement = self.changing[column.place] { return statement }
        let statement = try database.prepare(
            "INSERT INTO \(self.quoted) (ocel_id, ocel_time, ocel_changed_field, "
                + "\(SQLiteDatabase.quoted(column.name))) VALUES (?, ?, ?, ?)"
        )
        self.changing[column.place] = statement
        return statement
    }
}
