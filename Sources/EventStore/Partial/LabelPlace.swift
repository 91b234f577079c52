/// Where the newest leaf with a label stands in its log.
package struct LabelPlace: Hashable, Sendable {
    /// Its sequence in the label, from 0.
    package let sequence: UInt64
    /// Its index.
    package let index: UInt64

    /// Creates a place.
    package init(sequence: UInt64, index: UInt64) {
        self.sequence = sequence
        self.index = index
    }
}
