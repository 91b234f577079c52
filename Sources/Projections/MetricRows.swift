internal import CaseDomain
internal import EventStore
internal import LedgerTypes

/// The rows of the metric store: keys and numbers, drawn in docs/FORMAT.md.
enum MetricRows {
    /// The splits whose cells are kept; any other is added up from the units' rows. The place in
    /// this list stands in the keys.
    static let cuts: [[MetricDimension]] = [[], [.site], [.channel], [.month], [.kind]]

    /// The kinds of sums.
    enum SumKind: UInt8 {
        case counted = 1
        case range, pending, excluded, since
    }

    /// The kinds of keys that units are found by.
    enum FoundKind: UInt8 {
        case value = 1
        case maturing, lastAt, customer
    }

    /// What a unit is found by and adds to sums.
    static func derived(_ contribution: MetricContribution) -> DerivedRows {
        MetricRowWriter.rows(of: contribution)
    }

    static func customer(_ id: String) -> LookupKey {
        LookupKey(kind: FoundKind.customer.rawValue, text: id)
    }

    /// The bytes of ``customer(_:)``.
    static let customerBytes = 17

    /// What all keys of a cell begin with, behind their kind.
    static func cell(_ measure: MeasureID, _ cut: Int, _ text: String) -> [UInt8] {
        let raw = measure.rawValue
        return [
            UInt8(raw >> 8), UInt8(truncatingIfNeeded: raw), UInt8(cut), UInt8(text.utf8.count),
        ]
            + Array(text.utf8)
    }

    /// Eight bytes that sort as the number does.
    static func rising(_ value: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendRising(value)
        return bytes
    }

    /// Reads what ``rising(_:)`` wrote.
    static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(bitPattern: bits ^ (1 << 63))
    }

    /// Eight bytes of which the latest time sorts first.
    static func falling(_ time: Timestamp) -> [UInt8] { Self.rising(~time.microseconds) }
}

extension [UInt8] {
    /// Appends eight bytes that sort as the number does.
    mutating func appendRising(_ value: Int64) {
        self.appendBigEndian(UInt64(bitPattern: value) ^ (1 << 63))
    }
}

/// Writes what a unit is found by and adds to sums, key by key into the same buffers: a case has
/// hundreds.
private struct MetricRowWriter {
    private let contribution: MetricContribution
    private var rows = DerivedRows()
    /// The keys under which values stand in order.
    private var ordered = KeyList()
    /// What all keys of the cell begin with, behind their kind.
    private var cell: [UInt8] = []
    private var key: [UInt8] = []
    /// The month of the day that was written last.
    private var month: (day: Int64, text: String) = (.min, "")

    private init(_ contribution: MetricContribution) {
        self.contribution = contribution
        self.cell.reserveCapacity(LookupKey.bytesMax)
        self.key.reserveCapacity(LookupKey.bytesMax)
    }

    static func rows(of contribution: MetricContribution) -> DerivedRows {
        var writer = MetricRowWriter(contribution)
        for entry in contribution.entries {
            for cut in MetricRows.cuts.indices {
                writer.setCell(entry, cut)
                writer.addSums(entry)
                writer.addOrdered(entry)
            }
        }
        writer.ordered.sortNumbering()
        writer.rows.lookups = writer.ordered
        if let lastAt = contribution.lastAt {
            let kind = MetricRows.FoundKind.lastAt.rawValue
            writer.find(by: LookupKey(kind: kind, MetricRows.falling(lastAt)))
        }
        if let customer = contribution.touch?.customerID {
            writer.find(by: MetricRows.customer(customer))
        }
        return writer.rows
    }

    private mutating func find(by key: LookupKey) { self.rows.lookups.append(key.bytes.span) }

    /// Goes to the cell of an entry in a cut.
    private mutating func setCell(_ entry: MetricEntry, _ cut: Int) {
        let text = MetricRows.cuts[cut].first.map { self.text(of: entry, $0) } ?? ""
        self.cell.removeAll(keepingCapacity: true)
        self.cell.appendBigEndian(entry.measure.rawValue)
        self.cell.append(UInt8(truncatingIfNeeded: cut))
        self.cell.append(UInt8(text.utf8.count))
        self.cell.append(contentsOf: text.utf8)
    }

    private mutating func text(of entry: MetricEntry, _ dimension: MetricDimension) -> String {
        guard dimension == .month else {
            return self.contribution.place(of: entry)[dimension] ?? ""
        }
        // Most of what happens in a unit happens on one day or the next.
        let day = entry.at.microseconds.quotientAndRemainder(dividingBy: Self.dayMicroseconds)
        let number = day.remainder < 0 ? day.quotient - 1 : day.quotient
        if number != self.month.day {
            let text = self.contribution.cell(of: entry, by: [dimension]).joined()
            self.month = (number, text)
        }
        return self.month.text
    }

    private static let dayMicroseconds: Int64 = 86_400_000_000

    private mutating func begin(_ kind: UInt8) {
        self.key.removeAll(keepingCapacity: true)
        self.key.append(kind)
        self.key.append(contentsOf: self.cell)
    }

    private mutating func addSums(_ entry: MetricEntry) {
        switch entry.form {
        case .ratio(let numerator, let denominator):
            self.count(entry, [1, denominator == 0 ? 0 : 1, numerator, denominator])
        case .value(let value):
            self.count(entry, [1, 0, value, 0])
            if entry.maturesAt == nil { self.count(inRangeOf: value) }
        case .amount(let value): self.count(entry, [1, 0, value, 0])
        case .since(let start):
            self.begin(MetricRows.SumKind.since.rawValue)
            let values: InlineArray<2, Int64> = [1, start.microseconds]
            self.add(values.span)
            self.count(inRangeOf: start.microseconds)
        case .excluded(let reason):
            self.begin(MetricRows.SumKind.excluded.rawValue)
            self.key.append(reason.rawValue)
            self.addOne()
        case .pending:
            self.begin(MetricRows.SumKind.pending.rawValue)
            self.addOne()
        }
    }

    private mutating func count(_ entry: MetricEntry, _ values: InlineArray<4, Int64>) {
        self.begin(MetricRows.SumKind.counted.rawValue)
        if let matures = entry.maturesAt { self.key.appendRising(matures.microseconds) }
        self.add(values.span)
    }

    private mutating func count(inRangeOf value: Int64) {
        self.begin(MetricRows.SumKind.range.rawValue)
        self.key.appendBigEndian(ValueRange.eighths.number(of: value))
        self.addOne()
    }

    /// Adds numbers under the key that was begun.
    private mutating func add(_ values: Span<Int64>) {
        let key = self.key
        self.rows.sums.append(values, under: key.span)
    }

    private mutating func addOne() {
        let values: InlineArray<1, Int64> = [1]
        self.add(values.span)
    }

    /// The key under which a value stands in order, and two bytes that will tell equal ones apart.
    private mutating func addOrdered(_ entry: MetricEntry) {
        switch entry.form {
        case .value(let value):
            if let matures = entry.maturesAt {
                self.begin(MetricRows.FoundKind.maturing.rawValue)
                self.key.appendRising(matures.microseconds)
            } else {
                self.begin(MetricRows.FoundKind.value.rawValue)
            }
            self.key.appendRising(value)
        case .since(let start):
            self.begin(MetricRows.FoundKind.value.rawValue)
            self.key.appendRising(start.microseconds)
        default: return
        }
        self.key.appendBigEndian(UInt16(0))
        let key = self.key
        self.ordered.append(key.span)
    }
}
