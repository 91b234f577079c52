import EventStore
import Glibc
import LedgerTesting
import LedgerTypes
import Merkle
import Synchronization
import Testing

@testable import Replication

@Suite("Real ledgers in sync", .temporaryDirectory, .timeLimit(.minutes(4)))
struct SyncPeerTests {
    @Test("Two ledgers end with one digest, equal stories and every section")
    func twoLedgers() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(700, seed: 1)
        try await two.append(90, seed: 2)
        let (here, there) = try await SyncPeer.syncLocally(one.store, two.store)
        #expect(here.isInStep && there.isInStep)
        #expect(here.digest == there.digest)
        #expect(try one.digest == here.digest)
        #expect(try two.digest == here.digest)
        #expect(here.logs.map(\.received).reduce(0, +) == 92)
        #expect(here.logs.map(\.sent).reduce(0, +) == 702)
        #expect(try one.cases() == two.cases())
        for ledger in [one, two] { try self.checkSections(of: ledger, count: 264) }
        one.store.close()
        two.store.close()
    }

    /// Every section of every leaf is there, whichever site wrote it.
    private func checkSections(of ledger: TestLedger, count: Int) throws {
        let held = try ledger.store.read { (snapshot) throws(EventStoreError) in
            var held = 0
            try snapshot.forEachArrival { (place, leaf) throws(EventStoreError) in
                let references = (try? Leaf.sections(leaf)) ?? []
                for (slot, reference) in references.enumerated() {
                    let bytes = try snapshot.section(
                        arrival: place.arrival,
                        slot: UInt8(slot + 1)
                    )
                    if let bytes, SectionReference.digest(of: bytes.span) == reference.digest {
                        held += 1
                    }
                }
                return true
            }
            return held
        }
        #expect(held == count)
    }

    @Test("In step, nothing is sent but two HELLOs, and nothing is written")
    func inStep() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(300, seed: 1)
        _ = try await SyncPeer.syncLocally(one.store, two.store)
        let commits = try await one.store.statistics().commits
        let (forth, back) = MemoryPipe.streams()
        let counted = Counter()
        let options = SyncPeer.Options(policy: .sameOperator)
        async let other = SyncPeer(two.store).run(over: back, as: .responder, options)
        let report = try await SyncPeer(one.store).run(
            over: counted.wrap(forth),
            as: .initiator,
            options
        )
        #expect(report.isInStep)
        #expect(try await other.isInStep)
        #expect(counted.count < 1_024)
        #expect(try await one.store.statistics().commits == commits)
    }

    @Test("New events travel alone, in both directions, and follow the ones before")
    func incremental() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        for round in UInt64(1)...4 {
            try await one.append(130, seed: round)
            try await two.append(30, seed: round + 100)
            let (here, there) = try await SyncPeer.syncLocally(one.store, two.store)
            #expect(here.isInStep && there.isInStep)
            #expect(here.logs.map(\.received).reduce(0, +) == (round == 1 ? 32 : 30))
        }
        #expect(try one.cases() == two.cases())
    }

    @Test("A third site's log is relayed, and all three hold the same")
    func relay() async throws {
        let ledgers = try ["one", "two", "three"].map { try TestLedger.create($0) }
        for (number, ledger) in ledgers.enumerated() {
            try await ledger.append(50 * (number + 1), seed: UInt64(number))
        }
        _ = try await SyncPeer.syncLocally(ledgers[0].store, ledgers[1].store)
        _ = try await SyncPeer.syncLocally(ledgers[1].store, ledgers[2].store)
        let (here, _) = try await SyncPeer.syncLocally(ledgers[0].store, ledgers[2].store)
        #expect(here.isInStep)
        #expect(here.logs.count == 3)
        #expect(Set(try ledgers.map { try $0.digest }).count == 1)
        #expect(try ledgers[0].cases() == ledgers[2].cases())
    }

    @Test("Eight sites that meet in random order end with one digest", arguments: [UInt64(1), 2])
    func manySites(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let ledgers = try (0..<8).map { try TestLedger.create("s\($0)") }
        for (number, ledger) in ledgers.enumerated() {
            let count = Int.random(in: 0...120, using: &random)
            try await ledger.append(count, seed: seed &* 100 &+ UInt64(number))
        }
        var meetings = 0
        while Set(try ledgers.map { try $0.digest }).count > 1, meetings < 200 {
            let one = Int.random(in: 0..<8, using: &random)
            let two = (one + Int.random(in: 1..<8, using: &random)) % 8
            _ = try await SyncPeer.syncLocally(ledgers[one].store, ledgers[two].store)
            meetings += 1
        }
        #expect(Set(try ledgers.map { try $0.digest }).count == 1, "seed \(seed)")
        let cases = try ledgers[0].cases()
        for ledger in ledgers { #expect(try ledger.cases() == cases, "seed \(seed)") }
    }

    @Test("A stream cut at random keeps whole packages, and the next session finishes")
    func cuts() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(1_500, seed: 1)
        try await two.append(200, seed: 2)
        var random = SeededRandom(seed: 9)
        var kept = 0
        for _ in 0..<8 {
            let limit = Int.random(in: 100...120_000, using: &random)
            let (forth, back) = MemoryPipe.streams()
            let options = SyncPeer.Options(policy: .sameOperator)
            async let other = Self.outcome(two.store, back, .responder, options)
            let cut = Counter(limit: limit)
            _ = await Self.outcome(one.store, cut.wrap(forth), .initiator, options)
            _ = await other
            kept = max(kept, try two.logs().map { Int($0.position.size) }.reduce(0, +))
        }
        #expect(kept > 202)
        let (here, _) = try await SyncPeer.syncLocally(one.store, two.store)
        #expect(here.isInStep)
        #expect(try one.cases() == two.cases())
    }

    @Test("Sections of 200 KB travel in BLOBs between real ledgers")
    func blobs() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(12, seed: 1, sectionBytes: 200_000)
        let (here, _) = try await SyncPeer.syncLocally(one.store, two.store)
        #expect(here.isInStep)
        try self.checkSections(of: two, count: 4)
    }

    @Test("A ledger restored from a copy stops appending when a peer shows what it signed")
    func restored() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(20, seed: 1)
        one.store.close()
        // The whole machine goes back: ledger, STATE and all.
        let root = TemporaryDirectoryTrait.current
        try self.shell(
            "cp -r \(root)/one \(root)/kept && cp -r \(root)/state-one \(root)/kept-state"
        )
        let later = try EventStore.open(TestLedger.configuration("one"))
        let ledger = TestLedger(store: later, name: "one")
        try await ledger.append(30, seed: 2)
        _ = try await SyncPeer.syncLocally(later, two.store)
        later.close()
        try self.shell(
            "rm -r \(root)/one \(root)/state-one && mv \(root)/kept \(root)/one"
                + " && mv \(root)/kept-state \(root)/state-one"
        )
        let reverted = try EventStore.open(TestLedger.configuration("one"))
        let (here, _) = try await SyncPeer.syncLocally(reverted, two.store)
        #expect(!here.isInStep)
        guard case .suspect? = reverted.suspicion else {
            Issue.record("appends go on: \(String(describing: reverted.suspicion))")
            return
        }
        reverted.close()
    }

    @Test("A ledger restored without STATE begins anew and gets its lost tail back")
    func restoredLedger() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(20, seed: 1)
        one.store.close()
        let root = TemporaryDirectoryTrait.current
        try self.shell("cp -r \(root)/one \(root)/kept")
        let later = try EventStore.open(TestLedger.configuration("one"))
        try await TestLedger(store: later, name: "one").append(30, seed: 2)
        _ = try await SyncPeer.syncLocally(later, two.store)
        later.close()
        try self.shell("rm -r \(root)/one && mv \(root)/kept \(root)/one")
        var configuration = TestLedger.configuration("one")
        configuration.onRestore = .newIncarnation
        let reverted = try EventStore.open(configuration)
        let (here, there) = try await SyncPeer.syncLocally(reverted, two.store)
        #expect(here.isInStep && there.isInStep)
        #expect(here.logs.count == 3)
        #expect(reverted.suspicion == nil)
        let sizes = try two.logs().map(\.position.size).sorted()
        #expect(
            try TestLedger(store: reverted, name: "one").logs().map(\.position.size).sorted()
                == sizes
        )
        #expect(sizes.contains(52))
        reverted.close()
    }

    @Test("Appends go on while a session runs, and the next one takes them along")
    func appendsMeanwhile() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(1_000, seed: 1)
        async let appended: Void = one.append(600, seed: 2)
        async let answered: Void = two.append(600, seed: 3)
        let (first, _) = try await SyncPeer.syncLocally(one.store, two.store)
        // In step at the cut that was signed, whatever was appended after it.
        #expect(first.isInStep)
        try await appended
        try await answered
        let (second, _) = try await SyncPeer.syncLocally(one.store, two.store)
        #expect(second.isInStep)
        #expect(try one.digest == two.digest)
        #expect(try one.cases() == two.cases())
    }

    @Test("Several sessions of one ledger at once end well")
    func sessionsAtOnce() async throws {
        let hub = try TestLedger.create("hub")
        let ends = try ["a", "b", "c"].map { try TestLedger.create($0) }
        try await hub.append(300, seed: 1)
        for (number, end) in ends.enumerated() {
            try await end.append(200, seed: UInt64(number + 2))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for end in ends {
                group.addTask { _ = try await SyncPeer.syncLocally(hub.store, end.store) }
            }
            try await group.waitForAll()
        }
        #expect(try hub.logs().count == 4)
        for end in ends { _ = try await SyncPeer.syncLocally(hub.store, end.store) }
        #expect(Set(try ends.map { try $0.digest } + [try hub.digest]).count == 1)
    }

    @Test("A stranger over a stream gets nothing")
    func stranger() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(20, seed: 1)
        let (forth, back) = MemoryPipe.streams()
        let options = SyncPeer.Options(policy: .pinned)
        async let other = Self.outcome(two.store, back, .responder, options)
        let own = await Self.outcome(one.store, forth, .initiator, options)
        guard case .failure(.remote(let error)) = own else {
            Issue.record("\(own)")
            return
        }
        #expect(error.code == 7)
        guard case .failure(.untrusted) = await other else {
            Issue.record("the stranger was let in")
            return
        }
        #expect(try two.logs().count == 1)
    }

    @Test("Both ledgers survive SIGKILL inside a session and finish later", arguments: [0, 3, 9])
    func killed(packages: Int) async throws {
        let root = TemporaryDirectoryTrait.current
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(4_000, seed: 1)
        one.store.close()
        two.store.close()
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [root = root as String, packages = packages as Int] in
            try await TemporaryDirectoryTrait.$current.withValue(root) {
                let here = try EventStore.open(TestLedger.configuration("one"))
                let there = try EventStore.open(TestLedger.configuration("two"))
                let seen = Atomic(0)
                _ = try await SyncPeer.syncLocally(here, there) { progress in
                    let count = seen.wrappingAdd(1, ordering: .relaxed).newValue
                    if count > packages || progress.sent > 3_900 { kill(getpid(), SIGKILL) }
                }
            }
        }
        let here = try EventStore.open(TestLedger.configuration("one"))
        let there = try EventStore.open(TestLedger.configuration("two"))
        let (report, _) = try await SyncPeer.syncLocally(here, there)
        #expect(report.isInStep)
        let cases = try TestLedger(store: here, name: "one").cases()
        #expect(try TestLedger(store: there, name: "two").cases() == cases)
        here.close()
        there.close()
    }

    private static func outcome(
        _ store: EventStore,
        _ stream: ByteStream,
        _ role: SyncSession.Role,
        _ options: SyncPeer.Options
    ) async -> Result<SyncReport, SyncError> {
        do throws(SyncError) {
            return .success(try await SyncPeer(store).run(over: stream, as: role, options))
        } catch {
            return .failure(error)
        }
    }

    private func shell(_ command: String) throws {
        let status = unsafe system(command)
        guard status == 0 else { throw TestLedger.Failure(text: command) }
    }
}

/// Counts the bytes of a stream in both directions, and cuts it when there were enough.
final class Counter: Sendable {
    private let bytes = Atomic(0)
    private let limit: Int

    init(limit: Int = .max) { self.limit = limit }

    var count: Int { self.bytes.load(ordering: .relaxed) }

    func wrap(_ stream: ByteStream) -> ByteStream {
        ByteStream(
            read: { () throws(SyncError) in
                let bytes = try await stream.read()
                guard self.add(bytes.count) else {
                    await stream.close()
                    return []
                }
                return bytes
            },
            write: { (bytes) throws(SyncError) in
                guard self.add(bytes.count) else {
                    await stream.close()
                    throw .stream("cut")
                }
                try await stream.write(bytes)
            },
            close: { await stream.close() }
        )
    }

    private func add(_ count: Int) -> Bool {
        self.bytes.wrappingAdd(count, ordering: .relaxed).newValue <= self.limit
    }
}
