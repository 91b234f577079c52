import Foundation
import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Subject index", .temporaryDirectory)
struct SubjectIndexTests {
    private var directory: String { TemporaryDirectoryTrait.current }

    @Test("Any batch size gives the same rows", arguments: [1, 2, 3] as [UInt64])
    func batchSizesAgree(seed: UInt64) throws {
        let fixture = try LogFixture(self.directory)
        try fixture.append(LogFixture.plans(500, seed: seed))
        var expected: [[SubjectIndex.Row]]?
        for batch in [1, 7, 64, 8_192] {
            try? FileManager.default.removeItem(atPath: self.directory + "/views")
            let index = try fixture.openIndex { $0.batchMax = batch }
            try index.catchUp()
            #expect(try index.problems() == [])
            index.close()
            let rows = try index.rows()
            #expect(rows[2].count == 500)
            if let expected { #expect(rows == expected, "batches of \(batch)") }
            expected = rows
        }
    }

    @Test("Rows written in many openings are those of a rebuild")
    func rebuildGivesTheSameRows() throws {
        let fixture = try LogFixture(self.directory)
        let plans = LogFixture.plans(300, seed: 5)
        for first in stride(from: 0, to: 300, by: 50) {
            let index = try fixture.openIndex()
            try fixture.append(Array(plans[first..<first + 50]), index)
            index.close()
        }
        let before = try fixture.openIndex()
        let rows = try before.rows()
        before.close()
        try FileManager.default.removeItem(atPath: self.directory + "/views")
        let after = try fixture.openIndex()
        defer { after.close() }
        try after.catchUp()
        #expect(try after.rows() == rows)
    }

    @Test("Closing commits what is there")
    func closeCommits() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        try fixture.append(LogFixture.plans(20, seed: 1), index)
        index.close()
        #expect(try index.rows()[2].count == 20)
    }

    @Test("What is not a full batch is committed when nothing more comes")
    func idleCommits() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex { $0.idleMilliseconds = 30 }
        defer { index.close() }
        try fixture.append(LogFixture.plans(20, seed: 1), index)
        let held = fixture.arrivals
        let isIndexed = index.state.wait(milliseconds: 10_000) { $0.tracked == held ? true : nil }
        #expect(isIndexed == true)
        #expect(try index.rows()[2].count == 20)
    }

    @Test("An index of another log is dropped and built again")
    func otherLogIsRebuilt() throws {
        let other = try LogFixture(self.directory + "/other")
        let otherIndex = try other.openIndex()
        try other.append(LogFixture.plans(40, seed: 8), otherIndex)
        otherIndex.close()
        let fixture = try LogFixture(self.directory + "/own")
        try fixture.append(LogFixture.plans(60, seed: 9))
        try Self.copy(other.directory + "/views", fixture.directory + "/views")
        let index = try fixture.openIndex()
        defer { index.close() }
        try index.catchUp()
        #expect(try index.problems() == [])
        #expect(try index.rows()[2].count == 60)
    }

    @Test("An index that is ahead of an older copy of the log is dropped and built again")
    func olderLogIsRebuilt() throws {
        let plans = LogFixture.plans(60, seed: 3)
        let older = try LogFixture(self.directory + "/older")
        try older.append(Array(plans[..<30]))
        let newer = try LogFixture(self.directory + "/newer")
        let newerIndex = try newer.openIndex()
        try newer.append(plans, newerIndex)
        newerIndex.close()
        try Self.copy(newer.directory + "/views", older.directory + "/views")
        let index = try older.openIndex()
        defer { index.close() }
        try index.catchUp()
        #expect(try index.problems() == [])
        #expect(try index.rows()[2].count == 30)
    }

    @Test("An index of a prefix of the log is kept and goes on")
    func prefixIsKept() throws {
        let plans = LogFixture.plans(60, seed: 3)
        let fixture = try LogFixture(self.directory)
        let first = try fixture.openIndex()
        try fixture.append(Array(plans[..<30]), first)
        first.close()
        let rows = try first.rows()[2]
        try fixture.append(Array(plans[30...]))
        let second = try fixture.openIndex { $0.idleMilliseconds = 60_000 }
        defer { second.close() }
        #expect(try second.rows()[2] == rows)
        try second.catchUp()
        #expect(try second.problems() == [])
    }

    @Test("An index of another version is dropped and built again")
    func otherVersionIsRebuilt() throws {
        let fixture = try LogFixture(self.directory)
        let first = try fixture.openIndex()
        try fixture.append(LogFixture.plans(30, seed: 3), first)
        first.close()
        let views = try #require(first.views)
        try views.environment.write { (transaction) throws(LMDBError) in
            let row = [UInt8](repeating: 9, count: Tracking.wholeBytes)
            let key = Tracking.wholeKey
            try transaction.put(row.span, for: key.span, in: views.tables.meta)
        }
        let second = try fixture.openIndex()
        defer { second.close() }
        try second.catchUp()
        #expect(try second.problems() == [])
        #expect(try second.rows()[2].count == 30)
    }

    @Test("A damaged file of the index is replaced")
    func damagedFileIsReplaced() throws {
        try LogFixture.makeDirectory(self.directory + "/views")
        let garbage = Data(repeating: 0x5A, count: 16_384)
        try garbage.write(to: URL(filePath: self.directory + "/views/data.mdb"))
        let fixture = try LogFixture(self.directory)
        try fixture.append(LogFixture.plans(30, seed: 3))
        let index = try fixture.openIndex()
        defer { index.close() }
        try index.catchUp()
        #expect(try index.problems() == [])
    }

    @Test("Two indexers of one directory index every arrival once")
    func twoIndexers() throws {
        let fixture = try LogFixture(self.directory)
        try fixture.append(LogFixture.plans(400, seed: 4))
        let first = try fixture.openIndex { $0.batchMax = 5 }
        let second = try fixture.openIndex { $0.batchMax = 3 }
        try first.catchUp()
        try second.catchUp()
        first.close()
        second.close()
        #expect(try first.problems() == [])
        #expect(try first.rows()[2].count == 400)
    }

    @Test("Appends wait while too much is not indexed, and go on when it is")
    func backPressure() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex { limits in
            limits.batchMax = 10
            limits.unindexedMax = 20
        }
        defer { index.close() }
        let views = try #require(index.views)
        let released = Guarded(false)
        let waited = Guarded(false)
        let locked = Guarded(false)
        // While another writer holds `views/`, the index thread cannot come further.
        let holder = Thread {
            _ = try? views.environment.write { (_) throws(LMDBError) in
                locked.withLock { $0 = true }
                locked.wake()
                _ = released.wait { $0 ? true : nil }
            }
        }
        holder.start()
        _ = locked.wait { $0 ? true : nil }
        try index.waitForRoom()
        try fixture.append(LogFixture.plans(30, seed: 2), index)
        let writer = Thread {
            try? index.waitForRoom()
            waited.withLock { $0 = true }
            waited.wake()
        }
        writer.start()
        #expect(waited.wait(milliseconds: 200) { $0 ? true : nil } == nil)
        released.withLock { $0 = true }
        released.wake()
        #expect(waited.wait(milliseconds: 10_000) { $0 ? true : nil } == true)
        try index.catchUp()
        #expect(try index.problems() == [])
    }

    @Test("A full map of the index grows")
    func mapGrows() throws {
        let fixture = try LogFixture(self.directory)
        try fixture.append(LogFixture.plans(3_000, subjects: 900, seed: 2))
        let index = try SubjectIndex.open(
            directory: self.directory + "/views",
            mapBytes: 1 << 17,
            isReadOnly: false,
            log: fixture.environment,
            tables: fixture.tables
        )
        defer { index.close() }
        try index.catchUp()
        #expect(try index.problems() == [])
    }

    @Test("A second subject of an event is filed, counted and checked like its own")
    func crossReferences() throws {
        let fixture = try LogFixture(self.directory)
        let reference: CrossReference = { keys, _ in
            keys.order.microseconds > 10 ? Subject("attached:late") : nil
        }
        let index = try fixture.openIndex({ $0.batchMax = 1_000 }, crossReference: reference)
        defer { index.close() }
        let plans = LogFixture.plans(200, seed: 6)
        let late = plans.filter { $0.order > 10 }.count
        try fixture.append(plans, index)
        for isIndexed in [false, true] {
            if isIndexed { try index.catchUp() }
            try index.read { (snapshot) throws(EventStoreError) in
                #expect(try snapshot.collect("attached:late").count == late)
                var cases = 0
                try snapshot.forEachSubject(kind: "case") { (_, _) throws(EventStoreError) in
                    cases += 1
                    return true
                }
                #expect(cases == 7)
            }
        }
        #expect(try index.problems() == [])
    }

    private static func copy(_ source: String, _ target: String) throws {
        try FileManager.default.createDirectory(
            atPath: target,
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(
            atPath: source + "/data.mdb",
            toPath: target + "/data.mdb"
        )
    }
}
