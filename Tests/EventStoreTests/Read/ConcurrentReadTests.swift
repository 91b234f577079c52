import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Reading while others write", .temporaryDirectory)
struct ConcurrentReadTests {
    private var directory: String { TemporaryDirectoryTrait.current }

    @Test("Readers see every event up to their snapshot while the index moves on")
    func readersDuringIndexing() async throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex {
            $0.batchMax = 16
            $0.idleMilliseconds = 5
        }
        let plans = LogFixture.plans(1_500, seed: 7)
        // Where each event goes is known beforehand.
        let rehearsal = try LogFixture(self.directory + "/rehearsal")
        try rehearsal.append(plans)
        let model = LogModel(rehearsal)
        let isDone = Guarded(false)
        let reads = try await withThrowingTaskGroup(of: Int.self) { group in
            for reader in 0..<3 {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(reader))
                    var reads = 0
                    while !isDone.withLock({ $0 }) || reads == 0 {
                        let text = "case:\(Int.random(in: 0..<7, using: &random))"
                        try index.read { (snapshot) throws(EventStoreError) in
                            let found = try snapshot.collect(text)
                            #expect(found == model.events(of: text, below: snapshot.arrivals))
                        }
                        reads += 1
                        await Task.yield()
                    }
                    return reads
                }
            }
            for first in stride(from: 0, to: 1_500, by: 25) {
                try fixture.append(Array(plans[first..<first + 25]), index)
                await Task.yield()
            }
            isDone.withLock { $0 = true }
            var reads = 0
            for try await count in group { reads += count }
            return reads
        }
        #expect(reads > 0)
        index.close()
        #expect(try index.problems() == [])
    }

    @Test("What another process appended is read at once, and indexed once")
    func otherProcessAppends() async throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        let plans = LogFixture.plans(60, seed: 3)
        try fixture.append(Array(plans[..<30]), index)
        await #expect(processExitsWith: .success) { [directory = self.directory as String] in
            let other = try LogFixture(directory)
            let otherIndex = try other.openIndex()
            try other.append(Array(LogFixture.plans(60, seed: 3)[30...]), otherIndex)
            otherIndex.close()
        }
        let model = LogModel(try Self.rehearse(plans, self.directory + "/rehearsal"))
        for round in 0..<2 {
            if round == 1 { try index.catchUp() }
            try index.read { (snapshot) throws(EventStoreError) in
                for text in model.subjects {
                    #expect(try snapshot.collect(text) == model.events(of: text))
                }
            }
        }
        #expect(try index.problems() == [])
    }

    @Test("What a killed process appended and did not index is read and indexed by the next")
    func killedProcess() async throws {
        let plans = LogFixture.plans(60, seed: 3)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = self.directory as String] in
            let other = try LogFixture(directory)
            let index = try other.openIndex()
            try other.append(LogFixture.plans(60, seed: 3), index)
            kill(getpid(), SIGKILL)
        }
        let model = LogModel(try Self.rehearse(plans, self.directory + "/rehearsal"))
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        try index.read { (snapshot) throws(EventStoreError) in
            for text in model.subjects {
                #expect(try snapshot.collect(text) == model.events(of: text))
            }
        }
        try index.catchUp()
        #expect(try index.problems() == [])
    }

    private static func rehearse(
        _ plans: [LogFixture.Plan],
        _ directory: String
    ) throws -> LogFixture {
        let fixture = try LogFixture(directory)
        try fixture.append(plans)
        return fixture
    }
}

@Suite("Live following", .temporaryDirectory, .timeLimit(.minutes(1)))
struct FollowTests {
    private var directory: String { TemporaryDirectoryTrait.current }

    @Test("Following gives what is held, then each commit, without a gap or overlap")
    func followsLocalCommits() async throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex { $0.pollMilliseconds = 60_000 }
        let plans = LogFixture.plans(50, logs: 1, seed: 3)
        try fixture.append(Array(plans[..<10]), index)
        var iterator = try index.follow(from: 3).makeAsyncIterator()
        #expect(await iterator.next() == 3..<11)
        for first in stride(from: 10, to: 50, by: 10) {
            let before = fixture.arrivals
            try fixture.append(Array(plans[first..<first + 10]), index)
            #expect(await iterator.next() == before..<before + 10)
        }
        try fixture.append(Array(LogFixture.plans(2, logs: 1, seed: 9)), index)
        try fixture.append(Array(LogFixture.plans(3, logs: 1, seed: 8)), index)
        #expect(await iterator.next() == 51..<56)
        index.close()
        #expect(await iterator.next() == nil)
        #expect(throws: EventStoreError.closed) { try index.follow(from: 0) }
    }

    @Test("Following sees what another process commits")
    func followsOtherProcess() async throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        try fixture.append(LogFixture.plans(10, logs: 1, seed: 3), index)
        var iterator = try index.follow(from: 11).makeAsyncIterator()
        await #expect(processExitsWith: .success) { [directory = self.directory as String] in
            let other = try LogFixture(directory)
            try other.append(LogFixture.plans(5, logs: 1, seed: 4))
        }
        #expect(await iterator.next() == 11..<16)
    }

    @Test("A follower that is cancelled ends and is forgotten")
    func cancellation() async throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        let arrivals = try index.follow(from: 0)
        let follower = Task {
            var ranges = 0
            for await _ in arrivals { ranges += 1 }
            return ranges
        }
        follower.cancel()
        _ = await follower.value
        #expect(index.state.withLock { $0.followers.isEmpty })
    }

    @Test("What is not a full batch is committed when idle, though somebody follows")
    func idleWhileFollowed() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex {
            $0.idleMilliseconds = 60
            $0.pollMilliseconds = 10
        }
        defer { index.close() }
        let arrivals = try index.follow(from: 0)
        try fixture.append(LogFixture.plans(10, seed: 3), index)
        let held = fixture.arrivals
        let isIndexed = index.state.wait(milliseconds: 10_000) { $0.tracked == held ? true : nil }
        #expect(isIndexed == true)
        withExtendedLifetime(arrivals) {}
    }
}
