internal import LedgerTypes
internal import Merkle

/// Rebuilds one log from its leaves and compares it with what is stored about it.
///
/// Pure. Invariant: `tree` and then `waiting` hold the leaves [0, `size`), which came in order of
/// index.
struct LogVerifier {
    /// The log as its head states it.
    let state: LogState
    /// The note that is held for it, and what it says.
    private let checkpoint: Checkpoint?
    /// How far the log has left the host.
    private let anchor: Anchor?
    private var tree = TileBuilder()
    /// The newest leaves, which are hashed together and which the tree takes a tile at a time.
    private var waiting = HashBatch()
    private var lastRecorded: HybridTime?
    private var nextArrival: UInt64?
    /// Full tiles since the last call of ``takeTiles()``.
    private var tiles: [FullTile] = []
    /// Runs begun since the last call of ``takeRuns()``.
    private var runs: [(firstIndex: UInt64, firstArrival: UInt64)] = []

    /// The number of leaves so far.
    private var size: UInt64 { self.tree.size + UInt64(self.waiting.count) }

    /// Starts before the first leaf of `state`.
    init(_ state: LogState, anchor: Anchor?, _ report: inout VerificationReport) {
        self.state = state
        self.anchor = anchor
        guard let note = state.checkpoint else {
            self.checkpoint = nil
            return
        }
        self.checkpoint = Self.open(note, of: state)
        report.checkpoints += 1
        if let checkpoint = self.checkpoint {
            if checkpoint.size > state.position.size {
                report.add(
                    "checkpoints \(state.origin)",
                    "it is for \(checkpoint.size) leaves, \(state.position.size) are held"
                )
            }
        } else {
            report.add("checkpoints \(state.origin)", "the log's key did not sign it")
        }
    }

    /// Goes on with the leaf that arrived as `place`.
    mutating func append(
        _ place: LeafPlace,
        _ leaf: Span<UInt8>,
        recorded: HybridTime?,
        _ report: inout VerificationReport
    ) {
        let index = self.size
        if place.index != index {
            report.add(
                self.address(place.index),
                "stands where leaf \(index) of its log should"
            )
        }
        if place.arrival != self.nextArrival {
            self.runs.append((index, place.arrival))
        }
        self.nextArrival = place.arrival + 1
        if let last = self.lastRecorded, let recorded, recorded <= last {
            report.add(self.address(place.index), "recorded no later than the leaf before it")
        }
        self.lastRecorded = recorded
        self.waiting.append(leaf: leaf)
        let size = index + 1
        let isToBeCompared = size == self.checkpoint?.size || size == self.anchor?.size
        guard isToBeCompared || size & 0xFF == 0 else { return }
        self.extendTree()
        if isToBeCompared { self.compareRoots(&report) }
    }

    /// Takes the leaves that wait into the tree.
    private mutating func extendTree() {
        self.tree.append(leafHashes: self.waiting.finish()) { self.tiles.append($0) }
    }

    /// Compares the root with what was signed or noted outside for this size.
    private func compareRoots(_ report: inout VerificationReport) {
        if let checkpoint = self.checkpoint, checkpoint.size == self.tree.size,
            checkpoint.root != self.tree.root
        {
            report.add(
                "checkpoints \(self.state.origin)",
                "its root is not that of the first \(checkpoint.size) leaves"
            )
        }
        if let anchor = self.anchor, anchor.size == self.tree.size, anchor.root != self.tree.root {
            report.add(
                "heads \(self.state.origin)",
                "the anchor has another root for the first \(anchor.size) leaves"
            )
        }
    }

    /// Compares the rebuilt log with its head.
    mutating func finish(_ head: HeadRow?, _ report: inout VerificationReport) {
        self.extendTree()
        let place = "heads \(self.state.origin)"
        guard let head else {
            report.add(place, "the row is missing or malformed")
            return
        }
        if head.size != self.tree.size {
            report.add(place, "it counts \(head.size) leaves, \(self.tree.size) are held")
        } else if head.root != self.tree.root || head.range != self.tree.range {
            report.add(place, "its root or right edge is not that of the leaves")
        }
        if let anchor = self.anchor, anchor.size > self.tree.size {
            report.add(place, "the anchor says that \(anchor.size) leaves have left the host")
        }
        if let last = self.lastRecorded, head.lastRecorded != last {
            report.add(place, "its last recorded time is not the last leaf's")
        }
    }

    /// The full tiles since the last call.
    mutating func takeTiles() -> [FullTile] {
        self.extendTree()
        defer { self.tiles = [] }
        return self.tiles
    }

    /// The runs begun since the last call.
    mutating func takeRuns() -> [(firstIndex: UInt64, firstArrival: UInt64)] {
        defer { self.runs = [] }
        return self.runs
    }

    /// An event's address as findings show it.
    func address(_ index: UInt64) -> String {
        EventAddress(log: self.state.id, index: index).description
    }

    private static func open(_ note: [UInt8], of state: LogState) -> Checkpoint? {
        guard let signed = try? SignedNote(parsing: note.span),
            let name = KeyName(state.origin),
            let key = VerifyingKey(state.genesis.logKey)
        else { return nil }
        return try? Checkpoint(opening: signed, log: NoteVerifier(name: name, key: key))
    }
}
