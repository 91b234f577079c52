package import CaseDomain
internal import LedgerTypes

/// An OCEL 2.0 log as the standard's SQLite tables, written event by event. Belongs to one task.
///
/// Memory does not grow with the log: what is known already is looked up in the file. Tables of
/// types and columns of attributes come into being with the first event or object that needs them.
/// Only after ``finish()`` is the file whole.
package final class OCELDatabase {
    /// The most attributes of a type; further ones are left out and counted.
    package static let attributesMax = 512
    /// The most types of events made of a source's own words; further ones get our word.
    package static let observedTypesMax = 256

    let database: SQLiteDatabase
    private(set) var eventTypes: [String: OCELTypeTable] = [:]
    private(set) var objectTypes: [String: OCELTypeTable] = [:]
    private var usedNames: Set<String> = []
    private let event: SQLiteStatement
    private let object: SQLiteStatement
    private let eventObject: SQLiteStatement
    private let objectObject: SQLiteStatement
    private var observedTypes: Set<String> = []
    /// Events in the log.
    package private(set) var events = 0
    /// Objects in the log.
    package private(set) var objects = 0
    /// Attributes that had no place.
    package private(set) var leftOut = 0

    /// Makes the database in the file at `path`, which is empty or not there; an empty path is one
    /// that is gone when this object is.
    package init(creatingAt path: String) throws(SQLiteError) {
        self.database = try SQLiteDatabase(creatingAt: path)
        // Nobody else reads the file before it is whole; a crash leaves one that is thrown away.
        try self.database.run(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; "
                + "PRAGMA encoding = 'UTF-8';"
        )
        try self.database.run(Self.tables)
        try self.database.run("BEGIN")
        self.event = try self.database.prepare("INSERT OR IGNORE INTO event VALUES (?, ?)")
        self.object = try self.database.prepare("INSERT OR IGNORE INTO object VALUES (?, ?)")
        self.eventObject = try self.database.prepare(
            "INSERT OR IGNORE INTO event_object VALUES (?, ?, ?)"
        )
        self.objectObject = try self.database.prepare(
            "INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)"
        )
    }

    /// The tables that every OCEL 2.0 log has, with the keys that the standard asks for.
    private static let tables = """
        CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT,
            FOREIGN KEY (ocel_type) REFERENCES event_map_type (ocel_type));
        CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT,
            FOREIGN KEY (ocel_type) REFERENCES object_map_type (ocel_type));
        CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT,
            PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier),
            FOREIGN KEY (ocel_event_id) REFERENCES event (ocel_id),
            FOREIGN KEY (ocel_object_id) REFERENCES object (ocel_id));
        CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT,
            PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier),
            FOREIGN KEY (ocel_source_id) REFERENCES object (ocel_id),
            FOREIGN KEY (ocel_target_id) REFERENCES object (ocel_id));
        """

    /// The type of an observed row: the source's word, as long as there are not too many of them.
    package func type(of observed: CaseObserved) -> String {
        let word = ExportedEvent.activity(of: observed)
        if self.observedTypes.contains(word) { return word }
        guard self.observedTypes.count < Self.observedTypesMax else {
            return observed.status.name
        }
        self.observedTypes.insert(word)
        return word
    }

    /// Writes an event. One that is there already, because it belongs to another case as well, gets
    /// the links that it does not have; with `onlyIfNew` it is passed over.
    package func write(_ event: OCELEvent, onlyIfNew: Bool = false) throws(SQLiteError) {
        try self.event.run([.text(event.id), .text(event.type)])
        let isNew = self.database.changes > 0
        if isNew {
            self.events += 1
            try self.writeAttributes(of: event)
        } else if onlyIfNew {
            return
        }
        for link in event.links {
            try self.write(link.object)
            try self.eventObject.run([
                .text(event.id), .text(link.object.id), .text(link.qualifier),
            ])
        }
        for change in (isNew ? event.changes : []) + event.caseChanges { try self.write(change) }
        for relation in event.relations {
            try self.write(relation.source)
            try self.write(relation.link.object)
            try self.objectObject.run([
                .text(relation.source.id), .text(relation.link.object.id),
                .text(relation.link.qualifier),
            ])
        }
    }

    /// Writes an attribute of an object.
    package func write(_ change: OCELChange) throws(SQLiteError) {
        try self.write(change.object)
        let table = try self.table(ofObjects: change.object.type)
        guard let column = try table.column(change.name, change.value, self) else { return }
        try table.change(column, self.database).run([
            .text(change.object.id), .text(change.time.ocel), .text(column.name),
            column.stored(change.value),
        ])
    }

    /// Ends the log: from now on the file is whole.
    package func finish() throws(SQLiteError) { try self.database.run("COMMIT") }

    private func write(_ object: OCELObject) throws(SQLiteError) {
        try self.object.run([.text(object.id), .text(object.type)])
        guard self.database.changes > 0 else { return }
        self.objects += 1
        let table = try self.table(ofObjects: object.type)
        try table.begin(self.database).run([
            .text(object.id), .text(Timestamp(microseconds: 0).ocel),
        ])
    }

    private func writeAttributes(of event: OCELEvent) throws(SQLiteError) {
        let table = try self.table(ofEvents: event.type)
        var values: [Int: SQLiteValue] = [:]
        for field in event.attributes {
            guard let column = try table.column(field.name, field.value, self),
                values[column.place] == nil
            else { continue }
            values[column.place] = column.stored(field.value)
        }
        let row = (0..<table.columns.count).map { values[$0] ?? .null }
        try table.insert(self.database).run([.text(event.id), .text(event.time.ocel)] + row)
    }

    func countLeftOut() { self.leftOut += 1 }

    private func table(ofEvents type: String) throws(SQLiteError) -> OCELTypeTable {
        if let table = self.eventTypes[type] { return table }
        let table = OCELTypeTable(name: self.name("event_", type), isEvents: true)
        try self.database.run(
            "CREATE TABLE \(table.quoted) (ocel_id TEXT PRIMARY KEY, ocel_time TIMESTAMP, "
                + "FOREIGN KEY (ocel_id) REFERENCES event (ocel_id))"
        )
        try self.map("event_map_type", type, table.name.dropFirst("event_".count))
        self.eventTypes[type] = table
        return table
    }

    private func table(ofObjects type: String) throws(SQLiteError) -> OCELTypeTable {
        if let table = self.objectTypes[type] { return table }
        let table = OCELTypeTable(name: self.name("object_", type), isEvents: false)
        try self.database.run(
            "CREATE TABLE \(table.quoted) (ocel_id TEXT, ocel_time TIMESTAMP, "
                + "ocel_changed_field TEXT, FOREIGN KEY (ocel_id) REFERENCES object (ocel_id))"
        )
        try self.database.run(
            "CREATE INDEX \(SQLiteDatabase.quoted("by_id_" + table.name)) "
                + "ON \(table.quoted) (ocel_id)"
        )
        try self.map("object_map_type", type, table.name.dropFirst("object_".count))
        self.objectTypes[type] = table
        return table
    }

    private func map(
        _ table: String,
        _ type: String,
        _ name: Substring
    ) throws(SQLiteError) {
        try self.database.prepare("INSERT INTO \(table) VALUES (?, ?)").run([
            .text(type), .text(String(name)),
        ])
    }

    /// A name for the table of a type: letters and digits of the type, and nothing that another
    /// table has, in capitals or not.
    private func name(_ prefix: String, _ type: String) -> String {
        let letters = type.unicodeScalars.map { scalar in
            switch scalar.value {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: Character(scalar)
            default: Character("_")
            }
        }
        let plain = prefix + String(letters.prefix(60))
        // Those are the standard's own.
        let taken = ["event_map_type", "event_object", "object_map_type", "object_object"]
        var name = plain
        var number = 2
        while taken.contains(name.lowercased())
            || !self.usedNames.insert(name.lowercased()).inserted
        {
            name = "\(plain)_\(number)"
            number += 1
        }
        return name
    }
}

extension Timestamp {
    /// RFC 3339 with six digits of fraction always: readers that guess a column's form from its
    /// first row need all rows alike.
    var ocel: String {
        var text = self.rfc3339
        guard text.last == "Z" else { return text }
        text.removeLast()
        let digits = text.utf8.firstIndex(of: UInt8(ascii: ".")).map { text.utf8[$0...].count - 1 }
        if digits == nil { text += "." }
        return text + String(repeating: "0", count: max(0, 6 - (digits ?? 0))) + "Z"
    }
}
