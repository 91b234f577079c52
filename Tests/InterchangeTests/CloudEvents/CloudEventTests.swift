import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("CloudEvents")
struct CloudEventTests {
    /// An event that has every field of the envelope, and what it is as a line.
    private static let whole = """
        {"actorcurrency":"EUR","actorid":"ada","actorkind":"agent","actorlimit":"5000",\
        "actorprogramme":"rotation","actorrole":"owner","actorsite":"desk.example/one",\
        "actorsitekind":"inHouse","actorskills":"french,routers%2C old ones","actorteam":\
        "First%0Aline 100%25","actortenuredays":400,"actortier":"t1","causationid":\
        "018cc820-d888-7358-b6bf-4ad2f52faf37","contactid":"k1","correlationid":"k1",\
        "data":{"reason":"duplicate"},"dataclassification":"internal","datacontenttype":\
        "application/json","dataregulation":"gdpr","escalationid":"e1","handoffid":"h1",\
        "history":true,"id":"018cc820-d888-75c7-8c6a-3af6c3fd007d",\
        "labels":"brand=b%3Dc&queue=q","onbehalfof":"s1",\
        "ordertime":"2024-01-02T03:04:06Z","recordedtime":"2024-01-02T03:04:07.008000Z",\
        "sequence":"00000000000000000041","source":"desk.example/one/e1-00c0ffee",\
        "specversion":"1.0","subject":"case:c1","time":"2024-01-02T03:04:05.000006Z",\
        "type":"caseledger.case.closed"}
        """

    private static func draft() throws -> EventDraft {
        var closed = CaseClosed()
        closed.reason = .duplicate
        return EventDraft(
            id: try #require(EventID("018cc820-d888-75c7-8c6a-3af6c3fd007d")),
            type: "case.closed",
            subject: try #require(Subject("case:c1")),
            occurred: try #require(Timestamp(rfc3339: "2024-01-02T03:04:05.000006Z")),
            isHistory: true,
            actor: ActorSnapshot(
                actorID: "ada",
                kind: .agent,
                role: "owner",
                tier: "t1",
                team: "First\nline 100%",
                siteID: "desk.example/one",
                siteKind: .inHouse,
                programme: "rotation",
                tenureDays: 400,
                skills: ["french", "routers, old ones"],
                authorityLimit: ActorSnapshot.AuthorityLimit(amountMinor: 5_000, currency: "EUR")
            ),
            onBehalfOf: "s1",
            contactID: "k1",
            handoffID: "h1",
            escalationID: "e1",
            causation: EventID("018cc820-d888-7358-b6bf-4ad2f52faf37"),
            labels: [Label(name: "brand", value: "b=c"), Label(name: "queue", value: "q")],
            classification: .internal,
            regulations: ["gdpr"],
            body: EventPayload.caseClosed(closed).body
        )
    }

    private static func line(_ draft: EventDraft, index: UInt64 = 41) throws -> String {
        let recorded = try #require(Timestamp(rfc3339: "2024-01-02T03:04:07.008Z"))
        let envelope = EventEnvelope(
            draft: draft,
            stamp: Stamp(
                recorded: HybridTime(after: HybridTime(rawValue: 0), now: recorded),
                order: try #require(Timestamp(rfc3339: "2024-01-02T03:04:06Z")),
                labelSequences: []
            )
        )
        let event = CloudEvent(
            envelope,
            payload: try EventPayload(typeName: draft.type, body: draft.body),
            origin: "desk.example/one/e1-00c0ffee",
            index: index
        )
        let bytes = try event.line
        #expect(bytes.last == UInt8(ascii: "\n"))
        return String(decoding: bytes.dropLast(), as: UTF8.self)
    }

    /// The caller's part of what a line says.
    private static func proposed(_ line: AppendLine) throws -> EventDraft {
        ProposedEvent(
            id: try #require(line.id),
            subject: line.subject,
            occurred: try #require(line.occurred),
            isHistory: line.isHistory,
            actor: try #require(line.actor),
            onBehalfOf: line.onBehalfOf,
            contactID: line.contactID,
            handoffID: line.handoffID,
            escalationID: line.escalationID,
            causation: line.causation,
            labels: line.labels,
            classification: line.classification,
            regulations: line.regulations,
            payload: line.payload
        ).draft()
    }

    private func read(_ text: String) throws(AppendLineError) -> AppendLine {
        try AppendLine(json: Array(text.utf8))
    }

    @Test("Every field of the envelope is an attribute")
    func whole() throws {
        #expect(try Self.line(Self.draft()) == Self.whole)
    }

    @Test("What was written is read as the same event")
    func roundTrip() throws {
        #expect(try Self.proposed(self.read(Self.whole)) == Self.draft())
    }

    @Test("Whatever can be drafted comes back as it was", arguments: 1...200 as ClosedRange<UInt64>)
    func anyDraft(seed: UInt64) throws {
        var drafts = RandomDraft(seed: seed)
        var draft = drafts.next()
        draft.type = "shop.v2.partRefitted"
        draft.sections = []
        draft.schemaVersion = 1
        // RFC 3339 has years of four digits.
        let year9000: Int64 = 221_845_392_000_000_000
        draft.occurred = Timestamp(microseconds: draft.occurred.microseconds % year9000 / 8)
        let read = try Self.proposed(self.read(Self.line(draft)))
        #expect(read == draft, "seed \(seed)")
    }

    @Test("A type of the caller's own keeps its name and its JSON")
    func custom() throws {
        let text =
            #"{"specversion":"1.0","type":"com.example.router.rebooted","source":"/router/7","#
            + #""id":"018cc820-d888-75c7-8c6a-3af6c3fd007d","subject":"case:c1","#
            + #""time":"2024-01-02T03:04:05Z","actorkind":"bot","actorid":"r7","#
            + #""data":{"uptime":18446744073709551615,"load":0.5,"ports":[1,null,true]}}"#
        let draft = try Self.proposed(self.read(text))
        #expect(draft.type == "com.example.router.rebooted")
        #expect(draft.body?.field == EventBody.customField)
        let line = try Self.line(draft)
        #expect(line.contains("\"type\":\"com.example.router.rebooted\""))
        let data = #""data":{"load":0.5,"ports":[1,null,true],"uptime":18446744073709551615}"#
        #expect(line.contains(data))
        #expect(try Self.proposed(self.read(line)) == draft)
    }

    @Test("A type of a newer version comes back with its bytes")
    func newer() throws {
        var draft = try Self.draft()
        draft.type = "case.teleported"
        draft.body = EventBody(field: 164, bytes: [0x0A, 0x01, 0x78])
        let line = try Self.line(draft)
        #expect(line.contains("\"type\":\"caseledger.case.teleported\""))
        #expect(line.contains(#""data":{"bytes":"0a0178","field":164}"#))
        #expect(try Self.proposed(self.read(line)) == draft)
    }

    @Test("A sealed text that is not open stays sealed")
    func sealed() throws {
        var note = MessageRecorded()
        note.messageID = "m1"
        note.body = .open("hello")
        var draft = try Self.draft()
        draft.type = "message.recorded"
        draft.body = EventPayload.messageRecorded(note).body
        let line = try Self.line(draft)
        #expect(line.contains(#""body":{"sealed":true}"#) && !line.contains("hello"))
        guard case .messageRecorded(let read) = try self.read(line).payload else {
            Issue.record("another payload")
            return
        }
        #expect(read.body == .withheld)
    }

    @Test("An id that is no UUIDv7 becomes one, the same for the same source, id and time")
    func computedID() throws {
        func id(_ source: String, _ id: String) throws -> EventID? {
            try self.read(
                #"{"specversion":"1.0","type":"caseledger.case.closed","subject":"case:c","#
                    + #""time":"2024-01-02T03:04:05Z","source":"\#(source)","id":"\#(id)"}"#
            ).id
        }
        let first = try #require(try id("/a", "1"))
        #expect(first.isVersion7)
        #expect(try id("/a", "1") == first)
        #expect(try id("/b", "1") != first)
        #expect(try id("/a", "2") != first)
    }

    @Test("Another producer's correlation id is the contact")
    func correlation() throws {
        let line = try self.read(
            #"{"specversion":"1.0","type":"caseledger.case.closed","subject":"case:c","#
                + #""source":"/a","id":"018cc820-d888-75c7-8c6a-3af6c3fd007d","#
                + #""correlationid":"k9","traceparent":"00-1-1-00"}"#
        )
        #expect(line.contactID == "k9")
        #expect(line.occurred == nil && line.actor == nil && line.expecting == .any)
    }

    private static let needed: [String: String] = [
        "specversion": "\"1.0\"", "type": "\"caseledger.case.closed\"", "source": "\"/a\"",
        "id": "\"018cc820-d888-75c7-8c6a-3af6c3fd007d\"", "subject": "\"case:c\"",
        "data": #"{"reason":"duplicate"}"#,
    ]

    private func text(_ change: [String: String?]) -> String {
        var members = Self.needed
        for (name, value) in change { members[name] = value }
        let pairs = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return "{\(pairs.joined(separator: ","))}"
    }

    @Test("What a CloudEvent must have is missed", arguments: ["type", "id", "source", "subject"])
    func missing(name: String) {
        #expect(throws: AppendLineError.missing(name)) { try self.read(self.text([name: nil])) }
    }

    @Test(
        "An attribute that does not fit is refused by name",
        arguments: [
            ("specversion", "\"0.3\""), ("specversion", "\"1.1\""), ("id", "\"\""),
            ("id", "\"order-7\""), ("source", "\"\""), ("subject", "\"c1\""),
            ("time", "\"noon\""), ("datacontenttype", "\"text/xml\""),
            ("datacontenttype", "\"application/jsonl\""), ("data_base64", "\"eA==\""),
            ("schemaversion", "2"), ("type", "\"com.example.kebab-case\""),
            ("type", "\"closed\""), ("labels", "\"queue\""), ("labels", "\"subject=x\""),
            ("expecting", "\"soon\""), ("history", "\"yes\""), ("actorkind", "\"cat\""),
            ("actorlimit", "\"much\""), ("causationid", "\"x\""),
            ("dataclassification", "\"secret\""),
        ]
    )
    func invalid(name: String, value: String) throws {
        let error = #expect(throws: AppendLineError.self) {
            try self.read(self.text([name: value]))
        }
        guard case .invalid(let key, _) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(key == name)
    }

    @Test(
        "JSON goes under several media types",
        arguments: [
            "application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json",
            "text/json",
        ]
    )
    func mediaType(type: String) throws {
        _ = try self.read(self.text(["datacontenttype": "\"\(type)\""]))
    }

    @Test("A misspelt type of the catalogue is refused, and so is an attribute nobody knows")
    func unknown() {
        #expect(throws: AppendLineError.unknownType("caseledger.case.shut")) {
            try self.read(self.text(["type": "\"caseledger.case.shut\""]))
        }
        #expect(throws: AppendLineError.unknownAttribute("contactID")) {
            try self.read(self.text(["contactID": "\"k\""]))
        }
        #expect(throws: AppendLineError.self) {
            try self.read(self.text(["data": #"{"resaon":"duplicate"}"#]))
        }
    }

    @Test("A CloudEvent over the limit of a line is refused before it is parsed")
    func tooLong() {
        let bytes =
            Array(self.text([:]).utf8)
            + [UInt8](repeating: 0x20, count: AppendLine.bytesMax)
        #expect(throws: AppendLineError.tooLong(bytes: bytes.count)) { try AppendLine(json: bytes) }
    }

    @Test("A subject may be expected at a version")
    func expecting() throws {
        #expect(try self.read(self.text(["expecting": "\"7\""])).expecting == .version(7))
        #expect(try self.read(self.text(["expecting": "\"new\""])).expecting == .new)
    }
}
