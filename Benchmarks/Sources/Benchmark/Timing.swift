import Foundation

/// Wall and CPU time of a piece of work.
struct Elapsed: Sendable {
    var wall: Double
    var cpu: Double

    /// Seconds by `clock`.
    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Now, by the clock that only goes forward.
    static var now: Double { self.seconds(CLOCK_MONOTONIC) }

    /// CPU time of all threads so far.
    static var ofProcess: Double { self.seconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// Times `work`, which stays on this thread.
    static func of(_ work: () throws -> Void) rethrows -> Elapsed {
        let wall = self.now
        let cpu = self.seconds(CLOCK_THREAD_CPUTIME_ID)
        try work()
        return Elapsed(
            wall: self.now - wall,
            cpu: self.seconds(CLOCK_THREAD_CPUTIME_ID) - cpu
        )
    }

    /// The fastest of `rounds`, by wall time: what disturbs a round only makes it slower.
    static func best(of rounds: Int, _ work: () throws -> Void) rethrows -> Elapsed {
        var best = try self.of(work)
        for _ in 1..<max(rounds, 1) {
            let next = try self.of(work)
            if next.wall < best.wall { best = next }
        }
        return best
    }
}

extension [Double] {
    /// The value that `share` of the values do not exceed; 0 if there are none.
    func quantile(_ share: Double) -> Double {
        guard !self.isEmpty else { return 0 }
        let sorted = self.sorted()
        return sorted[Swift.min(Int(Double(sorted.count) * share), sorted.count - 1)]
    }

    /// The middle value.
    var median: Double { self.quantile(0.5) }
}
