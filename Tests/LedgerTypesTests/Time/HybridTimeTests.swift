import LedgerTypes
import Testing

@Suite("HybridTime")
struct HybridTimeTests {
    @Test("A reading follows the wall clock and starts its counter at zero")
    func followsClock() {
        let first = HybridTime(
            after: HybridTime(rawValue: 0),
            now: Timestamp(microseconds: 1_700_000_000_123_456)
        )
        #expect(first.milliseconds == 1_700_000_000_123)
        #expect(first.counter == 0)
        #expect(first.timestamp == Timestamp(microseconds: 1_700_000_000_123_000))
    }

    @Test("Within a millisecond, and when the clock is set back, the counter rises")
    func rises() {
        let now = Timestamp(microseconds: 5_000_000)
        let first = HybridTime(after: HybridTime(rawValue: 0), now: now)
        let second = HybridTime(after: first, now: now)
        let third = HybridTime(after: second, now: Timestamp(microseconds: -1))
        #expect(second.rawValue == first.rawValue + 1)
        #expect(third.rawValue == second.rawValue + 1)
        #expect(first < second)
    }

    @Test("A full counter carries into the milliseconds")
    func carries() {
        let full = HybridTime(rawValue: 7 << 16 | 0xFFFF)
        let next = HybridTime(after: full, now: Timestamp(microseconds: 7_000))
        #expect(next.milliseconds == 8)
        #expect(next.counter == 0)
    }

    @Test("Clocks before 1970 read as 1970, clocks past 48 bits as the last millisecond")
    func clamps() {
        let zero = HybridTime(rawValue: 0)
        let early = HybridTime(after: zero, now: Timestamp(microseconds: .min))
        #expect(early.rawValue == 1)
        let late = HybridTime(after: zero, now: Timestamp(microseconds: .max))
        #expect(late.milliseconds == 1 << 48 - 1)
        #expect(late.counter == 0)
    }

    @Test("The greatest reading stays, so that the writer sees it is not greater")
    func exhausted() {
        let last = HybridTime(rawValue: .max)
        let next = HybridTime(after: last, now: Timestamp(microseconds: .max))
        #expect(next == last)
        #expect(!(last < next))
        #expect(last.timestamp == Timestamp(microseconds: (1 << 48 - 1) * 1_000))
    }
}
