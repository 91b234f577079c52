/// Writes the OCEL 2.0 JSON form of a log whose tables are filled. Memory stays flat.
///
/// Values of attributes are texts, as the standard's JSON schema asks for; the types say what they
/// are texts of.
package struct OCELDocument {
    private let source: OCELDatabase
    private var bytes: [UInt8] = []
    private static let flushBytes = 1 << 16

    /// Describes what `source` holds.
    package init(_ source: OCELDatabase) { self.source = source }

    /// Gives `write` the document piece by piece.
    package mutating func write(_ write: ([UInt8]) throws -> Void) throws {
        self.add("{\"eventTypes\":[")
        self.types(self.source.eventTypes)
        self.add("],\n\"objectTypes\":[")
        self.types(self.source.objectTypes)
        self.add("],\n\"events\":[")
        try self.events(write)
        self.add("],\n\"objects\":[")
        try self.objects(write)
        self.add("]}\n")
        try self.flush(write)
    }

    private mutating func types(_ types: [String: OCELTypeTable]) {
        for (place, (name, table)) in types.sorted(by: { $0.key < $1.key }).enumerated() {
            self.add(place == 0 ? "\n{\"name\":" : ",\n{\"name\":")
            self.text(name)
            self.add(",\"attributes\":[")
            for column in table.columns {
                self.add(column.place == 0 ? "{\"name\":" : ",{\"name\":")
                self.text(column.name)
                self.add(",\"type\":\"\(column.kind.json)\"}")
            }
            self.add("]}")
        }
    }

    private mutating func events(_ write: ([UInt8]) throws -> Void) throws {
        let database = self.source.database
        let links = try database.prepare(
            "SELECT ocel_object_id, ocel_qualifier FROM event_object WHERE ocel_event_id = ? "
                + "ORDER BY rowid"
        )
        var rows: [String: SQLiteStatement] = [:]
        for (type, table) in self.source.eventTypes {
            rows[type] = try database.prepare("SELECT * FROM \(table.quoted) WHERE ocel_id = ?")
        }
        var isFirst = true
        try database.prepare("SELECT ocel_id, ocel_type FROM event ORDER BY rowid").forEachRow {
            row in
            guard case .text(let id) = row[0], case .text(let type) = row[1],
                let table = self.source.eventTypes[type], let statement = rows[type]
            else { return }
            self.add(isFirst ? "\n{\"id\":" : ",\n{\"id\":")
            isFirst = false
            self.text(id)
            self.add(",\"type\":")
            self.text(type)
            try statement.forEachRow([.text(id)]) { values in
                self.add(",\"time\":")
                self.value(values[1], .timestamp)
                self.add(",\"attributes\":[")
                var count = 0
                for column in table.columns where values[2 + column.place] != .null {
                    self.add(count == 0 ? "{\"name\":" : ",{\"name\":")
                    self.text(column.name)
                    self.add(",\"value\":")
                    self.value(values[2 + column.place], column.kind)
                    self.add("}")
                    count += 1
                }
                self.add("]")
            }
            try self.relationships(links, of: id)
            self.add("}")
            try self.flushIfLarge(write)
        }
    }

    private mutating func objects(_ write: ([UInt8]) throws -> Void) throws {
        let database = self.source.database
        let links = try database.prepare(
            "SELECT ocel_target_id, ocel_qualifier FROM object_object WHERE ocel_source_id = ? "
                + "ORDER BY rowid"
        )
        var rows: [String: SQLiteStatement] = [:]
        for (type, table) in self.source.objectTypes {
            rows[type] = try database.prepare(
                "SELECT * FROM \(table.quoted) WHERE ocel_id = ? "
                    + "AND ocel_changed_field IS NOT NULL ORDER BY rowid"
            )
        }
        var isFirst = true
        try database.prepare("SELECT ocel_id, ocel_type FROM object ORDER BY rowid").forEachRow {
            row in
            guard case .text(let id) = row[0], case .text(let type) = row[1],
                let table = self.source.objectTypes[type], let statement = rows[type]
            else { return }
            self.add(isFirst ? "\n{\"id\":" : ",\n{\"id\":")
            isFirst = false
            self.text(id)
            self.add(",\"type\":")
            self.text(type)
            self.add(",\"attributes\":[")
            var count = 0
            try statement.forEachRow([.text(id)]) { values in
                guard case .text(let name) = values[2],
                    let column = table.columns.first(where: { $0.name == name })
                else { return }
                self.add(count == 0 ? "{\"name\":" : ",{\"name\":")
                self.text(name)
                self.add(",\"time\":")
                self.value(values[1], .timestamp)
                self.add(",\"value\":")
                self.value(values[3 + column.place], column.kind)
                self.add("}")
                count += 1
            }
            self.add("]")
            try self.relationships(links, of: id)
            self.add("}")
            try self.flushIfLarge(write)
        }
    }

    private mutating func relationships(_ links: SQLiteStatement, of id: String) throws {
        self.add(",\"relationships\":[")
        var count = 0
        try links.forEachRow([.text(id)]) { link in
            guard case .text(let object) = link[0], case .text(let qualifier) = link[1] else {
                return
            }
            self.add(count == 0 ? "{\"objectId\":" : ",{\"objectId\":")
            self.text(object)
            self.add(",\"qualifier\":")
            self.text(qualifier)
            self.add("}")
            count += 1
        }
        self.add("]")
    }

    private mutating func value(_ value: SQLiteValue, _ kind: OCELTypeTable.Kind) {
        switch (kind, value) {
        case (_, .null): self.text("")
        case (.boolean, .integer(let number)): self.text(number == 0 ? "false" : "true")
        case (_, .integer(let number)): self.text("\(number)")
        case (_, .number(let number)): self.text("\(number)")
        case (_, .text(let text)): self.text(text)
        }
    }

    private mutating func add(_ text: String) { self.bytes.append(contentsOf: text.utf8) }

    private mutating func text(_ text: String) { JSONText.append(text, to: &self.bytes) }

    private mutating func flushIfLarge(_ write: ([UInt8]) throws -> Void) throws {
        if self.bytes.count >= Self.flushBytes { try self.flush(write) }
    }

    private mutating func flush(_ write: ([UInt8]) throws -> Void) throws {
        try write(self.bytes)
        self.bytes.removeAll(keepingCapacity: true)
    }
}
