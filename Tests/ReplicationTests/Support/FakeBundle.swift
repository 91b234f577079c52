import EventStore
import LedgerTypes
import Merkle

@testable import Replication

/// A bundle made of a fake store by hand, so that any of its parts can be made wrong.
struct FakeBundle {
    var signer: SigningKey
    var manifest: BundleManifest
    var frames: [Frame]
    var goesOn = false

    /// All of `store`, or what comes after the sizes in `since`.
    init(_ store: FakeStore, since: [LogID: UInt64] = [:], recipient: SiteName? = nil) {
        var store = store
        store.sign()
        self.signer = store.siteKey
        var entries: [BundleManifest.Entry] = []
        self.frames = []
        for (id, log) in store.logs.sorted(by: { $0.key < $1.key }) {
            let local = log.local
            let size = since[id] ?? 0
            guard size < local.provable else { continue }
            let old = Position(log: id, size: size, root: log.root(size))
            let new = Position(log: id, size: local.provable, root: log.root(local.provable))
            entries.append(BundleManifest.Entry(old: old, new: new))
            self.frames += Self.frames(log, old, new)
        }
        self.manifest = BundleManifest(
            site: store.site,
            siteKey: store.siteKey.publicKey,
            recipient: recipient,
            entries: entries
        )
    }

    /// The bytes of the file.
    var bytes: [UInt8] {
        var bytes = BundleDecoder.magic
        let note = self.manifest.note { self.signer.sign($0) }
        bytes.appendBigEndian(UInt32(note.count))
        bytes += note
        for frame in self.frames { bytes += (try? frame.encoded()) ?? [] }
        let end = BundleEnd(
            frameCount: UInt64(self.frames.count),
            goesOn: self.goesOn,
            digest: Digest.sha256(bytes.span)
        )
        return bytes + end.frame.plainBytes
    }

    /// Where each frame ends in a file whose frames travel as they are here.
    var ends: [Int] {
        var ends = [
            BundleDecoder.magic.count + 4 + self.manifest.note { self.signer.sign($0) }.count
        ]
        for frame in self.frames {
            ends.append((ends.last ?? 0) + ((try? frame.encoded().count) ?? 0))
        }
        return ends
    }

    private static func frames(_ log: FakeLog, _ old: Position, _ new: Position) -> [Frame] {
        var frames: [Frame] = []
        let start = Int(old.size) / 256 * 256
        if old.size > 0 {
            let hashes = Array(log.hashes[start..<Int(old.size)])
            frames.append(BundleBase(log: old.log, genesis: log.leaves[0], hashes: hashes).frame)
        }
        let proof =
            old.size == 0
            ? []
            : (try? MerkleTree.consistencyProof(from: old.size, to: new.size, read: log.node)) ?? []
        let checkpoint = CheckpointMessage(
            log: old.log,
            oldSize: old.size,
            proof: proof,
            genesis: old.size == 0 ? log.leaves[0] : [],
            note: log.notes[new.size] ?? []
        )
        frames.append(checkpoint.frame)
        var builder = PackageBuilder(log: old.log)
        var next = old.size
        while next < new.size {
            let request = PackageRequest(from: next, to: new)
            guard let built = try? builder.build(request, leaves: log.walk, node: log.node) else {
                return frames
            }
            frames += built.blobs.map(\.frame) + [built.package.frame]
            next = built.package.end
        }
        return frames
    }

    /// What a reader without a ledger says of `bytes`.
    static func check(_ bytes: [UInt8], chunk: Int = 1 << 16) async throws -> BundleReport {
        var reader = BundleReader(checkingOnly: BundleReader.Options())
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try await reader.take(Array(bytes[start..<min(start + chunk, bytes.count)]))
        }
        return try reader.finish()
    }
}

extension FakeStore {
    /// The questions that a bundle asks of it.
    var held: HeldLogs {
        let logs = self.logs
        return HeldLogs(
            log: { (id) throws(SyncError) in logs[id]?.local },
            root: { (id, size) throws(SyncError) in
                logs[id].flatMap { size <= $0.size ? $0.root(size) : nil }
            }
        )
    }

    /// Whose keys it takes.
    func trusted(_ policy: TrustPolicy) -> TrustedKeys {
        TrustedKeys(
            site: self.site,
            siteKey: self.siteKey.publicKey,
            policy: policy,
            pins: self.pins
        )
    }

    /// Takes a bundle in; returns the problems of its logs.
    @discardableResult
    mutating func apply(
        _ bundle: FakeBundle,
        policy: TrustPolicy = .trustFirstUse
    ) throws -> [LogID: SyncError] {
        var decoder = BundleDecoder()
        decoder.append(bundle.bytes)
        guard case .manifest(let manifest)? = try decoder.next() else { return [:] }
        var intake = try BundleIntake(
            manifest,
            trusted: self.trusted(policy),
            held: self.held
        )
        var directives = intake.pinSender()
        while let item = try decoder.next() {
            if case .frame(let frame) = item {
                directives += try intake.take(frame, held: self.held)
            }
            for directive in directives {
                switch directive {
                case .commit(let package):
                    if self.holdsOther(package) {
                        intake.refused(package.log, .forked(package.log))
                    } else {
                        _ = self.keep(package)
                    }
                case .pin(let site, let key): self.pins[site] = key
                case .suspectOwnLog(let log, _): self.suspects.append(log)
                case .freeze(let evidence): self.forks.append(evidence)
                default: break
                }
            }
            directives = []
        }
        return intake.problems
    }

    /// Whether another leaf is held at an index of `package`, as a real store looks.
    private func holdsOther(_ package: VerifiedPackage) -> Bool {
        let held = self.logs[package.log]?.hashes ?? []
        return package.entries.enumerated().contains { offset, entry in
            let index = Int(package.start) + offset
            return index < held.count && held[index] != entry.hash
        }
    }
}
