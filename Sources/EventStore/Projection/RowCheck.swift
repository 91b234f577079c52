internal import LMDB
internal import LedgerTypes

/// What comparing a projection's rows with a fold anew came to.
package struct RowCheck: Hashable, Sendable {
    /// Why nothing was compared.
    package enum Obstacle: Hashable, Sendable {
        /// There are no rows, or rows of another version or made under other keys.
        case notKept
        /// The rows are being made.
        case unfinished
        /// A policy or the like came that no row has yet.
        case governed
    }

    /// Rows compared.
    package var rows: UInt64 = 0
    /// Units whose rows are behind the log, as they may be: these were not compared.
    package var behind = 0
    /// Why nothing was compared; `nil` if it was.
    package var obstacle: Obstacle?
}

extension EventStore {
    /// Folds every unit anew and compares its rows, what it is found by and all sums with those in
    /// `views/`. Changes nothing. Takes as long as making them; one snapshot is held meanwhile.
    ///
    /// - Parameters:
    ///   - projection: which.
    ///   - progress: gets how many units were folded.
    ///   - finding: gets the table and the row, and what is wrong with it.
    /// - Returns: how much was compared.
    /// - Throws: errors of storage; what does not agree is a finding.
    package func checkRows(
        of projection: Projection,
        progress: (Int) -> Void,
        finding: (_ place: String, _ what: String) -> Void
    ) throws(EventStoreError) -> RowCheck {
        try self.index.maintain(projection)
        return try self.read { (snapshot) throws(EventStoreError) in
            var comparison = try RowComparison(projection, snapshot)
            if comparison.check.obstacle == nil {
                try comparison.run(snapshot, progress, finding)
            }
            return comparison.check
        }
    }
}

/// A comparison of rows under way.
private struct RowComparison {
    private let projection: Projection
    private let tables: ProjectionTables?
    private let dirty: Set<Subject>
    private var sums = SumChanges()
    private var lookups: UInt64 = 0
    private(set) var check = RowCheck()

    init(_ projection: Projection, _ snapshot: borrowing Snapshot) throws(EventStoreError) {
        self.projection = projection
        let sides = snapshot.index.sides(of: projection)
        let found = try storing { () throws(LMDBError) in try sides?.read(snapshot.views) }
        var tracking: ProjectionTracking?
        if let found {
            tracking = try storing { () throws(LMDBError) in
                try ProjectionTracking(snapshot.views, found)
            }
        }
        guard let found, let tracking, tracking.fits(projection) else {
            self.tables = nil
            self.dirty = []
            self.check.obstacle = .notKept
            return
        }
        self.tables = found
        let dirty = try snapshot.dirtyUnits(projection, found, from: tracking.place.arrivals)
        self.dirty = Set(dirty.units)
        self.check.behind = dirty.units.count
        if tracking.sweep != nil {
            self.check.obstacle = .unfinished
        } else if dirty.isGoverned {
            self.check.obstacle = .governed
        }
    }

    mutating func run(
        _ snapshot: borrowing Snapshot,
        _ progress: (Int) -> Void,
        _ finding: (_ place: String, _ what: String) -> Void
    ) throws(EventStoreError) {
        guard let tables = self.tables else { return }
        var folded = 0
        for kind in self.projection.kinds.sorted() {
            var next: String? = ""
            while let first = next {
                var units: [Subject] = []
                next = nil
                try snapshot.forEachSubject(kind: kind, from: first.isEmpty ? nil : first) {
                    (subject, _) throws(EventStoreError) in
                    guard units.count < self.projection.limits.unitsMax else {
                        next = subject.id
                        return false
                    }
                    units.append(subject)
                    return true
                }
                let known = units.filter { !self.dirty.contains($0) }
                for unit in try self.projection.fold(known, snapshot) {
                    try self.compare(unit, tables, snapshot, finding)
                }
                folded += known.count
                progress(folded)
            }
        }
        try self.compareStored(tables, snapshot, finding)
    }

    private func name(_ table: ViewTable) -> String {
        table.name(of: self.projection.number, side: 0)
    }

    private func stored(
        _ unit: [UInt8],
        _ tables: ProjectionTables,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [UInt8]? {
        do throws(LMDBError) {
            guard let row = try snapshot.views.value(for: unit.span, in: tables.units) else {
                return nil
            }
            return [UInt8](copying: row)
        } catch {
            throw .storage(error)
        }
    }

    private mutating func compare(
        _ unit: FoldedUnit,
        _ tables: ProjectionTables,
        _ snapshot: borrowing Snapshot,
        _ finding: (_ place: String, _ what: String) -> Void
    ) throws(EventStoreError) {
        let key = Array(unit.unit.rawValue.utf8)
        let row = try self.stored(key, tables, snapshot)
        self.check.rows += row == nil ? 0 : 1
        if row != unit.rows?.row {
            let what =
                row == nil
                ? "is missing" : unit.rows == nil ? "is of nothing in the log" : "differs"
            finding("\(self.name(.units)) \(unit.unit)", "\(what), folded anew from the log")
        }
        guard let rows = unit.rows else { return }
        self.sums.add(rows.sums, sign: 1)
        let keys = rows.keys
        self.lookups += UInt64(keys.count)
        for lookup in 0..<keys.count {
            let place = keys[lookup] + key
            let isThere: Bool
            do throws(LMDBError) {
                isThere = try snapshot.views.value(for: place.span, in: tables.lookups) != nil
            } catch {
                throw .storage(error)
            }
            self.check.rows += isThere ? 1 : 0
            guard !isThere else { continue }
            finding("\(self.name(.lookups)) \(place.hex)", "is missing: \(unit.unit) is not found")
        }
    }

    /// What there is more than folding gives, and what everything adds up to.
    private mutating func compareStored(
        _ tables: ProjectionTables,
        _ snapshot: borrowing Snapshot,
        _ finding: (_ place: String, _ what: String) -> Void
    ) throws(EventStoreError) {
        // What is behind still adds what it added.
        for unit in self.dirty {
            let key = Array(unit.rawValue.utf8)
            guard let row = try self.stored(key, tables, snapshot) else { continue }
            guard let rows = UnitRows(row: row.span, self.projection.derive) else {
                finding("\(self.name(.units)) \(unit)", "is malformed")
                continue
            }
            self.sums.add(rows.sums, sign: 1)
            self.lookups += UInt64(rows.keys.count)
        }
        var held: UInt64 = 0
        try snapshot.views.forEach(in: tables.lookups) { (_, _) throws(EventStoreError) in
            held += 1
            return true
        }
        if held > self.lookups {
            finding(self.name(.lookups), "\(held - self.lookups) rows are of nothing in the log")
        }
        let kinds = Set(self.projection.kinds)
        try snapshot.views.forEach(in: tables.units) { (key, _) throws(EventStoreError) in
            guard let unit = SubjectKey(key)?.subject else {
                finding("\(self.name(.units)) \(key.hex)", "is named by no subject")
                return true
            }
            if self.dirty.contains(unit) { return true }
            let count = try snapshot.version(of: unit)
            if count == 0 || !kinds.contains(unit.kind) {
                finding("\(self.name(.units)) \(unit)", "is of nothing in the log")
            }
            return true
        }
        guard let table = tables.sums else { return }
        var expected = Dictionary(
            uniqueKeysWithValues: self.sums.sorted.map { ($0.key, $0.values) }
        )
        try snapshot.views.forEach(in: table) { (key, value) throws(EventStoreError) in
            self.check.rows += 1
            let bytes = [UInt8](copying: key)
            let wanted = expected.removeValue(forKey: bytes)
            if SumRow.values(value) != wanted {
                finding("\(self.name(.sums)) \(bytes.hex)", "is not what all units add up to")
            }
            return true
        }
        for key in expected.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            finding("\(self.name(.sums)) \(key.hex)", "is missing")
        }
    }
}
