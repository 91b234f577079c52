internal import LMDB
internal import LedgerTypes
internal import Merkle

/// Verifies all of `log/` from its bytes, in one pass over the leaves.
///
/// Reads in snapshots of at most ``batchLeaves`` leaves, so that a long verification does not keep
/// a transaction open while others append; rows that arrive meanwhile are left to the next one.
struct LogVerification {
    /// The leaves of one snapshot.
    static let batchLeaves: UInt64 = 65_536
    /// The sections that are hashed together.
    private static let sectionsMax = 256

    let tables: LogTables
    let scope: VerificationScope
    /// What stands outside the ledger about the log that is appended to, read before it.
    let anchor: (log: LogID, anchor: Anchor)?
    var report = VerificationReport()
    var logs: [LogVerifier] = []
    /// The leaves that this verification covers.
    private(set) var held: UInt64 = 0
    private var nextArrival: UInt64 = 0
    var tileCounts: [UInt64] = []
    var runCounts: [UInt64] = []
    /// For each log how many of its leaves this ledger stamped itself; the rest came from peers.
    var writtenHere: [UInt64] = []
    /// Sections that the leaf before still expects, by slot.
    private var expected: [(slot: UInt8, reference: SectionReference)] = []
    private var expecting: (log: Int, index: UInt64) = (0, 0)
    /// Sections that are being hashed, and whose they are, in the same order.
    private var hashing = HashBatch()
    private var hashed: [(log: Int, index: UInt64, reference: SectionReference)] = []
    /// Sections that did not come, by the address of their leaf.
    var absent: [(address: String, reference: SectionReference)] = []
    /// For each label of the leaves since the last comparison, its newest place.
    var labels: [[UInt8]: LabelRow] = [:]
    var places = LabelPlaces()
    var commits = CommitVerifier()

    init(
        tables: LogTables,
        scope: VerificationScope,
        anchor: (log: LogID, anchor: Anchor)?
    ) {
        self.tables = tables
        self.scope = scope
        self.anchor = anchor
    }

    /// Reads how much is held, and the heads of logs that are new: what the rest is compared with.
    private mutating func begin(_ transaction: borrowing ReadTransaction) throws(EventStoreError) {
        self.held = try transaction.arrivalsHeld(self.tables)
        for number in UInt32(self.logs.count)..<(try transaction.logCount(self.tables)) {
            let state = try transaction.logState(number, self.tables)
            self.report.logs.append(state)
            let anchor = self.anchor.flatMap { $0.log == state.id ? $0.anchor : nil }
            self.logs.append(LogVerifier(state, anchor: anchor, &self.report))
            self.tileCounts.append(0)
            self.runCounts.append(0)
            try self.checkIdentity(of: state, transaction)
            let written = try transaction.leavesWritten(self.tables)
            self.writtenHere = self.logs.map { written[$0.state.id] ?? 0 }
        }
    }

    /// Goes over the next leaves and their sections. When these are the last that the snapshot
    /// holds, compares everything else in the same snapshot and returns true.
    mutating func step(_ transaction: borrowing ReadTransaction) throws(EventStoreError) -> Bool {
        try self.begin(transaction)
        let end =
            self.held - self.nextArrival > Self.batchLeaves
            ? self.nextArrival + Self.batchLeaves : self.held
        let bound = [UInt8](copying: Key.leaf(self.nextArrival).span)
        // Where the next step goes on: past a gap, however wide a damaged key makes it.
        var next = self.held
        do throws(LMDBError) {
            try transaction.forEach(in: self.tables.leaves, from: bound) {
                (key, row) throws(LMDBError) in
                guard key.count == 9 else {
                    self.report.add("leaves \(key.hex)", "the key has \(key.count) bytes")
                    return true
                }
                let arrival = key.bigEndianWord(at: 0)
                guard arrival < end else {
                    next = min(arrival, next)
                    return false
                }
                if key[8] == 0 {
                    self.leaf(arrival, row, transaction)
                } else if self.scope == .everything {
                    self.section(arrival, slot: key[8], row)
                }
                return true
            }
        } catch {
            throw .storage(error)
        }
        self.compareSections()
        self.nextArrival = next
        guard next == self.held else {
            // The sections of the last leaf are all read: the first leaf after it was met.
            self.missingSections()
            try self.compareStored(upTo: next, transaction)
            return false
        }
        self.missingSections()
        try self.finish(transaction)
        return true
    }

    private mutating func leaf(
        _ arrival: UInt64,
        _ row: Span<UInt8>,
        _ transaction: borrowing ReadTransaction
    ) {
        self.missingSections()
        if arrival != UInt64(self.report.leaves) {
            self.report.add("leaves", "arrival \(self.report.leaves) is missing")
        }
        self.report.leaves = arrival + 1
        guard let place = LeafPlace(arrival: arrival, row: row),
            Int(place.logNumber) < self.logs.count
        else {
            self.report.add("leaves arrival \(arrival)", "its log is not one that is held")
            return
        }
        let number = Int(place.logNumber)
        let leaf = row.extracting(LeafPlace.byteCount..<row.count)
        do throws(WireError) {
            if place.index == 0 {
                let genesis = try Genesis(leaf: leaf)
                self.checkGenesis(genesis, leaf, number)
                self.note(place, recorded: genesis.recorded)
                if !self.logs[number].state.isPartial {
                    self.logs[number].append(
                        place,
                        leaf,
                        recorded: genesis.recorded,
                        &self.report
                    )
                }
                return
            }
            if self.logs[number].state.isPartial {
                return try self.leafOfPart(place, leaf)
            }
            guard self.scope == .everything else {
                self.logs[number].append(place, leaf, recorded: nil, &self.report)
                return
            }
            let audit = try LeafAudit(leaf: leaf)
            self.logs[number].append(place, leaf, recorded: audit.recorded, &self.report)
            for (slot, reference) in audit.sections.enumerated() {
                self.expected.append((UInt8(slot + 1), reference))
            }
            self.expecting = (number, place.index)
            self.note(place, recorded: audit.recorded)
            self.checkSequences(audit, leaf, at: place, transaction)
            if self.isWrittenHere(place) { self.note(audit, at: place) }
        } catch {
            self.note(place, recorded: nil)
            self.report.add(
                self.logs[number].address(place.index),
                "the leaf does not decode: \(error)"
            )
            let last = HybridTime(rawValue: .max)
            self.logs[number].append(place, leaf, recorded: last, &self.report)
        }
    }

    /// A leaf of a log of which a part is held: its place in the tree and in its labels is compared
    /// in order of index.
    private mutating func leafOfPart(
        _ place: LeafPlace,
        _ leaf: Span<UInt8>
    ) throws(WireError) {
        guard self.scope == .everything else { return }
        let audit = try LeafAudit(leaf: leaf)
        for (slot, reference) in audit.sections.enumerated() {
            self.expected.append((UInt8(slot + 1), reference))
        }
        self.expecting = (Int(place.logNumber), place.index)
        self.note(place, recorded: audit.recorded)
    }

    private mutating func section(_ arrival: UInt64, slot: UInt8, _ row: Span<UInt8>) {
        self.report.sections += 1
        guard arrival + 1 == self.report.leaves,
            let found = self.expected.firstIndex(where: { $0.slot == slot })
        else {
            self.report.add("leaves arrival \(arrival)", "a section that no leaf refers to")
            return
        }
        let reference = self.expected.remove(at: found).reference
        let (log, index) = self.expecting
        guard row.count == Int(reference.paddedLength) else {
            self.wrongSection(log, index, reference)
            return
        }
        SectionReference.append(row, to: &self.hashing)
        self.hashed.append((log, index, reference))
        if self.hashed.count == Self.sectionsMax { self.compareSections() }
    }

    /// Compares the sections so far with what their leaves say.
    private mutating func compareSections() {
        for (digest, section) in zip(self.hashing.finish(), self.hashed)
        where digest != section.reference.digest {
            self.wrongSection(section.log, section.index, section.reference)
        }
        self.hashed.removeAll(keepingCapacity: true)
    }

    private mutating func wrongSection(
        _ log: Int,
        _ index: UInt64,
        _ reference: SectionReference
    ) {
        self.report.add(
            self.logs[log].address(index),
            "section \(reference.kind) is not what the leaf says"
        )
    }

    /// Sections that were expected and did not come: here only if a row says that they are absent.
    private mutating func missingSections() {
        guard !self.expected.isEmpty else { return }
        let address = self.logs[self.expecting.log].address(self.expecting.index)
        for (_, reference) in self.expected { self.absent.append((address, reference)) }
        self.expected = []
    }

    private func isWrittenHere(_ place: LeafPlace) -> Bool {
        place.index < self.writtenHere[Int(place.logNumber)]
    }

    private mutating func note(_ place: LeafPlace, recorded: HybridTime?) {
        guard self.scope == .everything else { return }
        self.commits.append(place, recorded, isWrittenHere: self.isWrittenHere(place))
    }

    /// Each of a leaf's labels goes on from the newest leaf of its log with that label: one more
    /// than its sequence, and `previous` names it. The first of a label has no leaf before it.
    private mutating func checkSequences(
        _ audit: LeafAudit,
        _ leaf: Span<UInt8>,
        at place: LeafPlace,
        _ transaction: borrowing ReadTransaction
    ) {
        let log = place.logNumber
        let subject = leaf.extracting(audit.subject)
        for (slot, sequence) in audit.labelSequences.enumerated() {
            let label =
                slot == 0
                ? LabelPlaces.subject(subject, log: log)
                : LabelPlaces.label(audit.labels[slot - 1], log: log)
            let row = LabelRow(sequence: sequence.sequence, index: place.index)
            let isRight: Bool
            if let newest = self.places.exchange(label, row) {
                isRight =
                    sequence.sequence == newest.sequence &+ 1
                    && sequence.previous == newest.index &+ 1
            } else if sequence.sequence == 0 {
                isRight = sequence.previous == 0
            } else {
                let before = try? self.audit(log, sequence.previous &- 1, transaction)
                isRight =
                    before.map { (row, former) in
                        slot == 0
                            ? former.continues(sequence, subject: subject, row)
                            : former.continues(sequence, audit.labels[slot - 1])
                    } ?? false
            }
            guard !isRight else { continue }
            self.report.add(
                self.logs[Int(log)].address(place.index),
                "a label does not go on from the leaf before it"
            )
        }
    }

    /// What the leaf at an address ties to other rows, and its row; `nil` if it cannot be read.
    func audit(
        _ log: UInt32,
        _ index: UInt64,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> (row: [UInt8], audit: LeafAudit)? {
        guard let arrival = try transaction.arrival(log: log, index: index, self.tables),
            let row = try transaction.copy(for: Key.leaf(arrival).span, in: self.tables.leaves),
            let place = LeafPlace(arrival: arrival, row: row.span),
            place.logNumber == log, place.index == index,
            let audit = try? LeafAudit(
                leaf: row.span.extracting(LeafPlace.byteCount..<row.count)
            )
        else { return nil }
        return (row, audit)
    }

    private mutating func note(_ audit: LeafAudit, at place: LeafPlace) {
        for (label, sequence) in zip(audit.labels, audit.labelSequences.dropFirst()) {
            // A longer name is no writer's of ours; the tree tells that the leaf was changed.
            guard label.name.utf8.count <= Label.nameBytesMax else { continue }
            let key = Key.label(log: place.logNumber, name: label.name, value: label.value)
            self.labels[key] = LabelRow(sequence: sequence.sequence, index: place.index)
        }
    }
}

extension LeafAudit {
    /// Whether this leaf, of `row`, is the one before a leaf whose place under `subject` is `next`.
    fileprivate func continues(
        _ next: LabelSequence,
        subject: Span<UInt8>,
        _ row: [UInt8]
    ) -> Bool {
        let leaf = row.span.extracting(LeafPlace.byteCount..<row.count)
        return leaf.extracting(self.subject).equals(subject)
            && self.labelSequences[0].sequence == next.sequence - 1
    }

    /// Whether this leaf is the one before a leaf whose place in `label` is `next`.
    fileprivate func continues(_ next: LabelSequence, _ label: Label) -> Bool {
        self.has(label.name, label.value, sequence: next.sequence - 1)
    }

    /// Whether the leaf has a label of these bytes with this sequence.
    func has(_ name: String, _ value: String, sequence: UInt64) -> Bool {
        zip(self.labels, self.labelSequences.dropFirst()).contains { label, place in
            place.sequence == sequence && label.name.utf8.elementsEqual(name.utf8)
                && label.value.utf8.elementsEqual(value.utf8)
        }
    }
}
