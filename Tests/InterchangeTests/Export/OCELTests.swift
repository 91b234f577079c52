import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("OCEL 2.0", .temporaryDirectory)
struct OCELTests {
    private func write(_ traces: [CaseTrace], to database: OCELDatabase) throws -> [UInt8] {
        for trace in traces {
            for event in OCELEvent.events(of: trace, typeOf: database.type(of:)) {
                try database.write(event)
            }
        }
        try database.finish()
        var bytes: [UInt8] = []
        var document = OCELDocument(database)
        try document.write { bytes += $0 }
        return bytes
    }

    private func objects(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("A case as it was reviewed")
    func golden() throws {
        let bytes = try self.write([MiningStory().trace], to: OCELDatabase(creatingAt: ""))
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/ocel.json")
        if ProcessInfo.processInfo.environment["CASELEDGER_REGENERATE"] != nil {
            try Data(bytes).write(to: file)
        }
        let reviewed = try String(contentsOf: file, encoding: .utf8)
        #expect(String(decoding: bytes, as: UTF8.self) == reviewed)
        _ = try self.objects(bytes)
    }

    @Test("Sealed text is nowhere in it")
    func sealed() throws {
        let bytes = try self.write([MiningStory().trace], to: OCELDatabase(creatingAt: ""))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("nobody's business") && !text.contains("what was said"))
    }

    @Test("A contact of two cases has its events once, with both cases")
    func sharedContact() throws {
        let one = try MiningStory("C 1").trace
        // The same contact, whose event has the same id in both.
        let other = CaseTrace(
            try MiningStory("D 2").events,
            of: try #require(Subject("case:D 2"))
        )
        let found = try self.objects(
            self.write([one, other], to: OCELDatabase(creatingAt: ""))
        )
        let events = try #require(found["events"] as? [[String: Any]])
        #expect(events.count == one.steps.count)
        let links = try #require(events.first?["relationships"] as? [[String: String]])
        let cases = links.filter { $0["qualifier"] == "case" }.compactMap { $0["objectId"] }
        #expect(cases == ["case:C 1", "case:D 2"])
    }

    @Test("The same history is the same bytes, in JSON and in SQLite")
    func stable() throws {
        let folder = TemporaryDirectoryTrait.current
        var files: [Data] = []
        var documents: [[UInt8]] = []
        for name in ["a.sqlite", "b.sqlite"] {
            let path = "\(folder)/\(name)"
            let database = try OCELDatabase(creatingAt: path)
            documents.append(try self.write([MiningStory().trace], to: database))
            files.append(try Data(contentsOf: URL(filePath: path)))
        }
        #expect(documents[0] == documents[1])
        #expect(files[0] == files[1])
    }

    @Test("The tables have the columns, keys and rows of the standard")
    func tables() throws {
        let path = "\(TemporaryDirectoryTrait.current)/log.sqlite"
        _ = try self.write([MiningStory().trace], to: OCELDatabase(creatingAt: path))
        let database = try SQLiteDatabase(creatingAt: path)
        func rows(_ sql: String) throws -> [[SQLiteValue]] {
            var rows: [[SQLiteValue]] = []
            try database.prepare(sql).forEachRow { rows.append($0) }
            return rows
        }
        #expect(try rows("PRAGMA foreign_key_check").isEmpty)
        #expect(try rows("SELECT count(*) FROM event") == [[.integer(5)]])
        #expect(
            try rows("SELECT ocel_type_map FROM event_map_type ORDER BY 1").first
                == [.text("case_opened")]
        )
        // An object begins without values in 1970; each value has its time.
        let changes = try rows(
            "SELECT ocel_changed_field, state, ocel_time FROM object_case "
                + "WHERE ocel_changed_field = 'state' OR ocel_changed_field IS NULL"
        )
        #expect(
            changes == [
                [.null, .null, .text("1970-01-01T00:00:00.000000Z")],
                [.text("state"), .text("open"), .text("2023-11-14T22:14:20.000000Z")],
                [.text("state"), .text("resolved"), .text("2023-11-14T23:16:20.000000Z")],
            ]
        )
        #expect(
            try rows("SELECT type, name FROM pragma_table_info('event_case_opened') WHERE cid > 1")
                .contains([.text("INTEGER"), .text("severity")])
        )
    }

    @Test("Attributes that differ in capitals only are one, and the other is counted")
    func capitals() throws {
        let database = try OCELDatabase(creatingAt: "")
        let found = try self.objects(self.write([MiningStory().trace], to: database))
        #expect(database.leftOut == 1)
        let events = try #require(found["events"] as? [[String: Any]])
        let custom = try #require(events.first { $0["type"] as? String == "com.example.rebooted" })
        let fields = try #require(custom["attributes"] as? [[String: String]])
        let values = Dictionary(
            fields.map { ($0["name"] ?? "", $0["value"] ?? "") },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(values["n"] == "1.5")
        #expect(values["deep"] == nil)
        #expect(values["Note"] == "2" && values["note"] == nil)
    }

    @Test("Types whose names differ in signs or capitals have tables of their own")
    func tableNames() throws {
        let database = try OCELDatabase(creatingAt: "")
        let time = MiningStory.time(0)
        let types = ["a.b", "a_b", "A.B", "map_type", "Object", "", "müde", "\"; DROP TABLE event"]
        for (place, type) in types.enumerated() {
            var event = OCELEvent(id: "e\(place)", type: type, time: time)
            event.links = [OCELLink(OCELObject(type, "x"), "q\"")]
            try database.write(event)
        }
        try database.finish()
        #expect(database.events == types.count)
        #expect(database.objects == types.count)
        let names = database.eventTypes.values.map { $0.name.lowercased() }
        #expect(Set(names).count == types.count)
        #expect(!names.contains("event_map_type") && !names.contains("event_object"))
    }

    @Test("A source with too many words for its status gets ours")
    func manyWords() throws {
        let database = try OCELDatabase(creatingAt: "")
        var row = CaseObserved()
        row.status = .queued
        for number in 0..<OCELDatabase.observedTypesMax {
            row.subStatus = "word \(number)"
            #expect(database.type(of: row) == "word \(number)")
        }
        row.subStatus = "one more"
        #expect(database.type(of: row) == "queued")
        row.subStatus = "word 7"
        #expect(database.type(of: row) == "word 7")
    }

    @Test("A database that cannot be made says why")
    func refusal() throws {
        let error = #expect(throws: SQLiteError.self) {
            _ = try OCELDatabase(creatingAt: "\(TemporaryDirectoryTrait.current)/no/such/log.db")
        }
        #expect(error?.systemError == 2)
        let path = "\(TemporaryDirectoryTrait.current)/text.db"
        try Data("this is no database, and long enough".utf8).write(to: URL(filePath: path))
        let other = #expect(throws: SQLiteError.self) { _ = try OCELDatabase(creatingAt: path) }
        #expect(other?.reason.isEmpty == false)
    }

    @Test(
        "Times have six digits whatever they hold",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (1, "1970-01-01T00:00:00.000001Z"),
            (120_000, "1970-01-01T00:00:00.120000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)]
    )
    func times(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).ocel == text)
    }
}
