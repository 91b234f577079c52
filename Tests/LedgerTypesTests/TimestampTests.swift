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
        #expect(Timestamp(rfc3339: "2010-02-30T00:00:00Z") == nil)
        #expect(Timestamp(rfc3339: "2010-02-20T00:00:00") == nil)
    }
}
