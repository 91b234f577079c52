import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("A part of a log")
struct PartTests {
    private static let queue = Label(name: "queue", value: "q")
    private static let brand = Label(name: "brand", value: "b1")

    private static func subject(_ number: Int) -> Label {
        Label(name: Label.subjectName, value: "case:\(number)")
    }

    private static func log(
        _ count: Int,
        share: Int,
        seed: UInt64
    ) -> (log: LabelledLog, random: SeededRandom) {
        var random = SeededRandom(seed: seed)
        var log = LabelledLog(seed: seed)
        log.append(count, &random) { Int.random(in: 0..<100, using: &$0) < share }
        return (log, random)
    }

    @Test(
        "A partner comes to the same root with its share alone, also after growth and widening",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]
    )
    func sameRoot(seed: UInt64) throws {
        // Repeat a failure with `swift test --filter PartTests`; the seed is the test's argument.
        var (log, random) = Self.log(Int(seed) * 97, share: 2 << seed % 6, seed: seed)
        var copy = PartialCopy()
        let narrow = try log.grant([Self.queue])
        try copy.take(log, narrow, log.parts(heldSize: 0, log.indexes(narrow, [:], heldSize: 0)))
        #expect(copy.range.root == log.position.root)

        log.append(Int.random(in: 1..<700, using: &random), &random) {
            Int.random(in: 0..<10, using: &$0) == 0
        }
        let wide = try log.grant([Self.queue, Self.brand, Self.subject(3)], number: 2)
        let heldSize = copy.range.size
        let indexes = log.indexes(wide, copy.labels, heldSize: heldSize)
        #expect(indexes.contains { $0 < heldSize } && indexes.contains { $0 >= heldSize })
        try copy.take(log, wide, log.parts(heldSize: heldSize, indexes))

        #expect(copy.range.root == log.position.root)
        let scope = log.indexes(wide, [:], heldSize: 0)
        #expect(copy.leaves.keys.sorted() == scope)
        #expect(scope.allSatisfy { copy.leaves[$0] == log.leaves[Int($0)] })
    }

    @Test("Each event of the scope that is withheld is noticed, the last one too")
    func withheld() throws {
        let (log, _) = Self.log(300, share: 10, seed: 11)
        let grant = try log.grant([Self.queue])
        let indexes = log.indexes(grant, [:], heldSize: 0)
        #expect(indexes.count > 20)
        for left in indexes.dropFirst() {
            let parts = try log.parts(heldSize: 0, indexes.filter { $0 != left })
            var copy = PartialCopy()
            #expect(throws: SyncError.scopeIncomplete(log.id, label: Self.queue)) {
                try copy.take(log, grant, parts)
            }
        }
        // Nothing at all is sent of a label that was granted.
        var copy = PartialCopy()
        let wide = try log.grant([Self.queue, Self.brand])
        #expect(throws: SyncError.scopeIncomplete(log.id, label: Self.brand)) {
            try copy.take(log, wide, log.parts(heldSize: 0, indexes))
        }
    }

    @Test("What fills in and does not come is noticed at the end")
    func nothingFillsIn() throws {
        let (log, _) = Self.log(300, share: 10, seed: 12)
        let narrow = try log.grant([Self.queue])
        var copy = PartialCopy()
        try copy.take(log, narrow, log.parts(heldSize: 0, log.indexes(narrow, [:], heldSize: 0)))
        let wide = try log.grant([Self.queue, Self.subject(5)], number: 2)
        #expect(throws: SyncError.scopeIncomplete(log.id, label: Self.subject(5))) {
            try copy.take(log, wide, [])
        }
    }

    @Test("A leaf or a root over others that was changed is refused, wherever it stands")
    func changed() throws {
        let (log, _) = Self.log(300, share: 10, seed: 13)
        let grant = try log.grant([Self.queue])
        let parts = try log.parts(heldSize: 0, log.indexes(grant, [:], heldSize: 0))
        let part = try #require(parts.first?.part)
        for place in part.gaps.indices {
            var changed = part
            changed.gaps[place] = MerkleHash.empty
            var incoming = try PartialCopy().incoming(log, grant)
            #expect(throws: SyncError.badProof(log.id)) {
                try incoming.take(changed, PendingBlobs())
            }
        }
        for place in part.entries.indices.dropFirst() {
            var changed = part
            changed.entries[place].leaf[9] ^= 1
            var incoming = try PartialCopy().incoming(log, grant)
            #expect(throws: SyncError.badProof(log.id)) {
                try incoming.take(changed, PendingBlobs())
            }
        }
        var changed = part
        changed.entries[0].leaf[9] ^= 1
        var incoming = try PartialCopy().incoming(log, grant)
        #expect(throws: SyncError.badPackage(log.id, index: 0)) {
            try incoming.take(changed, PendingBlobs())
        }
    }

    @Test("A leaf out of scope is refused")
    func outOfScope() throws {
        let (log, _) = Self.log(100, share: 10, seed: 14)
        let grant = try log.grant([Self.queue])
        let indexes = log.indexes(grant, [:], heldSize: 0)
        let other = try #require((1..<log.size).first { !indexes.contains($0) })
        var copy = PartialCopy()
        #expect(throws: SyncError.badPackage(log.id, index: other)) {
            try copy.take(log, grant, log.parts(heldSize: 0, (indexes + [other]).sorted()))
        }
    }

    @Test("A part that is not the next one, or fills in another run, is refused")
    func order() throws {
        let (log, _) = Self.log(3_000, share: 30, seed: 15)
        let grant = try log.grant([Self.queue])
        let parts = try log.parts(heldSize: 0, log.indexes(grant, [:], heldSize: 0))
        #expect(parts.count > 2)
        var copy = PartialCopy()
        #expect(throws: SyncError.unexpected(.part)) {
            try copy.take(log, grant, Array(parts.dropFirst()))
        }
        var filling = parts[0].part
        filling.kind = .fillsIn
        filling.proof = []
        var incoming = try PartialCopy().incoming(log, grant)
        #expect(throws: SyncError.unexpected(.part)) { try incoming.take(filling, PendingBlobs()) }
    }

    @Test("A head of another grant or position, or with a foreign label, is refused")
    func otherHead() throws {
        let (log, _) = Self.log(50, share: 10, seed: 16)
        let grant = try log.grant([Self.queue])
        let wide = try log.grant([Self.queue, Self.brand])
        for head in [
            log.head(wide), log.head(grant, size: 40),
            ScopeHead(grant: grant.id, position: log.position, entries: log.head(wide).entries),
        ] {
            #expect(throws: SyncError.badScopeHead(log.id)) {
                try IncomingScope(
                    grant: grant,
                    head: head,
                    target: log.position,
                    genesisLeaf: log.leaves[0],
                    range: CompactRange(),
                    labels: [:]
                )
            }
        }
    }

    @Test("A tenth of a log at random costs at most 120 bytes an event beyond its own")
    func cost() throws {
        let (log, _) = Self.log(40_000, share: 10, seed: 17)
        let grant = try log.grant([Self.queue])
        let indexes = log.indexes(grant, [:], heldSize: 0)
        let parts = try log.parts(heldSize: 0, indexes)
        // Not compressed: what compression saves is saved on the leaves.
        let sent = parts.reduce(0) { $0 + $1.part.frame.plainBytes.count }
        let own = indexes.reduce(0) { $0 + log.leaves[Int($1)].count }
        let extra = Double(sent + log.note(log.head(grant)).count - own) / Double(indexes.count)
        #expect(extra <= 120, "\(extra) bytes an event, \(indexes.count) events")
        #expect(extra > 60, "less than the roots over the gaps take")
    }
}
