package import LedgerTypes

/// VECTOR: every log the speaker holds that is not equal, as far as the speaker can tell.
package struct Vector: Hashable, Sendable {
    /// One log.
    package struct Entry: Hashable, Sendable {
        /// Where the speaker's copy stands.
        package var position: Position
        /// How many of those leaves the speaker can prove with a checkpoint; at most the size.
        package var provable: UInt64
        /// The log is frozen at the speaker and takes nothing more.
        package var isFrozen = false
        /// The speaker holds only part of the leaves.
        package var isPartial = false
    }

    /// In ascending order of the log id, each once.
    package var entries: [Entry]

    var frame: Frame {
        precondition(self.entries.count <= SyncLimits.logsMax)
        var body: [UInt8] = []
        body.reserveCapacity(2 + self.entries.count * 65)
        body.appendBigEndian(UInt16(self.entries.count))
        for entry in self.entries {
            body.append(entry.position)
            body.appendBigEndian(entry.provable)
            body.append((entry.isFrozen ? 1 : 0) | (entry.isPartial ? 2 : 0))
        }
        return Frame(type: .vector, body: body)
    }

    init(entries: [Entry]) { self.entries = entries }

    init(_ frame: Frame) throws(SyncError) {
        var reader = BodyReader(frame.body.span, of: .vector)
        let count = Int(try reader.number(UInt16.self))
        guard count <= SyncLimits.logsMax else { throw .limit(.logs, log: nil) }
        guard reader.remaining == count * 65 else { throw reader.malformed }
        self.entries = []
        self.entries.reserveCapacity(count)
        for _ in 0..<count {
            let position = try reader.position()
            let provable = try reader.number(UInt64.self)
            let flags = try reader.number(UInt8.self)
            guard position.size > 0 || position.root == StateDigest.emptyRoot,
                provable <= position.size, flags & ~3 == 0
            else { throw reader.malformed }
            if let last = self.entries.last, last.position.log >= position.log {
                throw reader.malformed
            }
            let entry = Entry(
                position: position,
                provable: provable,
                isFrozen: flags & 1 != 0,
                isPartial: flags & 2 != 0
            )
            self.entries.append(entry)
        }
        try reader.end()
    }
}
