import LedgerTypes
import Merkle
import Testing

/// The vector of FORMATS.md: seed 00…1f signs as the log, 20…3f as a witness, over the eight
/// leaves that RFC 6962 implementations test with.
enum OwnVector {
    static let vkey =
        "ledger.example/site-a/e1+0f2b1494+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    static let witnessKey =
        "ledger.example/witness-b+26b77759+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    static let note = """
        ledger.example/site-a/e1
        8
        XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

        \u{2014} ledger.example/site-a/e1 \
        DysUlBl+Ctz8dJeSjIKrz1Jx9+JUbAlAyvIylgH0awUuKlpeSDIdk0NJgX+PrvZHTpgZfVEz2Q+ZWtjFoSuwa/iJWA8=
        \u{2014} ledger.example/witness-b \
        Jrd3WQAAAABlU/EAFJZ5y9aGhoDCyx34bRzp7jgHIUNEjhYymR2ccysraDMYO27do81Y/\
        kyTDS5JQ7m4quLAYrqNTcBRtlybsVSPBQ==

        """
    static let leaves: [String] = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]

    static func signer(_ name: String, seedFrom first: UInt8) throws -> NoteSigner {
        let key = try #require(SigningKey(seed: (first..<first + 32).map { $0 }))
        return NoteSigner(name: try #require(KeyName(name)), key: key)
    }

    static func log() throws -> NoteSigner {
        try self.signer("ledger.example/site-a/e1", seedFrom: 0)
    }

    static func witness() throws -> NoteSigner {
        try self.signer("ledger.example/witness-b", seedFrom: 0x20)
    }
}

@Suite("The vector of FORMATS.md")
struct OwnVectorTests {
    @Test("The keys print as their vkeys")
    func keys() throws {
        #expect(try OwnVector.log().verifier.vkey == OwnVector.vkey)
        #expect(try OwnVector.witness().cosigner.vkey == OwnVector.witnessKey)
        #expect(try NoteVerifier(vkey: OwnVector.vkey) == OwnVector.log().verifier)
        #expect(try NoteVerifier(vkey: OwnVector.witnessKey) == OwnVector.witness().cosigner)
    }

    @Test("The checkpoint over the eight leaves comes out byte for byte, cosignature included")
    func note() throws {
        let log = try OwnVector.log()
        var range = CompactRange()
        for leaf in OwnVector.leaves {
            let entry = try #require([UInt8](hex: leaf))
            range.append(MerkleHash.leaf(entry.span))
        }
        let checkpoint = Checkpoint(origin: log.name, size: range.size, root: range.root)
        var note = checkpoint.signed(by: log)
        try note.add(OwnVector.witness().cosign(Array(note.text.utf8), time: 1_700_000_000))
        #expect(String(decoding: note.bytes, as: UTF8.self) == OwnVector.note)
    }

    @Test("The note is read, verified by both keys and printed as it was")
    func roundTrip() throws {
        let bytes = Array(OwnVector.note.utf8)
        let note = try SignedNote(parsing: bytes.span)
        let known = try [OwnVector.witness().cosigner, OwnVector.log().verifier]
        #expect(try note.verified(by: known) == [known[1], known[0]])
        #expect(note.bytes == bytes)
        let checkpoint = try Checkpoint(opening: note, log: known[1])
        #expect(checkpoint.size == 8)
        #expect(checkpoint.text == note.text)
        let cosignature = try #require(Cosignature(note.signatures[1].bytes))
        #expect(cosignature.time == 1_700_000_000)
    }

    @Test("An unknown key's signature is ignored")
    func unknownKey() throws {
        let note = try SignedNote(parsing: Array(OwnVector.note.utf8).span)
        #expect(try note.verified(by: []).isEmpty)
        #expect(try note.verified(by: [OwnVector.log().verifier]).count == 1)
    }
}
