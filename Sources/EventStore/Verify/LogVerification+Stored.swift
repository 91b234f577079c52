internal import LMDB
internal import LedgerTypes
internal import Merkle

// What the leaves of a log must have left in the other tables.
extension LogVerification {
    /// Compares tiles, runs, absent sections, labels and commits of the leaves before arrival `end`
    /// with what is stored; with `nil`, of all that are held.
    mutating func compareStored(
        upTo end: UInt64?,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        for number in self.logs.indices where !self.logs[number].state.isPartial {
            try self.compareTiles(number, transaction)
            try self.compareRuns(number, transaction)
        }
        guard self.scope == .everything else { return }
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
        let findings = try self.commits.compare(
            upTo: end,
            held: self.held,
            transaction,
            self.tables
        )
        for finding in findings { self.report.add("commits", finding) }
    }

    private mutating func compareTiles(
        _ number: Int,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        for tile in self.logs[number].takeTiles() {
            self.tileCounts[number] += 1
            self.report.tiles += 1
            let key = Key.tile(
                log: UInt32(number),
                level: UInt8(tile.level),
                number: tile.number
            )
            if try transaction.copy(for: key.span, in: self.tables.tiles) != tile.row {
                self.report.add(
                    "tiles \(self.logs[number].state.origin)",
                    "tile \(tile.level)/\(tile.number) is not that of the leaves"
                )
            }
        }
    }

    private mutating func compareRuns(
        _ number: Int,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        for run in self.logs[number].takeRuns() {
            self.runCounts[number] += 1
            let key = Key.run(log: UInt32(number), firstIndex: run.firstIndex)
            let stored = try transaction.copy(for: key.span, in: self.tables.runs)
            if stored?.count != 8 || stored?.span.bigEndianWord(at: 0) != run.firstArrival {
                self.report.add(
                    "runs \(self.logs[number].state.origin)",
                    "the run from leaf \(run.firstIndex) is missing or wrong"
                )
            }
        }
    }

    /// Compares heads, counts the rows that should be there and no others, and checks the tables
    /// that stand beside the leaves.
    mutating func finish(_ transaction: borrowing ReadTransaction) throws(EventStoreError) {
        if self.report.leaves < self.held {
            self.report.add("leaves", "arrivals from \(self.report.leaves) on are missing")
        }
        try self.compareStored(upTo: nil, transaction)
        for number in self.logs.indices {
            if self.logs[number].state.isPartial {
                let state = self.logs[number].state
                self.runCounts[number] = try self.comparePart(state, transaction)
                continue
            }
            let key = Key.log(UInt32(number))
            let row = try transaction.copy(for: key.span, in: self.tables.heads)
            self.logs[number].finish(row.flatMap { HeadRow($0.span) }, &self.report)
        }
        let logs = UInt64(self.logs.count)
        try self.count(self.tables.tiles, "tiles", self.tileCounts.reduce(0, +), transaction)
        try self.count(self.tables.runs, "runs", self.runCounts.reduce(0, +), transaction)
        try self.count(self.tables.logs, "logs", logs, transaction)
        try self.count(self.tables.logIDs, "logIDs", logs, transaction)
        try self.count(self.tables.heads, "heads", logs, transaction)
        try self.count(
            self.tables.checkpoints,
            "checkpoints",
            try self.checkpointCount(transaction),
            transaction
        )
        try self.checkFlags(transaction)
        guard self.scope == .everything else { return }
        try self.count(
            self.tables.absent,
            "absent",
            self.report.absentSections,
            orFewer: true,
            transaction
        )
        try self.checkLabels(transaction)
        try self.checkKeys(transaction)
        try self.checkMeta(transaction)
    }

    /// How many logs have a checkpoint now; one may have come since the log was begun.
    private func checkpointCount(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> UInt64 {
        var count: UInt64 = 0
        for number in self.logs.indices {
            let key = Key.log(UInt32(number))
            let row = try transaction.copy(for: key.span, in: self.tables.checkpoints)
            if row != nil { count += 1 }
        }
        return count
    }

    /// `orFewer`: several leaves may name one row.
    private mutating func count(
        _ table: Table,
        _ name: String,
        _ expected: UInt64,
        orFewer: Bool = false,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        let stored: UInt64
        do throws(LMDBError) {
            stored = UInt64(try transaction.count(in: table))
        } catch {
            throw .storage(error)
        }
        guard stored > expected || (stored < expected && !orFewer) else { return }
        self.report.add(name, "\(stored) rows are stored, there should be \(expected)")
    }

    /// The row of `logIDs` names the log.
    mutating func checkIdentity(
        of state: LogState,
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        if try transaction.logNumber(state.id, self.tables) != state.number {
            self.report.add("logIDs \(state.id)", "it does not name its log")
        }
    }

    /// The genesis is that of the log's id, and its site signed it.
    mutating func checkGenesis(_ genesis: Genesis, _ leaf: Span<UInt8>, _ number: Int) {
        let state = self.logs[number].state
        if LogID(genesisLeaf: [UInt8](copying: leaf)) != state.id {
            self.report.add("logs \(state.origin)", "its id is not that of its genesis")
        }
        let key = VerifyingKey(genesis.siteKey)
        if key?.isValid(genesis.signature, for: genesis.signedBytes) != true {
            self.report.add(self.logs[number].address(0), "the site key did not sign it")
        }
    }

    /// The flags of logs: known ones, one current log, and own logs of this ledger's site alone.
    private mutating func checkFlags(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        let current = try transaction.currentLog(self.tables)
        let site = self.logs.first { $0.state.number == current }?.state.site
        for log in self.logs {
            let state = log.state
            let place = "logs \(state.origin)"
            let flags = try transaction.logRow(state.number, self.tables)?.flags
            if flags?.isSubset(of: [.own, .current, .frozen, .partial]) != true {
                self.report.add(place, "it has unknown flags")
            }
            if state.isPartial {
                let share = MetaKey.share(state.id)
                let row = try transaction.copy(for: share.span, in: self.tables.meta)
                if row == nil || state.isOwn {
                    self.report.add(place, "it is held in part, and nothing says why")
                }
            }
            if flags?.contains(.current) != (state.number == current) {
                self.report.add(place, "its flags disagree on which log is appended to")
            }
            if flags?.contains(.own) != (state.site == site) {
                self.report.add(place, "its flags disagree on whose log it is")
            }
        }
    }
}
