import CaseDomain
import Foundation
import LedgerTypes
import Testing

/// Lets a payload be read as JSONDecoder reads any value.
private struct AnyPayload: Decodable {
    static let typeKey = CodingUserInfoKey(rawValue: "type")
    let payload: EventPayload?

    init(from decoder: any Decoder) throws {
        let type = Self.typeKey.flatMap { decoder.userInfo[$0] as? String } ?? ""
        self.payload = try EventPayload(typeName: type, from: decoder)
    }
}

@Suite("Payload JSON")
struct PayloadJSONTests {
    static func decode(_ type: String, _ json: String) throws -> EventPayload? {
        let decoder = JSONDecoder()
        if let key = CodingUserInfoKey(rawValue: "type") { decoder.userInfo[key] = type }
        return try decoder.decode(AnyPayload.self, from: Data(json.utf8)).payload
    }

    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test("Every type comes back from its JSON form", arguments: EventType.allCases)
    func roundTrip(type: EventType) throws {
        let payload = Examples.payload(type)
        let json = try Self.encode(payload)
        #expect(try Self.decode(type.rawValue, json) == payload)
    }

    @Test("The JSON form has the catalogue's names")
    func names() throws {
        #expect(
            try Self.encode(Examples.payload(.caseObserved))
                == """
                {"agent":"Frederic","channel":"phone","priority":"Medium","product":"PROD582",\
                "site":"France","slaMet":false,"sourceSystem":"desk","status":"waiting",\
                "subStatus":"Wait - User","team":"V5 3rd","tier":"3rd","waitingOn":"customer"}
                """
        )
        #expect(
            try Self.encode(Examples.payload(.contactAttached))
                == #"{"caseID":"C-1","share":0.5}"#
        )
    }

    @Test("Fields that are left out say nothing")
    func absent() throws {
        #expect(try Self.decode("case.opened", "{}") == .caseOpened(CaseOpened()))
    }

    @Test("A field that the type does not have is refused, and the message lists those it has")
    func unknownField() throws {
        let error = try #require(throws: DecodingError.self) {
            try Self.decode("case.closed", #"{"reason":"spam","resaon":"x"}"#)
        }
        guard case .dataCorrupted(let context) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(
            context.debugDescription
                == "there is no field \"resaon\"; the fields are: reason, days"
        )
    }

    @Test("A word that is not in its list is refused")
    func unknownWord() {
        #expect(throws: DecodingError.self) {
            try Self.decode("case.closed", #"{"reason":"boredom"}"#)
        }
    }

    @Test("A date, a time or an id that is none is refused")
    func malformed() {
        #expect(throws: DecodingError.self) {
            try Self.decode("case.opened", #"{"purchaseDate":"yesterday"}"#)
        }
        #expect(throws: DecodingError.self) {
            try Self.decode("case.waitChanged", #"{"until":"soon"}"#)
        }
        #expect(throws: DecodingError.self) {
            try Self.decode("case.unlinked", #"{"linkEventID":"7"}"#)
        }
    }

    @Test("A sealed field that is not open shows that it is sealed")
    func withheld() throws {
        let body = Examples.payload(.caseUnlinked).body
        let payload = try EventPayload(typeName: "case.unlinked", body: body)
        let json = try Self.encode(payload)
        #expect(json.contains(#""reason":{"sealed":true}"#))
        #expect(try Self.decode("case.unlinked", json) == payload)
    }

    @Test("A type that is not known shows its field and its bytes")
    func unknown() throws {
        let payload = EventPayload.unknown(type: "x.y", body: EventBody(field: 450, bytes: [1, 2]))
        #expect(try Self.encode(payload) == #"{"bytes":"0102","field":450}"#)
        #expect(try Self.decode("x.y", "{}") == nil)
    }
}
