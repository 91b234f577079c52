package import LedgerTypes

/// Projections that are made of the same units, so that a sweep reads and folds each unit once for
/// all of them.
package struct ProjectionGroup: Sendable {
    /// Folds `units` as `snapshot` has them: for each member, in order, those of its kinds.
    package typealias Fold =
        @Sendable (_ units: [Subject], _ snapshot: borrowing Snapshot) throws(EventStoreError) ->
        [[FoldedUnit]]

    /// The projections.
    package let members: [Projection]
    /// Gives for each member what its own fold would.
    package let fold: Fold

    /// Describes a group.
    package init(_ members: [Projection], fold: @escaping Fold) {
        precondition(!members.isEmpty)
        self.members = members
        self.fold = fold
    }

    /// A projection by itself.
    init(_ projection: Projection) {
        self.members = [projection]
        self.fold = { (units, snapshot) throws(EventStoreError) in
            [try projection.fold(units, snapshot)]
        }
    }

    /// The kinds of the units of all members.
    var kinds: [String] { Set(self.members.flatMap(\.kinds)).sorted() }

    /// The most units that a step of a sweep folds.
    var sweepUnitsMax: Int { self.members.map(\.limits.sweepUnitsMax).min() ?? 1 }
}
