import StoreBenchmark

/// What the storage alone does: the store without the rules and the sealing of the ledger.
struct StoreFigures {
    private static let sliceCommits = 50
    private static let sliceCalls = 10
    private static let rounds = 3
    private static let eventsPerCall = 1_000
    private static let eventsPerCase = 20

    let bench: Bench
    /// What the rows of the ledger's own workload weigh.
    let bytes: RowBytes

    /// Every figure of the store.
    func all() async throws -> [Figure] {
        let rows = try await self.rowBytes()
        var figures = [try await self.appendOne(rows)]
        let raw = try RawLMDB(directory: try self.bench.folder("store-bulk-lmdb"))
        let store = try self.makeStore("store-bulk")
        defer { store.close() }
        figures += try await self.appendInBulk(store, rows, raw)
        // The events appended last are in memory only; the index has the others.
        figures += try self.reads(store, "in memory", last: Self.eventsPerCall)
        try store.catchUp()
        figures += try self.reads(store, "indexed", last: self.bench.events)
        let scan = try Elapsed.best(of: Self.rounds) { try raw.scan() }
        let time = try Elapsed.best(of: Self.rounds) { try store.verifyTree() }
        let events = Double(self.bench.events)
        figures.append(
            Figure(
                work: "store: verify leaves, tiles and root",
                unit: "events/s",
                ledger: events / time.wall,
                peerName: "LMDB scan",
                peer: events / scan.wall,
                ledgerByCPU: events / time.cpu,
                bar: "first 500,000, then 1 million events/s on one core"
            )
        )
        return figures
    }

    func makeStore(_ name: String) throws -> StoreBenchmark {
        try StoreBenchmark(
            directory: "\(self.bench.root)/\(name)",
            leafBytes: self.bytes.leaf.count,
            sectionBytes: self.bytes.section.count
        )
    }

    /// What the store's own rows weigh, so that the peer stores just as much.
    func rowBytes() async throws -> RowBytes {
        let store = try self.makeStore("store-pilot")
        try await store.append(store.batch(0..<Self.eventsPerCall))
        store.close()
        return try RowBytes(like: "\(self.bench.root)/store-pilot")
    }

    func appendOne(_ rows: RowBytes) async throws -> Figure {
        let store = try self.makeStore("store-one")
        defer { store.close() }
        let raw = try RawLMDB(directory: try self.bench.folder("store-one-lmdb"))
        var slices = Slices()
        var next = 0
        for _ in 0..<min(max(self.bench.events / 2_500, 8), 40) {
            let batches = (next..<next + Self.sliceCommits).map { store.batch($0..<$0 + 1) }
            next += Self.sliceCommits
            let begin = Elapsed.now
            for batch in batches { try await store.append(batch) }
            slices.add(ledger: batches.count, Elapsed.now - begin)
            let rawBegin = Elapsed.now
            for _ in batches { try raw.commit(1, rows) }
            slices.add(peer: batches.count, Elapsed.now - rawBegin)
        }
        return slices.figure(
            "store: append, one caller, one event at a time",
            beside: "LMDB",
            bar: "first 0.7, then 0.85 of raw LMDB"
        )
    }

    func appendInBulk(
        _ store: StoreBenchmark,
        _ rows: RowBytes,
        _ raw: RawLMDB
    ) async throws -> [Figure] {
        var slices = Slices()
        var next = 0
        var processor = 0.0
        while next < self.bench.events {
            let end = min(next + Self.sliceCalls * Self.eventsPerCall, self.bench.events)
            let batches = stride(from: next, to: end, by: Self.eventsPerCall).map {
                store.batch($0..<$0 + Self.eventsPerCall)
            }
            let before = Elapsed.ofProcess
            let begin = Elapsed.now
            for batch in batches { try await store.append(batch) }
            slices.add(ledger: end - next, Elapsed.now - begin)
            processor += Elapsed.ofProcess - before
            let rawBegin = Elapsed.now
            for _ in batches { try raw.commit(Self.eventsPerCall, rows) }
            slices.add(peer: end - next, Elapsed.now - rawBegin)
            next = end
        }
        return [
            slices.figure(
                "store: bulk append, 1,000 events a call",
                beside: "LMDB",
                bar: "first 0.4, then 0.6 of raw LMDB"
            ),
            Figure(
                work: "store: bulk append, CPU time of all threads in its turns",
                unit: "microseconds/event",
                ledger: processor / Double(self.bench.events) * 1e6
            ),
        ]
    }
}

// Reads of single things.
extension StoreFigures {
    private static let readsMax = 20_000

    /// Reads among the newest `last` events.
    func reads(
        _ store: StoreBenchmark,
        _ state: String,
        last: Int
    ) throws -> [Figure] {
        let first = self.bench.events - last
        // A stride that is prime to any round number visits them in no order.
        let numbers = (0..<Self.readsMax).map { first + $0 * 7_919 % last }
        let cases = numbers.map { $0 / Self.eventsPerCase }
        let few = Array(cases.prefix(Self.readsMax / Self.eventsPerCase))
        let works: [(String, Int, () throws -> Void)] = [
            (
                "open and close a snapshot", numbers.count,
                { try store.openSnapshots(numbers.count) }
            ),
            ("version of a case", cases.count, { try store.versions(ofCases: cases) }),
            ("find an event id", numbers.count, { try store.find(numbers) }),
            ("find an id that is not held", numbers.count, { try store.miss(numbers) }),
            ("leaf at an address", numbers.count, { try store.leaves(at: numbers) }),
            (
                "events of a case, each", few.count * Self.eventsPerCase,
                { try store.events(ofCases: few) }
            ),
            ("list the logs", 1_000, { try store.logs(1_000) }),
        ]
        return try works.map { name, count, work in
            try work()
            let time = try Elapsed.best(of: Self.rounds, work)
            return Figure(
                work: "store: \(name) (\(state))",
                unit: "microseconds",
                ledger: time.wall / Double(count) * 1e6,
                ledgerByCPU: time.cpu / Double(count) * 1e6
            )
        }
    }
}
