import CaseDomain
import Foundation
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
        let log = XESExtension.plainLog + [declaration] + Self.list(&random, depth: 3)
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
                "id", "a \"b\"", "concept:name", "lifecycle:transition", "org:group",
                "time:timestamp",
            ]
        )
        #expect(
            attributes.map(\.value) == ["1", "x;y", "z", "complete", "G1", "1970-01-01T00:00:00Z"]
        )
        #expect(try SourceHeader(header.bytes.span) == header)
    }

    @Test("A live event goes out with its type, actor, time, our attributes and its clear fields")
    func liveEvent() throws {
        let trace = try MiningStory().trace
        let attributes = ExportedEvent.attributes(step: trace.steps[1], resourceName: "Anna A")
        let found = Dictionary(
            attributes.map { ($0.key ?? "", "\($0.type) \($0.value ?? "")") },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(found["concept:name"] == "string case.opened")
        #expect(found["org:resource"] == "string anna")
        #expect(found["org:group"] == "string First & line")
        #expect(found["lifecycle:transition"] == "string complete")
        #expect(found["time:timestamp"] == "date 2023-11-14T22:14:20Z")
        #expect(found["caseledger:resourceName"] == "string Anna A")
        #expect(found["caseledger:state"] == "string open")
        #expect(found["caseledger:severity"] == "int 2")
        #expect(found["data.product.id"] == "string R-7")
        #expect(!found.values.contains { $0.contains("business") }, "sealed text went out")
    }

    @Test("A live case is read back as it was written, and every key of ours is in the extension")
    func liveCase() throws {
        let trace = try MiningStory().trace
        let about = ExportedEvent.trace(trace)
        let events = trace.steps.map { ExportedEvent.attributes(step: $0, resourceName: "A <&>") }
        let reader = try XESReader()
        let bytes = self.write(log: XESExtension.plainLog, trace: about, events: events)
        let found = try reader.feed(bytes, isFinal: true)
        #expect(found.map(\.attributes) == events)
        #expect(found.first?.trace == about)
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/caseledger.xesext")
        let text = try String(contentsOf: file, encoding: .utf8)
        let parts = text.split(separator: "<event>", maxSplits: 1)
        for (part, lists) in [(parts[0], [about]), (parts[1], events)] {
            for attribute in lists.joined() {
                guard let key = attribute.key, key.hasPrefix("caseledger:") else { continue }
                #expect(part.contains("<\(attribute.type) key=\"\(key.dropFirst(11))\">"), "\(key)")
            }
        }
        #expect(text.contains("uri=\"\(XESExtension.uri)\""))
    }

    @Test("Our extension is declared once, behind those of an imported log")
    func declared() {
        func attribute(_ type: String) -> SourceAttribute {
            SourceAttribute(type: type, key: nil, value: nil)
        }
        let log = [attribute("extension"), attribute("global")]
        let once = XESExtension.declared(in: log)
        #expect(once == [log[0], XESExtension.declaration, log[1]])
        #expect(XESExtension.declared(in: once) == once)
        #expect(XESExtension.declared(in: []) == [XESExtension.declaration])
        #expect(XESExtension.plainLog.contains(XESExtension.declaration))
    }
}
