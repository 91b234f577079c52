import LedgerTesting
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Times of sources")
struct TimeFormatTests {
    private func moment(_ text: String, _ format: String, zone: String = "UTC") -> String? {
        guard let format = TimeFormat(format), let zone = TimeZoneFile.rules(named: zone),
            let reading = format.read(text)
        else { return nil }
        if let offset = reading.offset {
            return Timestamp(microseconds: reading.local - offset * 1_000_000).rfc3339
        }
        return zone.moment(ofLocal: reading.local).rfc3339
    }

    @Test(
        "ISO 8601 is read with and without seconds, fraction and offset",
        arguments: [
            ("2010-03-31T16:59:42+02:00", "2010-03-31T14:59:42Z"),
            ("2010-03-31T16:59:42.123+01:00", "2010-03-31T15:59:42.123000Z"),
            ("2010-03-31 16:59:42Z", "2010-03-31T16:59:42Z"),
            ("2010-03-31T16:59", "2010-03-31T16:59:00Z"),
            ("2010-03-31T16:59:42.1234567-0330", "2010-03-31T20:29:42.123456Z"),
            ("1969-12-31T23:59:59,5+01", "1969-12-31T22:59:59.500000Z"),
        ]
    )
    func iso8601(text: String, utc: String) {
        #expect(self.moment(text, "iso8601") == utc)
    }

    @Test(
        "What is not ISO 8601 is refused",
        arguments: [
            "", "2010-03-31", "2010-3-31T16:59", "2010-02-30T10:00:00Z", "2010-03-31T24:00:00Z",
            "2010-03-31T16:60", "2010-03-31T16:59:42 ", " 2010-03-31T16:59:42",
            "2010-03-31T16:59:42+2", "2010-03-31T16:59:42.+01:00", "31/3/2010 16:59", "gestern",
        ]
    )
    func notISO8601(text: String) {
        #expect(self.moment(text, "iso8601") == nil)
    }

    @Test("Day stands before month where the pattern says so")
    func dayFirst() {
        #expect(self.moment("29/2/2016 01:16", "d/M/yyyy HH:mm") == "2016-02-29T01:16:00Z")
        #expect(self.moment("5/3/2016 12:00", "d/M/yyyy HH:mm") == "2016-03-05T12:00:00Z")
        #expect(self.moment("3/29/2016 12:00", "d/M/yyyy HH:mm") == nil)
        #expect(self.moment("29/2/2015 12:00", "d/M/yyyy HH:mm") == nil)
    }

    @Test(
        "Patterns read names, half days, fractions, offsets and literal text",
        arguments: [
            ("05-Mar-2016 01.02.03 PM", "dd-MMM-yyyy hh.mm.ss a", "2016-03-05T13:02:03Z"),
            ("12:30 am, 1.1.99", "h:mm a, d.M.yy", "2099-01-01T00:30:00Z"),
            ("20160305T130203.25+0100", "yyyyMMdd'T'HHmmss.SSSXXX", "2016-03-05T12:02:03.250000Z"),
            ("2016-03-05", "yyyy-MM-dd", "2016-03-05T00:00:00Z"),
        ]
    )
    func patterns(text: String, pattern: String, utc: String) {
        #expect(self.moment(text, pattern) == utc)
    }

    @Test(
        "A pattern that names no whole date, or an unknown letter, is refused",
        arguments: [
            "", "HH:mm", "d/M", "yyyy-MM", "yyyy-MM-dd QQ", "yyyyy-MM-dd", "d/M/yyyy hh:mm",
            "d/M/yyyy HH:mm a", "d/M/M/yyyy", "'open", "d/M/yyyy é",
            String(repeating: "-", count: 100) + "d/M/yyyy",
        ]
    )
    func badPatterns(pattern: String) {
        #expect(TimeFormat(pattern) == nil)
    }

    @Test("Offsets are zones", arguments: [("+01:00", 9), ("-0530", 15), ("Z", 10), ("UTC", 10)])
    func offsets(zone: String, hour: Int) {
        let minute = zone == "-0530" ? "30" : "00"
        let text = self.moment("2024-01-01T10:00", "iso8601", zone: zone)
        #expect(text == "2024-01-01T\(hour < 10 ? "0" : "")\(hour):\(minute):00Z")
    }

    @Test(
        "Names that are no zones are refused",
        arguments: ["", "Nowhere/City", "../etc/passwd", "/etc/localtime", "+25:00", "Europe/"]
    )
    func unknownZones(zone: String) {
        #expect(TimeZoneFile.rules(named: zone) == nil)
    }

    @Test("Random values never crash the readers", arguments: 1...10)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let letters = Array("0123456789-/:.TZ +dMyHhmsaSX'é".unicodeScalars)
        for _ in 0..<500 {
            var pattern = ""
            var value = ""
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                pattern.unicodeScalars.append(letters.randomElement(using: &random) ?? "0")
                value.unicodeScalars.append(letters.randomElement(using: &random) ?? "0")
            }
            _ = TimeFormat(pattern)?.read(value)
            _ = TimeFormat("d/M/yyyy HH:mm")?.read(value)
            _ = TimeFormat("iso8601")?.read(value)
            _ = YearlyRule(Array(value.utf8))
            _ = TimeZoneFile.rules(random.bytes(100))
        }
    }
}
