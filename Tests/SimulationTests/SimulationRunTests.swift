import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@testable import Simulation

@Suite("A simulation is written", .temporaryDirectory)
struct SimulationRunTests {
    private func places(
        _ name: String,
        _ parameters: SimulationParameters
    ) throws -> [SimulationRun.Place] {
        try parameters.sites.enumerated().map { index, site in
            let path = "\(TemporaryDirectoryTrait.current)/\(name)-\(index)"
            let ledger = try Ledger.create(
                at: path,
                state: TemporaryDirectoryTrait.current + "/state",
                site: SiteProfile(name: site.name.name, kind: site.kind),
                pseudonymKey: Simulation.pseudonymKey(seed: 1)
            )
            return SimulationRun.Place(ledger: ledger, path: path)
        }
    }

    /// What a ledger holds of the simulation itself.
    private func lines(_ ledger: Ledger) throws -> [String] {
        var lines: [String] = []
        _ = try ledger.exportCloudEvents(write: { bytes in
            let line = String(decoding: bytes, as: UTF8.self)
            let parts = line.split(separator: ",").filter { part in
                !["\"recordedtime\"", "\"source\"", "\"ordertime\""].contains {
                    part.hasPrefix($0)
                }
            }
            if !line.contains("\"caseledger.site.registered\"") {
                lines.append(parts.joined(separator: ","))
            }
        })
        return lines
    }

    @Test("The same seed writes the same ledgers, and once more writes nothing")
    func same() async throws {
        let parameters = try SimulationParameters()
        let first = try self.places("first", parameters)
        let second = try self.places("second", parameters)
        defer { for place in first + second { place.ledger.close() } }
        for places in [first, second] {
            let run = try SimulationRun(parameters, seed: 1, cases: 40, days: 20, places: places)
            let report = try await run.run()
            #expect(report.events == report.sites.map(\.events).reduce(0, +))
            #expect(report.types["case.opened"] ?? 0 >= 40)
        }
        for (one, other) in zip(first, second) {
            #expect(try self.lines(one.ledger) == self.lines(other.ledger))
        }
        let again = try SimulationRun(parameters, seed: 1, cases: 40, days: 20, places: first)
        let report = try await again.run()
        #expect(report.sites.allSatisfy { $0.events == 0 })
        #expect(report.sites.map(\.alreadyHeld).reduce(0, +) == report.events)
    }

    @Test("Sites that are kept in step hold the same, and every case has its story")
    func inStep() async throws {
        let parameters = try SimulationParameters()
        let places = try self.places("step", parameters)
        defer { for place in places { place.ledger.close() } }
        let run = try SimulationRun(
            parameters,
            seed: 2,
            cases: 25,
            days: 15,
            places: places,
            syncs: true
        )
        _ = try await run.run()
        let digests = try places.map {
            try $0.ledger.logs().map(\.position).sorted {
                $0.log < $1.log
            }
        }
        #expect(Set(digests).count == 1)
        var count = 0
        try places[0].ledger.forEachCase { subject in
            let view = try places[0].ledger.caseView(of: subject)
            #expect(!view.events.isEmpty)
            count += 1
            return true
        }
        #expect(count >= 25)
        for place in places { #expect(try place.ledger.verify().isSound) }
    }

    @Test("Ledgers that are not the sites' are refused, and so is a day to come")
    func refused() async throws {
        let parameters = try SimulationParameters()
        let places = try self.places("wrong", parameters)
        defer { for place in places { place.ledger.close() } }
        func make(_ places: [SimulationRun.Place], days: Int = 1) throws {
            _ = try SimulationRun(parameters, seed: 1, cases: 1, days: days, places: places)
        }
        #expect(throws: SimulationError.self) { try make(Array(places.dropLast())) }
        #expect(throws: SimulationError.self) { try make(places.reversed()) }
        let error = #expect(throws: SimulationError.self) { try make(places, days: 36_000) }
        guard case .ahead = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }
}
