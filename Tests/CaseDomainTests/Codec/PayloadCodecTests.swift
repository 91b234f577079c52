import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Payload codec")
struct PayloadCodecTests {
    @Test("The bytes of every type stay as they were", arguments: EventType.allCases)
    func golden(type: EventType) throws {
        let payload = Examples.payload(type)
        let body = try #require(payload.body)
        #expect(body.field == type.field)
        #expect(body.bytes.hex == GoldenBodies.bodies[type.rawValue])
        #expect((payload.sealedText?.bytes.hex ?? "") == (GoldenBodies.texts[type.rawValue] ?? ""))
    }

    @Test("Every type comes back from its bytes and its sealed text", arguments: EventType.allCases)
    func roundTrip(type: EventType) throws {
        let payload = Examples.payload(type)
        var read = try EventPayload(typeName: type.rawValue, body: payload.body)
        if let text = payload.sealedText {
            #expect(read != payload)
            #expect(read.body == payload.body)
            read.open(try SealedText(bytes: text.bytes))
        }
        #expect(read == payload)
    }

    @Test("Every type in which nothing is stated comes back", arguments: EventType.allCases)
    func blank(type: EventType) throws {
        let payload = EventPayload.blank(type)
        #expect(payload.body?.bytes == [])
        #expect(payload.sealedText == nil)
        #expect(try EventPayload(typeName: type.rawValue, body: payload.body) == payload)
        #expect(try EventPayload(typeName: type.rawValue, body: nil) == payload)
    }

    @Test("No sealed text stands in the clear", arguments: EventType.allCases)
    func nothingInTheClear(type: EventType) throws {
        let payload = Examples.payload(type)
        let clear = try #require(payload.body).bytes
        for pair in payload.sealedText?.pairs ?? [] {
            #expect(clear.firstRange(of: Array(pair.value.utf8)) == nil, "\(pair.name)")
        }
    }

    @Test("A sealed field that is not open is known to be there")
    func withheld() throws {
        let payload = Examples.payload(.caseResolved)
        let read = try EventPayload(typeName: "case.resolved", body: payload.body)
        guard case .caseResolved(let resolve) = read else {
            Issue.record("not a resolve")
            return
        }
        #expect(resolve.notes == .withheld)
        #expect(resolve.notes.isPresent)
        #expect(resolve.notes.value == nil)
    }

    @Test("Optional fields keep their presence, also at zero")
    func presence() throws {
        let closed = try CaseClosed(clear: Examples.closed.clearBytes)
        #expect(closed.days == 0)
        #expect(try CaseClosed(clear: CaseClosed().clearBytes).days == nil)
        let observed = try CaseObserved(clear: Examples.observed.clearBytes)
        #expect(observed.slaMet == false)
        #expect(try CaseObserved(clear: CaseObserved().clearBytes).slaMet == nil)
        var named = CaseObserved()
        named.waitingOn = .notStated
        named.team = ""
        let read = try CaseObserved(clear: named.clearBytes)
        #expect(read.waitingOn == .notStated)
        #expect(read.team == "")
    }

    @Test("A type that is not known is kept with its body")
    func unknown() throws {
        let body = EventBody(field: 450, bytes: [8, 1])
        let payload = try EventPayload(typeName: "telepathy.received", body: body)
        #expect(payload == .unknown(type: "telepathy.received", body: body))
        #expect(payload.typeName == "telepathy.received")
        #expect(payload.body == body)
        #expect(payload.type == nil)
    }

    @Test("A known type whose body lies in another field is kept as it is")
    func misplaced() throws {
        let body = EventBody(field: 100, bytes: [8, 1])
        let payload = try EventPayload(typeName: "case.closed", body: body)
        #expect(payload == .unknown(type: "case.closed", body: body))
    }

    @Test("Words and fields of a newer version do not stop an older reader")
    func newer() throws {
        var wire = WireWriter()
        wire.varint(99, field: 1)
        wire.string("later", field: 77)
        wire.varint(7, field: 2)
        let closed = try CaseClosed(clear: wire.bytes)
        #expect(closed.reason == .notStated)
        #expect(closed.days == 7)
    }

    @Test("What a newer version wrote is named: its fields, and its words")
    func newerIsNamed() throws {
        var product = WireWriter()
        product.varint(88, field: 3)
        product.string("later", field: 9)
        var wire = WireWriter()
        wire.data(product.bytes, field: 2)
        wire.varint(99, field: 4)
        wire.varint(3, field: 15)
        wire.string("later", field: 77)
        let unread = try EventType.caseOpened.unreadFields(in: wire.bytes)
        #expect(
            unread.map(\.description)
                == ["product.complexity = 88", "product.9", "ticketType = 99", "77"]
        )
    }

    @Test("Nothing in our own bytes is unread", arguments: EventType.allCases)
    func nothingUnread(type: EventType) throws {
        let body = try #require(Examples.payload(type).body)
        #expect(try type.unreadFields(in: body.bytes) == [])
    }

    @Test("Bytes cut anywhere are refused or read, never worse", arguments: EventType.allCases)
    func truncation(type: EventType) throws {
        let body = try #require(Examples.payload(type).body)
        for count in 0..<body.bytes.count {
            let cut = EventBody(field: body.field, bytes: Array(body.bytes.prefix(count)))
            _ = try? EventPayload(typeName: type.rawValue, body: cut)
        }
    }

    @Test("Random bytes are refused or read, never worse", arguments: UInt64(1)...8)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for type in EventType.allCases {
            for length in 0..<40 {
                let body = EventBody(field: type.field, bytes: random.bytes(length))
                _ = try? EventPayload(typeName: type.rawValue, body: body)
            }
        }
    }

    @Test("A field of the wrong wire type is refused")
    func wrongType() {
        var wire = WireWriter()
        wire.string("fixed", field: 1)
        #expect(throws: WireError.wrongType(field: 1)) { try CaseResolved(clear: wire.bytes) }
    }

    @Test("Text that is not UTF-8 is refused")
    func notUTF8() {
        var wire = WireWriter()
        wire.data([0xFF, 0xFE], field: 5)
        #expect(throws: WireError.notUTF8(field: 5)) { try CaseObserved(clear: wire.bytes) }
    }

    @Test("A sealed text of too many pairs is refused")
    func tooManyPairs() {
        let pair = SealedText.Pair(name: "a", value: "b")
        let text = SealedText(
            pairs: Array(repeating: pair, count: FieldLimits.sealedPairsMax + 1)
        )
        #expect(throws: WireError.outOfRange(field: 1)) { try SealedText(bytes: text.bytes) }
    }
}

@Suite("Field limits")
struct FieldLimitTests {
    @Test("The examples are within their limits", arguments: EventType.allCases)
    func within(type: EventType) {
        #expect(Examples.payload(type).limitBreaches == [])
    }

    @Test("A text that is too long is named with its path")
    func longText() {
        var opening = Examples.opened
        opening.product?.lot = String(repeating: "x", count: 256)
        let breaches = opening.limitBreaches
        #expect(breaches.map(\.field) == ["product.lot"])
        #expect(breaches.first?.problem == "has 256 bytes; at most 255 are allowed")
    }

    @Test("A list that is too long is named")
    func longList() {
        var start = ContactStarted()
        start.ivrPath = Array(repeating: "1", count: FieldLimits.countMax + 1)
        #expect(start.limitBreaches.map(\.field) == ["ivrPath"])
    }

    @Test("A number that is none is named, also inside a list")
    func badNumber() {
        var end = Examples.ended
        end.segments[0].talkSeconds = .nan
        end.queueSeconds = -1
        #expect(end.limitBreaches.map(\.field) == ["queueSeconds", "segments[0].talkSeconds"])
    }

    @Test("A sealed text that is too long is named")
    func longSealed() {
        var wrapUp = ContactWrappedUp()
        wrapUp.summary = .open(String(repeating: "x", count: FieldLimits.noteBytesMax + 1))
        #expect(wrapUp.limitBreaches.map(\.field) == ["summary"])
    }
}
