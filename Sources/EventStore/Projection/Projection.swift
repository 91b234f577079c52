package import LedgerTypes

/// A read model that the store keeps in `views/`: what each unit, such as a case, comes to, and
/// what it is found by.
///
/// A unit that got events is folded again as a whole and its rows are replaced, so the rows depend
/// on what the log holds and not on the order in which it came. Another version, or rows of another
/// log, are dropped and made again.
package struct Projection: Sendable {
    /// Folds `units` as `snapshot` has them; one result each, in order. What is wrong with one unit
    /// is said in its result; only a failure of the storage is thrown.
    package typealias Fold =
        @Sendable (_ units: [Subject], _ snapshot: borrowing Snapshot) throws(EventStoreError) ->
        [FoldedUnit]

    /// The number of its tables, for ever.
    package let number: UInt8
    /// What it is called.
    package let name: String
    /// The version of its rows.
    package let version: UInt32
    /// What its rows depend on beside the log, such as a key; other rows are made again by whoever
    /// may write.
    package let salt: UInt64
    /// The kinds of subjects that are units.
    package let kinds: [String]
    /// The unit that the events of a subject belong to whatever its rows say; `nil` for none.
    package let unit: @Sendable (Subject) -> Subject?
    /// The types of events that decide how every unit is folded, whatever it is about: policies,
    /// calendars. When one comes, every unit is folded again.
    package let governing: [String]
    /// Folds units.
    package let fold: Fold
    /// What a unit of a given value is found by and adds to sums, where that follows from the value
    /// alone: then the rows need not hold it as well. `nil` for a projection without sums.
    package let derive: DerivedRows.Derivation?
    /// How much of it is done at once.
    package var limits = ProjectionLimits()
    private let governingTypes: [[UInt8]]

    /// Describes a read model.
    package init(
        number: UInt8,
        name: String,
        version: UInt32,
        salt: UInt64 = 0,
        kinds: [String],
        governing: [String] = [],
        derive: DerivedRows.Derivation? = nil,
        unit: @escaping @Sendable (Subject) -> Subject?,
        fold: @escaping Fold
    ) {
        precondition(kinds.allSatisfy { !$0.isEmpty && $0.utf8.count <= Subject.kindBytesMax })
        self.number = number
        self.name = name
        self.version = version
        self.salt = salt
        self.kinds = kinds
        self.governing = governing
        self.governingTypes = governing.map { Array($0.utf8) }
        self.derive = derive
        self.unit = unit
        self.fold = fold
    }
}

extension Projection {
    /// Whether `leaf` decides how every unit is folded.
    func isGoverned(by leaf: Span<UInt8>) -> Bool {
        guard !self.governingTypes.isEmpty, let keys = try? LeafKeys(leaf: leaf) else {
            return false
        }
        let type = leaf.extracting(keys.type)
        return self.governingTypes.contains { type.equals($0.span) }
    }
}

/// What follows from the value of a unit.
package struct DerivedRows: Sendable {
    /// Tells what follows from a value; `nil` if it is malformed.
    package typealias Derivation = @Sendable (_ value: [UInt8]) -> DerivedRows?

    /// What the unit is found by, in any order.
    package var lookups = KeyList()
    /// What it adds to sums, in any order.
    package var sums = SumList()

    /// Nothing.
    package init() {}

    /// Pairs both.
    package init(lookups: [LookupKey], sums: [UnitSum]) {
        for key in lookups { self.lookups.append(key.bytes.span) }
        for sum in sums { self.sums.append(sum.values.span, under: sum.key.span) }
    }
}

/// What the fold of one unit came to.
package struct FoldedUnit: Sendable {
    /// The unit.
    package let unit: Subject
    /// Its rows; `nil` if it has none.
    package let rows: UnitRows?

    /// Pairs a unit with its rows.
    package init(_ unit: Subject, _ rows: UnitRows?) {
        self.unit = unit
        self.rows = rows
    }
}

/// How much of a projection is done at once.
package struct ProjectionLimits: Hashable, Sendable {
    /// The most units that one transaction replaces.
    package var unitsMax = 1_024
    /// The most units that one transaction of a sweep puts in order: the more, the seldomer each
    /// page of what units are found by is written.
    package var sweepUnitsMax = 4_096
    /// The most arrivals that one transaction goes through.
    package var arrivalsMax: UInt64 = 65_536
    /// When this many arrivals are missing, and they are at least a quarter of all, every unit is
    /// folded once instead of once a batch.
    package var sweepMin: UInt64 = 32_768
    /// How many units a read folds itself before it would rather wait for the index thread.
    package var completedMax = 512
    /// While the index has full batches to do, one transaction for so many of them.
    static let indexBatches = 8
    /// While events keep coming, this many times as long as a step took passes before the next one
    /// that nobody waits for.
    static let pauseFactor = 4
    /// How many transactions a close may still do; the rest is done by whoever opens next.
    static let closingBatchesMax = 16

    /// The limits that hold where nobody asks for others.
    package init() {}
}
