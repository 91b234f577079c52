import Synchronization

/// A line on standard error that says how far long work has come: only on a terminal, only after a
/// second, at most five times a second. Any thread.
final class Progress: Sendable {
    private struct Shown {
        var last = ContinuousClock.now
        var isShown = false
    }

    private let what: String
    private let start = ContinuousClock.now
    private let shown = Mutex(Shown())

    init(_ what: String) {
        self.what = what
    }

    /// Shows `done` of `total`, counted in `unit`, and the rate.
    func update(_ done: Int, of total: Int? = nil, unit: String) {
        guard Terminal.errorIsTerminal else { return }
        let now = ContinuousClock.now
        guard now - self.start > .seconds(1) else { return }
        let isDue = self.shown.withLock { shown in
            guard !shown.isShown || now - shown.last > .milliseconds(200) else { return false }
            shown = Shown(last: now, isShown: true)
            return true
        }
        guard isDue else { return }
        let elapsed = self.start.duration(to: now) / .seconds(1)
        let rate = Int(Double(done) / max(elapsed, 0.001))
        let share = total.map { $0 > 0 ? " of \($0) (\(done * 100 / $0) %)" : "" } ?? ""
        Terminal.status("\r\u{1B}[K\(self.what): \(done)\(share) \(unit), \(rate)/s")
    }

    /// Wipes the line.
    func end() {
        guard self.shown.withLock({ $0.isShown }) else { return }
        Terminal.status("\r\u{1B}[K")
    }
}
