import EventStore
import LedgerTesting
import LedgerTypes
import Synchronization
import Testing

@testable import Replication

@Suite("Following", .temporaryDirectory, .timeLimit(.minutes(1)))
struct FollowTests {
    /// Two sides that stay connected, and what their rounds came to.
    private final class Pair: Sendable {
        let one: TestLedger
        let two: TestLedger
        let rounds = Mutex<[SyncReport]>([])

        init(_ one: TestLedger, _ two: TestLedger) {
            self.one = one
            self.two = two
        }

        /// Follows until `body` is through.
        func run(
            nudges: AsyncStream<Void> = AsyncStream { $0.finish() },
            _ body: () async throws -> Void
        ) async throws -> Result<SyncReport, SyncError> {
            let (forth, back) = MemoryPipe.streams()
            let options = SyncPeer.Options(policy: .trustFirstUse)
            async let answering = self.follow(self.two, back, .responder, options)
            async let opening = self.follow(self.one, forth, .initiator, options, nudges)
            try await body()
            await forth.close()
            _ = await answering
            return await opening
        }

        private func follow(
            _ ledger: TestLedger,
            _ stream: ByteStream,
            _ role: SyncSession.Role,
            _ options: SyncPeer.Options,
            _ nudges: AsyncStream<Void> = AsyncStream { $0.finish() }
        ) async -> Result<SyncReport, SyncError> {
            do throws(SyncError) {
                let report = try await SyncPeer(ledger.store).follow(
                    over: stream,
                    as: role,
                    options,
                    nudges: nudges
                ) { report in
                    if role == .initiator { self.rounds.withLock { $0.append(report) } }
                    return true
                }
                return .success(report)
            } catch {
                return .failure(error)
            }
        }

        /// Waits until both hold the same and the round that brought it is over.
        func settle() async throws {
            while true {
                let digest = try self.one.digest
                let last = self.rounds.withLock { $0.last }
                if try digest == self.two.digest, last?.digest == digest { return }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// Why a session failed.
    private static func once(
        _ ledger: TestLedger,
        _ stream: ByteStream,
        _ role: SyncSession.Role,
        _ options: SyncPeer.Options
    ) async -> SyncError? {
        do throws(SyncError) {
            _ = try await SyncPeer(ledger.store).run(over: stream, as: role, options)
            return nil
        } catch {
            return error
        }
    }

    private func pair() throws -> Pair {
        Pair(try TestLedger.create("one"), try TestLedger.create("two"))
    }

    @Test("What either side appends is soon at the other, over one stream")
    func bothWays() async throws {
        let pair = try self.pair()
        let end = try await pair.run {
            try await pair.settle()
            for seed in 0..<5 as Range<UInt64> {
                try await pair.one.append(3, seed: seed)
                try await pair.settle()
                try await pair.two.append(2, seed: 100 + seed)
                try await pair.settle()
            }
        }
        #expect(try end.get().isInStep)
        #expect(pair.rounds.withLock { $0.count } >= 11)
    }

    @Test("Both may begin a round at the same time, again and again")
    func collisions() async throws {
        let pair = try self.pair()
        _ = try await pair.run {
            for seed in 0..<20 as Range<UInt64> {
                async let one: Void = pair.one.append(1, seed: seed)
                async let two: Void = pair.two.append(1, seed: 1_000 + seed)
                _ = try await (one, two)
            }
            try await pair.settle()
        }
        #expect(try pair.one.digest == pair.two.digest)
        #expect(try pair.one.logs().map(\.position.size).sorted() == [22, 22])
    }

    @Test("A nudge is a round without news; without one nothing is said")
    func nudges() async throws {
        let pair = try self.pair()
        let (nudges, nudge) = AsyncStream.makeStream(of: Void.self)
        _ = try await pair.run(nudges: nudges) {
            try await pair.settle()
            try await Task.sleep(for: .milliseconds(50))
            let before = pair.rounds.withLock { $0.count }
            try await Task.sleep(for: .milliseconds(50))
            #expect(pair.rounds.withLock { $0.count } == before)
            nudge.yield()
            while pair.rounds.withLock({ $0.count }) == before {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        #expect(pair.rounds.withLock { $0.last?.isInStep } == true)
    }

    @Test("With a peer that does not follow there is one round")
    func onlyOne() async throws {
        let pair = try self.pair()
        let (forth, back) = MemoryPipe.streams()
        let options = SyncPeer.Options(policy: .trustFirstUse)
        async let once = SyncPeer(pair.two.store).run(over: back, as: .responder, options)
        let report = try await SyncPeer(pair.one.store).follow(
            over: forth,
            as: .initiator,
            options,
            nudges: AsyncStream { $0.finish() }
        ) { _ in true }
        #expect(try await once.isInStep && report.isInStep)
    }

    @Test("A HELLO with another key than the stream's is refused", arguments: [true, false])
    func transportKey(isInitiator: Bool) async throws {
        let pair = try self.pair()
        let (forth, back) = MemoryPipe.streams()
        var options = SyncPeer.Options(policy: .trustFirstUse)
        let plain = options
        options.transportKey = [UInt8](repeating: 1, count: 32)
        let bound = options
        async let other = Self.once(pair.two, back, .responder, isInitiator ? plain : bound)
        let own = await Self.once(pair.one, forth, .initiator, isInitiator ? bound : plain)
        let name = "test.example/site/\(isInitiator ? "two" : "one")"
        let ends = isInitiator ? (own, await other) : (await other, own)
        #expect(ends.0 == .transportKeyMismatch(name))
        #expect(ends.1 != nil)
        #expect(try pair.one.logs().count == 1)
        #expect(try pair.two.logs().count == 1)
    }
}
