import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import EventStore

@Suite("Snapshot", .temporaryDirectory)
struct SnapshotTests {
    private var directory: String { TemporaryDirectoryTrait.current }

    /// Writes `plans` so that the first third is indexed, the second in the tail of the process,
    /// and the last only in the log, as if another process had appended it.
    private static func spread(
        _ plans: [LogFixture.Plan],
        _ fixture: LogFixture
    ) throws -> SubjectIndex {
        let index = try fixture.openIndex {
            $0.batchMax = 100_000
            $0.idleMilliseconds = 600_000
        }
        let third = plans.count / 3
        try fixture.append(Array(plans[..<third]), index)
        try index.catchUp()
        try fixture.append(Array(plans[third..<2 * third]), index)
        try fixture.append(Array(plans[(2 * third)...]))
        return index
    }

    @Test(
        "A subject's events come by order, log id and index, from index, tail and log alike",
        arguments: 0..<12 as Range<UInt64>
    )
    func foldOrder(seed: UInt64) throws {
        let fixture = try LogFixture(self.directory)
        let index = try Self.spread(LogFixture.plans(300, seed: seed), fixture)
        defer { index.close() }
        let model = LogModel(fixture)
        for round in 0..<2 {
            if round == 1 { try index.catchUp() }
            try index.read { (snapshot) throws(EventStoreError) in
                #expect(snapshot.arrivals == fixture.arrivals)
                for text in model.subjects {
                    let expected = model.events(of: text)
                    #expect(try snapshot.collect(text) == expected)
                    let reversed = Array(expected.reversed())
                    #expect(try snapshot.collect(text, backwards: true) == reversed)
                    if let subject = Subject(text) {
                        #expect(try snapshot.version(of: subject) == UInt64(expected.count))
                    }
                }
                #expect(try snapshot.collect("case:nobody") == [])
            }
        }
    }

    @Test(
        "A reading that stops early is a beginning of the whole",
        arguments: [1, 2, 3] as [UInt64]
    )
    func stopsEarly(seed: UInt64) throws {
        let fixture = try LogFixture(self.directory)
        let index = try Self.spread(LogFixture.plans(120, subjects: 2, seed: seed), fixture)
        defer { index.close() }
        let subject = try #require(Subject("case:0"))
        try index.read { (snapshot) throws(EventStoreError) in
            for backwards in [false, true] {
                let whole = try snapshot.collect("case:0", backwards: backwards)
                for count in 1...whole.count {
                    var found: [StoredEvent] = []
                    try snapshot.forEachEvent(of: subject, backwards: backwards) {
                        (event, _) throws(EventStoreError) in
                        found.append(event)
                        return found.count < count
                    }
                    #expect(found == Array(whole[..<count]))
                }
            }
        }
    }

    @Test("An event of another site that arrives late sorts into its place")
    func lateForeignArrival() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        let plan = { (log: Int, order: Int64, number: Int) in
            LogFixture.Plan(log: log, order: order, id: LogFixture.id(number))
        }
        try fixture.append([plan(0, 10, 1), plan(0, 30, 2)], index)
        try index.catchUp()
        try fixture.append([plan(1, 20, 3)], index)
        let orders = { () throws(EventStoreError) in
            try index.read { (snapshot) throws(EventStoreError) in
                try snapshot.collect("case:a").map(\.order.microseconds)
            }
        }
        #expect(try orders() == [10, 20, 30])
        try index.catchUp()
        #expect(try orders() == [10, 20, 30])
    }

    @Test("An event id is found where it first arrived", arguments: [1, 2, 3] as [UInt64])
    func findsFirstArrival(seed: UInt64) throws {
        let fixture = try LogFixture(self.directory)
        let index = try Self.spread(LogFixture.plans(300, seed: seed), fixture)
        defer { index.close() }
        let model = LogModel(fixture)
        #expect(model.ids.count < 300, "some ids come twice")
        for round in 0..<2 {
            if round == 1 { try index.catchUp() }
            try index.read { (snapshot) throws(EventStoreError) in
                for id in model.ids {
                    let found = try snapshot.find(id)
                    #expect(found?.arrival == model.first(id)?.arrival)
                    #expect(found?.address == model.first(id)?.address)
                }
                #expect(try snapshot.find(LogFixture.id(77_777)) == nil)
            }
        }
    }

    @Test("Leaves come in order of arrival and of their log, from anywhere, both ways")
    func leavesInOrder() throws {
        let fixture = try LogFixture(self.directory)
        var plans = LogFixture.plans(90, seed: 2)
        for place in stride(from: 0, to: 90, by: 4) { plans[place].sections = [[1, 2], [3]] }
        let index = try Self.spread(plans, fixture)
        defer { index.close() }
        let leaves = LogModel(fixture).leaves
        try index.read { (snapshot) throws(EventStoreError) in
            let end = fixture.arrivals
            for first in 0..<end + 1 {
                let forwards = leaves.filter { $0.arrival >= first }
                #expect(try snapshot.arrivals(from: first, backwards: false) == forwards)
                let backwards = leaves.filter { $0.arrival <= first }.reversed()
                #expect(try snapshot.arrivals(from: first, backwards: true) == Array(backwards))
            }
            for log in fixture.ids {
                let own = leaves.filter { $0.address.log == log }
                for first in 0..<UInt64(own.count) + 1 {
                    let forwards = own.filter { $0.address.index >= first }
                    #expect(try snapshot.leaves(log, first, backwards: false) == forwards)
                    let backwards = own.filter { $0.address.index <= first }.reversed()
                    #expect(try snapshot.leaves(log, first, backwards: true) == Array(backwards))
                }
                #expect(try snapshot.leaves(log, nil, backwards: true) == own.reversed())
            }
            for leaf in leaves {
                #expect(try snapshot.arrival(at: leaf.address) == leaf.arrival)
                #expect(try snapshot.address(arrival: leaf.arrival) == leaf.address)
            }
            let past = EventAddress(log: fixture.ids[0], index: 1_000)
            #expect(try snapshot.arrival(at: past) == nil)
            #expect(try snapshot.leaf(at: past) == nil)
            #expect(try snapshot.address(arrival: end) == nil)
        }
    }

    @Test("A section is read by arrival and slot")
    func sections() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        let plan = LogFixture.Plan(id: LogFixture.id(1), sections: [[1, 2], [3]])
        try fixture.append([plan], index)
        try index.read { (snapshot) throws(EventStoreError) in
            #expect(try snapshot.section(arrival: 1, slot: 1) == [1, 2])
            #expect(try snapshot.section(arrival: 1, slot: 2) == [3])
            #expect(try snapshot.section(arrival: 1, slot: 3) == nil)
        }
    }

    @Test(
        "Subjects of a kind come by their ids with their versions",
        arguments: [1, 2] as [UInt64]
    )
    func subjects(seed: UInt64) throws {
        let fixture = try LogFixture(self.directory)
        var plans = LogFixture.plans(90, subjects: 12, seed: seed)
        for place in stride(from: 0, to: 90, by: 3) { plans[place].subject = "agent:\(place)" }
        for place in stride(from: 1, to: 90, by: 9) { plans[place].subject = "caseX:\(place)" }
        let index = try Self.spread(plans, fixture)
        defer { index.close() }
        let model = LogModel(fixture)
        let all = model.subjects.filter { $0.hasPrefix("case:") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for round in 0..<2 {
            if round == 1 { try index.catchUp() }
            try index.read { (snapshot) throws(EventStoreError) in
                for backwards in [false, true] {
                    for first in [nil, "0", "10", "5", "zz"] as [String?] {
                        var found: [String] = []
                        try snapshot.forEachSubject(
                            kind: "case",
                            from: first,
                            backwards: backwards
                        ) { (subject, version) throws(EventStoreError) in
                            found.append(subject.rawValue)
                            let events = model.events(of: subject.rawValue)
                            #expect(version == UInt64(events.count))
                            return true
                        }
                        let bound = first.map { "case:\($0)" }
                        let expected = all.filter { text in
                            guard let bound else { return true }
                            return backwards ? text <= bound : text >= bound
                        }
                        #expect(found == (backwards ? expected.reversed() : expected))
                    }
                }
            }
        }
    }

    @Test("Nodes and roots are those of the naive tree", arguments: [1, 255, 256, 257, 600])
    func nodes(count: Int) throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        try fixture.append(LogFixture.plans(count, logs: 2, seed: 3), index)
        try index.read { (snapshot) throws(EventStoreError) in
            for log in try snapshot.logs() {
                var hashes: [Digest] = []
                try snapshot.forEachLeaf(inLog: log.id) { (_, leaf) throws(EventStoreError) in
                    hashes.append(MerkleHash.leaf(leaf))
                    return true
                }
                #expect(UInt64(hashes.count) == log.position.size)
                for size in stride(from: 0, through: hashes.count, by: 37) {
                    let expected = MerkleTree.root(of: hashes.span.extracting(..<size))
                    #expect(try snapshot.root(log, size: UInt64(size)) == expected)
                }
                for level in 0..<9 where hashes.count >> level > 0 {
                    for place in 0..<hashes.count >> level {
                        let leaves = hashes.span.extracting(place << level..<(place + 1) << level)
                        let node = try snapshot.node(log, level: level, index: UInt64(place))
                        #expect(node == MerkleTree.root(of: leaves))
                    }
                }
            }
        }
    }

    @Test("A node over whole tiles is made of their roots, and no leaf is read for it")
    func nodesOverTiles() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        try fixture.append(LogFixture.plans(1_100, logs: 1, seed: 3), index)
        try index.catchUp()
        func nodes() throws -> [Digest] {
            try index.read { (snapshot) throws(EventStoreError) in
                let log = try snapshot.logs()[0]
                return [
                    try snapshot.node(log, level: 8, index: 3),
                    try snapshot.node(log, level: 9, index: 1),
                    try snapshot.node(log, level: 10, index: 0),
                    try snapshot.root(log, size: log.position.size),
                ]
            }
        }
        let before = try nodes()
        // Without the leaves of four tiles nothing else is left to make them of; leaf 0 names the
        // log.
        let gone = (1..<1_024 as Range<UInt64>).map { arrival in
            let key = Key.leaf(arrival)
            return RowChange(
                table: fixture.tables.leaves,
                key: [UInt8](copying: key.span),
                value: nil
            )
        }
        _ = try TamperFixture.apply(gone, in: fixture.environment)
        #expect(try nodes() == before)
    }

    @Test("The commit clock tells when a leaf came and what was held when")
    func commitClock() throws {
        let fixture = try LogFixture(self.directory)
        let index = try fixture.openIndex()
        defer { index.close() }
        let plans = LogFixture.plans(60, logs: 1, seed: 3)
        var times: [Int64] = []
        for (number, first) in stride(from: 0, to: 60, by: 5).enumerated() {
            // Two commits now and then share a reading.
            fixture.now = 1_000 + Int64(number / 2) * 10
            try fixture.append(Array(plans[first..<first + 5]), index)
            while times.count < fixture.arrivals { times.append(fixture.now) }
        }
        try index.read { (snapshot) throws(EventStoreError) in
            for (arrival, time) in times.enumerated() {
                let committed = try snapshot.committed(arrival: UInt64(arrival))
                #expect(committed == Timestamp(microseconds: time))
            }
            #expect(try snapshot.committed(arrival: UInt64(times.count)) == nil)
            for moment in Int64(990)...1_070 {
                let held = try snapshot.arrivals(heldAt: Timestamp(microseconds: moment))
                #expect(held == UInt64(times.count { $0 <= moment }))
            }
        }
    }

    @Test("With more unindexed than fits in memory, reading waits for the index")
    func waitsForTheIndex() throws {
        let fixture = try LogFixture(self.directory)
        try fixture.append(LogFixture.plans(500, seed: 3))
        let index = try fixture.openIndex { limits in
            limits.tailMax = 50
            limits.batchMax = 20
        }
        defer { index.close() }
        let model = LogModel(fixture)
        try index.read { (snapshot) throws(EventStoreError) in
            #expect(snapshot.window.range.count <= 50)
            for text in model.subjects {
                #expect(try snapshot.collect(text) == model.events(of: text))
            }
        }
    }

    @Test("A store that only reads needs no index, and uses one that is there")
    func readOnly() throws {
        let fixture = try LogFixture(self.directory)
        try fixture.append(LogFixture.plans(100, seed: 3))
        let model = LogModel(fixture)
        let without = try fixture.openIndex(isReadOnly: true)
        #expect(without.views == nil)
        let indexed = try fixture.openIndex()
        try indexed.catchUp()
        indexed.close()
        let with = try fixture.openIndex(isReadOnly: true)
        #expect(with.views != nil)
        for index in [without, with] {
            try index.read { (snapshot) throws(EventStoreError) in
                for text in model.subjects {
                    #expect(try snapshot.collect(text) == model.events(of: text))
                }
                var ids = 0
                for id in model.ids where try snapshot.find(id)?.arrival == model.first(id)?.arrival
                {
                    ids += 1
                }
                #expect(ids == model.ids.count)
            }
            index.close()
        }
    }
}

extension Snapshot {
    fileprivate borrowing func arrivals(
        from first: UInt64,
        backwards: Bool
    ) throws(EventStoreError) -> [StoredLeaf] {
        var found: [StoredLeaf] = []
        try self.forEachArrival(from: first, backwards: backwards) {
            (place, _) throws(EventStoreError) in
            found.append(place)
            return true
        }
        return found
    }

    fileprivate borrowing func leaves(
        _ log: LogID,
        _ first: UInt64?,
        backwards: Bool
    ) throws(EventStoreError) -> [StoredLeaf] {
        var found: [StoredLeaf] = []
        try self.forEachLeaf(inLog: log, from: first, backwards: backwards) {
            (place, _) throws(EventStoreError) in
            found.append(place)
            return true
        }
        return found
    }
}
