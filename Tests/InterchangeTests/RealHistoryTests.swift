import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

/// The real logs, each read once for all tests.
enum RealHistory {
    struct Log: Sendable {
        let rows: [ImportedRow]
        let errors: [RowError]
    }

    /// The Volvo log.
    static let volvo = Result {
        try Self.read(.file(SharedData.volvo), preset: "bpi2013-incidents")
    }

    /// The ServiceNow log's CSV.
    static let serviceNowBytes = Result {
        try ShellCommand.output(["unzip", "-p", SharedData.serviceDesk])
    }

    /// The ServiceNow log.
    static let serviceNow = Result {
        try Self.read(.bytes(Self.serviceNowBytes.get()), preset: "servicenow-incidents")
    }

    static func read(_ source: ByteSource, preset: String) throws -> Log {
        let importer = try EventImporter(
            source: source,
            mapping: try Preset.mapping(named: preset),
            settings: .init(temporaryDirectory: TemporaryDirectoryTrait.current)
        )
        var rows: [ImportedRow] = []
        var errors: [RowError] = []
        while let items = try importer.next() {
            rows += items.compactMap(\.row)
            errors += items.compactMap(\.error)
        }
        return Log(rows: rows, errors: errors)
    }

    /// How often each value occurs.
    static func counts<Value: Hashable>(_ values: some Sequence<Value>) -> [Value: Int] {
        values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}

@Suite(
    "The Volvo log",
    .temporaryDirectory,
    .serialized,
    .enabled(if: SharedData.hasHistories, "\(SharedData.absence)")
)
struct VolvoTests {
    private func attributes() throws -> [[SourceAttribute]] {
        var lists: [[SourceAttribute]] = []
        for row in try RealHistory.volvo.get().rows {
            lists.append(try SourceAttribute.decode(row.row.span))
        }
        return lists
    }

    @Test("It has 65,533 rows of 7,554 cases, none refused, every id different")
    func counts() throws {
        let log = try RealHistory.volvo.get()
        #expect(log.errors.isEmpty)
        #expect(log.rows.count == 65_533)
        #expect(Set(log.rows.map(\.subject)).count == 7_554)
        #expect(Set(log.rows.map(\.id)).count == 65_533)
        #expect(log.rows.allSatisfy { $0.order == $0.occurred })
    }

    @Test("Every status of its table is there as often as the file has it")
    func statuses() throws {
        let rows = try RealHistory.volvo.get().rows.map(\.observed)
        #expect(
            RealHistory.counts(rows.map(\.status)) == [
                .inProgress: 30_239, .queued: 11_544, .resolved: 8_150, .closed: 5_717,
                .assigned: 3_221, .waiting: 6_657, .open: 5,
            ]
        )
        #expect(
            RealHistory.counts(rows.compactMap(\.waitingOn)) == [
                .customer: 4_318, .vendor: 313, .internalTeam: 493, .notStated: 1_533,
            ]
        )
        let tiers = RealHistory.counts(rows.compactMap(\.tier))
        #expect(tiers == ["t1": 46_042, "t2": 16_541, "t3": 2_911, "2nd 3rd": 39])
    }

    @Test("A role that an event lacks stays absent: 24 kinds of role, not 23")
    func roles() throws {
        let roles = try self.attributes().map { event in
            event.first { $0.key == "org:role" }?.value
        }
        #expect(roles.count { $0 == nil } == 6_950)
        #expect(Set(roles).count == 24)
        #expect(!roles.contains("UNKNOWN"))
    }

    @Test("Country 0 is no site, and the others are 32 with their names unchanged")
    func sites() throws {
        let countries = try self.attributes().map { event in
            event.first { $0.key == "resource country" }?.value
        }
        let sites = try RealHistory.volvo.get().rows.map(\.observed.site)
        #expect(zip(countries, sites).allSatisfy { $1 == ($0 == "0" ? nil : $0) })
        #expect(Set(countries).count == 32)
    }

    @Test("Offsets of one and two hours are mixed and both count")
    func offsets() throws {
        let times = try self.attributes().map { event in
            event.first { $0.key == "time:timestamp" }?.value ?? ""
        }
        let offsets = RealHistory.counts(times.map { String($0.suffix(6)) })
        #expect(Set(offsets.keys) == ["+01:00", "+02:00"])
        let rows = try RealHistory.volvo.get().rows
        let first = try #require(rows.first { $0.subject.id == "1-364285768" })
        #expect(first.occurred.rfc3339 == "2010-03-31T14:59:42Z")
    }

    @Test("The header's nested attributes and declarations travel with the first row only")
    func header() throws {
        let rows = try RealHistory.volvo.get().rows
        let sections = rows.flatMap(\.attachments)
        #expect(RealHistory.counts(sections.map(\.kind)) == ["log": 1, "trace": 7_554])
        #expect(rows[0].attachments.map(\.kind) == ["log", "trace"])
        let bytes = rows[0].attachments[0].bytes
        let log = try SourceAttribute.decode(bytes.span)
        let kinds = RealHistory.counts(log.map(\.type))
        #expect(kinds["extension"] == 11 && kinds["global"] == 2 && kinds["classifier"] == 2)
        let declarations = ["extension", "global", "classifier", "@"]
        let nested = log.filter { !declarations.contains($0.type) }
            .reduce(0) { $0 + $1.children.count }
        #expect(nested == 7_957)
    }

    @Test("Names that are not ASCII come through")
    func names() throws {
        let rows = try RealHistory.volvo.get().rows
        let bytes = try #require(rows.first?.attachments.first?.bytes)
        let nested = try SourceAttribute.decode(bytes.span).flatMap(\.children)
        let names = nested.compactMap(\.key).filter { !$0.utf8.allSatisfy { $0 < 0x80 } }
        #expect(!names.isEmpty)
        #expect(!names.contains { $0.contains("\u{FFFD}") })
    }

    @Test("Exported and imported again, every row, trace and header is the same")
    func roundTrip() throws {
        // Two passes over 40 MB take minutes without the optimiser: a debug build does a part.
        let rows = try RealHistory.volvo.get().rows.prefix(Effort.isDebug ? 5_000 : .max)
        var writer = XESWriter()
        var document: [UInt8] = []
        var isInTrace = false
        for row in rows {
            for section in row.attachments {
                let list = try SourceAttribute.decode(section.bytes.span)
                if section.kind == ImportSection.log {
                    writer.beginLog(list)
                } else {
                    if isInTrace { writer.endTrace() }
                    writer.beginTrace(list)
                    isInTrace = true
                }
            }
            writer.event(try SourceAttribute.decode(row.row.span))
            document += writer.takeBytes()
        }
        writer.endTrace()
        writer.endLog()
        document += writer.takeBytes()
        let again = try RealHistory.read(.bytes(document), preset: "bpi2013-incidents")
        #expect(again.errors.isEmpty)
        #expect(again.rows.map(\.id) == rows.map(\.id))
        #expect(again.rows.map(\.row) == rows.map(\.row))
        #expect(again.rows.map(\.attachments) == rows.map(\.attachments))
        #expect(again.rows.map(\.observed) == rows.map(\.observed))
    }
}

@Suite(
    "The ServiceNow log",
    .temporaryDirectory,
    .serialized,
    .enabled(if: SharedData.hasHistories, "\(SharedData.absence)")
)
struct ServiceNowTests {
    @Test("It has 141,712 rows of 24,918 cases, none refused, every id different")
    func counts() throws {
        let log = try RealHistory.serviceNow.get()
        #expect(log.errors.isEmpty)
        #expect(log.rows.count == 141_712)
        #expect(Set(log.rows.map(\.subject)).count == 24_918)
        #expect(Set(log.rows.map(\.id)).count == 141_712)
    }

    @Test("Every status of its table is there as often as the file has it, -100 included")
    func statuses() throws {
        let rows = try RealHistory.serviceNow.get().rows.map(\.observed)
        #expect(
            RealHistory.counts(rows.map(\.status)) == [
                .inProgress: 38_716, .open: 36_412, .resolved: 25_751, .closed: 24_985,
                .waiting: 15_848,
            ]
        )
        #expect(
            RealHistory.counts(rows.compactMap(\.waitingOn)) == [
                .customer: 14_642, .vendor: 707, .internalTeam: 461, .notStated: 38,
            ]
        )
        #expect(rows.count { $0.subStatus == "-100" } == 5)
        #expect(RealHistory.counts(rows.compactMap(\.slaMet)) == [true: 132_497, false: 9_215])
        #expect(rows.count { $0.channel == .phone } == 140_480)
    }

    @Test("A question mark is never a value")
    func nulls() throws {
        for row in try RealHistory.serviceNow.get().rows {
            let observed = row.observed
            let texts = [
                observed.team, observed.agent, observed.site, observed.priority, observed.product,
            ]
            guard texts.contains("?") || row.actor.actorID == "?" else { continue }
            Issue.record("line \(row.line) has a question mark for a value")
        }
    }

    @Test("Day stands before month, and the one inversion keeps the order of the file")
    func order() throws {
        let rows = try RealHistory.serviceNow.get().rows
        #expect(rows[0].occurred.rfc3339 == "2016-02-29T01:23:00Z")
        var last: [Subject: Timestamp] = [:]
        var inversions = 0
        for row in rows {
            let before = last[row.subject] ?? row.occurred
            inversions += row.occurred < before ? 1 : 0
            let expected = max(row.occurred, before)
            last[row.subject] = expected
            guard row.order != expected else { continue }
            Issue.record("line \(row.line) has order \(row.order.rfc3339)")
        }
        #expect(inversions > 0)
        let inverted = rows.filter { $0.subject.id == "INC0000137" }
        #expect(
            inverted.map { String($0.occurred.rfc3339.prefix(16)) } == [
                "2016-02-29T11:10", "2016-02-29T09:52", "2016-02-29T11:03", "2016-03-05T12:00",
            ]
        )
        #expect(
            inverted.map { String($0.order.rfc3339.prefix(16)) } == [
                "2016-02-29T11:10", "2016-02-29T11:10", "2016-02-29T11:10", "2016-03-05T12:00",
            ]
        )
    }

    @Test("The row bytes are the file's records, and its header travels once")
    func rowBytes() throws {
        let rows = try RealHistory.serviceNow.get().rows
        let lines = try RealHistory.serviceNowBytes.get().split(separator: 0x0A)
        #expect(zip(rows, lines.dropFirst()).allSatisfy { $0.row.elementsEqual($1) })
        #expect(lines.count == rows.count + 1)
        #expect(RealHistory.counts(rows.flatMap(\.attachments).map(\.kind)) == ["header": 1])
        let header = SourceHeader(record: Array(lines[0]), delimiter: 0x2C)
        #expect(rows[0].attachments[0].bytes == header.bytes)
        #expect(Set(rows.map(\.observed.headerDigest)) == [header.digest])
    }

    @Test("A shorter extract, run again, has the same ids and orders as the whole file begins with")
    func extract() throws {
        let whole = try RealHistory.serviceNow.get().rows
        let lines = try RealHistory.serviceNowBytes.get().split(separator: 0x0A).prefix(10_001)
        let bytes = Array(lines.joined(separator: [0x0A]))
        let short = try RealHistory.read(.bytes(bytes), preset: "servicenow-incidents")
        #expect(short.rows == Array(whole.prefix(10_000)))
    }
}
