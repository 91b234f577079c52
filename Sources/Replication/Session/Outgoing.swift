internal import LedgerTypes

/// A log that is being sent.
struct Outgoing: Hashable, Sendable {
    /// A package that was sent and not yet acknowledged.
    struct Sent: Hashable, Sendable {
        let leaves: UInt64
        let end: UInt64
        let byteCount: Int
    }

    /// What the receiver held at the start.
    let oldSize: UInt64
    /// The checkpoint's position.
    let target: Position
    /// The checkpoint.
    let note: [UInt8]
    /// What alone the receiver wants; `nil` if everything.
    let selection: Selection?
    /// The index of the next leaf to send.
    var next: UInt64
    /// Packages on their way, oldest first.
    var window: [Sent] = []
    /// Whether CHECKPOINT was sent.
    var isCheckpointSent = false
    /// Only the scope of a grant is sent: PARTs.
    var isPartial = false
    /// Every PART has been read.
    var isRead = false
    /// The leaves in PARTs so far.
    var leafCount: UInt64 = 0
    /// The receiver wants proof of its own log, and no leaves.
    var isCheckpointOnly = false

    init(oldSize: UInt64, target: Position, note: [UInt8], selection: Selection? = nil) {
        self.oldSize = oldSize
        self.target = target
        self.note = note
        self.selection = selection
        self.next = selection.following(oldSize)
    }

    /// The index behind the last leaf to send.
    var end: UInt64 { min(self.selection?.end ?? .max, self.target.size) }

    var log: LogID { self.target.log }

    /// What the next package may hold.
    var request: PackageRequest { PackageRequest(from: self.next, to: self.target) }
}

extension Selection? {
    /// The first leaf that is to be sent, `index` or one behind it. Packages end with their tile,
    /// and what is selected are whole tiles, so that a package never holds what is not.
    func following(_ index: UInt64) -> UInt64 {
        guard let self else { return index }
        return self.first(from: index) ?? .max
    }
}

extension PackageRequest {
    /// As many leaves from `start` as a package towards `target` may hold.
    init(from start: UInt64, to target: Position) {
        let width = UInt64(SyncLimits.entriesMax)
        self.init(
            log: target.log,
            start: start,
            endMax: min(target.size, (start / width + 1) * width),
            target: target
        )
    }
}
