internal import LMDB
package import LedgerTypes

/// What a unit adds to sums over all units: whole numbers under a key.
///
/// What a unit added follows from its row, so that it is taken out when the unit changes. A sum of
/// which nothing is left has no row, so the rows do not depend on what came and went.
package struct UnitSum: Hashable, Sendable {
    /// The most numbers under one key.
    package static let valuesMax = 8

    /// The key. Keys of one kind sort by their bytes.
    package let key: [UInt8]
    /// What is added, number by number.
    package let values: [Int64]

    /// Creates what is added under `key`, of 1 to 200 bytes.
    package init(key: [UInt8], values: [Int64]) {
        precondition((1...LookupKey.bytesMax).contains(key.count), "a sum's key is too long")
        precondition((1...Self.valuesMax).contains(values.count))
        self.key = key
        self.values = values
    }
}

/// A row in `sums`: each number in 16 bytes, two's complement, big-endian.
enum SumRow {
    static func bytes(_ values: [Int128]) -> [UInt8] {
        var row: [UInt8] = []
        row.reserveCapacity(values.count * 16)
        for value in values {
            let bits = UInt128(bitPattern: value)
            row.appendBigEndian(UInt64(truncatingIfNeeded: bits >> 64))
            row.appendBigEndian(UInt64(truncatingIfNeeded: bits))
        }
        return row
    }

    /// Reads a row; `nil` if it is malformed.
    static func values(_ row: Span<UInt8>) -> [Int128]? {
        guard !row.isEmpty, row.count % 16 == 0, row.count / 16 <= UnitSum.valuesMax else {
            return nil
        }
        return (0..<row.count / 16).map { place in
            let high = UInt128(row.bigEndianWord(at: place * 16))
            let low = UInt128(row.bigEndianWord(at: place * 16 + 8))
            return Int128(bitPattern: high << 64 | low)
        }
    }
}

extension Snapshot {
    /// Gives `body` the sums whose keys begin with `prefix`, in order, until it returns false.
    package borrowing func forEachSum(
        _ prefix: [UInt8],
        _ reading: ProjectionReading,
        _ body: (_ key: [UInt8], _ values: [Int128]) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        let first = reading.changes.firstPlace { !$0.key.lexicographicallyPrecedes(prefix) }
        var changes = reading.changes[first...].prefix { $0.key.starts(with: prefix) }
        var goesOn = true
        if let table = reading.tables?.sums {
            try self.views.forEach(in: table, from: prefix) {
                (row, value) throws(EventStoreError) in
                guard row.count >= prefix.count,
                    row.extracting(..<prefix.count).equals(prefix.span)
                else { return false }
                let key = [UInt8](copying: row)
                while goesOn, let next = changes.first, next.key.lexicographicallyPrecedes(key) {
                    changes.removeFirst()
                    guard let sums = SumChanges.applied(next.values, to: nil) else { continue }
                    goesOn = try body(next.key, sums)
                }
                guard goesOn else { return false }
                guard var sums = SumRow.values(value) else {
                    throw .damaged(table: "sums", row: key.hex)
                }
                if let next = changes.first, next.key == key {
                    changes.removeFirst()
                    guard let changed = SumChanges.applied(next.values, to: sums) else {
                        return true
                    }
                    sums = changed
                }
                goesOn = try body(key, sums)
                return goesOn
            }
        }
        for next in changes where goesOn {
            guard let sums = SumChanges.applied(next.values, to: nil) else { continue }
            goesOn = try body(next.key, sums)
        }
    }

    /// Gives `body` what units are found by, from `bound` on and as long as it begins with
    /// `prefix`, in order, until it returns false. All keys that begin so have `count` bytes.
    package borrowing func forEachFound(
        _ prefix: [UInt8],
        bytes count: Int,
        from bound: [UInt8]? = nil,
        _ reading: ProjectionReading,
        _ body: (_ key: [UInt8], _ unit: Subject) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        let start = bound ?? prefix
        let first = reading.found.firstPlace { !$0.row.lexicographicallyPrecedes(start) }
        var fresh = reading.found[first...].prefix { $0.row.starts(with: prefix) }
        var goesOn = true
        if let table = reading.tables?.lookups {
            try self.views.forEach(in: table, from: start) {
                (row, _) throws(EventStoreError) in
                guard row.count > count, row.extracting(..<prefix.count).equals(prefix.span) else {
                    return false
                }
                guard let unit = SubjectKey(row.extracting(count...))?.subject else {
                    throw .damaged(table: "lookups", row: row.hex)
                }
                // What is folded anew counts instead.
                if !reading.fresh.isEmpty, reading.fresh[unit] != nil { return true }
                let bytes = [UInt8](copying: row)
                while goesOn, let next = fresh.first, next.row.lexicographicallyPrecedes(bytes) {
                    fresh.removeFirst()
                    goesOn = try body(next.key, next.unit)
                }
                guard goesOn else { return false }
                goesOn = try body(Array(bytes[..<count]), unit)
                return goesOn
            }
        }
        for next in fresh where goesOn { goesOn = try body(next.key, next.unit) }
    }

    /// Gives `body` each unit with its rows, in order, from `first` on if that is given, until it
    /// returns false. What follows from their value is not in them.
    package borrowing func forEachUnit(
        from first: Subject? = nil,
        _ reading: ProjectionReading,
        _ body: (_ unit: Subject, _ rows: UnitRows) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        let start = first.map { Array($0.rawValue.utf8) } ?? []
        var fresh = reading.fresh.compactMap { unit, rows in
            rows.map { (key: Array(unit.rawValue.utf8), unit: unit, rows: $0) }
        }.filter { !$0.key.lexicographicallyPrecedes(start) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }[...]
        var goesOn = true
        if let table = reading.tables?.units {
            try self.views.forEach(in: table, from: start) { (key, value) throws(EventStoreError) in
                guard let unit = SubjectKey(key)?.subject, let rows = UnitRows(row: value) else {
                    throw .damaged(table: "units", row: key.hex)
                }
                let bytes = [UInt8](copying: key)
                while goesOn, let next = fresh.first, next.key.lexicographicallyPrecedes(bytes) {
                    fresh.removeFirst()
                    goesOn = try body(next.unit, next.rows)
                }
                guard goesOn else { return false }
                if reading.fresh[unit] != nil { return true }
                goesOn = try body(unit, rows)
                return goesOn
            }
        }
        for next in fresh where goesOn { goesOn = try body(next.unit, next.rows) }
    }
}

extension Array {
    /// The place of the first element from which on `isBehind` holds; the end if it never does.
    fileprivate func firstPlace(where isBehind: (Element) -> Bool) -> Int {
        var low = 0
        var high = self.count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
