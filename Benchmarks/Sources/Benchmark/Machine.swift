import CBaseline
import Foundation

/// What the figures were measured on.
struct Machine: Codable, Sendable {
    let model: String
    let cores: Int
    let kernel: String
    /// Runnable processes over the last minute when the run began.
    let load: Double
    /// One fdatasync after a 4 KiB write at the end of a file, the median, microseconds.
    let fdatasyncMicroseconds: Double
    /// The same where nothing got in between: the value that one in twenty does not exceed.
    let fdatasyncUndisturbedMicroseconds: Double

    /// Below this a ratio of durable appends measures the CPU and not the disk (DESIGN.md 9).
    static let judgedFromMicroseconds = 150.0

    init(directory: String) {
        let cpu = Self.text("/proc/cpuinfo")
        let model = cpu.split(separator: "\n").first { $0.hasPrefix("model name") }
        self.model =
            model?.split(separator: ":").last.map {
                $0.trimmingCharacters(in: .whitespaces)
            } ?? "unknown"
        self.cores = ProcessInfo.processInfo.activeProcessorCount
        self.kernel = Self.text("/proc/sys/kernel/osrelease")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        self.load = Double(Self.text("/proc/loadavg").split(separator: " ").first ?? "") ?? 0
        self.fdatasyncMicroseconds = baseline_fdatasync_us(directory, 200, 0.5)
        self.fdatasyncUndisturbedMicroseconds = baseline_fdatasync_us(directory, 200, 0.05)
    }

    /// Whether ratios of durable appends may be held against their bars.
    var isJudged: Bool { self.fdatasyncUndisturbedMicroseconds >= Self.judgedFromMicroseconds }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
