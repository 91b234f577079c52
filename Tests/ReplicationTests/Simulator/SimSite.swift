import EventStore
import LedgerTesting
import LedgerTypes
import Merkle

@testable import Replication

/// A running ledger of the simulation: its directory as the program sees it, what of that is on
/// disk, and STATE.
///
/// What a crash must not lose is in `synced`; a restore replaces it by an old copy.
final class SimSite {
    let number: Int
    let name: SiteName
    let siteKey: SigningKey
    let books: SimBooks
    let plant: SimPlant?
    private(set) var disk = SimDisk()
    private(set) var synced = SimDisk()
    private(set) var state: SimState
    private var random: SeededRandom
    /// Its own log cannot be what its key signed: it stops appending.
    private(set) var isSuspect = false
    /// What each peer's VECTOR said, for the bug that trusts it.
    var remembered: [SiteName: [LogID: Vector.Entry]] = [:]

    /// Makes a new site.
    init(number: Int, books: SimBooks, plant: SimPlant?, random: SeededRandom) {
        self.number = number
        self.books = books
        self.plant = plant
        self.random = random
        guard let name = SiteName("sim.example/site/\(number)"),
            let key = SigningKey(seed: self.random.bytes(32))
        else { preconditionFailure("a name and a key") }
        self.name = name
        self.siteKey = key
        self.state = SimState(lineage: books.newLineage())
        self.beginIncarnation(reason: .new, parent: nil)
    }

    /// A copy of `other` on another machine, with its STATE or without.
    init(cloneOf other: SimSite, number: Int, withState: Bool, random: SeededRandom) {
        self.number = number
        self.books = other.books
        self.plant = other.plant
        self.random = random
        self.name = other.name
        self.siteKey = other.siteKey
        self.disk = other.synced
        self.synced = other.synced
        self.state = withState ? other.state : SimState(lineage: 0)
        self.state.lineage = other.books.newLineage()
        self.open()
    }

    var own: FakeLog? { self.disk.logs[self.disk.ownLog] }

    // Appending.

    private func beginIncarnation(reason: Genesis.Reason, parent: Position?) {
        guard let logKey = SigningKey(seed: self.random.bytes(32)) else { return }
        let incarnation =
            self.disk.logs.values.filter { $0.genesis.site == self.name }
            .map(\.genesis.incarnation).max() ?? 0
        var genesis = Genesis(
            site: self.name,
            siteKey: self.siteKey.publicKey,
            logKey: logKey.publicKey,
            incarnation: incarnation + 1,
            nonce: self.random.bytes(16),
            reason: reason,
            parent: parent,
            recorded: HybridTime(rawValue: self.random.next() >> 1)
        )
        genesis.signature = self.siteKey.sign(genesis.signedBytes)
        var log = FakeLog(genesis: genesis, writer: .thisLedger)
        log.add(genesis.leaf, sections: [])
        self.books.wrote(log, at: 0)
        self.disk.logs[self.disk.ownLog]?.writer = .formerIncarnation
        self.disk.ownLog = log.id
        self.disk.logs[log.id] = log
        self.state.logKeys[log.id] = logKey
        self.state.anchors[log.id] = SimState.Anchor(
            size: 0,
            root: MerkleHash.empty,
            previous: self.disk.token,
            next: self.disk.token
        )
        self.isSuspect = false
        self.commit()
        self.open()
    }

    /// Appends events and, if nothing comes between, makes them durable and says so.
    func append(_ count: Int, crashesBeforeCommit: Bool) {
        guard !self.isSuspect else { return }
        let first = self.own?.leaves.count ?? 0
        var ids: [UInt128] = []
        for _ in 0..<count {
            let number = self.books.newEvent()
            self.addOwn(SimEvent.leaf(number, random: &self.random))
            ids.append(UInt128(number) | 0x7000_8000 << 64)
        }
        guard !crashesBeforeCommit else { return self.crash() }
        if let own = self.own { for index in first..<own.leaves.count { self.check(own, index) } }
        self.commit()
        self.books.acknowledged(ids)
    }

    private func addOwn(_ leaf: [UInt8]) {
        self.disk.logs[self.disk.ownLog]?.add(leaf, sections: [])
    }

    private func check(_ log: FakeLog, _ index: Int) {
        self.books.wrote(log, at: index)
        self.books.checkReuse(log, at: index, lineage: self.state.lineage)
    }

    func commit() { self.synced = self.disk }

    // The three layers: anchor, peers, evidence.

    /// What a program does when it opens the ledger: the anchor must know the copy.
    func open() {
        let isKnown = self.isKnownToAnchor || self.plant == .reusesIndexAfterRestore
        guard isKnown, self.state.logKeys[self.disk.ownLog] != nil else {
            return self.beginAnew()
        }
        let token = self.random.next()
        self.state.anchors[self.disk.ownLog]?.previous = self.disk.token
        self.state.anchors[self.disk.ownLog]?.next = token
        self.disk.token = token
        self.commit()
    }

    /// Begins a new incarnation beside a copy that its anchor does not know. What the old log
    /// signed stays, and its lost tail comes back from peers; what nobody can prove is taken over.
    private func beginAnew() {
        guard let old = self.own else { return }
        let signed = Int(old.local.provable)
        let tail = Array(old.leaves[signed...])
        if !tail.isEmpty { self.disk.quarantine[old.id, default: []].append(old) }
        if signed == 0 {
            self.disk.logs[old.id] = nil
        } else {
            self.disk.logs[old.id]?.cut(to: signed)
        }
        self.beginIncarnation(reason: .restore, parent: old.position)
        self.takeOver(tail)
    }

    /// Appends the events of leaves that are in no log any more; each keeps its id.
    private func takeOver(_ leaves: [[UInt8]]) {
        for leaf in leaves {
            guard let id = SimEvent.id(leaf) else { continue }
            self.addOwn(SimEvent.leaf(UInt64(truncatingIfNeeded: id), random: &self.random))
            if let own = self.own { self.check(own, own.leaves.count - 1) }
        }
        self.commit()
    }

    private var isKnownToAnchor: Bool {
        guard let own = self.own, let anchor = self.state.anchors[own.id] else { return false }
        guard self.disk.token == anchor.previous || self.disk.token == anchor.next else {
            return false
        }
        return anchor.size <= own.size && own.root(anchor.size) == anchor.root
    }

    /// Anchors and signs the own log as it stands on disk: something is about to leave.
    func sign() {
        guard !self.isSuspect, let own = self.synced.logs[self.synced.ownLog],
            let key = self.state.logKeys[own.id]
        else { return }
        self.state.anchors[own.id]?.size = own.size
        self.state.anchors[own.id]?.root = own.root(own.size)
        self.books.leaves(own, lineage: self.state.lineage)
        guard own.notes[own.size] == nil,
            let name = KeyName(LogState.origin(of: own.genesis, id: own.id))
        else { return }
        let note = Checkpoint(origin: name, size: own.size, root: own.root(own.size))
            .signed(by: NoteSigner(name: name, key: key)).bytes
        self.disk.logs[own.id]?.notes[own.size] = note
        self.commit()
    }

    /// A peer showed what this ledger's own key signed and it does not hold.
    func suspect(_ log: LogID) {
        guard log == self.disk.ownLog else { return }
        self.isSuspect = true
    }

    /// What its operator does then: a new incarnation, into which the events of the copy that was
    /// not the first seen are taken over; the old log comes back from peers.
    func resolve() {
        guard self.isSuspect, let old = self.disk.logs.removeValue(forKey: self.disk.ownLog) else {
            return
        }
        self.disk.quarantine[old.id, default: []].append(old)
        self.state.anchors[old.id] = nil
        self.beginIncarnation(reason: .clone, parent: old.position)
        self.takeOver(old.leaves)
    }

    func freeze(_ evidence: ForkEvidence) {
        self.disk.frozen.insert(evidence.log)
        self.disk.evidence[evidence.log] = evidence
        self.commit()
    }

    func pin(_ site: SiteName, _ key: [UInt8]) {
        self.disk.pins[site] = key
        self.commit()
    }

    // Faults.

    /// The power goes: what was not synced is lost.
    func crash() {
        self.disk = self.synced
        self.isSuspect = false
        self.books.checkKept(self)
        self.open()
    }

    /// The directory, and with `state` the whole machine, goes back to an old copy.
    func restore(_ backup: SimDisk, state: SimState?) {
        self.books.forgetAcknowledgements(of: self)
        self.disk = backup
        self.synced = backup
        if let state {
            self.state = state
            self.state.lineage = self.books.newLineage()
        }
        self.isSuspect = false
        self.remembered = [:]
        self.open()
    }

    /// A bit of a leaf flips on disk, somewhere that another site holds as well.
    func flip(_ log: LogID, _ index: Int) {
        self.disk.logs[log]?.damage(index)
        self.synced.logs[log]?.damage(index)
    }

    private func copies(of log: LogID) -> [FakeLog] {
        (self.disk.logs[log].map { [$0] } ?? []) + (self.disk.quarantine[log] ?? [])
    }

    /// A scrub fetches what does not hash to what it should from whoever has it.
    func scrub(from others: [SimSite]) {
        for (id, log) in self.disk.logs {
            for index in log.leaves.indices where !log.isSound(index) {
                let sound = others.lazy.flatMap { $0.copies(of: id) }
                    .first { other in
                        index < other.leaves.count && other.hashes[index] == log.hashes[index]
                            && other.isSound(index)
                    }
                if let sound { self.disk.logs[id]?.repair(index, sound.leaves[index]) }
            }
        }
        self.commit()
    }

    // Receiving.

    /// Keeps packages as the store does: equal leaves are passed over, others refuse the log.
    func keep(_ package: VerifiedPackage) -> Result<Position, SyncError> {
        let id = package.log
        if id == self.disk.ownLog || self.disk.frozen.contains(id) { return .failure(.closed(id)) }
        var log: FakeLog
        if let held = self.disk.logs[id] {
            log = held
        } else {
            guard let genesis = package.genesis, package.start == 0 else {
                return .failure(.damaged(id))
            }
            let isOwn = genesis.siteKey == self.siteKey.publicKey
            log = FakeLog(genesis: genesis, writer: isOwn ? .formerIncarnation : .otherSite)
        }
        guard package.start <= log.size else { return .failure(.damaged(id)) }
        for (offset, entry) in package.entries.enumerated() {
            let index = Int(package.start) + offset
            guard index < log.leaves.count else {
                log.add(entry.leaf, sections: entry.sections.map { _ in nil })
                continue
            }
            guard log.hashes[index] == entry.hash else { return .failure(.forked(id)) }
        }
        if package.target.size <= log.size, log.notes[package.target.size] == nil {
            log.notes[package.target.size] = package.note
        }
        self.disk.logs[id] = log
        return .success(log.position)
    }
}
