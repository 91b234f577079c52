import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("Manifests and vectors of bundles")
struct BundleNoteTests {
    private static let empty = StateDigest.emptyRoot
    private static let root = Digest(words: 1, 2, 3, 4)

    private static func entry(_ log: UInt128, old: UInt64 = 0, new: UInt64) -> BundleManifest.Entry
    {
        let id = LogID(rawValue: log)
        return BundleManifest.Entry(
            old: Position(log: id, size: old, root: old == 0 ? Self.empty : Self.root),
            new: Position(log: id, size: new, root: Self.root)
        )
    }

    private static var site: SiteName {
        SiteName("a.example/site/berlin") ?? { preconditionFailure("a name") }()
    }

    private static var key: SigningKey {
        SigningKey(seed: [UInt8](repeating: 9, count: 32)) ?? { preconditionFailure("a seed") }()
    }

    private static func manifest(_ entries: [BundleManifest.Entry]) -> BundleManifest {
        BundleManifest(
            site: Self.site,
            siteKey: Self.key.publicKey,
            recipient: SiteName("a.example/site/manila"),
            part: 2,
            entries: entries
        )
    }

    /// The text of a note, signed.
    private static func signed(_ text: String) -> [UInt8] {
        guard let name = KeyName(Self.site.rawValue) else { return [] }
        let signer = NoteSigner(name: name, key: Self.key)
        return SignedNote(text: text, signatures: [signer.sign(Array(text.utf8))]).bytes
    }

    @Test("A manifest comes back from its note as it was")
    func roundTrip() throws {
        let manifest = Self.manifest([Self.entry(1, new: 7), Self.entry(2, old: 3, new: 300)])
        #expect(try BundleManifest(note: manifest.note { Self.key.sign($0) }) == manifest)
        #expect(manifest.leafCount == 304)
        let anybody = BundleManifest(site: Self.site, siteKey: Self.key.publicKey, entries: [])
        #expect(try BundleManifest(note: anybody.note { Self.key.sign($0) }) == anybody)
    }

    @Test("A manifest has its frozen text")
    func golden() throws {
        let manifest = Self.manifest([Self.entry(2, old: 3, new: 300)])
        let text = String(decoding: manifest.note { Self.key.sign($0) }, as: UTF8.self)
        let digest = "0000000000000001000000000000000200000000000000030000000000000004"
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try #require(lines.count == 9)
        #expect(lines[0] == "caseledger bundle 1")
        #expect(
            lines[1]
                == "site a.example/site/berlin+e0d4807c+"
                + "Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"
        )
        #expect(
            Array(lines[2...5]) == [
                "for site a.example/site/manila", "part 2", "leaves 297",
                "log 00000000000000000000000000000002 3 \(digest) 300 \(digest)",
            ]
        )
        #expect(lines[6].isEmpty && lines[7].hasPrefix("\u{2014} a.example/site/berlin "))
    }

    @Test("A vector comes back from its note as it was, and has its frozen lines")
    func vector() throws {
        let position = Position(log: LogID(rawValue: 5), size: 12, root: Self.root)
        let vector = PositionNote(
            site: Self.site,
            siteKey: Self.key.publicKey,
            positions: [position]
        )
        let note = vector.note { Self.key.sign($0) }
        #expect(try PositionNote(note: note) == vector)
        let text = String(decoding: note, as: UTF8.self)
        #expect(text.hasPrefix("caseledger vector 1\nsite a.example/site/berlin+"))
        #expect(text.contains("\nlog 00000000000000000000000000000005 12 \(Self.root.hex)\n\n"))
    }

    @Test("A note that another key signed is refused")
    func otherKey() throws {
        let other = try #require(SigningKey(seed: [UInt8](repeating: 8, count: 32)))
        let note = Self.manifest([]).note { other.sign($0) }
        #expect(throws: BundleError.badSignature(Self.site)) { try BundleManifest(note: note) }
        let vector = PositionNote(site: Self.site, siteKey: Self.key.publicKey, positions: [])
        #expect(throws: BundleError.badSignature(Self.site)) {
            try PositionNote(note: vector.note { other.sign($0) })
        }
    }

    @Test("A text that was changed is refused")
    func changedText() {
        var note = Self.manifest([Self.entry(1, new: 7)]).note { Self.key.sign($0) }
        guard let place = note.firstIndex(of: UInt8(ascii: "7")) else { return }
        note[place] = UInt8(ascii: "8")
        #expect(throws: BundleError.self) { try BundleManifest(note: note) }
    }

    @Test(
        "A manifest that is written in another way is malformed, though it is signed",
        arguments: [
            ("part 2", "part 02"), ("part 2", "part 0"), ("part 2", "part 1000"),
            ("leaves 297", "leaves 298"), ("for site a", "for sites a"),
            ("bundle 1", "bundle 2"), ("\nlog ", "\nLOG "), (" 300 ", " 3 "), (" 3 ", " 0 "),
            ("0002 3", "000 3"), ("0000000002 ", "000000000G "), ("\nleaves 297", ""),
            (" 300 ", " 9223372036854775808 "), ("0000004\n", "0000004 \n"),
        ]
    )
    func otherForms(part: String, replacement: String) {
        let manifest = Self.manifest([Self.entry(2, old: 3, new: 300)])
        let note = String(decoding: manifest.note { Self.key.sign($0) }, as: UTF8.self)
        guard let end = note.firstRange(of: "\n\n") else { return }
        let text = note[..<end.lowerBound] + "\n"
        let changed = text.replacing(part, with: replacement)
        #expect(changed != text)
        #expect(throws: BundleError.malformedManifest) {
            try BundleManifest(note: Self.signed(String(changed)))
        }
    }

    @Test("Logs out of order, or twice, are malformed")
    func order() {
        let entries = [Self.entry(2, new: 3), Self.entry(1, new: 3)]
        for entries in [entries, [entries[0], entries[0]]] {
            let note = Self.manifest(entries).note { Self.key.sign($0) }
            #expect(throws: BundleError.malformedManifest) { try BundleManifest(note: note) }
        }
        let position = Position(log: LogID(rawValue: 5), size: 12, root: Self.root)
        let vector = PositionNote(
            site: Self.site,
            siteKey: Self.key.publicKey,
            positions: [position, position]
        )
        #expect(throws: BundleError.malformedVector) {
            try PositionNote(note: vector.note { Self.key.sign($0) })
        }
    }

    @Test("A note over the limit, or that is none, is malformed")
    func notNotes() {
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: BundleLimits.noteBytesMax + 1)
        for bytes in [long, [], Array("caseledger bundle 1\n".utf8)] {
            #expect(throws: BundleError.malformedManifest) { try BundleManifest(note: bytes) }
            #expect(throws: BundleError.malformedVector) { try PositionNote(note: bytes) }
        }
    }

    @Test("BASE and END come back from their frames, and have their frozen bytes")
    func frames() throws {
        let base = BundleBase(log: Samples.log, genesis: [1, 2], hashes: [Samples.digest])
        #expect(try BundleBase(base.frame) == base)
        #expect(
            base.frame.plainBytes.hex
                == "00000035" + "0d00" + "00112233445566778899aabbccddeeff" + "0002" + "0102" + "01"
                + Samples.digest.hex
        )
        let end = BundleEnd(frameCount: 3, goesOn: true, digest: Samples.digest)
        #expect(try BundleEnd(end.frame) == end)
        #expect(
            end.frame.plainBytes.hex
                == "00000029" + "0e00" + "0000000000000003" + "01" + Samples.digest.hex
        )
        #expect(end.frame.plainBytes.count == BundleEnd.byteCount)
        #expect(throws: SyncError.self) {
            try BundleEnd(Frame(type: .end, body: [UInt8](repeating: 2, count: 41)))
        }
        var body = base.frame.body
        body[16] = 0xFF
        #expect(throws: SyncError.limit(.genesisBytes, log: Samples.log)) {
            try BundleBase(Frame(type: .base, body: body))
        }
    }

    @Test("A session knows neither BASE nor END")
    func inSession() {
        for number: UInt8 in [13, 14] {
            var decoder = FrameDecoder()
            decoder.append([0, 0, 0, 0, number, 0])
            #expect(throws: SyncError.unknownFrame(number)) { try decoder.next() }
        }
    }
}
