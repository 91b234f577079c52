import LedgerTypes
import Testing

@testable import Simulation

@Suite("Parameters of a simulation")
struct SimulationParametersTests {
    private func parameters(
        _ changes: String?,
        sites: String? = nil
    ) throws -> SimulationParameters {
        try SimulationParameters(
            changes: changes.map { Array($0.utf8) },
            sites: sites.map { Array($0.utf8) }
        )
    }

    private static let site = """
        {"name":"a.example/one","kind":"retail","timeZone":"UTC","utcOffsetMinutes":0,"share":1,
         "handleTimeLimitSeconds":600,"turnoverPerYear":0,
         "shifts":[{"weekdays":[1,2,3,4,5],"fromHour":9,"toHour":17}],
         "teams":[{"name":"Counter","tier":"t1","agents":2,"skill":1}]}
        """

    @Test("What a file states replaces the default, and the rest stays")
    func merged() throws {
        let changed = try self.parameters(
            #"{"start":"2024-01-01T00:00:00Z","behaviour":{"escalates":1}}"#,
            sites: "[\(Self.site)]"
        )
        let standard = try self.parameters(nil)
        #expect(changed.start == Timestamp(rfc3339: "2024-01-01T00:00:00Z"))
        #expect(changed.behaviour.escalates == 1)
        #expect(changed.behaviour.chat == standard.behaviour.chat)
        #expect(changed.products == standard.products)
        #expect(changed.sites.map(\.name.name.rawValue) == ["a.example/one"])
    }

    @Test("What is printed can be read again and is the same")
    func printed() throws {
        let standard = try self.parameters(nil)
        #expect(try SimulationParameters(changes: standard.text) == standard)
    }

    @Test(
        "What no history can be made of is refused by name",
        arguments: [
            ("[]", "object"), ("{", "object"), (#"{"behavior":{}}"#, "behavior"),
            (#"{"behaviour":{"escalate":1}}"#, "behaviour.escalate"),
            (#"{"behaviour":{"escalates":2}}"#, "escalates"),
            (#"{"behaviour":{"escalates":"often"}}"#, "behaviour.escalates"),
            (#"{"times":{"callbackHours":-1}}"#, "callbackHours"),
            (#"{"caseledgerSimulation":"2"}"#, "caseledgerSimulation"),
            (#"{"sites":[]}"#, "sites"), (#"{"products":[]}"#, "product"),
            (#"{"customers":{"count":0}}"#, "customers"),
            (#"{"start":"monday"}"#, "start"), (#"{"sites":[{"name":"a"}]}"#, "missing"),
        ]
    )
    func refused(changes: String, word: String) throws {
        let error = #expect(throws: SimulationError.self) { try self.parameters(changes) }
        guard case .parameters(let what) = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(what.contains(word), "\(what)")
    }

    @Test(
        "A site that cannot work is refused",
        arguments: [
            (#""agents":2"#, #""agents":0"#), (#""weekdays":[1,2,3,4,5]"#, #""weekdays":[8]"#),
            (#""toHour":17"#, #""toHour":9"#), (#""name":"a.example/one""#, #""name":"a b""#),
            (#""skill":1"#, #""skill":1,"customerFacing":false"#), (#""share":1"#, #""share":0"#),
            (#""skill":1"#, #""skil":1"#), (#""kind":"retail""#, #""kind":"bar""#),
        ]
    )
    func badSite(text: String, other: String) {
        let site = Self.site.replacing(text, with: other)
        #expect(throws: SimulationError.self) { try self.parameters(nil, sites: "[\(site)]") }
    }

    @Test("Two sites of one name are refused")
    func twice() {
        #expect(throws: SimulationError.self) {
            try self.parameters(nil, sites: "[\(Self.site),\(Self.site)]")
        }
    }

    @Test("There are no histories without days, or with too many cases")
    func bounds() throws {
        let standard = try self.parameters(nil)
        #expect(throws: SimulationError.self) {
            try Simulation(standard, seed: 1, cases: 1, days: 0)
        }
        #expect(throws: SimulationError.self) {
            try Simulation(standard, seed: 1, cases: -1, days: 1)
        }
        #expect(throws: SimulationError.self) {
            try Simulation(standard, seed: 1, cases: Simulation.casesMax + 1, days: 1)
        }
    }
}
