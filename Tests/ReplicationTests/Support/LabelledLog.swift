import EventStore
import LedgerTesting
import LedgerTypes
import Merkle

@testable import Replication

/// A log in memory whose leaves have labels, and everything that the home site of a partner does
/// with it.
struct LabelledLog {
    let siteKey: SigningKey
    let logKey: SigningKey
    let genesis: Genesis
    private(set) var leaves: [[UInt8]]
    private(set) var hashes: [Digest]
    /// The indexes of the leaves with each label, rising.
    private(set) var places: [Label: [UInt64]] = [:]

    static let site = SiteName("a.example/site/berlin") ?? { preconditionFailure("a name") }()
    static let partnerSite = SiteName("b.example/site/manila") ?? { preconditionFailure("") }()
    static let partnerKey =
        SigningKey(seed: [UInt8](repeating: 8, count: 32)) ?? { preconditionFailure("a seed") }()

    init(seed: UInt64 = 7) {
        var random = SeededRandom(seed: seed)
        guard let siteKey = SigningKey(seed: [UInt8](repeating: 9, count: 32)),
            let logKey = SigningKey(seed: random.bytes(32))
        else { preconditionFailure("seeds") }
        self.siteKey = siteKey
        self.logKey = logKey
        var genesis = Genesis(
            site: Self.site,
            siteKey: siteKey.publicKey,
            logKey: logKey.publicKey,
            incarnation: 1,
            nonce: random.bytes(16),
            reason: .new,
            parent: nil,
            recorded: HybridTime(rawValue: 1 << 16)
        )
        genesis.signature = siteKey.sign(genesis.signedBytes)
        self.genesis = genesis
        self.leaves = [genesis.leaf]
        self.hashes = [MerkleHash.leaf(genesis.leaf.span)]
    }

    var id: LogID { LogID(genesisLeaf: self.leaves[0]) }
    var size: UInt64 { UInt64(self.leaves.count) }
    var position: Position { self.position(self.size) }

    func position(_ size: UInt64) -> Position {
        let root = MerkleTree.root(of: self.hashes.span.extracting(first: Int(size)))
        return Position(log: self.id, size: size, root: root)
    }

    mutating func append(_ subject: String, _ labels: [Label], _ random: inout SeededRandom) {
        guard let subject = Subject(subject) else { preconditionFailure("a subject") }
        let index = self.size
        let draft = EventDraft(
            id: EventID(unixMilliseconds: Int64(index), random: random.bytes(10).span),
            type: "case.observed",
            subject: subject,
            occurred: Timestamp(microseconds: Int64(index)),
            actor: ActorSnapshot(actorID: "agent-\(index % 3)", kind: .notStated),
            labels: labels
        )
        let sequences = ([Label.subject(subject)] + labels).map { label in
            let places = self.places[label, default: []]
            return LabelSequence(
                sequence: UInt64(places.count),
                previous: places.last.map { $0 + 1 } ?? 0
            )
        }
        for label in [Label.subject(subject)] + labels {
            self.places[label, default: []].append(index)
        }
        var leaf = Leaf.encode(draft)
        let stamp = Stamp(
            recorded: HybridTime(rawValue: (index + 2) << 16),
            order: Timestamp(microseconds: Int64(index)),
            labelSequences: sequences
        )
        Leaf.append(stamp, to: &leaf)
        self.leaves.append(leaf)
        self.hashes.append(MerkleHash.leaf(leaf.span))
    }

    /// Appends `count` events of 40 cases, each with queue `q` if `isInScope` says so.
    mutating func append(
        _ count: Int,
        _ random: inout SeededRandom,
        isInScope: (inout SeededRandom) -> Bool
    ) {
        for _ in 0..<count {
            let queue = isInScope(&random) ? "q" : "other"
            let brand = Int.random(in: 0..<3, using: &random)
            self.append(
                "case:\(Int.random(in: 0..<40, using: &random))",
                [Label(name: "queue", value: queue), Label(name: "brand", value: "b\(brand)")],
                &random
            )
        }
    }

    func grant(_ labels: [Label], number: UInt64 = 1) throws -> Grant {
        let grant = Grant(
            home: Grant.Party(site: Self.site, key: self.siteKey.publicKey),
            partner: Grant.Party(site: Self.partnerSite, key: Self.partnerKey.publicKey),
            number: number,
            from: Timestamp(microseconds: 5),
            labels: labels
        )
        guard let grant else { throw SyncError.grant(.malformed) }
        return grant
    }

    func head(_ grant: Grant, size: UInt64? = nil) -> ScopeHead {
        let position = self.position(size ?? self.size)
        let entries = grant.labels.compactMap { label -> ScopeHead.Entry? in
            let places = self.places[label, default: []].filter { $0 < position.size }
            guard let last = places.last else { return nil }
            let newest = LabelPlace(sequence: UInt64(places.count) - 1, index: last)
            return ScopeHead.Entry(label: label, newest: newest)
        }
        return ScopeHead(grant: grant.id, position: position, entries: entries)
    }

    /// The note of a head.
    func note(_ head: ScopeHead) -> [UInt8] {
        let origin = LogState.origin(of: self.genesis, id: self.id)
        guard let name = KeyName(origin) else { return [] }
        let text = head.text(origin: origin)
        let signer = NoteSigner(name: name, key: self.logKey)
        return SignedNote(text: text, signatures: [signer.sign(Array(text.utf8))]).bytes
    }

    /// What a partner that holds each label up to `labels`, of a copy of `heldSize` leaves, lacks.
    func indexes(_ grant: Grant, _ labels: [Label: LabelPlace], heldSize: UInt64) -> [UInt64] {
        var indexes: Set<UInt64> = heldSize == 0 ? [0] : []
        for label in grant.labels {
            let after = labels[label].map { $0.index + 1 } ?? 0
            indexes.formUnion(self.places[label, default: []].filter { $0 >= after })
        }
        return indexes.sorted()
    }

    /// Every PART of such a copy.
    func parts(heldSize: UInt64, _ indexes: [UInt64]) throws -> [OutgoingPart] {
        var builder = PartBuilder(target: self.position, heldSize: heldSize, indexes: indexes)
        var parts: [OutgoingPart] = []
        while !builder.isDone {
            let part = try builder.next(
                leaf: { (index) throws(SyncError) in
                    try PackageBuilder.StoredLeaf(self.leaves[Int(index)]) {
                        (_, _) throws(SyncError) in .purged
                    }
                },
                node: { (level, index) throws(SyncError) in
                    let first = Int(index) << level
                    let hashes = Array(self.hashes[first..<first + 1 << level])
                    return MerkleTree.root(of: hashes.span)
                }
            )
            parts.append(part)
        }
        return parts
    }
}

/// A partner's copy of a log, in memory.
struct PartialCopy {
    var range = CompactRange()
    var labels: [Label: LabelPlace] = [:]
    var leaves: [UInt64: [UInt8]] = [:]

    mutating func take(
        _ log: LabelledLog,
        _ grant: Grant,
        _ parts: [OutgoingPart]
    ) throws {
        var incoming = try self.incoming(log, grant)
        for part in parts {
            // As it travels.
            let part = try Part(part.part.frame)
            let verified = try incoming.take(part, PendingBlobs())
            for (index, entry) in verified.entries { self.leaves[index] = entry.leaf }
            for entry in verified.labels { self.labels[entry.label] = entry.newest }
            if part.kind == .goesOn {
                self.range.append(part.nodes(leafHashes: verified.entries.map(\.entry.hash)))
            }
        }
        try incoming.finish()
    }

    func incoming(_ log: LabelledLog, _ grant: Grant) throws -> IncomingScope {
        try IncomingScope(
            grant: grant,
            head: try ScopeHead(note: log.note(log.head(grant)), of: log.id, genesis: log.genesis),
            target: log.position,
            genesisLeaf: log.leaves[0],
            range: self.range,
            labels: self.labels
        )
    }
}
