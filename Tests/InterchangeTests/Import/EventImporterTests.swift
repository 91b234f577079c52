import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Imported rows", .temporaryDirectory)
struct EventImporterTests {
    private func csv(
        _ lines: [String],
        order: String = "time",
        zone: String = "UTC",
        extra: String = ""
    ) throws -> ImportFixture {
        let mapping = try TestMappings.csv(order: order, zone: zone, extra: extra)
        let text = TestMappings.csvHeader + lines.map { $0 + "\n" }.joined()
        return try ImportFixture(text, mapping: mapping)
    }

    @Test("The ids of CSV rows are those that another program computed")
    func csvIDs() throws {
        let row = "c1,2024-01-02T03:04:05Z,New,\"G,1\""
        let rows = try self.csv([row, row, "c1,1969-12-31T23:00:00Z,New,G"]).rows
        #expect(
            rows.map(\.id.description) == [
                "018cc820-d888-75c7-8c6a-3af6c3fd007d", "018cc820-d888-7358-b6bf-4ad2f52faf37",
                "00000000-0000-70bf-af21-0dbfa9a4423e",
            ]
        )
        #expect(rows.allSatisfy { $0.id.isVersion7 })
    }

    @Test("The id of an XES row is the one that another program computed")
    func xesID() throws {
        let text = TestMappings.xesLog(TestMappings.xesEvent())
        let rows = try ImportFixture(text, mapping: try TestMappings.xes()).rows
        #expect(rows.map(\.id.description) == ["018cc7e9-ea08-745b-a351-a4a4d84b724f"])
    }

    @Test("A row becomes one case.observed with the row's bytes beside it")
    func wholeRow() throws {
        let row = "c1,2024-01-02T03:04:05Z,Wait,\"G,1\""
        let found = try self.csv([row], extra: "\"labels\": {\"queue\": \"team\"}")
        let imported = try #require(found.rows.first)
        #expect(imported.subject.rawValue == "case:c1")
        #expect(imported.occurred.rfc3339 == "2024-01-02T03:04:05Z")
        #expect(imported.order == imported.occurred)
        #expect(imported.row == Array(row.utf8))
        #expect(imported.line == 2)
        #expect(imported.labels == [Label(name: "queue", value: "G,1")])
        #expect(imported.actor == ActorSnapshot(actorID: "desk", kind: .system))
        #expect(imported.observed.sourceSystem == "desk")
        #expect(imported.observed.status == .waiting)
        #expect(imported.observed.waitingOn == .customer)
        #expect(imported.observed.team == "G,1")
        #expect(imported.observed.limitBreaches.isEmpty)
        #expect(imported.event.isHistory)
        #expect(imported.event.payload == .caseObserved(imported.observed))
    }

    @Test("The header travels once, and every row has its digest")
    func header() throws {
        let row = "c1,2024-01-02T03:04:05Z,New,G"
        let found = try self.csv([row, row])
        let header = SourceHeader(record: Array("id,at,state,team".utf8), delimiter: 0x2C)
        #expect(
            found.rows.map(\.attachments) == [
                [ImportSection(kind: "header", bytes: header.bytes)], [],
            ]
        )
        let digest = "f8659eee2c6890f6c66fea847e875e2a12ed9d3fb0ebd84cd5815c24baef6817"
        #expect(found.rows.map { $0.observed.headerDigest?.hex } == [digest, digest])
        #expect(found.header == header)
    }

    @Test("Log attributes travel with the first row, a trace's with the first of each trace")
    func attachments() throws {
        let event = TestMappings.xesEvent()
        let head = #"<float key="f" value="1"><int key="n" value="2"/></float>"#
        let trace = #"<trace><string key="concept:name" value="c2"/>\#(event)</trace>"#
        let text = TestMappings.xesLog(event + event, head: head)
            .replacing("</log>", with: "\(trace)</log>")
        let rows = try ImportFixture(text, mapping: try TestMappings.xes()).rows
        #expect(rows.map { $0.attachments.map(\.kind) } == [["log", "trace"], [], ["trace"]])
        let bytes = rows[0].attachments[0].bytes
        let log = try SourceAttribute.decode(bytes.span)
        #expect(log.map(\.key) == ["xes.version", "f"])
        #expect(log[1].children == [SourceAttribute(type: "int", key: "n", value: "2")])
        #expect(rows.allSatisfy { $0.observed.headerDigest == nil })
    }

    @Test("Ordered by time, a row's order is its time; by file, never before the row before it")
    func order() throws {
        let lines = ["11:10", "09:52", "11:03", "11:30"].map { "c1,2024-01-01T\($0)Z,New,G" }
        let other = "c2,2024-01-01T08:00Z,New,G"
        let byFile = try self.csv(lines + [other], order: "file").rows
        let times = byFile.map { String($0.order.rfc3339.dropFirst(11).prefix(5)) }
        #expect(times == ["11:10", "11:10", "11:10", "11:30", "08:00"])
        #expect(String(byFile[1].occurred.rfc3339.dropFirst(11).prefix(5)) == "09:52")
        let byTime = try self.csv(lines, order: "time").rows
        #expect(byTime.allSatisfy { $0.order == $0.occurred })
    }

    @Test("Equal rows of one case are all kept, each with an id of its own")
    func equalRows() throws {
        let row = "c1,2024-01-02T03:04:05Z,New,G"
        let rows = try self.csv(Array(repeating: row, count: 50)).rows
        #expect(rows.count == 50)
        #expect(Set(rows.map(\.id)).count == 50)
    }

    @Test("A second run gives the same rows, a longer extract the same and more")
    func repeatable() throws {
        let lines = (0..<40).map { "c\($0 % 3),2024-01-02T03:04:0\($0 % 7)Z,New,G" }
        let short = try self.csv(lines, order: "file").rows
        #expect(try self.csv(lines, order: "file").rows == short)
        let long = try self.csv(lines + lines, order: "file").rows
        #expect(Array(long.prefix(40)) == short)
        #expect(Set(long.map(\.id)).count == 80)
    }

    @Test("Rows do not depend on where the chunks fall", arguments: [1, 5, 64, 1 << 18])
    func chunks(size: Int) throws {
        let text =
            TestMappings.csvHeader
            + "c1,2024-01-02T03:04:05Z,New,\"two\nlines\"\r\n\n"
            + "c2,2024-01-02T03:04:05Z,Done,\"\"\"\""
        let mapping = try TestMappings.csv()
        let found = try ImportFixture(
            .bytes(Array(text.utf8), chunkBytes: size),
            mapping: mapping
        )
        #expect(found.rows.map(\.observed.team) == ["two\nlines", "\""])
        #expect(found.rows.map(\.line) == [2, 5])
        let packed = Gzip.member(Array(text.utf8))
        let unpacked = try ImportFixture(.bytes(packed, chunkBytes: size), mapping: mapping)
        #expect(unpacked.rows == found.rows)
    }

    @Test("A question mark and the empty text are null, and -100 is a state")
    func nulls() throws {
        let rows = try self.csv([
            "c1,2024-01-02T03:04:05Z,-100,?", "c1,2024-01-02T03:04:05Z,New,",
        ]).rows
        #expect(rows.map(\.observed.team) == [nil, nil])
        #expect(rows.map(\.observed.status) == [.open, .open])
    }

    @Test("A local time is read in the mapping's zone, an offset in the value wins")
    func zones() throws {
        let rows = try self.csv(
            ["c1,2024-01-02T03:04:05,New,G", "c1,2024-01-02T03:04:05+05:00,New,G"],
            zone: "+01:00"
        ).rows
        #expect(rows.map(\.occurred.rfc3339) == ["2024-01-02T02:04:05Z", "2024-01-01T22:04:05Z"])
    }

    @Test("Names become pseudonyms where the mapping says that they are names")
    func pseudonyms() throws {
        let extra = """
            "agent": {"column": "team", "identities": "names"},
            "actor": {"column": "state", "identities": "names"}
            """
        let mapping = try TestMappings.csv(extra: extra)
        let text = TestMappings.csvHeader + "c1,2024-01-02T03:04:05Z,New,Ann\n"
        let found = try ImportFixture(.bytes(Array(text.utf8)), mapping: mapping) { noun, name in
            "\(noun)-\(name.count)"
        }
        #expect(found.rows.map(\.observed.agent) == ["agent-3"])
        #expect(found.rows.map(\.actor.actorID) == ["agent-3"])
        #expect(found.rows.map(\.actor.kind) == [.agent])
        #expect(throws: ImportFailure.pseudonymsUnavailable) {
            try ImportFixture(text, mapping: mapping)
        }
    }

    @Test("Suffixes of the team give the tier, and no team gives none")
    func tiers() throws {
        let preset = try Preset.mapping(named: "bpi2013-incidents")
        var mapping = try TestMappings.csv()
        mapping.tier = preset.tier
        let teams = ["V30", "V5 3rd", "G7 2nd", "V13 2nd 3rd", "2nd", "?"]
        let text =
            TestMappings.csvHeader
            + teams.map { "c1,2024-01-02T03:04:05Z,New,\($0)\n" }.joined()
        let rows = try ImportFixture(text, mapping: mapping).rows
        #expect(rows.map(\.observed.tier) == ["t1", "t3", "t2", "2nd 3rd", "t1", nil])
    }

    @Test("Verdicts, channels and joined columns are read by the preset")
    func preset() throws {
        let mapping = try Preset.mapping(named: "servicenow-incidents")
        let header =
            "number,incident_state,made_sla,sys_updated_by,sys_updated_at,contact_type,"
            + "location,category,subcategory,priority,assignment_group,assigned_to\n"
        let text =
            header
            + "INC1,Awaiting Vendor,false,U1,29/2/2016 01:16,Self service,L1,C1,S1,1,G1,A1\n"
            + "INC1,Awaiting Problem,?,?,29/2/2016 01:17,?,?,?,S1,?,?,?\n"
        let rows = try ImportFixture(text, mapping: mapping).rows
        #expect(rows.map(\.observed.slaMet) == [false, nil])
        #expect(rows.map(\.observed.channel) == [.selfService, nil])
        #expect(rows.map(\.observed.product) == ["C1/S1", "S1"])
        #expect(rows.map(\.observed.waitingOn) == [.vendor, .internalTeam])
        #expect(rows.map(\.observed.agent) == ["A1", nil])
        #expect(rows.map(\.actor.actorID) == ["U1", "servicenow-incidents"])
        #expect(rows[0].occurred.rfc3339 == "2016-02-29T01:16:00Z")
    }
}
