import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Check of the index", .temporaryDirectory)
struct IndexCheckTests {
    private var directory: String { TemporaryDirectoryTrait.current }

    /// An index of 40 events, changed by `damage`, and what the check says of it.
    private func problems(
        _ damage: (inout WriteTransaction, ViewTables) throws(LMDBError) -> Void
    ) throws -> [IndexProblem] {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        var plans: [LogFixture.Plan] = []
        for number in 0..<40 {
            plans.append(
                LogFixture.Plan(
                    subject: "case:\(number % 4)",
                    order: Int64(number),
                    id: LogFixture.id(number)
                )
            )
        }
        try fixture.append(plans, index)
        try index.catchUp()
        #expect(try index.problems() == [])
        let views = try #require(index.views)
        try views.environment.write { (transaction) throws(LMDBError) in
            try damage(&transaction, views.tables)
        }
        return try index.problems()
    }

    private static func copy(
        _ key: [UInt8],
        _ table: Table,
        _ transaction: borrowing WriteTransaction
    ) throws(LMDBError) -> [UInt8] {
        guard let row = try transaction.value(for: key.span, in: table) else { throw .notFound }
        return [UInt8](copying: row)
    }

    @Test("A removed row of a subject is found")
    func removedEvent() throws {
        let key = Key.subjectEvent(
            subject: 0,
            order: Timestamp(microseconds: 4),
            arrival: 5
        )
        let found = try self.problems { (transaction, tables) throws(LMDBError) in
            _ = try transaction.delete(key.span, in: tables.subjectEvents)
        }
        #expect(found.contains(.subjectEvent(arrival: 5)))
        #expect(found.contains(.subject("case:0")))
    }

    @Test("A row of a subject that names another place is found")
    func changedEvent() throws {
        let key = Key.subjectEvent(
            subject: 0,
            order: Timestamp(microseconds: 4),
            arrival: 5
        )
        let value = [UInt8](repeating: 0, count: 12)
        let found = try self.problems { (transaction, tables) throws(LMDBError) in
            try transaction.put(value.span, for: key.span, in: tables.subjectEvents)
        }
        #expect(found.contains(.subjectEvent(arrival: 5)))
    }

    @Test("A row that belongs to no event is found")
    func surplusEvent() throws {
        let key = Key.subjectEvent(
            subject: 99,
            order: Timestamp(microseconds: 4),
            arrival: 5
        )
        let value = [UInt8](repeating: 0, count: 12)
        let id = Key.id(LogFixture.id(500))
        let found = try self.problems { (transaction, tables) throws(LMDBError) in
            try transaction.put(value.span, for: key.span, in: tables.subjectEvents)
            try transaction.put(Key.arrival(3).span, for: id.span, in: tables.eventIDs)
        }
        #expect(
            found == [
                .surplus(table: "subjectEvents", rows: 1), .surplus(table: "eventIDs", rows: 1),
            ]
        )
    }

    @Test("An event id that is missing or names another arrival is found")
    func changedID() throws {
        let missing = Key.id(LogFixture.id(3))
        let changed = Key.id(LogFixture.id(7))
        let found = try self.problems { (transaction, tables) throws(LMDBError) in
            _ = try transaction.delete(missing.span, in: tables.eventIDs)
            try transaction.put(Key.arrival(2).span, for: changed.span, in: tables.eventIDs)
        }
        // The row that names another arrival belongs to no event either.
        #expect(
            found == [
                .eventID(arrival: 4), .eventID(arrival: 8), .surplus(table: "eventIDs", rows: 1),
            ]
        )
    }

    @Test("A count, newest order or newest index that is wrong is found", arguments: [15, 23, 35])
    func changedSubject(byte: Int) throws {
        let key = Array("case:1".utf8)
        let found = try self.problems { (transaction, tables) throws(LMDBError) in
            var changed = try Self.copy(key, tables.subjects, transaction)
            changed[byte] ^= 1
            try transaction.put(changed.span, for: key.span, in: tables.subjects)
        }
        #expect(found == [.subject("case:1")])
    }

    @Test("A tracking that is not that of the log is found")
    func changedTracking() throws {
        let key = Array("log".utf8) + [0, 0, 0, 0]
        let found = try self.problems { (transaction, tables) throws(LMDBError) in
            var changed = try Self.copy(key, tables.meta, transaction)
            changed[30] ^= 1
            try transaction.put(changed.span, for: key.span, in: tables.meta)
        }
        #expect(found == [.tracking])
    }
}

@Suite("The writer's index", .temporaryDirectory)
struct WriterIndexTests {
    private var directory: String { TemporaryDirectoryTrait.current }

    @Test("The writer sees what is indexed, in the tail, in the log alone, and staged")
    func seesEverything() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex { $0.idleMilliseconds = 600_000 }
        defer { index.close() }
        let plan = { (number: Int, order: Int64) in
            LogFixture.Plan(order: order, id: LogFixture.id(number))
        }
        try fixture.append([plan(1, 10)], index)
        try index.catchUp()
        try fixture.append([plan(2, 40)], index)
        try fixture.append([plan(3, 30)])
        let subject = try #require(Subject("case:a"))
        let held = fixture.arrivals
        try fixture.environment.write { (transaction) throws(EventStoreError) in
            try index.withWriterIndex(&transaction) {
                (transaction, writer) throws(EventStoreError) in
                for number in 1...3 {
                    #expect(try writer.find(LogFixture.id(number)) == UInt64(number))
                }
                let before = try writer.summary(of: SubjectKey(subject))
                #expect(before.version == 3)
                #expect(before.newestOrder == Timestamp(microseconds: 40))
                #expect(before.newestByLog.map(\.index) == [3])
                writer.stage(
                    IndexedEvent(
                        arrival: held,
                        logNumber: 0,
                        index: 4,
                        id: LogFixture.id(4),
                        order: Timestamp(microseconds: 35),
                        subject: SubjectKey(subject)
                    )
                )
                #expect(try writer.find(LogFixture.id(4)) == held)
                #expect(try writer.summary(of: SubjectKey(subject)).version == 4)
                let orders = try writer.entries(of: subject, transaction).map(\.order.microseconds)
                #expect(orders == [10, 30, 35, 40])
                writer.unstage(downTo: held)
                #expect(try writer.find(LogFixture.id(4)) == nil)
                #expect(try writer.summary(of: SubjectKey(subject)).version == 3)
                #expect(writer.staged.count == 0)
            }
        }
    }

    @Test("A staged batch that was not committed is seen by nobody")
    func droppedBatch() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        try fixture.append([LogFixture.Plan(order: 1, id: LogFixture.id(1))], index)
        let held = fixture.arrivals
        #expect(throws: EventStoreError.overloaded) {
            try fixture.environment.write { (transaction) throws(EventStoreError) in
                try index.withWriterIndex(&transaction) {
                    (_, writer) throws(EventStoreError) in
                    writer.advance(to: held + 1)
                    throw .overloaded
                }
            }
        }
        try index.read { (snapshot) throws(EventStoreError) in
            #expect(snapshot.arrivals == held)
            #expect(try snapshot.collect("case:a").count == 1)
        }
        #expect(index.state.withLock { $0.pins.isEmpty })
    }
}
