import LedgerTesting
import LedgerTypes
import Merkle
import Testing

/// Reads a note from text.
func parseNote(_ text: String) throws(NoteError) -> SignedNote {
    let bytes = Array(text.utf8)
    return try SignedNote(parsing: bytes.span)
}

@Suite("Signed notes")
struct NoteTests {
    private let line = "\u{2014} ledger.example/witness-b Jrd3WQAAAABlU/EA\n"

    private func refusal(of bytes: [UInt8]) -> NoteError? {
        do throws(NoteError) {
            _ = try SignedNote(parsing: bytes.span)
            return nil
        } catch {
            return error
        }
    }

    private func refusal(of text: String) -> NoteError? { self.refusal(of: Array(text.utf8)) }

    @Test("A note with one line and one signature is read")
    func smallest() throws {
        let note = try parseNote("text\n\n\(self.line)")
        #expect(note.text == "text\n")
        #expect(note.signatures.map(\.name.rawValue) == ["ledger.example/witness-b"])
        #expect(note.signatures.map(\.keyID.description) == ["26b77759"])
    }

    @Test("The text ends at the last empty line")
    func lastEmptyLine() throws {
        let note = try parseNote("one\n\ntwo\n\n\(self.line)")
        #expect(note.text == "one\n\ntwo\n")
        let inner = try parseNote("one\n\n\(self.line)\n\(self.line)")
        #expect(inner.text == "one\n\n\(self.line)")
        #expect(inner.signatures.count == 1)
    }

    @Test("A note without an empty line, or without signatures after it, is refused")
    func withoutSignatures() {
        for text in [
            "", "\n", "\n\n", "text", "text\n", "text\n\n", "text\n\(self.line)",
            "text\n\n\(self.line)\n", "text\n\n" + self.line.dropLast(),
        ] {
            #expect(self.refusal(of: text) == .noSignatures, "\(text)")
        }
    }

    @Test("A line that is no signature line is refused by number")
    func malformedLines() {
        for line in [
            "- a Jrd3WQAAAABlU/EA", "\u{2013} a Jrd3WQAAAABlU/EA", "\u{2014}a Jrd3WQAAAABlU/EA",
            "\u{2014} a", "\u{2014} a ", "\u{2014}  Jrd3WQAAAABlU/EA",
            "\u{2014} a b Jrd3WQAAAABlU/EA",
            "\u{2014} a Jrd3WQAAAABlU/EA ", "\u{2014} a+b Jrd3WQAAAABlU/EA",
            "\u{2014} a\u{A0}b Jrd3WQAAAABlU/EA", "\u{2014} a Jrd3WQ==", "\u{2014} a Jrd3WQAA=",
            "\u{2014} a Jrd3WQAAAABlU_EA", "\u{2014} a Jrd3WQAAAABlU/EB=",
            " \u{2014} a Jrd3WQAAAABlU/EA",
            "text",
        ] {
            let note = "text\n\n\(self.line)\(line)\n"
            #expect(self.refusal(of: note) == .malformedSignature(line: 1), "\(line)")
        }
    }

    @Test("Control characters are refused wherever they stand, and bytes that are not UTF-8")
    func characters() {
        for byte in (0..<0x20 as Range<UInt8>) where byte != 0x0A {
            let bytes = Array("te".utf8) + [byte] + Array("xt\n\n\(self.line)".utf8)
            #expect(self.refusal(of: bytes) == .controlCharacter(offset: 2))
        }
        #expect(
            self.refusal(of: "text\n\n" + self.line.dropLast() + "\r\n")
                == .controlCharacter(offset: 6 + self.line.utf8.count - 1)
        )
        for bytes in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]] {
            let note = Array("te".utf8) + bytes + Array("xt\n\n\(self.line)".utf8)
            #expect(self.refusal(of: note) == .notUTF8)
            let name = Array("text\n\n\u{2014} a".utf8) + bytes + Array(" Jrd3WQAAAABlU/EA\n".utf8)
            #expect(self.refusal(of: name) == .notUTF8)
        }
    }

    @Test("100 signatures are read, 101 are too many")
    func signatureLimit() throws {
        let most = "text\n\n" + String(repeating: self.line, count: SignedNote.signaturesMax)
        #expect(try parseNote(most).signatures.count == 100)
        #expect(self.refusal(of: most + self.line) == .tooManySignatures)
        let many = "text\n\n" + String(repeating: self.line, count: 10_000)
        #expect(self.refusal(of: many) == .tooManySignatures)
        var note = try parseNote(most)
        #expect(throws: NoteError.tooManySignatures) { try note.add(note.signatures[0]) }
    }

    @Test("1 MiB is read, a byte more is too long")
    func lengthLimit() throws {
        let rest = "\n\n\(self.line)"
        let text = String(repeating: "x", count: SignedNote.bytesMax - rest.utf8.count)
        #expect(try parseNote(text + rest).bytes.count == SignedNote.bytesMax)
        #expect(self.refusal(of: "x" + text + rest) == .tooLong(bytes: SignedNote.bytesMax + 1))
    }

    @Test("A known key whose signature fails makes the whole note fail")
    func invalidSignature() throws {
        let log = try OwnVector.log()
        let witness = try OwnVector.witness()
        let text = "ledger.example/site-a/e1\n9\n"
        var note = SignedNote(text: text, signatures: [log.sign(Array(text.utf8))])
        let good = witness.sign(Array(text.utf8))
        try note.add(NoteSignature(name: good.name, keyID: good.keyID, bytes: log.key.sign([1])))
        #expect(try note.verified(by: [log.verifier]) == [log.verifier])
        #expect(throws: NoteError.invalidSignature(key: "ledger.example/witness-b")) {
            try note.verified(by: [log.verifier, witness.verifier])
        }
    }

    @Test("A note that the asked-for key did not sign is unsigned")
    func unsigned() throws {
        let log = try OwnVector.log()
        let witness = try OwnVector.witness()
        let note = SignedNote(text: "text\n", signatures: [log.sign(Array("text\n".utf8))])
        try note.require(log.verifier)
        #expect(throws: NoteError.unsigned) { try note.require(witness.verifier) }
        #expect(throws: NoteError.unsigned) { try note.require(log.cosigner) }
    }

    @Test("A key counts once, however often it signed")
    func repeated() throws {
        let log = try OwnVector.log()
        let signature = log.sign(Array("text\n".utf8))
        let note = SignedNote(text: "text\n", signatures: [signature, signature])
        #expect(try note.verified(by: [log.verifier, log.verifier]) == [log.verifier])
    }

    @Test("A cosignature is bound to its time and to the text")
    func cosignature() throws {
        let witness = try OwnVector.witness()
        let text = Array("origin\n1\n".utf8)
        let signature = witness.cosign(text, time: 12)
        #expect(witness.cosigner.isValid(signature.bytes, for: text))
        #expect(!witness.cosigner.isValid(signature.bytes, for: text + [0x0A]))
        #expect(!witness.verifier.isValid(signature.bytes, for: text))
        for place in signature.bytes.indices {
            var changed = signature.bytes
            changed[place] ^= 1
            #expect(!witness.cosigner.isValid(changed, for: text), "byte \(place)")
        }
        #expect(Cosignature(Array(signature.bytes.dropLast())) == nil)
        #expect(Cosignature(signature.bytes + [0]) == nil)
        #expect(!witness.cosigner.isValid([], for: text))
    }
}
