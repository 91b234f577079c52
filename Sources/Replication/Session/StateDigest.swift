package import LedgerTypes
internal import Merkle

/// One hash over every position: equal digests mean equal history.
package enum StateDigest {
    /// The root of a log without leaves, for a log that is not held.
    static let emptyRoot = MerkleHash.empty

    /// SHA-256("cl/vector/1" ‖ for each log, sorted by id: id ‖ u64 size ‖ root).
    package static func over(_ positions: [Position]) -> Digest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(positions.count * 56)
        for position in positions.sorted(by: { $0.log < $1.log }) { bytes.append(position) }
        return Digest.sha256(domain: "cl/vector/1", bytes)
    }
}
