import FoundationEssentials
import LedgerTesting
import Testing

@testable import Interchange

@Suite("Table of equal rows", .temporaryDirectory)
struct FingerprintTableTests {
    @Test("It counts like a dictionary, also when it grows", arguments: 1...5)
    func counts(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let table = try FingerprintTable(
            directory: TemporaryDirectoryTrait.current,
            slotCount: 4
        )
        var model: [UInt128: Int64] = [:]
        var differences = 0
        for _ in 0..<20_000 {
            // Many keys with the same low bits, so that probes collide.
            let high = UInt128(UInt64.random(in: 0..<3_000, using: &random))
            let key = high << 64 | UInt128(UInt64.random(in: 0..<8, using: &random))
            let old = try table.update(key, initial: 0) { $0 + 1 }
            differences += old == model[key, default: 0] ? 0 : 1
            model[key, default: 0] += 1
        }
        #expect(differences == 0, "seed \(seed)")
        #expect(table.count == model.count)
    }

    @Test("It leaves no file behind")
    func unlinked() throws {
        let directory = TemporaryDirectoryTrait.current
        let table = try FingerprintTable(directory: directory)
        _ = try table.update(1, initial: 0) { $0 + 1 }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
    }
}
