import CBaseline
import CaseLedger
import Foundation

/// The program: measures, prints, and compares allocations with their thresholds.
@main
struct BenchCommand {
    private static let usage = """
        Usage: Benchmark [--events N] [--json] [--store | --check | --update] [--directory DIR]
                         [--thresholds FILE]

          --events N        events of the bulk append and the reads (default 100,000)
          --json            one JSON object instead of tables
          --store           only what the storage does, without rules and sealing
          --check           only count allocations; exit 1 if one exceeds its threshold
          --update          only count allocations, and make them the thresholds
          --directory DIR   where ledgers are made and removed (default bench-data)
          --thresholds FILE (default Benchmarks/Thresholds/malloc.json)
        """

    private enum Mode { case measure, store, check, update }

    private var events = 100_000
    private var isJSON = false
    private var mode = Mode.measure
    private var directory = "bench-data"
    private var thresholds = "Benchmarks/Thresholds/malloc.json"

    static func main() async {
        guard let command = BenchCommand(CommandLine.arguments.dropFirst()) else {
            FileHandle.standardError.write(Data("\(self.usage)\n".utf8))
            exit(64)
        }
        do {
            exit(try await command.run() ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("Benchmark: \(error)\n".utf8))
            exit(70)
        }
    }

    private init?(_ arguments: some Sequence<String>) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--json": self.isJSON = true
            case "--store": self.mode = .store
            case "--check": self.mode = .check
            case "--update": self.mode = .update
            case "--events":
                // Whole calls of 1,000.
                guard let events = rest.next().flatMap({ Int($0) }), events >= 1_000 else {
                    return nil
                }
                self.events = events / 1_000 * 1_000
            case "--directory":
                guard let path = rest.next() else { return nil }
                self.directory = path
            case "--thresholds":
                guard let path = rest.next() else { return nil }
                self.thresholds = path
            default: return nil
            }
        }
    }

    private func run() async throws -> Bool {
        let root = "\(self.directory)/run-\(ProcessInfo.processInfo.processIdentifier)"
        let bench = try Bench(root: root, events: self.events)
        defer { bench.clean() }
        let gate = AllocationGate(path: self.thresholds)
        guard self.mode == .measure || self.mode == .store else {
            let counts = try await AllocationGate.counts(bench)
            for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
                self.say(String(format: "%@ %.2f", name, count))
            }
            guard self.mode == .check else {
                try gate.update(counts)
                return true
            }
            let breaches = try gate.breaches(counts)
            for breach in breaches { self.say("too many allocations: \(breach)") }
            return breaches.isEmpty
        }
        let report = try await self.measure(bench)
        self.say(self.isJSON ? try report.json() : report.table)
        return true
    }

    private func measure(_ bench: Bench) async throws -> Report {
        let machine = Machine(directory: bench.root)
        let bytes = try await bench.rowBytes()
        var report = Report(
            machine: machine,
            events: bench.events,
            leafBytes: bytes.leaf.count,
            sectionBytes: bytes.section.count
        )
        if self.mode == .store {
            report.figures = try await StoreFigures(bench: bench, bytes: bytes).all()
            return report
        }
        report.figures.append(try await bench.appendByOne(bytes))
        report.figures.append(try await bench.appendByMany(bytes))
        let raw = try RawLMDB(directory: try bench.folder("bulk-lmdb"))
        report.figures.append(try await bench.appendInBulk(bytes, raw))
        report.figures += try await bench.reads(raw)
        report.figures += try await bench.cases()
        report.figures += try await StoreFigures(bench: bench, bytes: bytes).all()
        report.allocations = try await AllocationGate.counts(bench)
        return report
    }

    private func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
