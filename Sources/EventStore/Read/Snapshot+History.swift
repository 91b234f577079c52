package import LedgerTypes
internal import Merkle

extension Snapshot {
    /// SHA-256(`domain` ‖ (log id ‖ u64 index ‖ leaf hash) of each event of `history`, in order):
    /// one digest that pins what somebody saw.
    package borrowing func digest(
        of history: [EventAddress],
        domain: String
    ) throws(EventStoreError) -> Digest {
        var writer = DigestWriter()
        writer.update(Array(domain.utf8).span)
        for address in history {
            guard let leaf = try self.leaf(at: address) else {
                throw .damaged(table: "leaves", row: address.description)
            }
            var place = address.log.bytes
            place.appendBigEndian(address.index)
            writer.update(place.span)
            writer.update(MerkleHash.leaf(leaf))
        }
        return writer.finalize()
    }
}

extension StoredLeaf {
    /// The place of an event of a subject.
    package init(_ event: StoredEvent) {
        self.init(address: event.address, arrival: event.arrival)
    }
}

extension Snapshot {
    /// How many logs are held.
    package borrowing func logCount() throws(EventStoreError) -> Int {
        try self.index.logIDs(self.log).count
    }
}

/// The RFC 6962 hash of a leaf, for those who show it.
package enum LeafHash {
    /// SHA-256(0x00 ‖ `leaf`).
    package static func of(_ leaf: Span<UInt8>) -> Digest { MerkleHash.leaf(leaf) }
}
