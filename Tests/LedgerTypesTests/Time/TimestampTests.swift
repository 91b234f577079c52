import LedgerTesting
import LedgerTypes
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test("RFC 3339 text with an offset reads as UTC and prints back")
    func roundTrip() throws {
        let moment = try #require(Timestamp(rfc3339: "2010-03-31T16:59:42+02:00"))
        #expect(moment.rfc3339 == "2010-03-31T14:59:42Z")
        #expect(Timestamp(rfc3339: moment.rfc3339) == moment)
        #expect(Timestamp(rfc3339: "1969-12-31T23:59:59.5Z")?.microseconds == -500_000)
        #expect(Timestamp(microseconds: -500_000).rfc3339 == "1969-12-31T23:59:59.500000Z")
    }

    @Test(
        "Known moments print as they are known",
        arguments: [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (4_107_542_399_000_000, "2100-02-28T23:59:59Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ]
    )
    func known(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        "Text that is not RFC 3339 is refused",
        arguments: [
            "", "2010-02-30T00:00:00Z", "2010-02-20T00:00:00", "2100-02-29T00:00:00Z",
            "2010-13-01T00:00:00Z", "2010-00-01T00:00:00Z", "2010-01-00T00:00:00Z",
            "2010-01-01T24:00:00Z", "2010-01-01T00:60:00Z", "2010-01-01T00:00:61Z",
            "2010-01-01T00:00:00.Z", "2010-01-01T00:00:00+24:00", "2010-01-01T00:00:00+00:60",
            "2010-01-01T00:00:00Z ", "10-01-01T00:00:00Z", "2010-01-01", "٢٠١٠-01-01T00:00:00Z",
        ]
    )
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("A leap second is the second after it; digits past microseconds are dropped")
    func leapSecond() {
        let leap = Timestamp(rfc3339: "2016-12-31T23:59:60Z")
        #expect(leap?.rfc3339 == "2017-01-01T00:00:00Z")
        #expect(Timestamp(rfc3339: "1970-01-01T00:00:00.0000019Z")?.microseconds == 1)
        #expect(Timestamp(rfc3339: "1970-01-01 00:00:00.1z")?.microseconds == 100_000)
    }

    @Test("Any moment of the years 1 to 9999 reads back as it prints", arguments: UInt64(0)..<8)
    func roundTrips(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let moment = Timestamp(
                microseconds: .random(
                    in: -62_135_596_800_000_000...253_402_300_799_999_999,
                    using: &random
                )
            )
            #expect(Timestamp(rfc3339: moment.rfc3339) == moment, "seed \(seed)")
        }
    }

    @Test("Arithmetic saturates and the ends of the range print without a trap")
    func ends() {
        let first = Timestamp(microseconds: .min)
        let last = Timestamp(microseconds: .max)
        #expect(first.adding(microseconds: -1) == first)
        #expect(last.adding(microseconds: 1) == last)
        #expect(last.microseconds(since: first) == .max)
        #expect(first.microseconds(since: last) == .min)
        #expect(first.milliseconds == Int64.min / 1_000 - 1)
        #expect(first.rfc3339.hasSuffix("Z"))
        #expect(last.rfc3339.hasPrefix("294247-01-10"))
    }
}
