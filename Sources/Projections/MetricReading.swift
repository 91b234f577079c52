package import CaseDomain
package import EventStore
internal import LedgerTypes

extension MetricStore {
    /// The answer to `query` from the store as `reading` has it. `progress` gets how many units
    /// were looked at, where the sums do not answer.
    package static func page(
        _ query: MetricQuery,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading,
        progress: (Int) -> Void = { _ in }
    ) throws(EventStoreError) -> MetricsPage {
        var end = query.asOf
        if end == nil { end = try Self.lastAt(snapshot, reading) }
        guard let asOf = end else {
            return MetricsPage(query, asOf: nil) { (_) throws(Never) in [] }
        }
        var tally = MetricTally(query, asOf: asOf)
        if MetricTally.needsCustomers(query) {
            try Self.addCustomers(to: &tally, asOf: asOf, snapshot, reading)
        }
        let isWhole = query.from == nil && query.to == nil
        if isWhole, let cut = MetricRows.cuts.firstIndex(of: query.by) {
            let cells = MetricCells(asOf: asOf, reading: reading)
            var mixed: MetricTally?
            if MetricTally.needsCauses(query) {
                var all = tally
                try Self.addUnits(to: &all, snapshot, reading, progress)
                mixed = all
            }
            return try MetricsPage(query, asOf: asOf) { (measure) throws(EventStoreError) in
                if measure.mix != nil, let mixed { return mixed.cells(of: measure) }
                var found = try cells.cells(of: measure, 0, snapshot, tally)
                if cut > 0 { found += try cells.cells(of: measure, cut, snapshot, tally) }
                return found
            }
        }
        try Self.addUnits(to: &tally, snapshot, reading, progress)
        return MetricsPage(query, asOf: asOf) { tally.cells(of: $0) }
    }

    private static func addUnits(
        to tally: inout MetricTally,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading,
        _ progress: (Int) -> Void
    ) throws(EventStoreError) {
        var count = 0
        try snapshot.forEachUnit(reading) { (_, rows) throws(EventStoreError) in
            if let contribution = MetricContribution(rows) { tally.add(contribution) }
            count += 1
            if count.isMultiple(of: 1_000) { progress(count) }
            return true
        }
    }

    /// The last thing that happened in any case, contact or session.
    private static func lastAt(
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> Timestamp? {
        var last: Timestamp?
        let kind = MetricRows.FoundKind.lastAt.rawValue
        try snapshot.forEachFound([kind], bytes: 9, reading) { (key, _) throws(EventStoreError) in
            last = Timestamp(microseconds: ~MetricRows.number(key[1..<9]))
            return false
        }
        return last
    }

    /// Adds what each customer's units come to together; one customer is held at a time.
    private static func addCustomers(
        to tally: inout MetricTally,
        asOf: Timestamp,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) {
        var customer: [UInt8] = []
        var units: [MetricContribution] = []
        let kind = MetricRows.FoundKind.customer.rawValue
        try snapshot.forEachFound([kind], bytes: MetricRows.customerBytes, reading) {
            (key, unit) throws(EventStoreError) in
            if key != customer, !units.isEmpty {
                tally.add(CustomerMetrics.contribution(of: units, asOf: asOf))
                units = []
            }
            customer = key
            guard let rows = try snapshot.rows(of: unit, reading) else { return true }
            if let contribution = MetricContribution(rows) { units.append(contribution) }
            return true
        }
        if !units.isEmpty { tally.add(CustomerMetrics.contribution(of: units, asOf: asOf)) }
    }
}

extension MetricContribution {
    /// What a unit's row says; `nil` if it could not be folded.
    init?(_ rows: UnitRows) {
        guard !rows.isFailed else { return nil }
        self.init(bytes: rows.value)
    }
}

/// Reads the cells that the store keeps.
private struct MetricCells {
    let asOf: Timestamp
    let reading: ProjectionReading

    /// The cells of a figure in one cut, with what customers add.
    func cells(
        of measure: MetricMeasure,
        _ cut: Int,
        _ snapshot: borrowing Snapshot,
        _ customers: MetricTally
    ) throws(EventStoreError) -> [MetricCell] {
        var sums = try self.sums(of: measure, cut, snapshot)
        for (values, added) in customers.sums(of: measure) where values.isEmpty == (cut == 0) {
            sums[values.joined(), default: MetricSums()].add(added)
        }
        var cells: [MetricCell] = []
        for (text, sum) in sums.sorted(by: { $0.key < $1.key }) {
            let cell = MetricRows.cell(measure.id, cut, text)
            let spread = try self.spread(measure, cell, count: Int(clamping: sum.n), snapshot)
            cells.append(MetricCell(measure, values: cut == 0 ? [] : [text], sum, spread))
        }
        return cells
    }

    private func sums(
        of measure: MetricMeasure,
        _ cut: Int,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [String: MetricSums] {
        var sums: [String: MetricSums] = [:]
        let start = MetricRows.cell(measure.id, cut, "").prefix(3)
        for kind in [MetricRows.SumKind.counted, .pending, .excluded, .since] {
            let prefix = [kind.rawValue] + start
            try snapshot.forEachSum(prefix, self.reading) {
                (key, values) throws(EventStoreError) in
                guard key.count > 4, key.count >= 5 + Int(key[4]) else {
                    throw .damaged(table: "sums", row: key.hex)
                }
                let end = 5 + Int(key[4])
                let text = String(decoding: key[5..<end], as: UTF8.self)
                self.add(values, kind, key[end...], to: &sums[text, default: MetricSums()])
                return true
            }
        }
        return sums
    }

    private func add(
        _ values: [Int128],
        _ kind: MetricRows.SumKind,
        _ rest: ArraySlice<UInt8>,
        to sums: inout MetricSums
    ) {
        let count = Int64(clamping: values[0])
        switch kind {
        case .counted:
            if rest.count == 8, self.asOf.microseconds < MetricRows.number(rest) {
                sums.pending += count
                return
            }
            sums.n += count
            sums.based += values.count > 1 ? Int64(clamping: values[1]) : 0
            sums.numerator += values.count > 2 ? values[2] : 0
            sums.denominator += values.count > 3 ? values[3] : 0
        case .pending: sums.pending += count
        case .excluded:
            guard let reason = rest.first.flatMap(ExclusionReason.init(rawValue:)) else { return }
            sums.excluded[reason, default: 0] += count
        case .since:
            sums.n += count
            // The sum of what has passed since each.
            let starts = values.count > 1 ? values[1] : 0
            sums.numerator += Int128(count) * Int128(self.asOf.microseconds) - starts
        case .range: break
        }
    }

    /// How the values of a cell spread, by the index.
    private func spread(
        _ measure: MetricMeasure,
        _ cell: [UInt8],
        count: Int,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> MetricSpread? {
        guard measure.kind == .values || measure.kind == .age, count > 0 else { return nil }
        if measure.windowDays > 0 {
            let values = try self.matured(cell, snapshot)
            return MetricSpread(count: values.count) { (place) throws(Never) in values[place] }
        }
        let values = try OrderedValues(
            counts: [MetricRows.SumKind.range.rawValue] + cell,
            prefix: [MetricRows.FoundKind.value.rawValue] + cell,
            tail: 2,
            .eighths,
            snapshot,
            self.reading
        )
        guard values.count == count else { throw .damaged(table: "sums", row: cell.hex) }
        return try MetricSpread(count: count) { (place) throws(EventStoreError) in
            guard measure.kind == .age else {
                return try values.value(place, snapshot, self.reading)
            }
            // The oldest has the earliest start.
            let start = try values.value(count - 1 - place, snapshot, self.reading)
            return self.asOf.microseconds(since: Timestamp(microseconds: start))
        }
    }

    /// The values whose window has passed, in rising order.
    private func matured(
        _ cell: [UInt8],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [Int64] {
        var values: [Int64] = []
        let prefix = [MetricRows.FoundKind.maturing.rawValue] + cell
        try snapshot.forEachFound(prefix, bytes: prefix.count + 18, self.reading) {
            (key, _) throws(EventStoreError) in
            let middle = prefix.count + 8
            guard MetricRows.number(key[prefix.count..<middle]) <= self.asOf.microseconds else {
                return false
            }
            values.append(MetricRows.number(key[middle..<middle + 8]))
            return true
        }
        return values.sorted()
    }
}
