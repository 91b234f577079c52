internal import LMDB
internal import LedgerTypes
internal import Merkle

// Taking in other sites' logs (SYNC.md 4).
extension Writer {
    /// Keeps `batches` in one commit, all or none; returns where the log of each stands then.
    ///
    /// A leaf that is held already is passed over if its bytes are equal; another one is a fork.
    func receive(_ batches: [ForeignBatch]) throws(EventStoreError) -> [Position] {
        try self.index.waitForRoom()
        let held = try self.write { (transaction) throws(EventStoreError) in
            let first = try self.refresh(transaction)
            var arrival = first
            var tails: [UInt32: LogTail] = [:]
            for batch in batches {
                try self.receive(batch, &arrival, &tails, &transaction)
            }
            var positions: [Position] = []
            for number in tails.keys.sorted() {
                try tails[number]?.write(&transaction, self.tables)
            }
            if arrival > first {
                let now = self.configuration.clock()
                try self.putCommitClock(first: first, now: now, &transaction)
            }
            for batch in batches {
                try self.keep(batch.checkpoint, of: batch.log, tails, &transaction)
                guard let number = try transaction.logNumber(batch.log, self.tables),
                    let tail = tails[number]
                else { throw .unknownLog(batch.log) }
                positions.append(Position(log: tail.id, size: tail.size, root: tail.root))
            }
            return Received(
                positions: positions,
                tails: tails,
                isNew: arrival > first,
                transaction: transaction.identifier,
                nextArrival: arrival
            )
        }
        guard held.isNew else {
            self.forget()
            return held.positions
        }
        self.foreignTails.merge(held.tails) { _, newer in newer }
        if self.foreignTails.count > Self.foreignTailsMax { self.foreignTails = held.tails }
        if let tail = self.tail, let newer = held.tails[tail.number] { self.tail = newer }
        self.committed(held.transaction, nextArrival: held.nextArrival)
        self.index.committed(arrivals: held.nextArrival)
        return held.positions
    }

    /// The most ends of logs that are remembered.
    private static var foreignTailsMax: Int { 64 }

    /// What one commit took in.
    private struct Received {
        let positions: [Position]
        let tails: [UInt32: LogTail]
        let isNew: Bool
        let transaction: UInt64
        let nextArrival: UInt64
    }

    private func receive(
        _ batch: ForeignBatch,
        _ arrival: inout UInt64,
        _ tails: inout [UInt32: LogTail],
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let number = try self.number(of: batch, &tails, &transaction)
        guard let row = try transaction.logRow(number, self.tables) else {
            throw .unknownLog(batch.log)
        }
        if row.flags.contains(.partial) { throw .heldInPart(batch.log) }
        var tail: LogTail
        if let known = tails.removeValue(forKey: number) {
            tail = known
        } else if let known = self.foreignTails.removeValue(forKey: number) {
            tail = known
        } else {
            tail = try LogTail(number: number, transaction, self.tables)
        }
        guard batch.start <= tail.size else {
            throw .gap(batch.log, held: tail.size, start: batch.start)
        }
        var newest: [UInt8]?
        // A whole new tile is added to the tree at once, whose root the receiver has computed.
        let tile = batch.start == tail.size ? batch.tile : nil
        for (offset, entry) in batch.entries.enumerated() {
            let address = EventAddress(log: batch.log, index: batch.start + UInt64(offset))
            guard address.index >= tail.size else {
                let held = try tail.arrival(of: address.index, transaction, self.tables)
                try self.compare(entry, address, arrival: held, &transaction)
                continue
            }
            if row.flags.contains(.current) { throw .suspect(batch.log, .contradicted) }
            if row.flags.contains(.frozen) { throw .frozen(batch.log) }
            guard entry.leaf.count <= Leaf.bytesMax else { throw .malformedLeaf(address) }
            if tile == nil || offset == 0 { try self.beginRun(at: arrival, &tail, &transaction) }
            let place = LeafPlace(arrival: arrival, logNumber: number, index: address.index)
            try self.putRow(entry.leaf, at: place, &transaction)
            if tile == nil { tail.append(hash: entry.hash ?? MerkleHash.leaf(entry.leaf.span)) }
            let isVerified = batch.areSectionsVerified
            try self.putSections(of: entry, address, arrival, isVerified: isVerified, &transaction)
            arrival += 1
            newest = entry.leaf
        }
        if let tile { tail.append(subtree: tile.hashes, root: tile.root) }
        if let newest { tail.lastRecorded = Self.recorded(newest) ?? tail.lastRecorded }
        tails[number] = tail
    }

    /// The local number of the batch's log, which is made known first if it is new.
    private func number(
        of batch: ForeignBatch,
        _ tails: inout [UInt32: LogTail],
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) -> UInt32 {
        if let number = try transaction.logNumber(batch.log, self.tables) { return number }
        guard batch.start == 0, let leaf = batch.entries.first?.leaf else {
            throw .unknownLog(batch.log)
        }
        let genesis = try Self.genesis(leaf, of: batch.log)
        try self.bind(genesis, of: batch.log, &transaction)
        let number = try transaction.logCount(self.tables)
        // A log of this site is a former incarnation that comes back.
        let isOwn = genesis.site == self.site.name
        let row = LogRow(id: batch.log, flags: isOwn ? [.own] : [])
        try self.put(row, number: number, &transaction)
        try transaction.putGenesisCopy(leaf, of: batch.log, self.tables)
        tails[number] = LogTail(number: number, id: batch.log)
        return number
    }

    /// Reads `leaf` and believes it only if it is the first leaf of `log` and its site signed it.
    static func genesis(_ leaf: [UInt8], of log: LogID) throws(EventStoreError) -> Genesis {
        guard LogID(genesisLeaf: leaf) == log, let genesis = try? Genesis(leaf: leaf.span),
            let key = VerifyingKey(genesis.siteKey),
            key.isValid(genesis.signature, for: genesis.signedBytes)
        else { throw .genesisRefused(log) }
        return genesis
    }

    /// Binds the site's name to its first key. A second one needs the first one's signature; a
    /// former one, that a log of the key which took its place goes on from this one. What key this
    /// site has itself no peer decides.
    func bind(
        _ genesis: Genesis,
        of log: LogID,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let site = genesis.site
        let key = MetaKey.pin(site)
        if let pinned = try transaction.pinnedKey(of: site, self.tables) {
            if pinned == genesis.siteKey { return }
            let held = try transaction.geneses(self.tables)
            if KeyAncestry.includes(log, of: site, under: pinned, in: held) { return }
            guard site != self.site.name, genesis.succeeds(pinned) else {
                throw .siteKeyMismatch(site)
            }
        }
        let siteKey = genesis.siteKey
        do throws(LMDBError) {
            try transaction.put(siteKey.span, for: key.span, in: self.tables.meta)
        } catch {
            throw .storage(error)
        }
    }

    static func recorded(_ leaf: [UInt8]) -> HybridTime? {
        if let keys = try? LeafKeys(leaf: leaf.span) { return keys.recorded }
        return (try? Genesis(leaf: leaf.span))?.recorded
    }
}

// Leaves and sections.
extension Writer {
    func putSections(
        of entry: ForeignBatch.Entry,
        _ address: EventAddress,
        _ arrival: UInt64,
        isVerified: Bool,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        guard !entry.sections.isEmpty else { return }
        let references: [SectionReference]?
        if isVerified && entry.sections.allSatisfy(\.isPresent) {
            // There is nothing left to compare with.
            references = nil
        } else {
            references = try Self.references(of: entry, address)
        }
        for (place, section) in entry.sections.enumerated() {
            let slot = UInt8(place + 1)
            let target = SectionPlace(
                address: address,
                arrival: arrival,
                slot: slot,
                isNew: true,
                isVerified: isVerified
            )
            try self.put(section, references?[place], target, &transaction)
        }
    }

    private static func references(
        of entry: ForeignBatch.Entry,
        _ address: EventAddress
    ) throws(EventStoreError) -> [SectionReference] {
        let references: [SectionReference]
        do throws(WireError) {
            references = try Leaf.sections(entry.leaf.span)
        } catch {
            throw .malformedLeaf(address)
        }
        guard references.count == entry.sections.count else {
            throw .sectionMismatch(address, slot: UInt8(references.count))
        }
        return references
    }

    /// Where a section goes.
    private struct SectionPlace {
        let address: EventAddress
        let arrival: UInt64
        let slot: UInt8
        /// Whether its key is greater than every other.
        let isNew: Bool
        /// Whether it has been found to have its leaf's digest.
        let isVerified: Bool
    }

    /// Puts what is here of a section, or notes why it is not. Without a `reference` it is here and
    /// has been verified.
    private func put(
        _ section: ForeignBatch.Section,
        _ reference: SectionReference?,
        _ place: SectionPlace,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        do throws(LMDBError) {
            switch section {
            case .absent(let absence):
                guard let reference else { throw LMDBError.valueSize }
                let digest = Key.digest(reference.digest)
                let row = [absence.rawValue]
                try transaction.put(row.span, for: digest.span, in: self.tables.absent)
            case .present(let bytes):
                if let reference, !place.isVerified {
                    let digest = SectionReference.digest(of: bytes.span)
                    guard digest == reference.digest else { throw LMDBError.valueSize }
                }
                let key = Key.leaf(place.arrival, slot: place.slot)
                if place.isNew {
                    try transaction.append(bytes.span, for: key.span, in: self.tables.leaves)
                } else {
                    try transaction.put(bytes.span, for: key.span, in: self.tables.leaves)
                }
            }
        } catch {
            if error == .valueSize { throw .sectionMismatch(place.address, slot: place.slot) }
            throw .storage(error)
        }
    }

    /// Passes over a leaf that is held with the same bytes, taking in sections that were absent.
    func compare(
        _ entry: ForeignBatch.Entry,
        _ address: EventAddress,
        arrival: UInt64,
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        let stored = try transaction.storedLeaf(arrival, self.tables)
        guard stored.leaf == entry.leaf else {
            throw .fork(
                address,
                held: MerkleHash.leaf(stored.leaf.span),
                received: MerkleHash.leaf(entry.leaf.span)
            )
        }
        guard entry.sections.contains(where: \.isPresent) else { return }
        guard let references = try? Leaf.sections(entry.leaf.span),
            references.count == entry.sections.count
        else { throw .malformedLeaf(address) }
        for (place, section) in entry.sections.enumerated() where section.isPresent {
            let slot = UInt8(place + 1)
            let key = Key.leaf(arrival, slot: slot)
            let digest = Key.digest(references[place].digest)
            let isHeld = try transaction.copy(for: key.span, in: self.tables.leaves) != nil
            let absence = try transaction.copy(for: digest.span, in: self.tables.absent)
            // What was purged here on purpose does not come back by itself.
            if isHeld || absence == [Absence.purged.rawValue] { continue }
            // Its key may not be here; that was not looked for as long as the section was withheld.
            if absence == [Absence.withheld.rawValue] {
                try transaction.lookForKeysAnew(self.tables)
            }
            let target = SectionPlace(
                address: address,
                arrival: arrival,
                slot: slot,
                isNew: false,
                isVerified: false
            )
            try self.put(section, references[place], target, &transaction)
            do throws(LMDBError) {
                _ = try transaction.delete(digest.span, in: self.tables.absent)
            } catch {
                throw .storage(error)
            }
        }
    }

    /// Keeps a checkpoint that is newer than the one held and not past what is held.
    private func keep(
        _ note: [UInt8]?,
        of log: LogID,
        _ tails: [UInt32: LogTail],
        _ transaction: inout WriteTransaction
    ) throws(EventStoreError) {
        guard let note, let number = try transaction.logNumber(log, self.tables),
            let tail = tails[number], let checkpoint = Checkpoint(noteBytes: note),
            checkpoint.size <= tail.size
        else { return }
        let key = Key.log(number)
        if let old = try transaction.copy(for: key.span, in: self.tables.checkpoints),
            let known = Checkpoint(noteBytes: old), known.size >= checkpoint.size
        {
            return
        }
        guard checkpoint.size < tail.size || checkpoint.root == tail.root else {
            let last = EventAddress(log: log, index: max(tail.size, 1) - 1)
            throw .fork(last, held: tail.root, received: checkpoint.root)
        }
        do throws(LMDBError) {
            try transaction.put(note.span, for: key.span, in: self.tables.checkpoints)
        } catch {
            throw .storage(error)
        }
    }
}

extension ForeignBatch.Section {
    /// Whether the bytes came along.
    fileprivate var isPresent: Bool {
        if case .present = self { true } else { false }
    }
}

extension Checkpoint {
    /// What a note says, whoever signed it; `nil` if it is no checkpoint.
    init?(noteBytes: [UInt8]) {
        guard let note = try? SignedNote(parsing: noteBytes.span),
            let checkpoint = try? Checkpoint(parsing: note.text)
        else { return nil }
        self = checkpoint
    }
}
