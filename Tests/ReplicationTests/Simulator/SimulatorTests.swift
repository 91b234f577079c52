import Glibc
import LedgerTesting
import Testing

@testable import Replication

@Suite("Simulated sites")
struct SimulatorTests {
    /// The seeds of this run: CASELEDGER_SEEDS=FIRST-LAST, as tools/soak sets it.
    private static let range: ClosedRange<UInt64> = {
        guard let text = unsafe getenv("CASELEDGER_SEEDS").map({ unsafe String(cString: $0) })
        else {
            return 1...UInt64(Effort.rounds(150))
        }
        let bounds = text.split(separator: "-").compactMap { UInt64($0) }
        guard bounds.count == 2, bounds[0] <= bounds[1] else {
            return 1...UInt64(Effort.rounds(150))
        }
        return bounds[0]...bounds[1]
    }()

    @Test(
        "Whatever network and disks do, nothing acknowledged is lost and all end with one history"
    )
    func everySeed() {
        for seed in Self.range {
            var simulator = Simulator(seed: seed)
            let violations = simulator.run()
            guard !violations.isEmpty else { continue }
            Issue.record(
                """
                seed \(seed): \(violations.prefix(8).joined(separator: "; "))
                repeat: CASELEDGER_SEEDS=\(seed)-\(seed) swift test --filter SimulatorTests
                \(simulator.story.joined(separator: "\n"))
                """
            )
            return
        }
    }

    @Test("A planted bug is caught", arguments: SimPlant.allCases)
    func plants(plant: SimPlant) {
        for seed in 1...UInt64(300) {
            var simulator = Simulator(seed: seed, plant: plant)
            if !simulator.run().isEmpty { return }
        }
        Issue.record("\(plant) stays unseen for 300 seeds")
    }

    @Test("A seed gives the same story and the same end each time", arguments: [UInt64](1...5))
    func repeats(seed: UInt64) {
        var first = Simulator(seed: seed)
        var second = Simulator(seed: seed)
        #expect(first.run() == second.run())
        #expect(first.story == second.story)
    }
}
