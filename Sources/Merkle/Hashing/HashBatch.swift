internal import CSHA256
package import LedgerTypes

/// Hashes many messages: several at once where the processor can (``HashLanes``).
///
/// Messages are copied when they are handed in, so that nothing has to outlive the call; digests
/// come out of ``finish()`` in the same order. A batch can be used again. Invariant: the digests of
/// `done` and then those of the messages in `blocks` are those of what was handed in.
///
/// Pure.
package struct HashBatch: Sendable {
    /// Blocks are hashed when so many bytes of them have gathered: few enough to be still near the
    /// core, and enough that the lanes that run dry at the end do not matter.
    private static let gatheredBytesMax = 65_536
    /// A longer message would leave the other lanes idle, so it is hashed by itself.
    private static let messageBytesMax = 4_096

    private let lanes: HashLanes
    private var done: [Digest] = []
    /// Padded messages one after the other, and the room behind them.
    private var blocks: [UInt8] = []
    private var blocksUsed = 0
    /// How many blocks of 64 bytes each message takes.
    private var counts: [UInt32] = []

    /// An empty batch. Tests say how it hashes; everybody else takes what is best.
    package init(lanes: HashLanes = .best) { self.lanes = lanes }

    /// How many messages were handed in since the last ``finish()``.
    package var count: Int { self.done.count + self.counts.count }

    /// Hands in a leaf: SHA-256(0x00 ‖ `leaf`), as ``MerkleHash/leaf(_:)``.
    package mutating func append(leaf: Span<UInt8>) {
        guard self.gathers(1 + leaf.count) else {
            self.done.append(MerkleHash.leaf(leaf))
            return
        }
        let tag: InlineArray<1, UInt8> = [0x00]
        self.gather(tag.span, leaf)
    }

    /// Hands in `prefix` ‖ `bytes`.
    package mutating func append(prefix: Span<UInt8>, _ bytes: Span<UInt8>) {
        guard self.gathers(prefix.count + bytes.count) else {
            var writer = DigestWriter()
            writer.update(prefix)
            writer.update(bytes)
            self.done.append(writer.finalize())
            return
        }
        self.gather(prefix, bytes)
    }

    /// The digests of all that was handed in, in order. The batch is empty then.
    package mutating func finish() -> [Digest] {
        self.flush()
        var digests: [Digest] = []
        swap(&digests, &self.done)
        return digests
    }

    /// Whether a message of `byteCount` bytes is to be gathered. If not, those before it are hashed
    /// and its digest is next.
    private mutating func gathers(_ byteCount: Int) -> Bool {
        guard self.lanes == .one || byteCount > Self.messageBytesMax else { return true }
        self.flush()
        return false
    }

    private mutating func gather(_ prefix: Span<UInt8>, _ bytes: Span<UInt8>) {
        let room = Self.paddedCount(prefix.count + bytes.count)
        if self.blocksUsed + room > Self.gatheredBytesMax { self.flush() }
        let missing = self.blocksUsed + room - self.blocks.count
        if missing > 0 { self.blocks.append(contentsOf: repeatElement(0, count: missing)) }
        let used = self.blocksUsed
        let count = unsafe self.blocks.withUnsafeMutableBufferPointer { blocks in
            precondition(used + room <= blocks.count)
            return unsafe prefix.withUnsafeBufferPointer { prefix in
                // The function writes `room` bytes, which are there.
                unsafe bytes.withUnsafeBufferPointer { bytes in
                    unsafe caseledger_sha256_pad(
                        blocks.baseAddress.map { unsafe $0 + used },
                        prefix.baseAddress,
                        prefix.count,
                        bytes.baseAddress,
                        bytes.count
                    )
                }
            }
        }
        self.blocksUsed += room
        self.counts.append(UInt32(count))
    }

    /// How many bytes a message of `byteCount` takes with its padding: a bit, zeros and its length.
    private static func paddedCount(_ byteCount: Int) -> Int { (byteCount + 72) / 64 * 64 }

    /// Hashes what was gathered.
    private mutating func flush() {
        guard !self.counts.isEmpty else { return }
        var words = [UInt64](repeating: 0, count: 4 * self.counts.count)
        // The counts add up to the blocks that are used; each message has its four words.
        unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe self.blocks.withUnsafeBufferPointer { blocks in
                unsafe self.counts.withUnsafeBufferPointer { counts in
                    unsafe caseledger_sha256_messages(
                        self.lanes.rawValue,
                        blocks.baseAddress,
                        counts.baseAddress,
                        counts.count,
                        words.baseAddress
                    )
                }
            }
        }
        self.done.reserveCapacity(self.done.count + self.counts.count)
        for place in self.counts.indices { self.done.append(Digest(words, at: place)) }
        self.counts.removeAll(keepingCapacity: true)
        self.blocksUsed = 0
    }
}
