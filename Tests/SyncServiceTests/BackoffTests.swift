import LedgerTesting
import Testing

@testable import SyncService

@Suite("Back-off")
struct BackoffTests {
    @Test("Waits double up to a bound, and are never less than half of it", arguments: [1, 2, 3])
    func bounds(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var backoff = Backoff()
        backoff.first = .seconds(1)
        backoff.longest = .seconds(60)
        for (failures, whole) in [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1_000, 60)] {
            let wait = backoff.wait(failures: failures, using: &random)
            #expect(wait >= .milliseconds(500 * whole), "\(failures), seed \(seed)")
            #expect(wait <= .seconds(whole), "\(failures), seed \(seed)")
        }
    }

    @Test("Two sites that fail together do not try again together")
    func jitter() {
        var random = SeededRandom(seed: 7)
        let waits = (0..<50).map { _ in Backoff().wait(failures: 5, using: &random) }
        #expect(Set(waits).count == 50)
    }
}
