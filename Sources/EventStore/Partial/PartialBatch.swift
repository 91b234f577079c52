package import LedgerTypes
package import Merkle

/// Leaves of a partner's share of a log, and the roots over those that are not in it, verified by
/// whoever received them.
package struct PartialBatch: Sendable {
    /// The log.
    package var log: LogID
    /// The leaves, rising, and the index of each.
    package var entries: [(index: UInt64, entry: ForeignBatch.Entry)]
    /// The roots over what is not here. When the batch goes on, these and `entries` follow each
    /// other from where the copy ends; otherwise those that lie in a gap of it take its place.
    package var gaps: [GapNode]
    /// Whether the leaves are new at the end of the copy.
    package var goesOn: Bool
    /// Up to where the copy has each label with them.
    package var labels: [(label: Label, newest: LabelPlace)]
    /// The signed note that the leaves were verified against; kept once its size is held.
    package var checkpoint: [UInt8]?
    /// Why the copy is held, opaque here: kept with the log.
    package var share: [UInt8]?

    /// Creates a batch.
    package init(
        log: LogID,
        entries: [(index: UInt64, entry: ForeignBatch.Entry)],
        gaps: [GapNode],
        goesOn: Bool,
        labels: [(label: Label, newest: LabelPlace)] = [],
        checkpoint: [UInt8]? = nil,
        share: [UInt8]? = nil
    ) {
        self.log = log
        self.entries = entries
        self.gaps = gaps
        self.goesOn = goesOn
        self.labels = labels
        self.checkpoint = checkpoint
        self.share = share
    }
}

/// What is held of a log of which only a part is.
package struct PartialState: Hashable, Sendable {
    /// The right edge of its tree.
    package let range: CompactRange
    /// The labels of which every leaf is held, up to which.
    package let labels: [Label: LabelPlace]
    /// Why it is held, as it was given with the leaves; empty if nothing was.
    package let share: [UInt8]
}
