/// Figures of several groups at the mix of causes that they have together: direct standardisation.
///
/// Each group's figure for a cause is weighted with the share of that cause among the entries of
/// all groups. Only causes that every group had are in it; causes of fewer than ``nMin`` entries
/// in all groups together are taken as one.
struct CauseMix {
    /// Causes of fewer entries are taken as one, and so are groups.
    static let nMin: Int64 = 30

    /// What entries of one cause come to in one group.
    struct Sum: Hashable, Sendable {
        var n: Int64 = 0
        /// Of a ratio the denominator, else how many there are.
        var weight: Double = 0
        var total: Double = 0

        mutating func add(_ other: Sum) {
            self.n += other.n
            self.weight += other.weight
            self.total += other.total
        }
    }

    /// One group.
    struct Side {
        let n: Int64
        /// As it is; `nil` where nothing counts.
        let value: Double?
        /// At the common mix; `nil` where the groups have no cause in common.
        let standardised: Double?
    }

    /// The groups, in the order in which they were given.
    let sides: [Side]
    /// How many causes every group had.
    let causes: Int
    /// The share of all entries that are of those causes.
    let covered: Double

    /// Compares `groups`, each by cause; `nil` if there is nothing in them.
    init?(_ groups: [[String: Sum]]) {
        var all: [String: Sum] = [:]
        for (cause, sum) in groups.joined() { all[cause, default: Sum()].add(sum) }
        // Sorted, since the order of addition shows in the last digit.
        let weight = all.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value.weight }
        guard weight > 0, !groups.isEmpty else { return nil }
        let rare = Set(all.filter { $0.value.n < Self.nMin }.keys)
        let pooled = groups.map { Self.pool($0, rare) }
        let common = pooled.dropFirst().reduce(Set(pooled[0].keys)) {
            $0.intersection($1.keys)
        }.sorted()
        var mix: [String: Double] = [:]
        for cause in common {
            mix[cause] = pooled.reduce(0) { $0 + ($1[cause]?.weight ?? 0) }
        }
        let whole = common.reduce(0) { $0 + (mix[$1] ?? 0) }
        self.sides = pooled.map { Self.side($0, common, mix, whole) }
        self.causes = common.count
        self.covered = whole / weight
    }

    /// The cells of `figure` by cause, of each group that it is split by first.
    static func groups(of figure: MeasureFigures) -> [String: [String: Sum]] {
        var groups: [String: [String: Sum]] = [:]
        let isRatio = figure.measure.kind == .ratio
        for cell in figure.groups {
            let weight = isRatio ? cell.denominator ?? 0 : Double(cell.n)
            // A figure whose parts come from different units says nothing of one cause.
            guard weight > 0, let value = cell.value, cell.values.count == 2 else { continue }
            let sum = Sum(n: cell.n, weight: weight, total: value * weight)
            groups[cell.values[0], default: [:]][cell.values[1], default: Sum()].add(sum)
        }
        return groups
    }

    private static func pool(_ sums: [String: Sum], _ rare: Set<String>) -> [String: Sum] {
        var pooled: [String: Sum] = [:]
        for (cause, sum) in sums.sorted(by: { $0.key < $1.key }) {
            // No cause is called so: names of causes are not empty.
            let key = rare.contains(cause) ? "\u{0}" : cause
            pooled[key, default: Sum()].add(sum)
        }
        return pooled
    }

    private static func side(
        _ sums: [String: Sum],
        _ common: [String],
        _ mix: [String: Double],
        _ whole: Double
    ) -> Side {
        let sorted = sums.sorted { $0.key < $1.key }.map(\.value)
        let weight = sorted.reduce(0) { $0 + $1.weight }
        let total = sorted.reduce(0) { $0 + $1.total }
        var standardised: Double?
        if whole > 0 {
            standardised = common.reduce(0) { sum, cause in
                guard let part = sums[cause], let share = mix[cause] else { return sum }
                return sum + part.total / part.weight * (share / whole)
            }
        }
        return Side(
            n: sorted.reduce(0) { $0 + $1.n },
            value: weight > 0 ? total / weight : nil,
            standardised: standardised
        )
    }
}
