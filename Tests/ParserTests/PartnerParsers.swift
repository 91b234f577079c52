import EventStore
import LedgerTypes

@testable import Merkle
@testable import Replication

extension Seeds {
    private static var labels: [Label] {
        [
            Label(name: "queue", value: "first line 100 %"),
            Label(name: Label.subjectName, value: "case:1"),
        ]
    }

    private static var grant: Grant? {
        guard let partner = SiteName("b.example/site/manila") else { return nil }
        return Grant(
            home: Grant.Party(site: Self.site, key: Self.signer.key.publicKey),
            partner: Grant.Party(site: partner, key: [UInt8](repeating: 1, count: 32)),
            number: 2,
            from: Timestamp(microseconds: 1_700_000_000_000_000),
            until: Timestamp(microseconds: 1_800_000_000_000_000),
            sections: .kinds(["text"]),
            labels: Self.labels
        )
    }

    private static var scopeEntries: [ScopeHead.Entry] {
        Self.labels.map {
            ScopeHead.Entry(label: $0, newest: LabelPlace(sequence: 3, index: 9))
        }
    }

    /// The note of a grant and that of a scope head, whole.
    static func grants() -> [[UInt8]] {
        let leaf = Self.genesis
        guard let grant = Self.grant, let genesis = try? Genesis(leaf: leaf.span) else { return [] }
        let log = LogID(genesisLeaf: leaf)
        let head = ScopeHead(
            grant: grant.id,
            position: Position(log: log, size: 300, root: MerkleHash.empty),
            entries: Self.scopeEntries
        )
        let origin = LogState.origin(of: genesis, id: log)
        guard let name = KeyName(origin) else { return [] }
        let text = head.text(origin: origin)
        let signer = NoteSigner(name: name, key: Self.signer.key)
        let note = SignedNote(text: text, signatures: [signer.sign(Array(text.utf8))])
        return [grant.note(sign: Self.sign), note.bytes]
    }

    static var partnerFrames: [Frame] {
        let log = LogID(genesisLeaf: Self.genesis)
        let notes = Self.grants()
        guard notes.count == 2, let grant = Self.grant else { return [] }
        let part = Part(
            log: log,
            kind: .goesOn,
            range: 0..<8,
            treeSize: 300,
            proof: [MerkleHash.empty],
            covered: Intervals([0, 5]),
            entries: [
                Package.Entry(leaf: Self.genesis),
                Package.Entry(leaf: [4], sections: [.inline([9, 9]), .withheld]),
            ],
            gaps: [MerkleHash.empty, MerkleHash.empty, MerkleHash.empty, MerkleHash.empty]
        )
        return [
            IntervalsMessage(grant: grant.id, log: log, entries: Self.scopeEntries).frame,
            ScopeMessage(grant: notes[0], head: notes[1]).frame,
            part.frame,
        ]
    }
}

extension Parsing {
    /// A grant or a scope head, signed again, so that what is behind the signature is reached.
    static func grant(_ bytes: [UInt8]) {
        if let grant = try? Grant(note: bytes) {
            precondition(grant.labels.allSatisfy(\.fitsGrant))
        }
        guard let note = try? SignedNote(parsing: bytes.span) else { return }
        let text = note.text
        guard let siteName = KeyName(Seeds.site.rawValue) else { return }
        let site = NoteSigner(name: siteName, key: Seeds.signer.key)
        let signed = SignedNote(text: text, signatures: [site.sign(Array(text.utf8))]).bytes
        if let grant = try? Grant(note: signed) {
            // A grant has one text.
            let note = grant.note(sign: Seeds.sign)
            let again = try? SignedNote(parsing: note.span)
            precondition(again?.text == text)
        }
        let leaf = Seeds.genesis
        guard let genesis = try? Genesis(leaf: leaf.span) else { return }
        let log = LogID(genesisLeaf: leaf)
        let origin = LogState.origin(of: genesis, id: log)
        guard let name = KeyName(origin) else { return }
        let signer = NoteSigner(name: name, key: Seeds.signer.key)
        let head = SignedNote(text: text, signatures: [signer.sign(Array(text.utf8))]).bytes
        if let head = try? ScopeHead(note: head, of: log, genesis: genesis) {
            precondition(head.text(origin: origin) == text)
        }
    }
}
