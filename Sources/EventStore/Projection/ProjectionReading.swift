internal import LMDB
package import LedgerTypes

/// A projection as one snapshot has it: its rows in `views/`, and what has changed since they were
/// written, folded in memory.
package struct ProjectionReading: Sendable {
    /// `nil` where there are no rows to read.
    let tables: ProjectionTables?
    /// The units that changed since.
    let fresh: [Subject: UnitRows?]
    /// What they change in the sums, by key.
    let changes: [(key: [UInt8], values: [Int128])]
    /// What they are found by, in order.
    let found: [(row: [UInt8], key: [UInt8], unit: Subject)]
    /// How many arrivals the rows in `views/` are behind.
    package let behind: UInt64
    /// How many units were folded for this reading.
    package var completed: Int { self.fresh.count }
}

extension Snapshot {
    /// The projection as this snapshot has it; `nil` if more than `max` units would have to be
    /// folded.
    borrowing func reading(
        of projection: Projection,
        max: Int?
    ) throws(EventStoreError) -> ProjectionReading? {
        let sides = self.index.sides(of: projection)
        let tables = try storing { () throws(LMDBError) in
            try sides?.read(self.views)
        }
        // Another process made the side that is read: it is opened before the next reading.
        if sides != nil, tables == nil { self.index.forget(projection) }
        var tracked: UInt64 = 0
        var usable: ProjectionTables?
        if let tables {
            let tracking = try storing { () throws(LMDBError) in
                try ProjectionTracking(self.views, tables)
            }
            // Another version's rows are another read model's.
            if let tracking, tracking.version == projection.version {
                tracked = tracking.place.arrivals
                usable = tables
            }
        }
        let behind = self.arrivals - min(self.arrivals, tracked)
        // To look through many events for few units takes long as well.
        if let max, behind > UInt64(max) * Self.arrivalsPerUnitMax { return nil }
        var dirty = try self.dirtyUnits(
            projection,
            usable,
            from: tracked,
            unitsMax: max.map { $0 + 1 }
        )
        if let max, dirty.isGoverned || dirty.units.count > max { return nil }
        if dirty.isGoverned { dirty.units = try self.allUnits(projection) }
        var fresh: [Subject: UnitRows?] = [:]
        fresh.reserveCapacity(dirty.units.count)
        var done = 0
        while done < dirty.units.count {
            let end = min(done + projection.limits.unitsMax, dirty.units.count)
            for folded in try projection.fold(Array(dirty.units[done..<end]), self) {
                fresh[folded.unit] = .some(folded.rows)
            }
            done = end
        }
        var changes = SumChanges()
        if projection.derive != nil {
            for (unit, rows) in fresh {
                if let usable {
                    let old = try self.storedRows(of: unit, usable, projection.derive)
                    if let old { changes.add(old.sums, sign: -1) }
                }
                if let rows { changes.add(rows.sums, sign: 1) }
            }
        }
        return ProjectionReading(
            tables: usable,
            fresh: fresh,
            changes: changes.sorted,
            found: Self.found(fresh),
            behind: behind
        )
    }

    /// What units are found by, in the order in which a table has it.
    private static func found(
        _ fresh: [Subject: UnitRows?]
    ) -> [(row: [UInt8], key: [UInt8], unit: Subject)] {
        var found: [(row: [UInt8], key: [UInt8], unit: Subject)] = []
        for (unit, rows) in fresh {
            let text = Array(unit.rawValue.utf8)
            guard let keys = rows?.keys else { continue }
            for place in 0..<keys.count {
                found.append((keys[place] + text, keys[place], unit))
            }
        }
        return found.sorted { $0.row.lexicographicallyPrecedes($1.row) }
    }

    /// How many events are looked through for each unit that may be folded.
    private static var arrivalsPerUnitMax: UInt64 { 64 }

    /// What became of a search for units to fold again.
    struct Dirty {
        /// Each once, in the order in which they were found.
        var units: [Subject] = []
        /// The first arrival that was not looked at.
        var end: UInt64
        /// The sizes that logs reach there.
        var sizes: [UInt32: UInt64] = [:]
        /// Whether an event decides how every unit is folded; then nothing after it was looked at.
        var isGoverned = false
    }

    /// Every unit, in the order of kinds and ids.
    private borrowing func allUnits(
        _ projection: Projection
    ) throws(EventStoreError) -> [Subject] {
        var units: [Subject] = []
        for kind in projection.kinds {
            try self.forEachSubject(kind: kind) { (unit, _) throws(EventStoreError) in
                units.append(unit)
                return true
            }
        }
        return units
    }

    /// The units whose events, or the events of what they were made of, stand from arrival `first`
    /// on; stops after the arrival with which there are `unitsMax`, or after `arrivalsMax`.
    borrowing func dirtyUnits(
        _ projection: Projection,
        _ tables: ProjectionTables?,
        from first: UInt64,
        unitsMax: Int? = nil,
        arrivalsMax: UInt64 = .max
    ) throws(EventStoreError) -> Dirty {
        var dirty = Dirty(end: first)
        guard first < self.arrivals else { return dirty }
        var subjects: Set<SubjectKey> = []
        var units: Set<Subject> = []
        let crossReference = self.index.crossReference
        let end = self.arrivals - first > arrivalsMax ? first + arrivalsMax : self.arrivals
        try self.log.forEachLeaf(from: first, self.tables) {
            (place, leaf) throws(EventStoreError) in
            guard place.arrival < end, unitsMax.map({ dirty.units.count < $0 }) ?? true else {
                return false
            }
            let found = IndexedEvent(leaf: leaf, place: place, crossReference)
            // Nearly every event is about a case or a contact.
            if let found, found.subject.bytes.first != UInt8(ascii: "c"),
                projection.isGoverned(by: leaf)
            {
                dirty.isGoverned = true
                return false
            }
            dirty.end = place.arrival + 1
            dirty.sizes[place.logNumber] = place.index + 1
            guard let event = found else { return true }
            for key in [event.subject, event.crossReference] {
                guard let key, subjects.insert(key).inserted, let subject = key.subject else {
                    continue
                }
                if let unit = projection.unit(subject), units.insert(unit).inserted {
                    dirty.units.append(unit)
                }
                guard let tables else { continue }
                for unit in try self.stored(LookupKey(source: subject), tables)
                where units.insert(unit).inserted {
                    dirty.units.append(unit)
                }
            }
            return true
        }
        return dirty
    }

    /// The units found by `key` in `views/`, in the order of their bytes.
    private borrowing func stored(
        _ key: LookupKey,
        _ tables: ProjectionTables
    ) throws(EventStoreError) -> [Subject] {
        var units: [Subject] = []
        let prefix = key.bytes
        try self.views.forEach(in: tables.lookups, from: prefix) {
            (row, _) throws(EventStoreError) in
            guard row.count > prefix.count, row.extracting(..<prefix.count).equals(prefix.span)
            else { return false }
            guard let unit = SubjectKey(row.extracting(prefix.count...))?.subject else {
                throw .damaged(table: "lookups", row: row.hex)
            }
            units.append(unit)
            return true
        }
        return units
    }

    /// The units found by `key`, in the order of their texts' bytes.
    package borrowing func units(
        _ key: LookupKey,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> [Subject] {
        var units: [Subject] = []
        if let tables = reading.tables {
            units = try self.stored(key, tables).filter { reading.fresh[$0] == nil }
        }
        guard !reading.fresh.isEmpty else { return units }
        for (unit, rows) in reading.fresh where rows?.isFound(by: key) ?? false {
            units.append(unit)
        }
        return units.sorted { $0.rawValue.utf8.lexicographicallyPrecedes($1.rawValue.utf8) }
    }

    /// The rows of `unit`; `nil` if it has none. What follows from their value is not in them.
    package borrowing func rows(
        of unit: Subject,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> UnitRows? {
        if let fresh = reading.fresh[unit] { return fresh }
        guard let tables = reading.tables else { return nil }
        return try self.storedRows(of: unit, tables)
    }

    private borrowing func storedRows(
        of unit: Subject,
        _ tables: ProjectionTables,
        _ derive: DerivedRows.Derivation? = nil
    ) throws(EventStoreError) -> UnitRows? {
        let key = Array(unit.rawValue.utf8)
        let row: Span<UInt8>?
        do throws(LMDBError) {
            row = try self.views.value(for: key.span, in: tables.units)
        } catch {
            throw .storage(error)
        }
        guard let row else { return nil }
        guard let rows = UnitRows(row: row, derive) else {
            throw .damaged(table: "units", row: unit.rawValue)
        }
        return rows
    }

    /// Gives `body` the rows of every table that the projection has in `views/`, in order, until it
    /// returns false. What is not written yet is not among them.
    package borrowing func forEachStoredRow(
        of projection: Projection,
        _ body: (_ table: String, _ key: [UInt8], _ value: [UInt8]) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        let found = try storing { () throws(LMDBError) in
            try self.index.sides(of: projection)?.read(self.views)
        }
        guard let tables = found else { return }
        var all = [("units", tables.units), ("lookups", tables.lookups)]
        if let sums = tables.sums { all.append(("sums", sums)) }
        for (name, table) in all {
            try self.views.forEach(in: table) { (key, value) throws(EventStoreError) in
                try body(name, [UInt8](copying: key), [UInt8](copying: value))
            }
        }
    }
}

extension EventStore {
    /// Keeps the rows of `projection` in `views/` from now on, in the background. In a store that
    /// only reads they are read as another process wrote them.
    package func maintain(_ projection: Projection) throws(EventStoreError) {
        try self.index.maintain(projection)
    }

    /// Folds these units of `projection` again and waits until their rows are written: what they
    /// depend on beside the log has changed. Blocks the calling thread.
    package func refold(
        _ units: Set<Subject>,
        in projection: Projection
    ) throws(EventStoreError) {
        try self.index.refold(units, in: projection)
    }

    /// Waits until `views/` holds what `projection` makes of everything that the log holds now.
    /// Blocks the calling thread. `progress` gets how many units were folded meanwhile.
    package func catchUp(
        _ projection: Projection,
        progress: (Int) -> Void = { _ in }
    ) throws(EventStoreError) {
        try self.index.catchUp(projection, progress: progress)
    }

    /// Makes the rows of `projection` anew beside those that are there, which are read until the
    /// new ones are complete. Blocks the calling thread; a process that dies meanwhile goes on when
    /// it opens the store again. `progress` gets how many units were folded.
    ///
    /// With `insisting` the first unit that cannot be folded ends it, and the rows stay as they
    /// were; without, such units are listed and the others go on.
    package func rebuild(
        _ projection: Projection,
        insisting: Bool = false,
        progress: (Int) -> Void = { _ in }
    ) throws(EventStoreError) {
        try self.index.rebuild(projection, insisting: insisting, progress: progress)
    }

    /// The same for all members of a group, each unit read and folded once for all of them.
    /// `progress` gets the number of a member and how many units were folded for it.
    package func rebuild(
        _ group: ProjectionGroup,
        progress: (_ number: UInt8, _ units: Int) -> Void = { _, _ in }
    ) throws(EventStoreError) {
        try self.index.rebuild(group, progress: progress)
    }

    /// Begins what ``rebuild(_:insisting:progress:)`` does, and does not wait for it.
    package func beginRebuild(_ projection: Projection) throws(EventStoreError) {
        try self.index.beginRebuild(projection, insisting: false)
    }

    /// Runs `body` against one snapshot, with the projection complete in it: what the rows in
    /// `views/` do not have yet is folded in memory.
    ///
    /// If that is much, this waits for the index thread to write it; a store that only reads folds
    /// it, however much it is.
    package func read<Success>(
        _ projection: Projection,
        _ body: (borrowing Snapshot, ProjectionReading) throws(EventStoreError) -> Success
    ) throws(EventStoreError) -> Success {
        // A reader may have found no tables before that are there now.
        try self.index.maintain(projection)
        let mayWait = !self.configuration.isReadOnly
        if mayWait {
            let limit = projection.limits.completedMax
            if let success = try self.attempt(projection, max: limit, body) { return success }
            // Whatever went wrong there, folding in memory goes on working.
            try? self.index.catchUp(projection)
        }
        guard let success = try self.attempt(projection, max: nil, body) else { throw .overloaded }
        return success
    }

    /// The same without waiting: `nil` if more than `max` units would have to be folded.
    package func read<Success>(
        _ projection: Projection,
        completing max: Int,
        _ body: (borrowing Snapshot, ProjectionReading) throws(EventStoreError) -> Success
    ) throws(EventStoreError) -> Success? {
        try self.index.maintain(projection)
        return try self.attempt(projection, max: max, body)
    }

    private func attempt<Success>(
        _ projection: Projection,
        max: Int?,
        _ body: (borrowing Snapshot, ProjectionReading) throws(EventStoreError) -> Success
    ) throws(EventStoreError) -> Success? {
        try self.read { (snapshot) throws(EventStoreError) in
            guard let reading = try snapshot.reading(of: projection, max: max) else { return nil }
            return try body(snapshot, reading)
        }
    }
}
