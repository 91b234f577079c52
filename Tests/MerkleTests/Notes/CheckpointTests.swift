import LedgerTypes
import Merkle
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
    private let root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="

    private func refusal(of text: String) -> CheckpointError? {
        do throws(CheckpointError) {
            _ = try Checkpoint(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    @Test("A checkpoint is read and printed as it was, extension lines included")
    func roundTrip() throws {
        for text in [
            "log\n0\n\(Base64.encode(MerkleHash.empty.bytes))\n", "log\n8\n\(self.root)\n",
            "log\n9223372036854775807\n\(self.root)\n", "log\n8\n\(self.root)\nmore\nand more\n",
        ] {
            #expect(try Checkpoint(parsing: text).text == text)
        }
        #expect(try Checkpoint(parsing: "log\n8\n\(self.root)\nmore\n").extensions == ["more"])
    }

    @Test("A text of fewer than three lines, or with an empty one, is refused")
    func lines() {
        for text in [
            "", "\n", "log", "log\n", "log\n8\n", "log\n8\n\(self.root)",
            "log\n8\n\(self.root)\n\n",
            "log\n8\n\(self.root)\n\nmore\n",
        ] {
            #expect(self.refusal(of: text) == .malformed, "\(text)")
        }
        #expect(self.refusal(of: "\n8\n\(self.root)\n") == .originMissing)
    }

    @Test(
        "A size has one spelling and stays below 2^63",
        arguments: [
            "", "-1", "+8", "08", "00", "8 ", " 8", "8.0", "0x8", "8e1", "\u{0668}",
            "9223372036854775808", "18446744073709551616",
        ]
    )
    func sizes(size: String) {
        #expect(self.refusal(of: "log\n\(size)\n\(self.root)\n") == .sizeMalformed)
    }

    @Test("A root is base64 of exactly 32 bytes")
    func roots() {
        for root in ["", "AAAA", self.root.dropLast() + "", self.root + "=", "x" + self.root] {
            #expect(self.refusal(of: "log\n8\n\(root)\n") == .rootMalformed)
        }
        let long = Base64.encode([UInt8](repeating: 0, count: 33))
        #expect(self.refusal(of: "log\n8\n\(long)\n") == .rootMalformed)
        // The last digit's two unused bits are not zero.
        #expect(self.refusal(of: "log\n8\n\(self.root.replacing("yg=", with: "yh="))\n") != nil)
    }

    @Test("A checkpoint opens with the key of its log and no other")
    func opening() throws {
        let log = try OwnVector.log()
        let witness = try OwnVector.witness()
        let checkpoint = Checkpoint(origin: log.name, size: 8, root: MerkleHash.empty)
        let note = checkpoint.signed(by: log)
        #expect(try Checkpoint(opening: note, log: log.verifier) == checkpoint)
        #expect(throws: CheckpointError.note(.unsigned)) {
            try Checkpoint(opening: note, log: witness.verifier)
        }
        let foreign = checkpoint.signed(by: witness)
        #expect(throws: CheckpointError.wrongOrigin("ledger.example/site-a/e1")) {
            try Checkpoint(opening: foreign, log: witness.verifier)
        }
        let other = SignedNote(text: "hello\n", signatures: [log.sign(Array("hello\n".utf8))])
        #expect(throws: CheckpointError.malformed) {
            try Checkpoint(opening: other, log: log.verifier)
        }
        let forged = SignedNote(
            text: Checkpoint(origin: log.name, size: 9, root: MerkleHash.empty).text,
            signatures: note.signatures
        )
        #expect(throws: CheckpointError.note(.invalidSignature(key: log.name.rawValue))) {
            try Checkpoint(opening: forged, log: log.verifier)
        }
    }
}
