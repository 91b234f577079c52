import EventStore
import LedgerTypes

@testable import Merkle
@testable import Replication

extension Seeds {
    /// What a bundle of one log says of itself; the log is the genesis alone.
    private static var bundle: BundleManifest {
        let log = LogID(genesisLeaf: Self.genesis)
        let root = MerkleHash.leaf(Self.genesis.span)
        return BundleManifest(
            site: Self.site,
            siteKey: Self.signer.key.publicKey,
            recipient: Self.site,
            entries: [
                BundleManifest.Entry(
                    old: Position(log: log, size: 0, root: StateDigest.emptyRoot),
                    new: Position(log: log, size: 1, root: root)
                )
            ]
        )
    }

    static func sign(_ text: [UInt8]) -> [UInt8] { Self.signer.key.sign(text) }

    /// A bundle up to its first frame.
    static var bundleHead: [UInt8] {
        var bytes = BundleDecoder.magic
        let note = Self.bundle.note(sign: Self.sign)
        bytes.appendBigEndian(UInt32(note.count))
        return bytes + note
    }

    static func bundleFrames() -> [[UInt8]] {
        let log = LogID(genesisLeaf: Self.genesis)
        let root = MerkleHash.leaf(Self.genesis.span)
        guard let name = KeyName("\(Self.site)/e1-\(log.hex.prefix(8))") else { return [] }
        let note = Checkpoint(origin: name, size: 1, root: root)
            .signed(by: NoteSigner(name: name, key: Self.signer.key))
        let checkpoint = CheckpointMessage(
            log: log,
            oldSize: 0,
            proof: [],
            genesis: Self.genesis,
            note: note.bytes
        )
        let package = Package(
            log: log,
            start: 0,
            treeSize: 1,
            proof: [],
            entries: [Package.Entry(leaf: Self.genesis)]
        )
        let base = BundleBase(log: log, genesis: Self.genesis, hashes: [root])
        let frames = [checkpoint.frame, package.frame].flatMap(\.plainBytes)
        let digest = Digest.sha256((Self.bundleHead + frames).span)
        let end = BundleEnd(frameCount: 2, goesOn: false, digest: digest)
        return [frames + end.frame.plainBytes, base.frame.plainBytes]
    }

    static func bundles() -> [[UInt8]] { Self.bundleFrames().map { Self.bundleHead + $0 } }

    /// The texts of notes, without signatures.
    static func manifests() -> [[UInt8]] {
        let vector = PositionNote(
            site: Self.site,
            siteKey: Self.signer.key.publicKey,
            positions: Self.bundle.entries.map(\.new)
        )
        return [Self.bundle.note(sign: Self.sign), vector.note(sign: Self.sign)].map { note in
            let text = (try? SignedNote(parsing: note.span))?.text ?? ""
            return Array(text.utf8)
        }
    }
}

extension Parsing {
    static func bundle(_ bytes: [UInt8]) {
        let whole = Self.items(bytes, chunk: max(bytes.count, 1))
        precondition(whole == Self.items(bytes, chunk: 1 + Int(bytes.first ?? 0) % 7))
    }

    static func bundleFrames(_ bytes: [UInt8]) {
        let items = Self.items(Seeds.bundleHead + bytes, chunk: 1 << 20)
        guard case .manifest(let manifest)? = items.first,
            var intake = try? BundleIntake(manifest, trusted: nil, held: .nothing)
        else { preconditionFailure("our own manifest") }
        for case .frame(let frame) in items.dropFirst() {
            guard let directives = try? intake.take(frame, held: .nothing) else { return }
            for case .commit(let package) in directives {
                // Nothing but the one leaf that the manifest's root stands for.
                precondition(package.entries.count == 1 && package.start == 0)
            }
        }
    }

    private static func items(_ bytes: [UInt8], chunk: Int) -> [BundleDecoder.Item] {
        var decoder = BundleDecoder()
        var items: [BundleDecoder.Item] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            decoder.append(Array(bytes[start..<min(start + chunk, bytes.count)]))
            do {
                while let item = try decoder.next() { items.append(item) }
            } catch {
                return items
            }
        }
        precondition(decoder.byteCount <= UInt64(bytes.count))
        return items
    }

    /// What a signed text says comes back when it is written again.
    static func manifest(_ bytes: [UInt8]) {
        let control = bytes.contains { $0 < 0x20 && $0 != UInt8(ascii: "\n") }
        let text = String(decoding: bytes, as: UTF8.self)
        guard !control, text.utf8.last == UInt8(ascii: "\n"), let name = KeyName("\(Seeds.site)")
        else { return }
        let verifier = NoteVerifier(name: name, key: Seeds.signer.key.verifyingKey)
        let signature = NoteSignature(
            name: name,
            keyID: verifier.keyID,
            bytes: Seeds.sign(Array(text.utf8))
        )
        let note = SignedNote(text: text, signatures: [signature]).bytes
        if let manifest = try? BundleManifest(note: note) {
            precondition(manifest.note(sign: Seeds.sign) == note)
        }
        if let vector = try? PositionNote(note: note) {
            precondition(vector.note(sign: Seeds.sign) == note)
        }
    }
}
