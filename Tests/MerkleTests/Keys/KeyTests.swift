import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@Suite("Keys")
struct KeyTests {
    /// RFC 8032, 7.1: seed, public key, message, signature.
    static let rfcVectors: [(String, String, String, String)] = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61"
                + "e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f"
                + "3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ]

    @Test("The key pairs and signatures of RFC 8032 come out", arguments: Self.rfcVectors.indices)
    func rfc8032(number: Int) throws {
        let (seed, publicKey, message, signature) = Self.rfcVectors[number]
        let secret = try #require([UInt8](hex: seed))
        let key = try #require(SigningKey(seed: secret))
        let bytes = try #require([UInt8](hex: message))
        let expected = try #require([UInt8](hex: signature))
        #expect(key.publicKey.hex == publicKey)
        #expect(key.verifyingKey.isValid(expected, for: bytes))
        #expect(key.sign(bytes) == expected)
    }

    @Test("A signature holds for its key, its bytes and its message alone")
    func signatures() throws {
        var random = SeededRandom(seed: 7)
        let key = try #require(SigningKey(seed: random.bytes(32)))
        let other = try #require(SigningKey(seed: random.bytes(32)))
        let message = random.bytes(100)
        let signature = key.sign(message)
        #expect(key.verifyingKey.isValid(signature, for: message))
        #expect(!other.verifyingKey.isValid(signature, for: message))
        #expect(!key.verifyingKey.isValid(signature, for: message + [0]))
        #expect(!key.verifyingKey.isValid(Array(signature.dropLast()), for: message))
        #expect(!key.verifyingKey.isValid(signature + [0], for: message))
        #expect(!key.verifyingKey.isValid([], for: message))
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.verifyingKey.isValid(changed, for: message), "bit \(bit)")
        }
    }

    @Test("A key has 32 bytes")
    func lengths() {
        for count in [0, 31, 33, 64] {
            #expect(SigningKey(seed: [UInt8](repeating: 1, count: count)) == nil)
            #expect(VerifyingKey([UInt8](repeating: 1, count: count)) == nil)
        }
    }

    @Test("A private key prints in Go's form and reads back")
    func privateText() throws {
        let signer = try OwnVector.log()
        let text = signer.privateText
        #expect(text.hasPrefix("PRIVATE+KEY+ledger.example/site-a/e1+0f2b1494+AQABAgME"))
        let read = try NoteSigner(privateText: text)
        #expect(read.key.seed == signer.key.seed)
        #expect(read.verifier == signer.verifier)
    }

    @Test("A vkey that is not one is refused")
    func malformedKeys() throws {
        let key = OwnVector.vkey
        let body = "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
        let malformed = [
            "", "+", "++", "name", "name+0f2b1494", "+0f2b1494+\(body)", "a b+0f2b1494+\(body)",
            "\u{2003}a+0f2b1494+\(body)", "a\n+0f2b1494+\(body)",
            "ledger.example/site-a/e1+0F2B1494+\(body)", "ledger.example/site-a/e1+f2b1494+\(body)",
            "ledger.example/site-a/e1++f2b1494+\(body)", "ledger.example/site-a/e1+0f2b1494+",
            String(key.dropLast()), key + "A", key + "\n", key + "====",
            "x" + String(key.dropLast(4)),
            String(repeating: "a", count: 1 << 20) + "+0f2b1494+\(body)",
        ]
        for text in malformed {
            #expect(throws: KeyTextError.malformed, "\(text.prefix(60))") {
                try NoteVerifier(vkey: text)
            }
        }
    }

    @Test("A key id of another name or key is refused, with both ids")
    func wrongKeyID() throws {
        let stated = try #require(NoteKeyID(hex: "0f2b1495"))
        let computed = try #require(NoteKeyID(hex: "0f2b1494"))
        let text = OwnVector.vkey.replacing("0f2b1494", with: "0f2b1495")
        #expect(throws: KeyTextError.wrongKeyID(stated: stated, computed: computed)) {
            try NoteVerifier(vkey: text)
        }
        let secret = try OwnVector.log().privateText.replacing("0f2b1494", with: "0f2b1495")
        #expect(throws: KeyTextError.wrongKeyID(stated: stated, computed: computed)) {
            try NoteSigner(privateText: secret)
        }
    }

    @Test("A key of an algorithm that is not known is refused as such")
    func unknownKind() throws {
        let bytes = [UInt8(0x06)] + [UInt8](repeating: 1, count: 32)
        #expect(throws: KeyTextError.unknownKind(0x06)) {
            try NoteVerifier(vkey: "a+00000000+\(Base64.encode(bytes))")
        }
        let cosigner = [UInt8(0x04)] + [UInt8](repeating: 1, count: 32)
        #expect(throws: KeyTextError.unknownKind(0x04)) {
            try NoteSigner(privateText: "PRIVATE+KEY+a+00000000+\(Base64.encode(cosigner))")
        }
        #expect(throws: KeyTextError.malformed) { try NoteSigner(privateText: OwnVector.vkey) }
    }

    @Test("A name is not empty and holds no space, plus or control character")
    func names() {
        for text in ["a", "support.example/site/berlin/e1-0123abcd", "\u{FC}ber"] {
            #expect(KeyName(text)?.rawValue == text)
        }
        for text in ["", " ", "a b", "a+b", "a\tb", "a\u{A0}b", "a\u{2028}", "a\u{85}", "\u{7F}"] {
            #expect(KeyName(text) == nil)
        }
        #expect(KeyName(String(repeating: "a", count: KeyName.bytesMax)) != nil)
        #expect(KeyName(String(repeating: "a", count: KeyName.bytesMax + 1)) == nil)
    }

    @Test("Two spellings of one character are two names")
    func spellings() throws {
        let composed = try #require(KeyName("\u{FC}"))
        let decomposed = try #require(KeyName("u\u{308}"))
        #expect(composed.rawValue == decomposed.rawValue)
        #expect(composed != decomposed)
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test("The vectors of RFC 4648 hold both ways")
    func vectors() {
        let vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]
        for (count, text) in vectors.enumerated() {
            let bytes = Array("foobar".utf8.prefix(count))
            #expect(Base64.encode(bytes) == text)
            #expect(Base64.decode(text) == bytes)
        }
    }

    @Test(
        "A text that is not the one for its bytes is refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zm9", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Z===", "====", "Zm=v",
            "Zg==Zg==", "Zm9\n", " Zm9", "Zm-_", "Zm9v\n", "\u{FC}AA",
        ]
    )
    func malformed(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("Random bytes come back", arguments: [1, 2] as [UInt64])
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for count in 0..<200 {
            let bytes = random.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes, "seed \(seed), \(count) bytes")
        }
    }
}
