import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Tables")
struct TableWriterTests {
    private static let columns = [
        TableColumn("a", .text, "a text"), TableColumn("b", .number, nullable: true, "a number"),
        TableColumn("c", .json, "an object"),
    ]

    private func write(_ rows: [[FieldValue?]], as form: TableWriter.Form) -> String {
        var writer = TableWriter(Self.columns, as: form)
        for row in rows { writer.write(row) }
        return String(decoding: writer.takeBytes(), as: UTF8.self)
    }

    @Test("CSV quotes what RFC 4180 asks for, and tells no value from an empty text")
    func csv() {
        let text = self.write(
            [
                [.text("x,\"y\"\n"), .number(1.5), .text("{}")],
                [.text(""), nil, .text("{\"a\":1}")],
                [.text("plain"), .number(-0.25), .text("{}")],
            ],
            as: .csv
        )
        #expect(
            text == "a,b,c\n\"x,\"\"y\"\"\n\",1.5,{}\n\"\",,\"{\"\"a\"\":1}\"\nplain,-0.25,{}\n"
        )
    }

    @Test("NDJSON has every column in every line")
    func ndjson() throws {
        let text = self.write(
            [[.text("a\"\\\u{1}\n\tü\u{7F}"), nil, .text("{\"n\":2}")]],
            as: .ndjson
        )
        #expect(
            text == #"{"a":"a\"\\\u0001\n\tü\u007f","b":null,"c":{"n":2}}"# + "\n"
        )
        let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect(parsed?["a"] as? String == "a\"\\\u{1}\n\tü\u{7F}")
    }

    @Test("What our own reader finds in CSV is what was written", arguments: 1...20)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let letters = ["a", ",", "\"", "\n", "\r", "é", " ", ""]
        let texts = (0..<50).map { _ in
            (0..<3).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
        }
        var writer = TableWriter([TableColumn("t", .text, "")], as: .csv)
        for text in texts { writer.write([.text(text)]) }
        var reader = CSVRecordReader(delimiter: UInt8(ascii: ","))
        reader.append(writer.takeBytes())
        var found: [String] = []
        while let record = try reader.next(isFinal: true) { found.append(record.text(0)) }
        #expect(found.dropFirst() == texts[...], "seed \(seed)")
    }

    @Test("Every row has a value for each column, and absent ones only where the schema says so")
    func rows() throws {
        let trace = try MiningStory().trace
        for (columns, rows) in [
            (CaseTable.columns, [CaseTable.row(of: trace)]),
            (EventTable.columns, EventTable.rows(of: trace)),
        ] {
            #expect(Set(columns.map(\.name)).count == columns.count)
            for row in rows {
                try #require(row.count == columns.count)
                for (column, value) in zip(columns, row) {
                    #expect(value != nil || column.isNullable, "\(column.name)")
                    switch (column.kind, value) {
                    case (_, nil), (.text, .text), (.json, .text), (.integer, .integer),
                        (.number, .number), (.flag, .flag), (.time, .time):
                        break
                    default: Issue.record("\(column.name) is \(String(describing: value))")
                    }
                }
            }
        }
    }

    @Test("A case's row and events say what happened, and nothing sealed")
    func values() throws {
        let trace = try MiningStory().trace
        let row = zip(CaseTable.columns.map(\.name), CaseTable.row(of: trace))
        let values = Dictionary(row.map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
        #expect(values["case"] == .text("C 1"))
        #expect(values["state"] == .text("resolved"))
        #expect(values["customer"] == .text("c1"))
        #expect(values["severity"] == .integer(2))
        #expect(values["contacts"] == .integer(1))
        #expect(values["unknown"] == .integer(1))
        #expect(values["durationSeconds"] == .number(63 * 60))
        #expect(values["resolutionKind"] == .text("howTo"))
        var writer = TableWriter(EventTable.columns, as: .ndjson)
        for row in EventTable.rows(of: trace) { writer.write(row) }
        let text = String(decoding: writer.takeBytes(), as: UTF8.self)
        #expect(text.split(separator: "\n").count == 5)
        #expect(text.contains(#""data":{"Note":"2","n":"1.5","note":"a \"b\" <c>"}"#))
        #expect(!text.contains("business") && !text.contains("what was said"))
    }

    @Test("docs/QUERY.md has the columns as they are")
    func document() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/QUERY.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        for (name, columns) in [("cases", CaseTable.columns), ("events", EventTable.columns)] {
            let lines = columns.map { column in
                let cells = [
                    "`\(column.name)`", column.kind.rawValue, column.unit ?? "",
                    column.isNullable ? "yes" : "", column.meaning,
                ]
                return "| \(cells.joined(separator: " | ")) |"
            }
            #expect(
                text.contains(lines.joined(separator: "\n")),
                "write it anew with: caseledger query \(name) --schema"
            )
        }
    }
}
