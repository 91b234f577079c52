import CaseDomain
import CaseLedger
import LedgerTypes

/// Rates of the two sides of a comparison, slice by slice.
struct Slices {
    private var ledger: [Double] = []
    private var peer: [Double] = []

    /// Adds a slice of the ledger's.
    mutating func add(ledger events: Int, _ seconds: Double) {
        self.ledger.append(Double(events) / seconds)
    }

    /// Adds a slice of the peer's.
    mutating func add(peer events: Int, _ seconds: Double) {
        self.peer.append(Double(events) / seconds)
    }

    /// The medians of both.
    func figure(_ work: String, beside peerName: String, bar: String) -> Figure {
        Figure(
            work: work,
            unit: "events/s",
            ledger: self.ledger.median,
            peerName: peerName,
            peer: self.peer.median,
            ratio: self.ledger.median / self.peer.median,
            bar: bar
        )
    }
}

extension Bench {
    /// The most commits in a row by one side.
    private static let sliceCommitsMax = 50
    private static let callers = 64
    private static let appendsPerCallerAndSlice = 4

    /// One caller, one durable append at a time.
    func appendByOne(_ bytes: RowBytes) async throws -> Figure {
        let ledger = try self.makeLedger("one")
        defer { ledger.close() }
        let raw = try RawLMDB(directory: try self.folder("one-lmdb"))
        var slices = Slices()
        var place = 0
        for _ in 0..<min(max(self.events / 2_500, 8), 40) {
            var events: [ProposedEvent] = []
            for _ in 0..<Self.sliceCommitsMax {
                let (number, index) = place.quotientAndRemainder(
                    dividingBy: Workload.eventsPerCase
                )
                events.append(try self.workload.event(index, ofCase: number, in: ledger))
                place += 1
            }
            let begin = Elapsed.now
            for event in events { _ = try await ledger.append([event]) }
            slices.add(ledger: events.count, Elapsed.now - begin)
            let rawBegin = Elapsed.now
            for _ in events { try raw.commit(1, bytes) }
            slices.add(peer: events.count, Elapsed.now - rawBegin)
        }
        return slices.figure(
            "append, one caller, one event at a time",
            beside: "LMDB",
            bar: "first 0.7, then 0.85 of raw LMDB"
        )
    }

    /// 64 callers, each with a case of its own, each append on the version it expects.
    func appendByMany(_ bytes: RowBytes) async throws -> Figure {
        let ledger = try self.makeLedger("many")
        defer { ledger.close() }
        let sqlite = try RawSQLite(directory: try self.folder("many-sqlite"))
        let perSlice = Self.appendsPerCallerAndSlice
        let slicesPerCase = Workload.eventsPerCase / perSlice
        var slices = Slices()
        for slice in 0..<min(max(self.events / 2_500, 8), 40) {
            let first = slice % slicesPerCase * perSlice
            let cases = slice / slicesPerCase * Self.callers
            let begin = Elapsed.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<Self.callers {
                    group.addTask {
                        try await self.appendInTurn(
                            first..<first + perSlice,
                            ofCase: cases + caller,
                            in: ledger
                        )
                    }
                }
                try await group.waitForAll()
            }
            slices.add(ledger: Self.callers * perSlice, Elapsed.now - begin)
            let peerBegin = Elapsed.now
            for _ in 0..<Self.sliceCommitsMax { try sqlite.insert(bytes) }
            slices.add(peer: Self.sliceCommitsMax, Elapsed.now - peerBegin)
        }
        return slices.figure(
            "append, 64 callers, conditional",
            beside: "SQLite",
            bar: "first 5, then 10 times SQLite"
        )
    }

    private func appendInTurn(
        _ places: Range<Int>,
        ofCase number: Int,
        in ledger: Ledger
    ) async throws {
        let subject = try self.workload.subject(number)
        for place in places {
            let event = try self.workload.event(place, ofCase: number, in: ledger)
            _ = try await ledger.append([event], expecting: [subject: .version(UInt64(place))])
        }
    }

    /// 1,000 events a call, which make the ledger that the reads are measured on.
    func appendInBulk(_ bytes: RowBytes, _ raw: RawLMDB) async throws -> Figure {
        let ledger = try self.makeLedger("bulk")
        defer { ledger.close() }
        let perCall = Ledger.appendCountMax
        let casesPerCall = perCall / Workload.eventsPerCase
        let calls = self.events / perCall
        var slices = Slices()
        var call = 0
        while call < calls {
            let end = min(call + 10, calls)
            var seconds = 0.0
            for next in call..<end {
                let cases = next * casesPerCall..<(next + 1) * casesPerCall
                let events = try self.workload.events(ofCases: cases, in: ledger)
                let begin = Elapsed.now
                _ = try await ledger.append(events)
                seconds += Elapsed.now - begin
            }
            slices.add(ledger: (end - call) * perCall, seconds)
            let begin = Elapsed.now
            for _ in call..<end { try raw.commit(perCall, bytes) }
            slices.add(peer: (end - call) * perCall, Elapsed.now - begin)
            call = end
        }
        return slices.figure(
            "bulk append, 1,000 events a call",
            beside: "LMDB",
            bar: "first 0.4, then 0.6 of raw LMDB"
        )
    }
}
