import LedgerTypes

@testable import Replication

/// One message of each type, for round trips and for damage.
enum Samples {
    static let digest = Digest(words: 0x0101, 0x0202, 0x0303, 0x0404)
    static let log = LogID(rawValue: 0x00112233445566778899aabbccddeeff)
    static let position = Position(log: log, size: 300, root: digest)

    static var hello: Hello {
        guard let site = SiteName("a.example/site/berlin") else { preconditionFailure() }
        return Hello(
            site: site,
            siteKey: [UInt8](repeating: 3, count: 32),
            nonce: [UInt8](repeating: 4, count: 16),
            stateDigest: self.digest,
            views: [self.position]
        )
    }

    static var selection: Selection { Selection(log: self.log, indexes: [257, 300, 600, 1_535]) }

    static var vector: Vector {
        Vector(entries: [Vector.Entry(position: self.position, provable: 256, isFrozen: true)])
    }

    static var checkpoint: CheckpointMessage {
        CheckpointMessage(
            log: self.log,
            oldSize: 256,
            proof: [self.digest, self.digest],
            genesis: [],
            note: Array("note".utf8)
        )
    }

    static var firstCheckpoint: CheckpointMessage {
        CheckpointMessage(
            log: self.log,
            oldSize: 0,
            proof: [],
            genesis: Array("genesis".utf8),
            note: Array("note".utf8)
        )
    }

    static var blob: Blob { Blob(section: self.digest, total: 10, offset: 4, bytes: [1, 2, 3]) }

    static var package: Package {
        Package(
            log: self.log,
            start: 256,
            treeSize: 300,
            proof: [self.digest],
            entries: [
                Package.Entry(leaf: [1, 2, 3]),
                Package.Entry(leaf: [4], sections: [.inline([9, 9]), .blob, .withheld, .purged]),
            ]
        )
    }

    static var acknowledgement: Acknowledgement { Acknowledgement(position: self.position) }

    static var fork: Fork {
        Fork(log: self.log, held: [1], shown: [2, 3], oldSize: 7, proof: [self.digest])
    }

    static var done: Done { Done(stateDigest: self.digest) }

    static var error: ErrorMessage {
        ErrorMessage(.proofRequired(self.log), position: self.position)
    }

    static var frames: [Frame] {
        [
            self.hello.frame, self.vector.frame, self.checkpoint.frame, self.firstCheckpoint.frame,
            self.blob.frame, self.package.frame, self.acknowledgement.frame, self.fork.frame,
            self.done.frame, self.error.frame, self.selection.frame,
            Authentication(signature: [UInt8](repeating: 5, count: 64)).frame,
        ]
    }

    /// Parses a body as its type; a failure is as good as a success, a trap is not.
    static func parse(_ frame: Frame) {
        switch frame.type {
        case .hello: _ = try? Hello(frame)
        case .vector: _ = try? Vector(frame)
        case .checkpoint: _ = try? CheckpointMessage(frame)
        case .package: _ = try? Package(frame)
        case .blob: _ = try? Blob(frame)
        case .acknowledgement: _ = try? Acknowledgement(frame)
        case .fork: _ = try? Fork(frame)
        case .done: _ = try? Done(frame)
        case .authentication: _ = try? Authentication(frame)
        case .selection: _ = try? Selection(frame)
        case .error: _ = try? ErrorMessage(frame)
        case .base: _ = try? BundleBase(frame)
        case .end: _ = try? BundleEnd(frame)
        case .intervals: _ = try? IntervalsMessage(frame)
        case .part: _ = try? Part(frame)
        case .scope: _ = try? ScopeMessage(frame)
        case .keys: break
        }
    }
}
