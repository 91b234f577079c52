import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Append lines")
struct AppendLineTests {
    private func line(_ text: String) throws(AppendLineError) -> AppendLine {
        try AppendLine(json: Array(text.utf8))
    }

    @Test("A line is read whole")
    func whole() throws {
        let line = try self.line(
            """
            {"id": "018cc820-d888-75c7-8c6a-3af6c3fd007d",
             "type": "caseledger.case.closed", "subject": "case:c1",
             "time": "2024-01-02T03:04:05+01:00", "history": true,
             "actor": {"actorID": "a1", "kind": "agent", "tier": "t2"}, "onBehalfOf": "s1",
             "contactID": "k1", "handoffID": "h1", "escalationID": "e1",
             "causation": "018cc820-d888-7358-b6bf-4ad2f52faf37",
             "labels": {"queue": "q", "brand": "b"}, "classification": "internal",
             "regulations": ["gdpr"], "expecting": {"version": 7}, "data": {"reason": "duplicate"}}
            """
        )
        #expect(line.id?.description == "018cc820-d888-75c7-8c6a-3af6c3fd007d")
        #expect(line.subject.rawValue == "case:c1")
        #expect(line.occurred?.rfc3339 == "2024-01-02T02:04:05Z")
        #expect(line.isHistory)
        #expect(line.actor == ActorSnapshot(actorID: "a1", kind: .agent, tier: "t2"))
        #expect([line.onBehalfOf, line.contactID, line.handoffID] == ["s1", "k1", "h1"])
        #expect(line.escalationID == "e1")
        #expect(line.causation != nil)
        #expect(line.labels.map(\.name) == ["brand", "queue"])
        #expect(line.classification == .internal)
        #expect(line.regulations == ["gdpr"])
        #expect(line.expecting == .version(7))
        guard case .caseClosed(let closed) = line.payload else {
            Issue.record("another payload: \(line.payload)")
            return
        }
        #expect(closed.reason == .duplicate)
    }

    @Test("Only type and subject are needed")
    func least() throws {
        let line = try self.line(#"{"type": "owner.released", "subject": "case:c1"}"#)
        #expect(line.id == nil && line.occurred == nil && line.actor == nil)
        #expect(line.expecting == .any && !line.isHistory)
        #expect(line.payload.typeName == "owner.released")
    }

    @Test(
        "What the subject is expected to be has four forms",
        arguments: [
            ("\"any\"", AppendLine.Expecting.any), ("\"new\"", .new), ("\"exists\"", .exists),
            ("{\"version\": 0}", .version(0)),
        ]
    )
    func expecting(text: String, expecting: AppendLine.Expecting) throws {
        let line = try self.line(
            #"{"type": "case.closed", "subject": "case:c", "expecting": \#(text)}"#
        )
        #expect(line.expecting == expecting)
    }

    @Test(
        "A line that is no event is refused with the key",
        arguments: [
            (#"{"subject": "case:c"}"#, AppendLineError.missing("type")),
            (#"{"type": "case.closed"}"#, .missing("subject")),
            (#"{"type": "case.shut", "subject": "case:c"}"#, .unknownType("case.shut")),
            (#"{"type": "case.shut", "subject": "case:c", "data": {}}"#, .unknownType("case.shut")),
            (#"{"type": "case.closed", "subject": "case:c", "tiem": "x"}"#, .unknownKey("tiem")),
            (
                #"""
                {"type": "case.closed", "subject": "case:c", "time": "2024-01-01T00:00:00Z",
                 "occurred": "2024-01-01T00:00:00Z"}
                """#, .both("time", "occurred")
            ),
        ]
    )
    func refused(text: String, error: AppendLineError) {
        #expect(throws: error) { try self.line(text) }
    }

    @Test(
        "A value that does not fit its key is refused with the key's path",
        arguments: [
            (#""subject": "c1""#, "subject"), (#""time": "yesterday""#, "time"),
            (#""id": "7""#, "id"), (#""expecting": "soon""#, "expecting"),
            (#""expecting": {"version": -1}"#, "expecting.version"),
            (#""actor": {"kind": "cat", "actorID": "a"}"#, "actor.kind"),
            (#""labels": {"subject": "x"}"#, "labels"),
            (#""data": {"reason": "boredom"}"#, "data.reason"), (#""history": 1"#, "history"),
        ]
    )
    func invalid(member: String, key: String) throws {
        let subject = member.contains("\"subject\": \"c1\"") ? "" : #""subject": "case:c","#
        let error = #expect(throws: AppendLineError.self) {
            try self.line(#"{"type": "case.closed", \#(subject) \#(member)}"#)
        }
        guard case .invalid(let found, _) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(found == key)
    }

    @Test("A field of the type that is misspelt, or too long, is refused")
    func badData() {
        let long = String(repeating: "x", count: 300)
        let text =
            #"{"type": "case.opened", "subject": "case:c", "data": {"category": "\#(long)"}}"#
        let problem = "\"data.category\" has 300 bytes; at most 255 are allowed"
        #expect(throws: AppendLineError.tooLarge([problem])) { try self.line(text) }
        #expect(throws: AppendLineError.self) {
            try self.line(#"{"type": "case.closed", "subject": "case:c", "data": {"resaon": "x"}}"#)
        }
    }

    @Test("What is no JSON object is refused", arguments: ["", "[]", "{", "null", "7", "{\"a\"}"])
    func notJSON(text: String) throws {
        let error = #expect(throws: AppendLineError.self) { try self.line(text) }
        guard case .notJSON = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    @Test("A line over its limit is refused before it is parsed")
    func tooLong() {
        let bytes = [UInt8](repeating: 0x20, count: AppendLine.bytesMax + 1)
        #expect(throws: AppendLineError.tooLong(bytes: bytes.count)) { try AppendLine(json: bytes) }
    }

    @Test("Every error has words of its own")
    func descriptions() {
        let errors: [AppendLineError] = [
            .tooLong(bytes: 1), .notJSON(reason: "r"), .unknownKey("k"), .missing("k"),
            .both("a", "b"), .invalid(key: "k", reason: "r"), .unknownType("t"), .tooLarge(["f"]),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }

    @Test("Lines with bytes changed at random never crash the reader", arguments: 1...10)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let whole = Array(
            #"""
            {"type": "case.closed", "subject": "case:c", "time": "2024-01-01T00:00:00Z", "labels":
            {"queue": "q"}, "expecting": {"version": 1}, "data": {"reason": "duplicate"}}
            """#.utf8
        )
        for _ in 0..<100 {
            var bytes = whole
            bytes[Int.random(in: bytes.indices, using: &random)] = random.bytes(1)[0]
            bytes.remove(at: Int.random(in: bytes.indices, using: &random))
            _ = try? AppendLine(json: bytes)
        }
    }
}
