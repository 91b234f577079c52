import LedgerTesting
import Testing

@testable import Interchange

@Suite("XES documents")
struct XESReaderTests {
    private func read(
        _ text: String,
        chunk: Int = 1 << 20
    ) throws(ImportFailure) -> (events: [XESEvent], log: [SourceAttribute]) {
        try self.read(Array(text.utf8), chunk: chunk)
    }

    private func read(
        _ bytes: [UInt8],
        chunk: Int = 1 << 20
    ) throws(ImportFailure) -> (events: [XESEvent], log: [SourceAttribute]) {
        let reader = try XESReader()
        var events: [XESEvent] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            let piece = Array(bytes[start..<min(start + chunk, bytes.count)])
            events += try reader.feed(piece, isFinal: false)
        }
        events += try reader.feed([], isFinal: true)
        return (events, reader.log)
    }

    @Test(
        "Attributes come in file order with type, key, value and children",
        arguments: [1, 1_000]
    )
    func attributes(chunk: Int) throws {
        let text = """
            <log><trace><string key="concept:name" value="c1"/><event>
            <string key="a" value="&lt;x&#10;y&amp;&quot;"><int key="n" value="1"/></string>
            <list key="l"><values><boolean key="b" value="true"/></values></list>
            <date key="t" value=""/></event></trace></log>
            """
        let event = try #require(try self.read(text, chunk: chunk).events.first)
        let values = SourceAttribute(
            type: "values",
            key: nil,
            value: nil,
            children: [SourceAttribute(type: "boolean", key: "b", value: "true")]
        )
        #expect(
            event.attributes == [
                SourceAttribute(
                    key: "a",
                    value: "<x\ny&\"",
                    children: [SourceAttribute(type: "int", key: "n", value: "1")]
                ),
                SourceAttribute(type: "list", key: "l", value: nil, children: [values]),
                SourceAttribute(type: "date", key: "t", value: ""),
            ]
        )
        #expect(event.trace == [SourceAttribute(key: "concept:name", value: "c1")])
        #expect(event.line == 1)
    }

    @Test("Defaults of a global are kept with the log and never put into events")
    func globals() throws {
        let head = #"<global scope="event"><string key="org:role" value="UNKNOWN"/></global>"#
        let text = TestMappings.xesLog(TestMappings.xesEvent(), head: head)
        let found = try self.read(text)
        #expect(!found.events[0].attributes.contains { $0.key == "org:role" })
        let global = try #require(found.log.first { $0.type == "global" })
        #expect(global.children.map(\.key) == ["scope", "org:role"])
        #expect(global.children.map(\.type) == ["@", "string"])
    }

    @Test("What XES does not name is kept: other XML attributes, text, unknown elements")
    func unknown() throws {
        let text = #"<log a="1"><event><odd key="k" unit="s">some <x/>text</odd></event></log>"#
        let found = try self.read(text)
        #expect(found.log == [SourceAttribute(type: "@", key: "a", value: "1")])
        #expect(
            found.events[0].attributes == [
                SourceAttribute(
                    type: "odd",
                    key: "k",
                    value: nil,
                    children: [
                        SourceAttribute(type: "@", key: "unit", value: "s"),
                        SourceAttribute(type: "#", key: nil, value: "some "),
                        SourceAttribute(type: "x", key: nil, value: nil),
                        SourceAttribute(type: "#", key: nil, value: "text"),
                    ]
                )
            ]
        )
        #expect(found.events[0].trace == nil)
    }

    @Test("Each trace begins anew, and its first event is told")
    func traces() throws {
        let event = "<event/>"
        let text = """
            <log><trace><string key="a" value="1"/>\(event)\(event)</trace>
            <trace/><trace>\(event)</trace></log>
            """
        let events = try self.read(text).events
        #expect(events.map(\.isFirstOfTrace) == [true, false, true])
        #expect(events.map { $0.trace?.count } == [1, 1, 0])
        #expect(events.map(\.line) == [1, 1, 2])
    }

    @Test("UTF-16 is read as well")
    func wide() throws {
        let text = #"<log><event><string key="é" value="ü"/></event></log>"#
        let bytes: [UInt8] =
            [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        #expect(try self.read(bytes).events[0].attributes[0].value == "ü")
    }

    @Test(
        "XML that is not well-formed is refused with its line",
        arguments: [
            ("<log>\n<trace></log>", 2), ("<log>\n\n<trace>", 3), ("<log/>\nmore", 2),
            ("<log>\n<event>&nbsp;</event></log>", 2), ("", 1),
        ]
    )
    func notWellFormed(text: String, line: Int) throws {
        let error = #expect(throws: ImportFailure.self) { try self.read(text) }
        guard case .notWellFormed(let found, _, _) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(found == line)
    }

    @Test("Bytes that are not UTF-8 are refused with their line")
    func notUTF8() throws {
        let bytes = Array("<log>\n<event><string key=\"a\" value=\"".utf8) + [0xFF]
        let error = #expect(throws: ImportFailure.self) {
            try self.read(bytes + Array("\"/></event></log>".utf8))
        }
        #expect(error?.line == 2)
    }

    @Test("A document type is refused, so entities cannot grow")
    func documentType() {
        let text = """
            <?xml version="1.0"?>
            <!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
            <log><event><string key="x" value="&b;"/></event></log>
            """
        #expect(throws: ImportFailure.documentType(line: 2)) { try self.read(text) }
    }

    @Test("Another root element is refused by name")
    func root() {
        let failure = ImportFailure.wrongFormat(
            expected: .xes,
            found: "XML whose root element is <html>"
        )
        #expect(throws: failure) { try self.read("<html><log/></html>") }
    }

    @Test("Attributes nested deeper than 64 levels are refused, 64 are not")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            let open = String(repeating: #"<string key="k" value="v">"#, count: depth)
            let close = String(repeating: "</string>", count: depth)
            return "<log><event>\(open)\(close)</event></log>"
        }
        let limit = SourceAttribute.depthMax - 1
        let event = try #require(try self.read(nested(limit)).events.first)
        let bytes = SourceAttribute.encode(event.attributes)
        #expect(try SourceAttribute.decode(bytes.span) == event.attributes)
        #expect(throws: ImportFailure.tooDeep(line: 1, limit: SourceAttribute.depthMax)) {
            try self.read(nested(limit + 1))
        }
    }

    @Test("Attributes that come too late for a stream are refused")
    func misplaced() {
        let late = #"<string key="k" value="v"/>"#
        #expect(throws: ImportFailure.misplacedElement(line: 1, name: "string")) {
            try self.read("<log><trace><event/>\(late)</trace></log>")
        }
        #expect(throws: ImportFailure.misplacedElement(line: 1, name: "string")) {
            try self.read("<log><trace/>\(late)</log>")
        }
    }

    @Test("An event over eight mebibytes, and log attributes over their limit, stop the reading")
    func tooLong() {
        let value = String(repeating: "x", count: 1 << 20)
        let attribute = #"<string key="k" value="\#(value)"/>"#
        let many = String(repeating: attribute, count: 17)
        let event = ImportFailure.elementTooLong(
            line: 1,
            name: "event",
            limit: XESReader.eventBytesMax
        )
        #expect(throws: event) { try self.read("<log><event>\(many)</event></log>") }
        let log = ImportFailure.elementTooLong(
            line: 1,
            name: "log",
            limit: ImportSection.bytesMax
        )
        #expect(throws: log) { try self.read("<log>\(many)</log>") }
    }

    @Test("Documents with bytes changed at random never crash it", arguments: 1...20)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let head = #"<global scope="event"><string key="a" value="b"/></global><int key="i"/>"#
        let whole = Array(TestMappings.xesLog(TestMappings.xesEvent(), head: head).utf8)
        for _ in 0..<100 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: whole.suffix(30), at: index)
                }
            }
            _ = try? self.read(bytes, chunk: Int.random(in: 1...50, using: &random))
        }
    }
}
