import Crypto
import LedgerTesting
import Testing

@testable import Sealing

@Suite
struct KeyDerivationTests {
    private func derive(
        _ secret: [UInt8],
        _ salt: [UInt8],
        _ info: [UInt8],
        _ byteCount: Int
    ) -> [UInt8] {
        unsafe KeyDerivation.derive(
            from: SymmetricKey(data: secret),
            salt: salt.span,
            info: info,
            byteCount: byteCount
        ) { unsafe [UInt8]($0) }
    }

    @Test("Keys are the ones that the library's HKDF gives, for random input of every length")
    func agreesWithTheLibrary() {
        var random = SeededRandom(seed: 5_869)
        for round in 0..<400 {
            let secret = random.bytes(32)
            let salt = random.bytes(32)
            let info = random.bytes(round % 90)
            let byteCount = 1 + round % 64
            let expected = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: secret),
                salt: salt,
                info: info,
                outputByteCount: byteCount
            )
            let bytes = unsafe expected.withUnsafeBytes { unsafe [UInt8]($0) }
            #expect(self.derive(secret, salt, info, byteCount) == bytes, "round \(round)")
        }
    }
}
