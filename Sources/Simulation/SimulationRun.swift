internal import CaseDomain
package import CaseLedger
internal import LedgerTypes

/// What a simulation wrote.
package struct SimulationReport: Hashable, Sendable, Encodable {
    /// One site's part.
    package struct Site: Hashable, Sendable, Encodable {
        /// The site's name.
        package let name: String
        /// The ledger's directory.
        package let ledger: String
        /// Events written to it now.
        package internal(set) var events = 0
        /// Events that it held already.
        package internal(set) var alreadyHeld = 0
    }

    /// The sites, in the order of the parameters.
    package internal(set) var sites: [Site]
    /// Events of every type, by name, now written or held already.
    package internal(set) var types: [String: Int] = [:]

    /// All events.
    package var events: Int { self.types.values.reduce(0, +) }
}

/// Writes a simulated history into the sites' ledgers, a thousand events an append.
///
/// An event's id is part of the simulation, so a run that was cut is simply run again.
package struct SimulationRun: Sendable {
    /// A site's ledger and where it lies.
    package struct Place: Sendable {
        /// The ledger, open for writing.
        package let ledger: Ledger
        /// Its directory.
        package let path: String

        /// Names a ledger.
        package init(ledger: Ledger, path: String) {
            self.ledger = ledger
            self.path = path
        }
    }

    private let simulation: Simulation
    private let parameters: SimulationParameters
    private let places: [Place]
    private let syncs: Bool

    /// Prepares to write into `places`, one for each site in the order of the parameters. With
    /// `syncs` the sites are brought into step after each day, so that what one writes shows what
    /// the others had written.
    package init(
        _ parameters: SimulationParameters,
        seed: UInt64,
        cases: Int,
        days: Int,
        places: [Place],
        syncs: Bool = false
    ) throws(SimulationError) {
        guard places.count == parameters.sites.count else {
            throw .ledgers("there are \(parameters.sites.count) sites and \(places.count) ledgers")
        }
        self.simulation = try Simulation(parameters, seed: seed, cases: cases, days: days)
        self.parameters = parameters
        self.places = places
        self.syncs = syncs && places.count > 1
        for (place, site) in zip(places, parameters.sites) {
            try Self.check(place, site, days: days, parameters)
        }
    }

    private static func check(
        _ place: Place,
        _ site: SiteParameters,
        days: Int,
        _ parameters: SimulationParameters
    ) throws(SimulationError) {
        let end = parameters.start.adding(microseconds: Int64(days) * 86_400_000_000)
        guard end <= place.ledger.now else { throw .ahead(days: days) }
        let found: SiteName
        do throws(LedgerError) {
            found = try place.ledger.ownLog().site
        } catch {
            throw .ledger(error)
        }
        guard found == site.name.name else {
            throw .ledgers("\(place.path) is the ledger of \(found), not of \(site.name.name)")
        }
    }

    /// Writes every day.
    ///
    /// Cancelling the task ends it after the appends under way.
    ///
    /// - Parameter progress: gets the events done so far and the day that was written.
    /// - Returns: how much was written.
    /// - Throws: errors of appending and syncing.
    package func run(
        progress: @Sendable (_ events: Int, _ day: Int) -> Void = { _, _ in }
    ) async throws -> SimulationReport {
        var report = SimulationReport(
            sites: zip(self.places, self.parameters.sites).map { place, site in
                SimulationReport.Site(name: "\(site.name.name)", ledger: place.path)
            }
        )
        var simulation = self.simulation
        var done = 0
        var day = simulation.next()
        while let today = day {
            // The next day is made up while this one is being written.
            let places = self.places
            let writing = Task(name: "simulated day") {
                try await Self.write(today, to: places)
            }
            day = simulation.next()
            for (site, counts) in try await writing.value.enumerated() {
                report.sites[site].events += counts.written
                report.sites[site].alreadyHeld += counts.held
            }
            for events in today.events {
                done += events.count
                for event in events { report.types[event.payload.typeName, default: 0] += 1 }
            }
            progress(done, today.number)
            if self.syncs { try await self.sync() }
            try Task.checkCancellation()
        }
        return report
    }

    private static func write(
        _ day: Simulation.Day,
        to places: [Place]
    ) async throws -> [(written: Int, held: Int)] {
        try await withThrowingTaskGroup(of: (Int, Int, Int).self) { group in
            for (site, events) in day.events.enumerated() where !events.isEmpty {
                let ledger = places[site].ledger
                group.addTask(name: "simulated site") {
                    var written = 0
                    var held = 0
                    var start = 0
                    while start < events.count {
                        let end = min(start + Ledger.appendCountMax, events.count)
                        let receipt = try await ledger.append(Array(events[start..<end]))
                        if receipt.isRepeat { held += end - start } else { written += end - start }
                        start = end
                    }
                    return (site, written, held)
                }
            }
            var counts = Array(repeating: (written: 0, held: 0), count: places.count)
            for try await (site, written, held) in group { counts[site] = (written, held) }
            return counts
        }
    }

    /// Every site hears from the first, which hears from every site: twice round is enough.
    private func sync() async throws {
        guard let hub = self.places.first else { return }
        for _ in 0..<2 {
            for place in self.places.dropFirst() {
                _ = try await hub.ledger.sync(with: place.ledger)
            }
        }
    }
}
