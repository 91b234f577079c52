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
        var sums: [UnitSum] = []
        var lookups: [LookupKey] = []
        if let lastAt = contribution.lastAt {
            lookups.append(LookupKey(kind: FoundKind.lastAt.rawValue, Self.falling(lastAt)))
        }
        if let customer = contribution.touch?.customerID {
            lookups.append(Self.customer(customer))
        }
        var seen: [[UInt8]: UInt16] = [:]
        for entry in contribution.entries {
            for cut in Self.cuts.indices {
                let text = contribution.cell(of: entry, by: Self.cuts[cut]).joined()
                let cell = Self.cell(entry.measure, cut, text)
                sums += Self.sums(entry, cell)
                guard let key = Self.found(entry, cell) else { continue }
                let number = seen[key, default: 0]
                seen[key] = number &+ 1
                let bytes =
                    key.dropFirst() + [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
                lookups.append(LookupKey(kind: key[0], Array(bytes)))
            }
        }
        return DerivedRows(lookups: lookups, sums: sums)
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

    private static func sums(_ entry: MetricEntry, _ cell: [UInt8]) -> [UnitSum] {
        func key(_ kind: SumKind, _ rest: [UInt8] = []) -> [UInt8] { [kind.rawValue] + cell + rest }
        let matures = entry.maturesAt.map { Self.rising($0.microseconds) } ?? []
        switch entry.form {
        case .ratio(let numerator, let denominator):
            let values = [1, denominator == 0 ? 0 : 1, numerator, denominator]
            return [UnitSum(key: key(.counted, matures), values: values)]
        case .value(let value):
            let sum = UnitSum(key: key(.counted, matures), values: [1, 0, value, 0])
            guard entry.maturesAt == nil else { return [sum] }
            let bytes = ValueRange.eighths.bytes(of: value)
            return [sum, UnitSum(key: key(.range, bytes), values: [1])]
        case .amount(let value):
            return [UnitSum(key: key(.counted, matures), values: [1, 0, value, 0])]
        case .since(let start):
            let bytes = ValueRange.eighths.bytes(of: start.microseconds)
            return [
                UnitSum(key: key(.since), values: [1, start.microseconds]),
                UnitSum(key: key(.range, bytes), values: [1]),
            ]
        case .excluded(let reason):
            return [UnitSum(key: key(.excluded, [reason.rawValue]), values: [1])]
        case .pending: return [UnitSum(key: key(.pending), values: [1])]
        }
    }

    /// The key under which a value stands in order, but for the number that tells equal ones apart.
    private static func found(_ entry: MetricEntry, _ cell: [UInt8]) -> [UInt8]? {
        switch entry.form {
        case .value(let value):
            guard let matures = entry.maturesAt else {
                return [FoundKind.value.rawValue] + cell + Self.rising(value)
            }
            return [FoundKind.maturing.rawValue] + cell + Self.rising(matures.microseconds)
                + Self.rising(value)
        case .since(let start):
            return [FoundKind.value.rawValue] + cell + Self.rising(start.microseconds)
        default: return nil
        }
    }

    /// Eight bytes that sort as the number does.
    static func rising(_ value: Int64) -> [UInt8] {
        let bits = UInt64(bitPattern: value) ^ (1 << 63)
        return (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(56 - 8 * $0)) }
    }

    /// Reads what ``rising(_:)`` wrote.
    static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(bitPattern: bits ^ (1 << 63))
    }

    /// Eight bytes of which the latest time sorts first.
    static func falling(_ time: Timestamp) -> [UInt8] { Self.rising(~time.microseconds) }
}
