import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("XES export")
struct XESWriterTests {
    private func write(
        log: [SourceAttribute],
        trace: [SourceAttribute],
        events: [[SourceAttribute]]
    ) -> [UInt8] {
        var writer = XESWriter()
        writer.beginLog(log)
        writer.beginTrace(trace)
        for event in events { writer.event(event) }
        writer.endTrace()
        writer.endLog()
        return writer.takeBytes()
    }

    private static func text(_ random: inout SeededRandom) -> String {
        let letters = ["a", "<", ">", "&", "\"", "'", "\n", "\t", "\r", " ", "é", "😀", "]]>"]
        return (0..<Int.random(in: 0...5, using: &random))
            .map { _ in letters.randomElement(using: &random) ?? "" }.joined()
    }

    private static func list(_ random: inout SeededRandom, depth: Int) -> [SourceAttribute] {
        let types = ["string", "date", "int", "float", "boolean", "id", "list", "odd-one"]
        return (0..<Int.random(in: 0...3, using: &random)).map { _ in
            SourceAttribute(
                type: types.randomElement(using: &random) ?? "string",
                key: Bool.random(using: &random) ? Self.text(&random) : nil,
                value: Bool.random(using: &random) ? Self.text(&random) : nil,
                children: depth > 0 ? Self.list(&random, depth: depth - 1) : []
            )
        }
    }

    @Test("What is written is read back attribute for attribute", arguments: 1...40)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let declaration = SourceAttribute(
            type: "classifier",
            key: nil,
            value: nil,
            children: [SourceAttribute(type: "@", key: "name", value: Self.text(&random))]
        )
        let log = XESWriter.plainLog + [declaration] + Self.list(&random, depth: 3)
        let trace = Self.list(&random, depth: 2)
        let events = (0..<3).map { _ in Self.list(&random, depth: 3) }
        let reader = try XESReader()
        let bytes = self.write(log: log, trace: trace, events: events)
        let found = try reader.feed(bytes, isFinal: true)
        #expect(reader.log == log, "seed \(seed)")
        #expect(found.map(\.attributes) == events, "seed \(seed)")
        #expect(found.allSatisfy { $0.trace == trace }, "seed \(seed)")
    }

    @Test("The list form of attributes comes back from its bytes", arguments: 1...20)
    func listForm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let list = Self.list(&random, depth: 4)
        #expect(try SourceAttribute.decode(SourceAttribute.encode(list).span) == list)
    }

    @Test("The list form has frozen bytes")
    func frozen() {
        let list = [
            SourceAttribute(
                key: "org:group",
                value: "V5 3rd",
                children: [SourceAttribute(type: "int", key: "n", value: "7")]
            )
        ]
        let hex =
            "0a2012096f72673a67726f75701a0656352033726422"
            + "0b0a03696e7412016e1a0137"
        #expect(SourceAttribute.encode(list).hex == hex)
    }

    @Test("Bytes that are no list form are refused, or read without a crash", arguments: 1...20)
    func damagedListForm(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            var bytes = SourceAttribute.encode(Self.list(&random, depth: 3)) + [0x0A]
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = random.bytes(1)[0]
            }
            _ = try? SourceAttribute.decode(bytes.span)
        }
    }

    @Test("Names that XML cannot have, and controls, never break the document")
    func hostileNames() throws {
        let hostile = SourceAttribute(
            type: "a><b",
            key: "k\u{0}",
            value: "v\u{1}",
            children: [
                SourceAttribute(type: "@", key: "x=\"1\" y", value: "z"),
                SourceAttribute(type: "@", key: "key", value: "z"),
                SourceAttribute(type: "@", key: "unit", value: "s"),
                SourceAttribute(type: "@", key: "unit", value: "t"),
                SourceAttribute(type: "", key: nil, value: nil),
            ]
        )
        let bytes = self.write(log: [hostile], trace: [hostile], events: [[hostile]])
        let event = try #require(try XESReader().feed(bytes, isFinal: true).first)
        #expect(event.attributes.map(\.type) == ["string"])
        #expect(event.attributes[0].key == "k\u{FFFD}")
        #expect(event.attributes[0].children.map(\.type) == ["@", "string"])
    }

    @Test("A CSV row goes out by the names of its header, with what XES asks for")
    func csvRow() throws {
        let header = SourceHeader(
            record: Array("id;\"a \"\"b\"\"\";concept:name".utf8),
            delimiter: 0x3B
        )
        var observed = CaseObserved()
        observed.status = .waiting
        observed.team = "G1"
        let attributes = ExportedEvent.attributes(
            record: Array("1;\"x;y\";z".utf8),
            header: header,
            observed: observed,
            occurred: Timestamp(microseconds: 0)
        )
        #expect(
            attributes.map(\.key) == [
                "id", "a \"b\"", "concept:name", "org:group", "time:timestamp",
            ]
        )
        #expect(attributes.map(\.value) == ["1", "x;y", "z", "G1", "1970-01-01T00:00:00Z"])
        #expect(try SourceHeader(header.bytes.span) == header)
    }

    @Test("A live event goes out with its type, actor and time")
    func liveEvent() {
        let attributes = ExportedEvent.attributes(
            type: "owner.assigned",
            actor: ActorSnapshot(actorID: "a1", kind: .agent, team: "G1"),
            occurred: Timestamp(microseconds: 1_000_000)
        )
        #expect(attributes.map(\.value) == ["owner.assigned", "G1", "a1", "1970-01-01T00:00:01Z"])
        #expect(attributes.map(\.type) == ["string", "string", "string", "date"])
    }
}
