import Foundation
import LedgerTesting
import LedgerTypes
import Sealing
import Testing

@Suite("Key files", .temporaryDirectory)
struct KeyFileTests {
    private static var folder: String { "\(TemporaryDirectoryTrait.current)/state/site" }
    private static var path: String { "\(Self.folder)/kek-1.key" }

    private static func create(seed: UInt64 = 1) throws(SealingError) -> KeyEncryptionKeys {
        try KeyEncryptionKeys.openOrCreate(
            folder: Self.folder,
            random: SharedRandom(seed: seed).bytes
        )
    }

    private static func write(_ text: String, to path: String = Self.path) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        try Self.setMode(0o600, of: path)
    }

    private static func setMode(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private static func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private static func openingError() -> SealingError? {
        refusal { () throws(SealingError) in _ = try KeyEncryptionKeys(folder: Self.folder) }
    }

    private static var digits: String { String(repeating: "0f", count: 32) }

    @Test("The folder is named by the site key's fingerprint")
    func folderName() {
        let folder = KeyEncryptionKeys.folder(
            state: "/state",
            siteKey: [UInt8](repeating: 0x51, count: 32)
        )
        #expect(folder == "/state/2cf2c6077769e8f9")
    }

    @Test("The first key is made once, for the owner only, and read from then on")
    func makesOnce() throws {
        #expect(try Self.create(seed: 1).currentEpoch == 1)
        let text = try String(contentsOf: URL(filePath: Self.path), encoding: .utf8)
        #expect(text.hasPrefix("caseledger-kek 1 1 "))
        #expect(text.utf8.count == 19 + 64 + 1)
        #expect(try Self.mode(of: Self.path) == 0o600)
        #expect(try Self.mode(of: Self.folder) == 0o700)
        _ = try Self.create(seed: 2)
        #expect(try String(contentsOf: URL(filePath: Self.path), encoding: .utf8) == text)
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        #expect(names == ["kek-1.key"])
    }

    @Test("Of many that make the first key at once, all read the same one")
    func race() async throws {
        let folder = Self.folder
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<16 {
                group.addTask {
                    _ = try KeyEncryptionKeys.openOrCreate(
                        folder: folder,
                        random: SharedRandom(seed: UInt64(seed)).bytes
                    )
                }
            }
            try await group.waitForAll()
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names == ["kek-1.key"])
        _ = try KeyEncryptionKeys(folder: folder)
    }

    @Test("The newest epoch wraps; other files are no keys")
    func epochs() throws {
        _ = try Self.create()
        try Self.write("caseledger-kek 1 12 \(Self.digits)\n", to: "\(Self.folder)/kek-12.key")
        try Self.write("caseledger-kek 1 2 \(Self.digits)\n", to: "\(Self.folder)/kek-2.key")
        for name in ["kek-.key", "kek-0.key", "kek-03.key", "kek-x.key", "kek-9.key.ab", "note"] {
            try Self.write("anything", to: "\(Self.folder)/\(name)")
        }
        #expect(try KeyEncryptionKeys(folder: Self.folder).currentEpoch == 12)
    }

    @Test("Without a key file nothing opens")
    func missing() {
        #expect(Self.openingError() == .missingFile(path: Self.path))
    }

    @Test("A key file that others may read or write is refused", arguments: [0o640, 0o604, 0o620])
    func exposed(mode: Int) throws {
        _ = try Self.create()
        try Self.setMode(mode, of: Self.path)
        #expect(Self.openingError() == .exposed(path: Self.path, mode: UInt32(mode)))
    }

    @Test("A damaged key file is refused, and not replaced by a new key")
    func damaged() throws {
        _ = try Self.create()
        let texts = [
            "", "\n", "caseledger-kek 1 1 \(Self.digits)", "caseledger-kek 1 2 \(Self.digits)\n",
            "caseledger-kek 2 1 \(Self.digits)\n", "caseledger-kek 1 1 \(Self.digits)0f\n",
            "caseledger-kek 1 1 \(Self.digits.dropLast())\n", "caseledger-kek 1 1 \n",
            "caseledger-kek 1 1 \(Self.digits.dropLast())g\n",
            "caseledger-kek 1 1 \(Self.digits)\n" + String(repeating: "x", count: 5_000),
        ]
        for text in texts {
            try Self.write(text)
            #expect(Self.openingError() == .malformedFile(path: Self.path), "\(text.prefix(90))")
            let error = refusal { () throws(SealingError) in _ = try Self.create() }
            #expect(error == .malformedFile(path: Self.path))
        }
    }

    @Test("A link or a folder in a key file's place is refused")
    func noFile() throws {
        _ = try Self.create()
        let elsewhere = "\(TemporaryDirectoryTrait.current)/elsewhere"
        try FileManager.default.moveItem(atPath: Self.path, toPath: elsewhere)
        try FileManager.default.createSymbolicLink(
            atPath: Self.path,
            withDestinationPath: elsewhere
        )
        #expect(Self.openingError() == .file(path: Self.path, code: ELOOP))
        try FileManager.default.removeItem(atPath: Self.path)
        try FileManager.default.createDirectory(
            atPath: Self.path,
            withIntermediateDirectories: false
        )
        #expect(Self.openingError() == .malformedFile(path: Self.path))
    }

    @Test("A folder that cannot be made is told with its path and code")
    func noFolder() throws {
        let file = "\(TemporaryDirectoryTrait.current)/state"
        try Self.write("", to: file)
        let error = refusal { () throws(SealingError) in _ = try Self.create() }
        #expect(error == .file(path: Self.folder, code: ENOTDIR))
    }
}

@Suite("Pseudonyms", .temporaryDirectory)
struct PseudonymKeyTests {
    private static var folder: String { "\(TemporaryDirectoryTrait.current)/site" }
    private static let bytes: [UInt8] = Array(0..<32)

    @Test("A pseudonym is frozen, and depends on key, noun and id")
    func golden() throws {
        let key = try #require(PseudonymKey(bytes: Self.bytes))
        let id = "Jos\u{E9} 17"
        #expect(key.pseudonym(noun: "customer", id: id) == Golden.pseudonym)
        #expect(key.pseudonym(noun: "agent", id: id) != Golden.pseudonym)
        #expect(key.pseudonym(noun: "customer", id: "Jos\u{E9} 18") != Golden.pseudonym)
        let other = try #require(PseudonymKey(bytes: Self.bytes.reversed()))
        #expect(other.pseudonym(noun: "customer", id: id) != Golden.pseudonym)
    }

    @Test("A blind index is frozen, depends on key, kind and form, and is no pseudonym")
    func blindIndex() throws {
        let key = try #require(PseudonymKey(bytes: Self.bytes))
        let index = key.blindIndex(kind: "phone", form: "49301234567")
        #expect(index.hex == Golden.blindIndex)
        #expect(key.blindIndex(kind: "serial", form: "49301234567") != index)
        #expect(key.blindIndex(kind: "phone", form: "49301234568") != index)
        #expect(key.pseudonym(noun: "phone", id: "49301234567") != index.hex)
        let other = try #require(PseudonymKey(bytes: Self.bytes.reversed()))
        #expect(other.blindIndex(kind: "phone", form: "49301234567") != index)
        #expect(other.blindIndexFingerprint != key.blindIndexFingerprint)
    }

    @Test("Only outer white space is taken off an id: case and Unicode form stay")
    func normalised() throws {
        #expect(PseudonymKey.normalised(" \t\u{A0}a b\u{3000}\r\n") == "a b")
        #expect(PseudonymKey.normalised(" \n ") == "")
        #expect(PseudonymKey.normalised("Ab") == "Ab")
        let decomposed = "cafe\u{301}"
        #expect(Array(PseudonymKey.normalised(decomposed).utf8) == Array(decomposed.utf8))
        let key = try #require(PseudonymKey(bytes: Self.bytes))
        #expect(
            key.pseudonym(noun: "customer", id: "caf\u{E9}")
                != key.pseudonym(noun: "customer", id: decomposed)
        )
    }

    @Test("A key file is 64 digits with or without a line end, or 32 bytes")
    func contents() throws {
        let digits = Array(Self.bytes.hex.utf8)
        let expected = try #require(PseudonymKey(bytes: Self.bytes)).pseudonym(noun: "n", id: "i")
        for contents in [Self.bytes, digits, digits + [10], digits + [13, 10]] {
            let key = try #require(PseudonymKey(contents: contents))
            #expect(key.pseudonym(noun: "n", id: "i") == expected)
        }
        let wrong: [[UInt8]] = [
            [], [10], Array(digits.dropLast()), digits + [10, 10], digits + [32],
            [0x67] + digits.dropFirst(), Self.bytes + [0], Array(Self.bytes.dropLast()),
        ]
        for contents in wrong {
            #expect(PseudonymKey(contents: contents) == nil)
        }
        #expect(PseudonymKey(bytes: []) == nil)
    }

    @Test("A key that is kept is read back, and the first one kept stays")
    func keeps() throws {
        let first = try #require(PseudonymKey(bytes: Self.bytes))
        let second = try #require(PseudonymKey(bytes: Self.bytes.reversed()))
        let random = SharedRandom(seed: 1)
        let kept = try first.store(in: Self.folder, random: random.bytes)
        let expected = first.pseudonym(noun: "n", id: "i")
        #expect(kept.pseudonym(noun: "n", id: "i") == expected)
        let still = try second.store(in: Self.folder, random: random.bytes)
        #expect(still.pseudonym(noun: "n", id: "i") == expected)
        let read = try PseudonymKey(folder: Self.folder)
        #expect(read.pseudonym(noun: "n", id: "i") == expected)
    }

    @Test("A missing, exposed or malformed file is refused")
    func refusals() throws {
        let path = "\(Self.folder)/\(PseudonymKey.fileName)"
        func error() -> SealingError? {
            refusal { () throws(SealingError) in _ = try PseudonymKey(folder: Self.folder) }
        }
        #expect(error() == .missingFile(path: path))
        let key = try #require(PseudonymKey(bytes: Self.bytes))
        _ = try key.store(in: Self.folder, random: SharedRandom(seed: 1).bytes)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(error() == .exposed(path: path, mode: 0o644))
        try Data("no key".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(error() == .malformedFile(path: path))
    }
}
