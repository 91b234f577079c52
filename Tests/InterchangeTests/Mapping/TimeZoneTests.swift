import Foundation
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Time zones")
struct TimeZoneTests {
    private func moment(_ local: String, _ rules: TimeZoneRules) throws -> String {
        let format = try #require(TimeFormat("iso8601"))
        let reading = try #require(format.read(local))
        return rules.moment(ofLocal: reading.local).rfc3339
    }

    private func rule(_ text: String) throws -> TimeZoneRules {
        let rule = try #require(YearlyRule(Array(text.utf8)))
        return TimeZoneRules(first: rule.standard, transitions: [], tail: rule)
    }

    @Test("A yearly rule gives summer and winter time")
    func yearlyRule() throws {
        let berlin = try self.rule("CET-1CEST,M3.5.0,M10.5.0/3")
        #expect(try self.moment("2045-01-10T12:00", berlin) == "2045-01-10T11:00:00Z")
        #expect(try self.moment("2045-07-10T12:00", berlin) == "2045-07-10T10:00:00Z")
        let sydney = try self.rule("AEST-10AEDT,M10.1.0,M4.1.0/3")
        #expect(try self.moment("2045-01-10T12:00", sydney) == "2045-01-10T01:00:00Z")
        #expect(try self.moment("2045-07-10T12:00", sydney) == "2045-07-10T02:00:00Z")
        let india = try self.rule("<+0530>-5:30")
        #expect(try self.moment("2045-07-10T12:00", india) == "2045-07-10T06:30:00Z")
    }

    @Test("A time that occurs twice is its first occurrence")
    func ambiguous() throws {
        let berlin = try self.rule("CET-1CEST,M3.5.0,M10.5.0/3")
        // Clocks go back from 03:00 to 02:00 on 29 October 2023.
        #expect(try self.moment("2023-10-29T02:30", berlin) == "2023-10-29T00:30:00Z")
        #expect(try self.moment("2023-10-29T03:00", berlin) == "2023-10-29T02:00:00Z")
    }

    @Test("A time that never occurs is read as if clocks had not gone forward yet")
    func skipped() throws {
        let berlin = try self.rule("CET-1CEST,M3.5.0,M10.5.0/3")
        // Clocks go forward from 02:00 to 03:00 on 26 March 2023.
        #expect(try self.moment("2023-03-26T02:30", berlin) == "2023-03-26T01:30:00Z")
        #expect(try self.moment("2023-03-26T03:30", berlin) == "2023-03-26T01:30:00Z")
    }

    @Test(
        "What is no POSIX TZ value is refused",
        arguments: ["", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.1.0,M1.1.0", "-1"]
    )
    func badRules(text: String) {
        #expect(YearlyRule(Array(text.utf8)) == nil)
    }

    @Test(
        "The system's files agree with Foundation's zones",
        .enabled(
            if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Berlin"),
            "this system has no zone database; the comparison is left out"
        ),
        arguments: ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]
    )
    func systemFiles(name: String) throws {
        let rules = try #require(TimeZoneFile.rules(named: name))
        let zone = try #require(TimeZone(identifier: name))
        // Every eleven days from 1990 to 2036.
        for day in stride(from: 7_305, to: 24_106, by: 11) {
            let moment = Int64(day) * 86_400 + 45_296
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment)))
            #expect(rules.offset(at: moment) == Int64(expected), "\(name) at \(moment)")
        }
    }

    @Test("A damaged zone file is refused")
    func damaged() {
        #expect(TimeZoneFile.rules([]) == nil)
        #expect(TimeZoneFile.rules(Array("TZif2".utf8)) == nil)
        var bytes = Array("TZif".utf8) + [UInt8](repeating: 0, count: 40)
        bytes[39] = 200  // One type, which is not there.
        #expect(TimeZoneFile.rules(bytes) == nil)
    }
}
