internal import EventStore
internal import Glibc
internal import LedgerTypes

/// A store without rules and sealing above it, for Benchmarks/, which is a package of its own and
/// so sees nothing of `EventStore`.
///
/// Events are made outside the clock; everything that is timed is one call of the store.
public final class StoreBenchmark: Sendable {
    /// Events that are ready to be appended, and the versions that they were decided on.
    public struct Batch: Sendable {
        fileprivate let requests: [AppendRequest]

        /// How many events there are.
        public let count: Int
    }

    /// A failure of the store, in words.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened.
        public let description: String

        init(_ error: some Error) { self.description = "\(error)" }

        init(_ description: String) { self.description = description }
    }

    private let store: EventStore
    private let workload: StoreWorkload

    /// Makes a store in `directory`, whose leaves will have about `leafBytes` and whose sections
    /// `sectionBytes`.
    public init(directory: String, leafBytes: Int, sectionBytes: Int) throws(Failure) {
        guard let site = SiteName("bench.example/store") else { throw Failure("no site name") }
        self.workload = StoreWorkload(leafBytes: leafBytes, sectionBytes: sectionBytes)
        do throws(EventStoreError) {
            self.store = try EventStore.create(
                Self.configuration(directory),
                site: SiteDescription(name: site)
            ) { (_, _) throws(EventStoreError) in nil }
        } catch {
            throw Failure(error)
        }
    }

    private static func configuration(_ directory: String) -> EventStore.Configuration {
        var configuration = EventStore.Configuration(
            directory: directory,
            stateDirectory: directory + "-state",
            clock: Self.now,
            random: { count in
                var generator = SystemRandomNumberGenerator()
                return (0..<count).map { _ in generator.next() }
            }
        )
        // As the ledger does: of every event it is asked whether it names a second subject.
        configuration.crossReference = { keys, leaf in
            let type = leaf.extracting(keys.type)
            let other = StoreWorkload.otherType
            guard type.equals(other.span) else { return nil }
            return Subject("case:other")
        }
        configuration.crossReferenceTypes = ["bench.other"]
        return configuration
    }

    private static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        )
    }

    /// Ends the store's threads, once the index holds everything.
    public func close() { self.store.close() }

    /// The events numbered `numbers`, 20 a case, as one request, decided on the cases before them.
    public func batch(_ numbers: Range<Int>) -> Batch {
        let now = Self.now()
        let events = numbers.map { self.workload.event($0, now) }
        var basis: [Subject: UInt64] = [:]
        for number in numbers {
            let subject = self.workload.subject(ofEvent: number)
            if basis[subject] == nil { basis[subject] = UInt64(number % 20) }
        }
        return Batch(requests: [AppendRequest(events: events, basis: basis)], count: events.count)
    }

    /// Appends `batch`; back once it is durable.
    public func append(_ batch: Batch) async throws(Failure) {
        for outcome in await self.store.append(batch.requests) {
            guard case .appended = outcome else { throw Failure("\(outcome)") }
        }
    }

    /// Waits until the index holds everything.
    public func catchUp() throws(Failure) {
        do throws(EventStoreError) {
            try self.store.catchUpIndex()
        } catch {
            throw Failure(error)
        }
    }

    /// Verifies leaves, tiles and roots.
    public func verifyTree() throws(Failure) {
        let report: VerificationReport
        do throws(EventStoreError) {
            report = try self.store.verify(.tree)
        } catch {
            throw Failure(error)
        }
        guard report.isSound else { throw Failure("\(report.findings)") }
    }
}

// Reads, each inside one snapshot unless it says otherwise.
extension StoreBenchmark {
    /// Opens and closes `count` snapshots.
    public func openSnapshots(_ count: Int) throws(Failure) {
        do throws(EventStoreError) {
            for _ in 0..<count {
                try self.store.read { (_) throws(EventStoreError) in }
            }
        } catch {
            throw Failure(error)
        }
    }

    /// Asks for the versions of the cases numbered `cases`; each has 20 events.
    public func versions(ofCases cases: [Int]) throws(Failure) {
        let subjects = cases.map { self.workload.subject(ofEvent: $0 * 20) }
        try self.read { (snapshot) throws(EventStoreError) in
            for subject in subjects {
                guard try snapshot.version(of: subject) == 20 else { throw .closed }
            }
        }
    }

    /// Looks up the ids of the events numbered `numbers`.
    public func find(_ numbers: [Int]) throws(Failure) {
        let ids = numbers.map { self.workload.id($0) }
        try self.read { (snapshot) throws(EventStoreError) in
            for id in ids where try snapshot.find(id) == nil { throw .closed }
        }
    }

    /// Looks up as many ids that nobody holds, as every append does.
    public func miss(_ numbers: [Int]) throws(Failure) {
        let ids = numbers.map { self.workload.id($0 + 1 << 40) }
        try self.read { (snapshot) throws(EventStoreError) in
            for id in ids where try snapshot.find(id) != nil { throw .closed }
        }
    }

    /// Goes through the events of the cases numbered `cases`.
    public func events(ofCases cases: [Int]) throws(Failure) {
        let subjects = cases.map { self.workload.subject(ofEvent: $0 * 20) }
        try self.read { (snapshot) throws(EventStoreError) in
            for subject in subjects {
                var bytes = 0
                var count = 0
                try snapshot.forEachEvent(of: subject) { (_, leaf) throws(EventStoreError) in
                    bytes += Int(leaf[leaf.count - 1])
                    count += 1
                    return true
                }
                guard count == 20, bytes >= 0 else { throw .closed }
            }
        }
    }

    /// Reads the leaves at the addresses of the events numbered `numbers`.
    public func leaves(at numbers: [Int]) throws(Failure) {
        try self.read { (snapshot) throws(EventStoreError) in
            guard let log = try snapshot.logs().first?.id else { throw .closed }
            for number in numbers {
                let address = EventAddress(log: log, index: UInt64(number) + 1)
                guard let leaf = try snapshot.leaf(at: address), leaf.count > 0 else {
                    throw .closed
                }
            }
        }
    }

    /// Lists the logs `count` times.
    public func logs(_ count: Int) throws(Failure) {
        try self.read { (snapshot) throws(EventStoreError) in
            for _ in 0..<count where try snapshot.logs().isEmpty { throw .closed }
        }
    }

    private func read(
        _ body: (borrowing Snapshot) throws(EventStoreError) -> Void
    ) throws(Failure) {
        do throws(EventStoreError) {
            try self.store.read(body)
        } catch {
            throw Failure(error)
        }
    }
}
