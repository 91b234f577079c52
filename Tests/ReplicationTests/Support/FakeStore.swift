import EventStore
import LedgerTesting
import LedgerTypes
import Merkle

@testable import Replication

/// One log as a fake store holds it.
struct FakeLog {
    var genesis: Genesis
    private(set) var leaves: [[UInt8]] = []
    var sections: [[[UInt8]?]] = []
    private(set) var hashes: [Digest] = []
    /// Signed notes by size.
    var notes: [UInt64: [UInt8]] = [:]
    var writer: LocalLog.Writer

    init(genesis: Genesis, writer: LocalLog.Writer) {
        self.genesis = genesis
        self.writer = writer
    }

    mutating func add(_ leaf: [UInt8], sections: [[UInt8]?]) {
        self.leaves.append(leaf)
        self.sections.append(sections)
        self.hashes.append(MerkleHash.leaf(leaf.span))
    }

    /// Forgets the leaves from `size` on, as a restored backup does.
    mutating func cut(to size: Int) {
        self.leaves.removeSubrange(size...)
        self.sections.removeSubrange(size...)
        self.hashes.removeSubrange(size...)
    }

    /// Whether a leaf hashes to what it should.
    func isSound(_ index: Int) -> Bool {
        let leaf = self.leaves[index]
        return MerkleHash.leaf(leaf.span) == self.hashes[index]
    }

    /// Puts back what a leaf was before damage.
    mutating func repair(_ index: Int, _ leaf: [UInt8]) { self.leaves[index] = leaf }

    /// Replaces a leaf's bytes and keeps its hash, as damage on disk does.
    mutating func damage(_ index: Int) { self.leaves[index][0] ^= 1 }

    var size: UInt64 { UInt64(self.leaves.count) }
    var id: LogID { LogID(genesisLeaf: self.leaves[0]) }

    func root(_ size: UInt64) -> Digest {
        MerkleTree.root(of: self.hashes.span.extracting(first: Int(size)))
    }

    var position: Position { Position(log: self.id, size: self.size, root: self.root(self.size)) }

    var local: LocalLog {
        let provable = self.notes.keys.filter { $0 <= self.size }.max() ?? 0
        return LocalLog(
            position: self.position,
            genesis: self.genesis,
            writer: self.writer,
            note: self.notes[provable] ?? [],
            provable: provable
        )
    }
}

/// A site's logs in memory: what a session's shell would read from disk.
struct FakeStore {
    let site: SiteName
    let siteKey: SigningKey
    var logKey: SigningKey
    var ownLog: LogID
    var logs: [LogID: FakeLog]
    var pins: [SiteName: [UInt8]] = [:]
    var suspects: [LogID] = []
    var forks: [ForkEvidence] = []
    var receipts: [DeliveryReceipt] = []
    /// What is wrong with its cosignatures.
    var lie: Lie?
    var random: SeededRandom

    init(_ name: String, seed: UInt64) {
        self.random = SeededRandom(seed: seed)
        guard let site = SiteName(name), let siteKey = SigningKey(seed: self.random.bytes(32)),
            let logKey = SigningKey(seed: self.random.bytes(32))
        else { preconditionFailure("\(name) is no site") }
        self.site = site
        self.siteKey = siteKey
        self.logKey = logKey
        self.ownLog = LogID(rawValue: 0)
        self.logs = [:]
        self.begin(incarnation: 1)
    }

    /// What is wrong with a cosignature.
    enum Lie {
        case otherKey, otherNote, short
    }

    /// This site's cosignature of a note, or what it gives for one.
    func cosign(_ note: [UInt8]) -> [UInt8] {
        guard let name = KeyName(self.site.rawValue),
            let signed = try? SignedNote(parsing: note.span)
        else { return [] }
        let signer = NoteSigner(name: name, key: self.lie == .otherKey ? self.logKey : self.siteKey)
        let text = Array(signed.text.utf8) + (self.lie == .otherNote ? [0x0A] : [])
        let bytes = signer.cosign(text, time: 1_770_000_000).bytes
        return self.lie == .short ? Array(bytes.dropLast()) : bytes
    }

    /// Begins a log and drops every other.
    mutating func begin(incarnation: UInt32) {
        var genesis = Genesis(
            site: self.site,
            siteKey: self.siteKey.publicKey,
            logKey: self.logKey.publicKey,
            incarnation: incarnation,
            nonce: self.random.bytes(16),
            reason: .new,
            parent: nil,
            recorded: HybridTime(rawValue: 1 << 20)
        )
        genesis.signature = self.siteKey.sign(genesis.signedBytes)
        var log = FakeLog(genesis: genesis, writer: .thisLedger)
        log.add(genesis.leaf, sections: [])
        self.ownLog = log.id
        self.logs = [log.id: log]
    }

    var digest: Digest { StateDigest.over(self.logs.values.map(\.position)) }

    /// The size of every log, by id.
    var sizes: [UInt64] { self.logs.sorted { $0.key < $1.key }.map(\.value.size) }

    /// Appends events to the own log; every third has a section of `sectionBytes`.
    mutating func append(_ count: Int, sectionBytes: Int = 256) {
        for _ in 0..<count {
            let index = self.logs[self.ownLog]?.leaves.count ?? 0
            let sections = index.isMultiple(of: 3) ? [self.random.bytes(sectionBytes)] : []
            let leaf = FakeEvents.leaf(index: index, sections: sections, random: &self.random)
            self.logs[self.ownLog]?.add(leaf, sections: sections)
        }
    }

    /// Signs the own log as it stands.
    mutating func sign() {
        guard let log = self.logs[self.ownLog] else { return }
        let note = self.note(log, size: log.size)
        self.logs[self.ownLog]?.notes[log.size] = note
    }

    /// A note of the own log's key.
    func note(_ log: FakeLog, size: UInt64, root: Digest? = nil) -> [UInt8] {
        guard let name = KeyName(LogState.origin(of: log.genesis, id: log.id)) else { return [] }
        return Checkpoint(origin: name, size: size, root: root ?? log.root(size))
            .signed(by: NoteSigner(name: name, key: self.logKey)).bytes
    }

    var locals: [LocalLog] { self.logs.values.map(\.local) }

    /// Keeps `package`; returns where the copy stands.
    mutating func keep(_ package: VerifiedPackage) -> Position {
        var log =
            self.logs[package.log]
            ?? FakeLog(
                genesis: package.genesis ?? Self.none,
                writer: .otherSite
            )
        for (offset, entry) in package.entries.enumerated()
        where package.start + UInt64(offset) == log.size {
            let sections = entry.sections.map { section -> [UInt8]? in
                guard case .present(let bytes) = section else { return nil }
                return bytes
            }
            log.add(entry.leaf, sections: sections)
        }
        log.notes[package.target.size] = package.note
        self.logs[package.log] = log
        return log.position
    }

    private static var none: Genesis { preconditionFailure("a new log without a genesis") }
}

/// Leaves for tests.
enum FakeEvents {
    static func leaf(index: Int, sections: [[UInt8]], random: inout SeededRandom) -> [UInt8] {
        guard let subject = Subject("case:\(index % 7)") else { return [] }
        let references = sections.map { bytes in
            SectionReference(
                kind: "text",
                digest: SectionReference.digest(of: bytes.span),
                keyID: KeyID(rawValue: UInt128(index)),
                commitment: random.bytes(16),
                paddedLength: UInt32(bytes.count)
            )
        }
        let draft = EventDraft(
            id: EventID(unixMilliseconds: Int64(index), random: random.bytes(10).span),
            type: "case.observed",
            subject: subject,
            occurred: Timestamp(microseconds: Int64(index)),
            actor: ActorSnapshot(actorID: "agent-\(index % 3)", kind: .notStated),
            sections: references
        )
        var leaf = Leaf.encode(draft)
        let stamp = Stamp(
            recorded: HybridTime(rawValue: UInt64(index) << 16),
            order: Timestamp(microseconds: Int64(index)),
            labelSequences: [LabelSequence(sequence: UInt64(index), previous: UInt64(index))]
        )
        Leaf.append(stamp, to: &leaf)
        return leaf
    }
}
