import CaseDomain
import LedgerTesting
import LedgerTypes

@testable import EventStore
@testable import Interchange
@testable import Merkle
@testable import Replication
@testable import Sealing

/// Inputs that the parsers take, made by the code that writes such bytes. Always the same.
enum Seeds {
    static let event = EventID(rawValue: 0x0192_0000_0000_7000_8000_0000_0000_0001)
    static let key = DataKey(random: [UInt8](repeating: 7, count: DataKey.randomByteCount))
    private static let signing = SigningKey(seed: [UInt8](repeating: 9, count: 32))
    static let signer: NoteSigner = {
        guard let name = KeyName("a.example/site/berlin/e1-00112233"), let key = signing else {
            preconditionFailure("a name and 32 bytes are what a signer is made of")
        }
        return NoteSigner(name: name, key: key)
    }()
    static var verifier: NoteVerifier {
        NoteVerifier(name: Self.signer.name, key: Self.signer.key.verifyingKey)
    }
    static let site: SiteName = {
        guard let site = SiteName("a.example/site/berlin") else {
            preconditionFailure("a site name")
        }
        return site
    }()

    static func leaves() -> [[UInt8]] {
        var drafts = RandomDraft(seed: 1)
        var leaves = (0..<40).map { _ in
            let draft = drafts.next()
            var leaf = Leaf.encode(draft)
            Leaf.append(drafts.stamp(labels: draft.labels.count), to: &leaf)
            return leaf
        }
        leaves.append(Self.genesis)
        return leaves
    }

    static var genesis: [UInt8] {
        var genesis = Genesis(
            site: Self.site,
            siteKey: Self.signer.key.publicKey,
            logKey: Self.signer.key.publicKey,
            incarnation: 1,
            nonce: [UInt8](repeating: 3, count: 16),
            reason: .new,
            parent: nil,
            recorded: HybridTime(rawValue: 1 << 40)
        )
        genesis.signature = Self.signer.key.sign(genesis.signedBytes)
        return genesis.leaf
    }

    static func payloads() -> [[UInt8]] {
        EventType.allCases.enumerated().map { number, type in
            let body = EventPayload.blank(type).body
            return [UInt8(number), UInt8(truncatingIfNeeded: (body?.field ?? 100) - 100)]
                + (body?.bytes ?? [])
        }
    }

    /// What a leaf would say of `bytes`, so that what follows the digest is reached.
    static func reference(_ bytes: [UInt8]) -> SectionReference {
        SectionReference(
            kind: "text",
            digest: SectionReference.digest(of: bytes.span),
            keyID: Self.key.id,
            commitment: [UInt8](repeating: 0, count: 16),
            paddedLength: UInt32(bytes.count)
        )
    }

    static func sections() -> [[UInt8]] {
        let sealed = try? SealedSection.seal(
            SealedText(pairs: [SealedText.Pair(name: "title", value: "no dial tone")]).bytes,
            kind: "text",
            event: Self.event,
            under: Self.key,
            salt: [UInt8](repeating: 5, count: 32)
        )
        let attribute = SourceAttribute(
            type: "string",
            key: "org:group",
            value: "V30",
            children: []
        )
        return [
            sealed?.bytes ?? [], SealedText(pairs: [SealedText.Pair(name: "a", value: "b")]).bytes,
            SourceAttribute.encode([attribute, attribute]),
        ]
    }

    private static let position = Position(
        log: LogID(rawValue: 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF),
        size: 300,
        root: MerkleHash.empty
    )

    private static var allFrames: [Frame] {
        let log = Self.position.log
        let root = Self.position.root
        let hello = Hello(
            site: Self.site,
            siteKey: Self.signer.key.publicKey,
            nonce: [UInt8](repeating: 4, count: 16),
            stateDigest: root,
            views: [Self.position]
        )
        var rekeyed = hello
        rekeyed.features = .rekeyed
        rekeyed.successions = [
            KeySuccession(
                former: [UInt8](repeating: 5, count: 32),
                signature: [UInt8](repeating: 6, count: 64)
            )
        ]
        let entry = Package.Entry(leaf: Self.genesis)
        let other = Package.Entry(
            leaf: [4],
            sections: [.inline([9, 9]), .blob, .withheld, .purged]
        )
        return [
            hello.frame, rekeyed.frame, Done(stateDigest: root).frame,
            Vector(
                entries: [Vector.Entry(position: Self.position, provable: 256, isFrozen: true)]
            ).frame,
            CheckpointMessage(
                log: log,
                oldSize: 0,
                proof: [],
                genesis: Self.genesis,
                note: Self.notes()[0]
            ).frame,
            CheckpointMessage(log: log, oldSize: 256, proof: [root], genesis: [], note: [65]).frame,
            Package(
                log: log,
                start: 0,
                treeSize: 300,
                proof: [root],
                entries: [entry, other]
            ).frame,
            Blob(section: root, total: 10, offset: 4, bytes: [1, 2, 3]).frame,
            Acknowledgement(position: Self.position).frame,
            Fork(log: log, held: [1], shown: [2, 3], oldSize: 7, proof: [root]).frame,
            ErrorMessage(.proofRequired(log), position: Self.position).frame,
            Authentication(signature: [UInt8](repeating: 5, count: 64)).frame,
        ] + Self.partnerFrames + [
            Frame(type: .package, body: [UInt8](repeating: 7, count: 5_000))
        ]
    }

    static func frames() -> [[UInt8]] {
        let frames = Self.allFrames.compactMap { try? $0.encoded() }
        return frames + [Array(frames.joined())]
    }

    static func messages() -> [[UInt8]] {
        Self.allFrames.map { [$0.type.rawValue] + $0.body }
    }

    static func notes() -> [[UInt8]] {
        let checkpoint = Checkpoint(origin: Self.signer.name, size: 300, root: Self.position.root)
        let note = checkpoint.signed(by: Self.signer)
        var signed = note
        try? signed.add(Self.signer.cosign(Array(note.text.utf8), time: 1_700_000_000))
        return [note.bytes, signed.bytes]
    }

    static func keys() -> [[UInt8]] {
        let token = [UInt8](repeating: 8, count: Anchor.tokenByteCount)
        let anchor = Anchor(size: 300, root: Self.position.root, previous: token, next: token)
        return [
            Array(Self.verifier.vkey.utf8), Array(Self.signer.privateText.utf8), anchor.text,
            Array((String(repeating: "0a", count: 32) + "\n").utf8),
        ]
    }

    static func proofs() -> [[UInt8]] {
        [(0, 1), (3, 7), (256, 300), (1 << 40, 1 << 41)].map { (old, new) in
            var bytes: [UInt8] = []
            bytes.appendBigEndian(UInt64(old))
            bytes.appendBigEndian(UInt64(new))
            return bytes + [0] + (0..<5).flatMap { _ in Self.position.root.bytes }
        }
    }

    static func digest(_ bytes: [UInt8], at offset: Int) -> Digest? {
        offset + 32 <= bytes.count ? Digest(bytes.span.extracting(offset..<offset + 32)) : nil
    }

    static func rows() -> [[UInt8]] {
        var range = CompactRange()
        for _ in 0..<11 { range.append(MerkleHash.empty) }
        let wrap: [UInt8] = [1, 0, 64] + [UInt8](repeating: 2, count: 64)
        var rows = [
            HeadRow(range: range, lastRecorded: HybridTime(rawValue: 77)).bytes,
            LogRow(id: Self.position.log, flags: [.own, .current]).bytes,
            RunRow.gap(level: 7, hash: MerkleHash.empty).bytes,
            LabelRow(sequence: 4, index: 9).bytes, Array("2026-01-02T03:04:05.678Z".utf8),
        ]
        if let owner = Subject("customer:c1") {
            rows.append(KeyRow(keyID: KeyID(rawValue: 1), owner: owner, wrap: wrap).row)
        }
        return rows
    }

    static func csv() -> [[UInt8]] {
        ["a,b,c\r\n1,\"x \"\"y\"\" \nz\",3\r\n\r\n4,5,6", "\u{FEFF}a,b\n\"1\",2\n", "a\"b,c\n"]
            .map { Array($0.utf8) }
    }

    static func xes() -> [[UInt8]] {
        [
            """
            <?xml version="1.0"?><log xes.version="1.0"><extension name="C" prefix="c" uri="u"/>
            <global scope="event"><string key="a" value="b"/></global><string key="n" value="l"/>
            <trace><string key="concept:name" value="1-7"/><event>
            <date key="time:timestamp" value="2010-03-31T16:59:42+01:00"/>
            <list key="l"><string key="x" value="&lt;y&gt;"/></list></event></trace></log>
            """
        ].map { Array($0.utf8) }
    }

    static func gzip() -> [[UInt8]] {
        // One member that holds "hello\n", as gzip(1) writes it, and two of them.
        let member: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xE7, 2, 0, 0x20,
            0x30, 0x3A, 0x36, 6, 0, 0, 0,
        ]
        return [member, member + member, Array("plain".utf8)]
    }

    static func mappings() -> [[UInt8]] { Preset.all.map(\.json) }

    static func lines() -> [[UInt8]] {
        [
            #"{"type":"case.opened","subject":"case:1","time":"2026-01-02T03:04:05Z","expecting""#
                + #":"new","actor":{"actorID":"a","kind":"agent"},"#
                + #""data":{"initiation":"customer"}}"#,
            #"{"type":"x.y","subject":"case:1","labels":{"queue":"a"},"expecting":3,"data":{}}"#,
        ].map { Array($0.utf8) }
    }
}
