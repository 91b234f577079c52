package import LedgerTypes
internal import Synchronization

/// A clock that stands until it is told to go on.
package final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// A clock at noon of a Monday.
    package init() {
        // 2026-03-02T12:00:00Z.
        self.time = Mutex(Timestamp(microseconds: 1_772_452_800_000_000))
    }

    /// The time.
    package var now: Timestamp { self.time.withLock { $0 } }

    /// Lets time pass.
    package func pass(minutes: Int64 = 0, hours: Int64 = 0, days: Int64 = 0) {
        let sum = ((days * 24 + hours) * 60 + minutes) * 60_000_000
        self.time.withLock { $0 = $0.adding(microseconds: sum) }
    }

    /// The time that much later.
    package func later(minutes: Int64 = 0, hours: Int64 = 0, days: Int64 = 0) -> Timestamp {
        let sum = ((days * 24 + hours) * 60 + minutes) * 60_000_000
        return self.now.adding(microseconds: sum)
    }
}
