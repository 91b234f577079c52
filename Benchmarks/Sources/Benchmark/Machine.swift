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
        self.fdatasyncMicroseconds = baseline_fdatasync_us(directory, 200)
    }

    /// Whether ratios of durable appends may be held against their bars.
    var isJudged: Bool { self.fdatasyncMicroseconds >= Self.judgedFromMicroseconds }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
