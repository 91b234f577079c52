import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite(
    "Real histories",
    .temporaryDirectory,
    .serialized,
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence))
)
struct RealHistoryTests {
    @Test("The Volvo log has its published counts, and every id is different")
    func volvo() throws {
        let mapping = try Preset.mapping(named: "bpi2013-incidents")
        let found = try ImportFixture(.file(SharedData.bpi), mapping: mapping)
        #expect(found.errors.isEmpty)
        #expect(found.rows.count == 65_533)
        #expect(Set(found.rows.map(\.subject)).count == 7_554)
        #expect(Set(found.rows.map(\.id)).count == 65_533)
    }

    @Test("The ServiceNow log has its published counts, and every id is different")
    func serviceNow() throws {
        let bytes = try SharedData.output(of: "unzip", ["-p", SharedData.uci])
        let mapping = try Preset.mapping(named: "servicenow-incidents")
        let found = try ImportFixture(.bytes(bytes), mapping: mapping)
        #expect(found.errors.isEmpty)
        #expect(found.rows.count == 141_712)
        #expect(Set(found.rows.map(\.subject)).count == 24_918)
        #expect(Set(found.rows.map(\.id)).count == 141_712)
    }
}
