internal import LedgerTypes
internal import Merkle

/// Leaf rows of one log that follow each other, and their hashes once somebody has made them.
///
/// `@unchecked Sendable`: `hashes` and `root` are written by whoever took the block from its
/// ``HashCrew``, and read only after the crew has said under its lock that it is done.
final class HashBlock: @unchecked Sendable {
    /// A block ends before each index that is a multiple of this, so that a full one is a complete
    /// subtree of its log.
    static let leavesMax = 32

    /// The rows of `leaves`, without their keys.
    let rows: LeafRows
    /// The hash of each leaf.
    private(set) var hashes: [Digest] = []
    /// The root over them, in a full block.
    private(set) var root: Digest?

    init(_ rows: LeafRows) { self.rows = rows }

    /// Whether it holds a complete subtree.
    var isFull: Bool { self.rows.count == Self.leavesMax }

    /// Hashes the leaves, and what is above them in the block.
    func hash() {
        let rows = self.rows
        guard rows.count > 1 else {
            // One leaf fills no lanes: it is not worth a batch.
            let leaf = rows.bytes.span.extracting(rows.leaf(0))
            self.hashes = [MerkleHash.leaf(leaf)]
            return
        }
        var batch = HashBatch()
        for place in 0..<rows.count {
            batch.append(leaf: rows.bytes.span.extracting(rows.leaf(place)))
        }
        let hashes = batch.finish()
        if self.isFull { self.root = MerkleTree.completeRoot(of: hashes) }
        self.hashes = hashes
    }
}

/// Rows of `leaves` that follow each other, in one buffer.
struct LeafRows: Sendable {
    /// The bytes of all rows.
    var bytes: [UInt8] = []
    /// Where each row ends.
    private(set) var ends: [Int] = []

    /// How many rows there are.
    var count: Int { self.ends.count }

    /// Where the row at `place` lies.
    func row(_ place: Int) -> Range<Int> {
        (place == 0 ? 0 : self.ends[place - 1])..<self.ends[place]
    }

    /// Where the leaf of the row at `place` lies.
    func leaf(_ place: Int) -> Range<Int> {
        let row = self.row(place)
        return row.lowerBound + LeafPlace.byteCount..<row.upperBound
    }

    /// Ends the row that was appended to ``bytes``.
    mutating func endRow() { self.ends.append(self.bytes.count) }

    /// Takes away what was appended after the row at `place` - 1, an unfinished row included.
    mutating func truncate(to place: Int) {
        self.ends.removeSubrange(place...)
        self.bytes.removeSubrange((self.ends.last ?? 0)...)
    }

    /// Room for rows of one block, as many bytes as those before had.
    init(capacity: Int = 0) {
        self.bytes.reserveCapacity(capacity)
        if capacity > 0 { self.ends.reserveCapacity(HashBlock.leavesMax) }
    }
}

/// Hashes leaves beside the writer thread: a thread of its own takes blocks while the writer puts
/// rows, and the writer takes what is left when it has nothing else to do.
///
/// The thread starts with the first block and ends with ``stop()``.
final class HashCrew: Sendable {
    private struct State {
        var waiting: [HashBlock] = []
        /// Blocks that the crew's thread has taken and not finished.
        var taken = 0
        var hasThread = false
        var isStopping = false
    }

    private let state = Guarded(State())

    /// Hands in a block.
    func post(_ block: HashBlock) {
        let isFirst = self.state.withLock { state in
            state.waiting.append(block)
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if isFirst {
            startStoreThread(named: "ledger-hash") { self.run() }
        } else {
            self.state.wake()
        }
    }

    /// Hashes what waits, and returns when every block that was handed in is done.
    func finish() {
        while let block = self.state.withLock({ $0.waiting.popLast() }) { block.hash() }
        // What the thread still has takes less time than falling asleep and waking up.
        for _ in 0..<Self.spinsMax {
            if self.state.withLock({ $0.taken == 0 }) { return }
        }
        _ = self.state.wait { $0.taken == 0 ? true : nil }
    }

    private static var spinsMax: Int { 2_000 }

    /// Ends the thread.
    func stop() {
        self.state.withLock { $0.isStopping = true }
        self.state.wake()
    }

    private func run() {
        while let block = self.next() {
            block.hash()
            let isIdle = self.state.withLock { state in
                state.taken -= 1
                return state.waiting.isEmpty
            }
            if isIdle { self.state.wake() }
        }
    }

    private func next() -> HashBlock? {
        self.state.wait { state -> HashBlock?? in
            guard !state.isStopping else { return .some(nil) }
            guard !state.waiting.isEmpty else { return nil }
            state.taken += 1
            return .some(state.waiting.removeFirst())
        } ?? nil
    }
}
