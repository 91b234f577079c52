/// A line on standard error that says how far long work has come: only on a terminal, only after a
/// second, at most five times a second.
final class Progress {
    private let what: String
    private let start = ContinuousClock.now
    private var lastShown = ContinuousClock.now
    private var isShown = false

    init(_ what: String) {
        self.what = what
    }

    /// Shows `done` of `total`, counted in `unit`, and the rate.
    func update(_ done: Int, of total: Int? = nil, unit: String) {
        guard Terminal.errorIsTerminal else { return }
        let now = ContinuousClock.now
        guard now - self.start > .seconds(1), now - self.lastShown > .milliseconds(200) else {
            return
        }
        self.lastShown = now
        self.isShown = true
        let elapsed = self.start.duration(to: now) / .seconds(1)
        let rate = Int(Double(done) / max(elapsed, 0.001))
        let share = total.map { $0 > 0 ? " of \($0) (\(done * 100 / $0) %)" : "" } ?? ""
        let line = "\r\u{1B}[K\(self.what): \(done)\(share) \(unit), \(rate)/s"
        Terminal.status(line)
    }

    /// Wipes the line.
    func end() {
        guard self.isShown else { return }
        Terminal.status("\r\u{1B}[K")
    }
}
