/// How long to wait before a peer is tried again: longer after each failure, never twice the same.
package struct Backoff: Hashable, Sendable {
    /// The wait after the first failure, at most.
    package var first: Duration = .seconds(1)
    /// No wait is longer.
    package var longest: Duration = .seconds(300)

    /// Creates the usual waits.
    package init() {}

    /// The wait after so many failures in a row: a random part, at least half, of a time that
    /// doubles with each.
    package func wait(
        failures: Int,
        using random: inout some RandomNumberGenerator
    ) -> Duration {
        var whole = self.first
        for _ in 1..<max(2, min(failures, 32)) where whole < self.longest { whole *= 2 }
        if failures < 2 { whole = self.first }
        return min(whole, self.longest) * Double.random(in: 0.5...1, using: &random)
    }
}
