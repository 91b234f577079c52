import LedgerTesting
import LedgerTypes
import Merkle
import Testing

/// Seeded mutations of good notes and keys. A crash fails the run; `swift test --filter
/// NoteFuzzTests` repeats it, since the seeds are fixed.
@Suite("Fuzzed notes and keys")
struct NoteFuzzTests {
    static let seeds: [UInt64] = [11, 12, 13, 14]
    /// Bytes that mean something to the parsers.
    static let tokens: [[UInt8]] =
        [
            "\n", "\n\n", " ", "+", "=", "\u{2014}", "\u{2014} ", "0", "9", "-", "/", "\u{308}",
            "\r",
            "\u{2028}", "A", "99999999999999999999",
        ].map { Array($0.utf8) } + [[0xFF], [0xE2, 0x80], [0x00], [0xC2]]

    private func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let length = Int.random(in: 0...min(40, bytes.count - place), using: &random)
            let part = bytes[place..<place + length]
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where place < bytes.count:
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.removeSubrange(place..<place + length)
            case 2: bytes.insert(contentsOf: part, at: place)
            case 3:
                let token = Self.tokens[Int.random(in: 0..<Self.tokens.count, using: &random)]
                bytes.insert(contentsOf: token, at: place)
            default: bytes = Array(bytes.prefix(place)) + Array(bytes.suffix(length))
            }
        }
        return bytes
    }

    @Test(
        "What a mutated note parses to prints as the same bytes, or it is refused",
        arguments: seeds
    )
    func notes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let log = try OwnVector.log().verifier
        let good = Array(OwnVector.note.utf8)
        var accepted = 0
        var verified = 0
        for round in 0..<3_000 {
            let bytes = self.mutate(good, &random)
            guard let note = try? SignedNote(parsing: bytes.span) else { continue }
            accepted += 1
            #expect(note.bytes == bytes, "seed \(seed), round \(round)")
            #expect(note.signatures.count <= SignedNote.signaturesMax)
            if let checkpoint = try? Checkpoint(parsing: note.text) {
                #expect(checkpoint.text == note.text, "seed \(seed), round \(round)")
            }
            guard let checkpoint = try? Checkpoint(opening: note, log: log) else { continue }
            verified += 1
            #expect(checkpoint.size == 8, "seed \(seed), round \(round)")
        }
        #expect(accepted > 0)
        #expect(verified < accepted)
    }

    @Test(
        "What a mutated key parses to prints as the same text, or it is refused",
        arguments: seeds
    )
    func keys(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let secret = try OwnVector.log().privateText
        for round in 0..<2_000 {
            let text = String(
                decoding: self.mutate(Array(OwnVector.vkey.utf8), &random),
                as: UTF8.self
            )
            if let key = try? NoteVerifier(vkey: text) {
                #expect(key.vkey == text, "seed \(seed), round \(round)")
            }
            let other = String(decoding: self.mutate(Array(secret.utf8), &random), as: UTF8.self)
            if let key = try? NoteSigner(privateText: other) {
                #expect(key.privateText == other, "seed \(seed), round \(round)")
            }
        }
    }

    @Test("Bytes without any form are refused, whatever they are", arguments: seeds)
    func noise(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<1_000 {
            let bytes = random.bytes(Int.random(in: 0...200, using: &random))
            let note = try? SignedNote(parsing: bytes.span)
            #expect(note == nil)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect((try? Checkpoint(parsing: text)) == nil)
            #expect(TileAddress(path: text) == nil)
        }
    }
}
