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

    let tables: LogTables
    let scope: VerificationScope
    private(set) var report = VerificationReport()
    private var logs: [LogVerifier] = []
    /// The leaves that this verification covers.
    private(set) var held: UInt64 = 0
    private var nextArrival: UInt64 = 0
    private var tileCounts: [UInt64] = []
    private var runCounts: [UInt64] = []
    /// Sections that the leaf before still expects, by slot.
    private var expected: [(slot: UInt8, reference: SectionReference)] = []
    private var expecting: (log: Int, index: UInt64) = (0, 0)
    /// Sections that did not come, by the address of their leaf.
    private var absent: [(address: String, reference: SectionReference)] = []
    /// For each label of the leaves since the last comparison, its newest place.
    private var labels: [[UInt8]: LabelRow] = [:]

    init(tables: LogTables, scope: VerificationScope) {
        self.tables = tables
        self.scope = scope
    }

    /// Reads how much is held, and the heads of logs that are new: what the rest is compared with.
    private mutating func begin(_ transaction: borrowing ReadTransaction) throws(EventStoreError) {
        self.held = try transaction.arrivalsHeld(self.tables)
        for number in UInt32(self.logs.count)..<(try transaction.logCount(self.tables)) {
            let state = try transaction.logState(number, self.tables)
            self.report.logs.append(state)
            self.logs.append(LogVerifier(state, &self.report))
            self.tileCounts.append(0)
            self.runCounts.append(0)
            try self.checkIdentity(of: state, transaction)
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
                    self.leaf(arrival, row)
                } else if self.scope == .everything {
                    self.section(arrival, slot: key[8], row)
                }
                return true
            }
        } catch {
            throw .storage(error)
        }
        self.nextArrival = next
        guard next == self.held else {
            try self.compareStored(transaction)
            return false
        }
        try self.finish(transaction)
        return true
    }

    private mutating func leaf(_ arrival: UInt64, _ row: Span<UInt8>) {
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
                self.logs[number].append(
                    place,
                    leaf,
                    recorded: genesis.recorded,
                    &self.report
                )
                return
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
            self.checkSequences(audit, at: place)
            // The end of a former log may have come back from another site, which brings no labels.
            if self.logs[number].state.isCurrent { self.note(audit, at: place) }
        } catch {
            self.report.add(
                self.logs[number].address(place.index),
                "the leaf does not decode: \(error)"
            )
            let last = HybridTime(rawValue: .max)
            self.logs[number].append(place, leaf, recorded: last, &self.report)
        }
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
        if row.count != Int(reference.paddedLength)
            || SectionDigest.digest(of: row) != reference.digest
        {
            self.report.add(
                self.logs[self.expecting.log].address(self.expecting.index),
                "section \(reference.kind) is not what the leaf says"
            )
        }
    }

    /// Sections that were expected and did not come: here only if a row says that they are absent.
    private mutating func missingSections() {
        guard !self.expected.isEmpty else { return }
        let address = self.logs[self.expecting.log].address(self.expecting.index)
        for (_, reference) in self.expected { self.absent.append((address, reference)) }
        self.expected = []
    }

    /// What the numbers of labels say of themselves: the first of a label has no leaf before it,
    /// the n-th of a subject names an earlier leaf that has room for n before it. Whether that leaf
    /// has the label is not looked up: it would cost a random read for each event.
    private mutating func checkSequences(_ audit: LeafAudit, at place: LeafPlace) {
        var isPlausible = audit.labelSequences.allSatisfy { label in
            // A label that stands twice in one leaf follows itself.
            (label.sequence == 0) == (label.previous == 0) && label.previous <= place.index &+ 1
        }
        if let subject = audit.labelSequences.first, subject.sequence > 0 {
            isPlausible =
                isPlausible && subject.sequence < subject.previous
                && subject.previous <= place.index
        }
        guard !isPlausible else { return }
        self.report.add(
            self.logs[Int(place.logNumber)].address(place.index),
            "the sequence of a label cannot be"
        )
    }

    private mutating func note(_ audit: LeafAudit, at place: LeafPlace) {
        for (label, sequence) in zip(audit.labels, audit.labelSequences.dropFirst()) {
            let key = Key.label(log: place.logNumber, name: label.name, value: label.value)
            self.labels[key] = LabelRow(sequence: sequence.sequence, index: place.index)
        }
    }
}

extension LogVerification {
    /// Compares tiles, runs and absent sections of the leaves so far with what is stored.
    private mutating func compareStored(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        for number in self.logs.indices {
            let log = UInt32(number)
            for tile in self.logs[number].takeTiles() {
                self.tileCounts[number] += 1
                self.report.tiles += 1
                let key = Key.tile(log: log, level: UInt8(tile.level), number: tile.number)
                if try transaction.copy(for: key.span, in: self.tables.tiles) != tile.row {
                    self.report.add(
                        "tiles \(self.logs[number].state.origin)",
                        "tile \(tile.level)/\(tile.number) is not that of the leaves"
                    )
                }
            }
            for run in self.logs[number].takeRuns() {
                self.runCounts[number] += 1
                let key = Key.run(log: log, firstIndex: run.firstIndex)
                let stored = try transaction.copy(for: key.span, in: self.tables.runs)
                if stored?.count != 8
                    || stored?.span.bigEndianWord(at: 0) != run.firstArrival
                {
                    self.report.add(
                        "runs \(self.logs[number].state.origin)",
                        "the run from leaf \(run.firstIndex) is missing or wrong"
                    )
                }
            }
        }
        for (address, reference) in self.absent {
            let key = Key.digest(reference.digest)
            let row = try transaction.copy(for: key.span, in: self.tables.absent)
            if let row, row.count == 1, Absence(rawValue: row[0]) != nil {
                self.report.absentSections += 1
            } else {
                self.report.add(address, "section \(reference.kind) is missing")
            }
        }
        self.absent = []
        for (key, newest) in self.labels {
            let row = try transaction.copy(for: key.span, in: self.tables.labels)
            guard let row = row.flatMap({ LabelRow($0.span) }), row.index >= newest.index else {
                self.report.add("labels \(key.hex)", "it misses leaf \(newest.index)")
                continue
            }
        }
        self.labels = [:]
    }

    /// Compares heads, and counts the rows that should be there and no others.
    private mutating func finish(_ transaction: borrowing ReadTransaction) throws(EventStoreError) {
        self.missingSections()
        if self.report.leaves < self.held {
            self.report.add("leaves", "arrivals from \(self.report.leaves) on are missing")
        }
        try self.compareStored(transaction)
        for number in self.logs.indices {
            let key = Key.log(UInt32(number))
            let row = try transaction.copy(for: key.span, in: self.tables.heads)
            self.logs[number].finish(row.flatMap { HeadRow($0.span) }, &self.report)
        }
        try self.count(self.tables.tiles, "tiles", self.tileCounts, transaction)
        try self.count(self.tables.runs, "runs", self.runCounts, transaction)
        for (table, name) in [(self.tables.heads, "heads"), (self.tables.logIDs, "logIDs")] {
            try self.count(table, name, self.logs.map { _ in 1 }, transaction)
        }
        try self.checkFlags(transaction)
        guard self.scope == .everything else { return }
        try self.checkCommits(transaction)
        try self.checkLabels(transaction)
    }

    private mutating func count(
        _ table: Table,
        _ name: String,
        _ counts: [UInt64],
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        let stored: Int
        do throws(LMDBError) {
            stored = try transaction.count(in: table)
        } catch {
            throw .storage(error)
        }
        let expected = counts.reduce(0, +)
        if UInt64(stored) != expected {
            self.report.add(name, "\(stored) rows are stored, there should be \(expected)")
        }
    }

    private mutating func checkIdentity(
        of state: LogState,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        if try transaction.logNumber(state.id, self.tables) != state.number {
            self.report.add("logIDs \(state.id)", "it does not name its log")
        }
    }

    /// The flags of logs: known ones, one current log, and own logs of this ledger's site alone.
    private mutating func checkFlags(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        let current = try transaction.currentLog(self.tables)
        let site = self.logs.first { $0.state.number == current }?.state.genesis.siteKey
        for log in self.logs {
            let state = log.state
            let place = "logs \(state.origin)"
            let flags = try transaction.logRow(state.number, self.tables)?.flags
            if flags?.isSubset(of: [.own, .current, .frozen]) != true {
                self.report.add(place, "it has unknown flags")
            }
            if flags?.contains(.current) != (state.number == current) {
                self.report.add(place, "its flags disagree on which log is appended to")
            }
            if flags?.contains(.own) != (state.genesis.siteKey == site) {
                self.report.add(place, "its flags disagree on whose log it is")
            }
        }
    }

    private mutating func checkGenesis(_ genesis: Genesis, _ leaf: Span<UInt8>, _ number: Int) {
        let state = self.logs[number].state
        let id = Digest.sha256(domain: "cl/log/1", [UInt8](copying: leaf)).bytes
        if LogID(id.span.extracting(0..<16)) != state.id {
            self.report.add("logs \(state.origin)", "its id is not that of its genesis")
        }
        let key = VerifyingKey(genesis.siteKey)
        if key?.isValid(genesis.signature, for: genesis.signedBytes) != true {
            self.report.add(self.logs[number].address(0), "the site key did not sign it")
        }
    }

    /// The commit clock: from arrival 0, rising, never past what is held.
    private mutating func checkCommits(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        var last: (arrival: UInt64, time: UInt64)?
        var findings: [String] = []
        do throws(LMDBError) {
            try transaction.forEach(in: self.tables.commits, from: nil) {
                (key, row) throws(LMDBError) in
                guard key.count == 8, row.count == 8 else {
                    findings.append("a malformed row")
                    return true
                }
                let arrival = key.bigEndianWord(at: 0)
                // The sign bit is flipped, so that earlier is less.
                let time = row.bigEndianWord(at: 0) ^ 1 << 63
                if arrival >= self.held { findings.append("arrival \(arrival) is not held") }
                if last == nil && arrival != 0 { findings.append("arrival 0 has no commit") }
                if let last, time < last.time {
                    findings.append("the commit of arrival \(arrival) is before the one before it")
                }
                last = (arrival, time)
                return true
            }
        } catch {
            throw .storage(error)
        }
        if last == nil && self.held > 0 { findings.append("no commit is noted") }
        for finding in findings { self.report.add("commits", finding) }
    }

    /// The label rows: each names a leaf that has the label with that sequence.
    private mutating func checkLabels(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        try transaction.forEach(in: self.tables.labels, from: nil) {
            (key, row) throws(EventStoreError) in
            self.report.indexRows += 1
            let place = [UInt8](copying: key)
            if let row = LabelRow(row), place.count > 5,
                try self.isNewest(row, place, transaction)
            {
                return true
            }
            self.report.add("labels \(key.hex)", "it does not name the label's newest leaf")
            return true
        }
    }

    private func isNewest(
        _ row: LabelRow,
        _ key: [UInt8],
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> Bool {
        let log = key.span.bigEndian32(at: 0)
        let nameEnd = 5 + Int(key[4])
        guard nameEnd <= key.count,
            let arrival = try transaction.arrival(log: log, index: row.index, self.tables),
            let leafRow = try transaction.copy(
                for: Key.leaf(arrival).span,
                in: self.tables.leaves
            ),
            let place = LeafPlace(arrival: arrival, row: leafRow.span),
            place.logNumber == log, place.index == row.index,
            let audit = try? LeafAudit(
                leaf: leafRow.span.extracting(LeafPlace.byteCount..<leafRow.count)
            )
        else { return false }
        let name = String(decoding: key[5..<nameEnd], as: UTF8.self)
        let value = String(decoding: key[nameEnd...], as: UTF8.self)
        return zip(audit.labels, audit.labelSequences.dropFirst()).contains { label, sequence in
            label.name == name && label.value == value && sequence.sequence == row.sequence
        }
    }
}

/// The digest of a sealed section, as leaves hold it (PRIVACY.md 1).
enum SectionDigest {
    private static let domain = Array("cl/section/1".utf8)

    /// SHA-256("cl/section/1" ‖ the section's bytes).
    static func digest(of section: Span<UInt8>) -> Digest {
        var writer = DigestWriter()
        writer.update(Self.domain.span)
        writer.update(section)
        return writer.finalize()
    }
}
