/// Keeps a reader from going faster than a rate, over the whole of its way.
package struct ScanPace: Sendable {
    private let bytesPerSecond: Double
    private let start = ContinuousClock.now

    /// A rate; 0 for no bound.
    package init(bytesPerSecond: UInt64) { self.bytesPerSecond = Double(bytesPerSecond) }

    /// Waits until `bytes` may have been read; returns early when the task is cancelled.
    package func wait(after bytes: UInt64) async {
        guard self.bytesPerSecond > 0 else { return }
        let due = Double(bytes) / self.bytesPerSecond
        let left = due - self.start.duration(to: .now) / .seconds(1)
        guard left > 0.001 else { return }
        try? await Task.sleep(for: .seconds(left))
    }
}
