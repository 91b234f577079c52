internal import LedgerTypes

/// A log that is being received.
struct Incoming: Hashable, Sendable {
    /// Where the copy stood at the start; size 0 for a log that is new here.
    let old: Position
    /// The size the peer said it can prove.
    let expected: UInt64
    /// The checkpoint's position, once its signature and consistency are verified.
    var target: Position?
    /// That checkpoint.
    var note: [UInt8] = []
    /// The log's first leaf, verified.
    var genesis: Genesis?
    /// That leaf's bytes when the log is new here; the first package must begin with them.
    var genesisLeaf: [UInt8] = []
    /// The hashes of the leaves before `next` in its tile.
    var tile: [Digest] = []
    /// Whether `tile` is complete.
    var isReady = false
    /// The index of the next leaf to take.
    var next: UInt64

    init(old: Position, expected: UInt64) {
        self.old = old
        self.expected = expected
        self.next = old.size
    }

    /// The number of leaves to come.
    var total: UInt64 { self.expected - self.old.size }
}
