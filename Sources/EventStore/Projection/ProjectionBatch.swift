internal import LMDB
internal import LedgerTypes

/// One step of a projection: some units are folded in one snapshot, then their rows and how far the
/// projection has come are written in one transaction.
///
/// A unit may be folded with events past the place that is written: it is found again there and
/// folded again, to the same rows. Never left out is a unit with an event before that place.
///
/// Index thread.
struct ProjectionBatch {
    private let projection: Projection
    private let sides: ProjectionSides
    /// The side that is written.
    private let tables: ProjectionTables
    /// Whether that is not the side that is read: a rebuild, after whose last step it is.
    let isRebuild: Bool
    /// The row as it was found; `nil` if there was none.
    private let before: ProjectionTracking?
    /// The row as it shall be.
    private(set) var after: ProjectionTracking
    /// Whether the rows that are there belong to something else.
    private let dropsRows: Bool
    private(set) var folded: [FoldedUnit] = []
    /// Whether what was folded beside is what was needed.
    private(set) var isReadyTaken = false
    /// How many arrivals the log holds.
    let held: UInt64

    /// Whether units were folded although no event came.
    private let isRefold: Bool

    /// Whether there is anything to write.
    var isNeeded: Bool {
        self.before != self.after || self.dropsRows || self.isRefold || self.isLast
    }

    /// Whether a rebuild is done with this step.
    var isLast: Bool {
        self.isRebuild && !self.isRefold && self.after.sweep == nil
            && self.after.place.arrivals >= self.held
    }

    /// Whether rows beside those that are read were begun, in this process or another.
    let isBegunBeside: Bool

    /// The rows that a step is for.
    enum Target {
        /// Those that are read.
        case read
        /// Those that are made beside them.
        case beside
        /// Those beside, if they were begun.
        case either
    }

    /// Whether a step is for rows beside those that are read: also where those are another
    /// version's, so that they are left alone until the new ones are complete.
    private static func rebuilds(
        _ projection: Projection,
        _ sides: ProjectionSides,
        _ snapshot: borrowing Snapshot,
        _ target: Target
    ) throws(LMDBError) -> Bool {
        guard let spare = try sides.spare(snapshot.views),
            let read = try sides.read(snapshot.views)
        else { return false }
        if let found = try ProjectionTracking(snapshot.views, read), !found.fits(projection) {
            return true
        }
        switch target {
        case .read: return false
        case .beside: return true
        case .either:
            return try ProjectionTracking(snapshot.views, spare)?.fits(projection) ?? false
        }
    }

    /// Reads and folds; `nil` where the rows that are read were not opened here. `verified` is the
    /// row that this thread wrote last; `stale` are units to fold again before anything else;
    /// `ready` is what a ``SweepCrew`` has folded. With `beginsOnly` a sweep is begun and left to a
    /// crew that will fold for others as well.
    init?(
        _ projection: Projection,
        _ sides: ProjectionSides,
        _ snapshot: borrowing Snapshot,
        verified: ProjectionTracking?,
        for target: Target,
        stale: [Subject] = [],
        ready: SweepCrew.Batch? = nil,
        beginsOnly: Bool = false
    ) throws(EventStoreError) {
        self.projection = projection
        self.sides = sides
        let isRebuild = try storing { () throws(LMDBError) in
            try Self.rebuilds(projection, sides, snapshot, target)
        }
        let chosen = try storing { () throws(LMDBError) in
            try isRebuild ? sides.spare(snapshot.views) : sides.read(snapshot.views)
        }
        guard let tables = chosen else { return nil }
        self.isBegunBeside = try storing { () throws(LMDBError) in
            guard let spare = try sides.spare(snapshot.views) else { return false }
            return try ProjectionTracking(snapshot.views, spare)?.fits(projection) ?? false
        }
        self.isRebuild = isRebuild
        self.tables = tables
        self.held = snapshot.arrivals
        let found = try storing { () throws(LMDBError) in
            try ProjectionTracking(snapshot.views, tables)
        }
        self.before = found
        var isUsable = false
        if let found, found.fits(projection) {
            isUsable = found == verified
            if !isUsable { isUsable = try found.isPrefix(of: snapshot, known: verified) }
        }
        self.after = isUsable ? found ?? .init(projection) : .init(projection)
        self.dropsRows = !isUsable
        // Rows that are made from nothing need no unit made again.
        self.isRefold = isUsable && !stale.isEmpty
        if self.isRefold {
            self.folded = try projection.fold(stale, snapshot)
            return
        }
        if self.after.sweep == nil, self.isFarBehind || isRebuild && found == nil {
            try self.beginSweep(snapshot)
        }
        if self.after.sweep == nil { try self.foldChanged(snapshot) }
        guard let sweep = self.after.sweep, !(beginsOnly && sweep.next.isEmpty) else { return }
        try self.foldNext(snapshot, ready)
    }

    /// Whether so much is missing that most units would be folded several times.
    private var isFarBehind: Bool {
        let missing = self.held - min(self.held, self.after.place.arrivals)
        return missing >= self.projection.limits.sweepMin && missing >= self.held / 4
    }

    /// Begins to fold every unit once.
    private mutating func beginSweep(_ snapshot: borrowing Snapshot) throws(EventStoreError) {
        var base = Tracking()
        base.arrivals = self.held
        for log in try snapshot.logs() {
            let size = log.position.size
            base.logs[log.number] =
                log.isPartial
                ? try snapshot.log.tracked(log.number, size: size, snapshot.tables)
                : Tracking.Log(id: log.id, size: size, root: log.position.root)
        }
        self.after.sweep = ProjectionTracking.Sweep(base: base, next: [])
    }

    /// Folds the units that changed next, or begins a sweep where all may have.
    private mutating func foldChanged(_ snapshot: borrowing Snapshot) throws(EventStoreError) {
        let limits = self.projection.limits
        let dirty = try snapshot.dirtyUnits(
            self.projection,
            self.dropsRows ? nil : self.tables,
            from: self.after.place.arrivals,
            unitsMax: limits.unitsMax,
            arrivalsMax: limits.arrivalsMax
        )
        guard !dirty.isGoverned else { return try self.beginSweep(snapshot) }
        for (number, size) in dirty.sizes.sorted(by: { $0.key < $1.key }) {
            let tracked = try snapshot.log.tracked(number, size: size, snapshot.tables)
            self.after.place.logs[number] = tracked
        }
        self.after.place.arrivals = dirty.end
        self.folded = try self.projection.fold(dirty.units, snapshot)
    }

    /// Folds the next units of the sweep, or takes them as they were folded beside.
    private mutating func foldNext(
        _ snapshot: borrowing Snapshot,
        _ ready: SweepCrew.Batch?
    ) throws(EventStoreError) {
        guard var sweep = self.after.sweep else { return }
        let next: [UInt8]?
        if let ready, ready.start == sweep.next {
            self.folded = ready.folded
            next = ready.next
            self.isReadyTaken = true
        } else {
            let found = try Self.units(
                of: self.projection.kinds.sorted(),
                from: sweep.next,
                max: self.projection.limits.sweepUnitsMax,
                snapshot
            )
            self.folded = try self.projection.fold(found.units, snapshot)
            next = found.next
        }
        if let next {
            sweep.next = next
            self.after.sweep = sweep
        } else {
            self.after.place = sweep.base
            self.after.sweep = nil
        }
    }

    /// The units of a batch that begins at `start`, of `kinds`, which are sorted, and where the
    /// next batch begins; `nil` if there is none.
    static func units(
        of kinds: [String],
        from start: [UInt8],
        max: Int,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> (units: [Subject], next: [UInt8]?) {
        var units: [Subject] = []
        var next: [UInt8]?
        for kind in kinds where next == nil {
            let prefix = Array("\(kind):".utf8)
            // Units of kinds before the one that the sweep has come to are done.
            if !start.isEmpty, prefix.lexicographicallyPrecedes(start), !start.starts(with: prefix)
            {
                continue
            }
            let first =
                start.starts(with: prefix)
                ? String(decoding: start.dropFirst(prefix.count), as: UTF8.self) : nil
            try snapshot.forEachSubject(kind: kind, from: first) {
                (subject, _) throws(EventStoreError) in
                guard units.count < max else {
                    next = Array(subject.rawValue.utf8)
                    return false
                }
                units.append(subject)
                return true
            }
        }
        return (units, next)
    }

    /// Writes rows and place; false if another process was quicker, so that nothing was written.
    func write(_ environment: Environment) throws(EventStoreError) -> Bool {
        try environment.write { (transaction) throws(EventStoreError) in
            try storing { () throws(LMDBError) in
                let found = try ProjectionTracking(transaction, self.tables)
                guard found == self.before else { return false }
                // Another process may have turned the sides meanwhile.
                let chosen =
                    try self.isRebuild
                    ? self.sides.spare(transaction) : self.sides.read(transaction)
                guard chosen?.key == self.tables.key else { return false }
                if self.dropsRows { try self.tables.clear(&transaction) }
                let units = self.folded.map { (key: Array($0.unit.rawValue.utf8), rows: $0.rows) }
                    .sorted { $0.key.lexicographicallyPrecedes($1.key) }
                try self.replace(units, &transaction)
                try self.after.write(&transaction, self.tables)
                if self.isLast { try self.sides.turn(&transaction) }
                return true
            }
        }
    }

    /// The first unit that could not be folded, and why.
    var failure: (unit: Subject, reason: String)? {
        for unit in self.folded {
            guard let rows = unit.rows, rows.isFailed else { continue }
            return (unit.unit, String(decoding: rows.value, as: UTF8.self))
        }
        return nil
    }

    /// Puts the rows of `units`, in order, in the place of those that are there: table by table and
    /// in order of the keys, so that each page is touched once.
    private func replace(
        _ units: [(key: [UInt8], rows: UnitRows?)],
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        var sums = SumChanges()
        var gone = KeyList()
        var found = KeyList()
        var changed: [(key: [UInt8], row: [UInt8]?)] = []
        changed.reserveCapacity(units.count)
        for (key, rows) in units {
            let row = rows?.row
            let old = try transaction.value(for: key.span, in: self.tables.units)
            if let old {
                if let row, old.equals(row.span) { continue }
                guard let before = UnitRows(row: old, self.projection.derive) else {
                    throw .corrupted
                }
                sums.add(before.sums, sign: -1)
                Self.compare(before.keys, rows?.keys ?? KeyList(), key, &gone, &found)
            } else if let rows {
                rows.appendKeys(to: &found, key.span)
            } else {
                continue
            }
            if let rows { sums.add(rows.sums, sign: 1) }
            changed.append((key, row))
        }
        try Self.write(changed, &transaction, self.tables.units)
        gone.sort()
        found.sortUniquely()
        for place in 0..<gone.count {
            let key = gone.bytes.span.extracting(gone.range(place))
            _ = try transaction.delete(key, in: self.tables.lookups)
        }
        try Self.write(found, &transaction, self.tables.lookups)
        if let table = self.tables.sums { try sums.write(&transaction, table) }
    }

    /// What a unit is no longer found by, and what it is found by from now on. Both lists are
    /// sorted, each key once.
    private static func compare(
        _ before: KeyList,
        _ after: KeyList,
        _ unit: [UInt8],
        _ gone: inout KeyList,
        _ found: inout KeyList
    ) {
        var first = 0
        var second = 0
        while first < before.count || second < after.count {
            let old = first < before.count ? before.range(first) : nil
            let new = second < after.count ? after.range(second) : nil
            if let old, let new {
                let mine = before.bytes.span.extracting(old)
                let others = after.bytes.span.extracting(new)
                if mine.equals(others) {
                    first += 1
                    second += 1
                } else if mine.precedes(others) {
                    gone.append(mine, unit.span)
                    first += 1
                } else {
                    found.append(others, unit.span)
                    second += 1
                }
            } else if let old {
                gone.append(before.bytes.span.extracting(old), unit.span)
                first += 1
            } else if let new {
                found.append(after.bytes.span.extracting(new), unit.span)
                second += 1
            }
        }
    }

    /// Writes the rows of units, in order.
    private static func write(
        _ rows: [(key: [UInt8], row: [UInt8]?)],
        _ transaction: inout WriteTransaction,
        _ table: Table
    ) throws(LMDBError) {
        guard let first = rows.first else { return }
        // A sweep comes to units in order of their keys, and fills pages to the brim.
        let isBehindAll = try Self.isBehindAll(first.key.span, transaction, table)
        for (key, row) in rows {
            if let row, isBehindAll {
                try transaction.append(row.span, for: key.span, in: table)
            } else if let row {
                try transaction.putNext(row.span, for: key.span, in: table)
            } else {
                _ = try transaction.delete(key.span, in: table)
            }
        }
    }

    /// Writes what units are found by, in order.
    private static func write(
        _ keys: KeyList,
        _ transaction: inout WriteTransaction,
        _ table: Table
    ) throws(LMDBError) {
        guard keys.count > 0 else { return }
        let nothing: [UInt8] = []
        let first = keys.bytes.span.extracting(keys.range(0))
        let isBehindAll = try Self.isBehindAll(first, transaction, table)
        for place in 0..<keys.count {
            let key = keys.bytes.span.extracting(keys.range(place))
            if isBehindAll {
                try transaction.append(nothing.span, for: key, in: table)
            } else {
                try transaction.putNext(nothing.span, for: key, in: table)
            }
        }
    }

    /// Whether `key` is greater than every key of `table`.
    private static func isBehindAll(
        _ key: Span<UInt8>,
        _ transaction: borrowing WriteTransaction,
        _ table: Table
    ) throws(LMDBError) -> Bool {
        guard let last = try transaction.last(in: table) else { return true }
        return last.key.span.precedes(key)
    }
}

extension ProjectionTracking {
    /// Whether the log of `snapshot` begins with what was folded.
    fileprivate func isPrefix(
        of snapshot: borrowing Snapshot,
        known: ProjectionTracking?
    ) throws(EventStoreError) -> Bool {
        let logs = known?.place.logs ?? [:]
        guard try self.place.isPrefix(of: snapshot.log, snapshot.tables, known: logs) else {
            return false
        }
        return try self.sweep?.base.isPrefix(of: snapshot.log, snapshot.tables) ?? true
    }
}
