internal import Crypto
package import EventStore
internal import FoundationEssentials
internal import LedgerTypes

/// A site's key-encryption key of one epoch. It wraps data keys and never leaves STATE.
struct KeyEncryptionKey: Sendable {
    /// From 1; rises when keys are shredded and the key is changed (PRIVACY.md 4).
    let epoch: UInt32
    let secret: SymmetricKey
}

/// The key-encryption keys in a site's folder under STATE, read once.
///
/// The files are `kek-<epoch>.key`: text, mode 0600, one line
/// `caseledger-kek 1 <epoch> <64 hexadecimal digits>`.
package struct KeyEncryptionKeys: Sendable {
    /// The epoch that new wraps are made under: the newest.
    package var currentEpoch: UInt32 { self.current.epoch }

    let current: KeyEncryptionKey
    private let keys: [UInt32: KeyEncryptionKey]

    private static let header = "caseledger-kek 1"

    /// The site's folder: STATE/<16 hexadecimal digits>, the first 8 bytes of the SHA-256 of the
    /// site's public key.
    package static func folder(state: String, siteKey: [UInt8]) -> String {
        let fingerprint = Array(SHA256.hash(data: siteKey).prefix(8)).hex
        return "\(state)/\(fingerprint)"
    }

    /// Reads the keys in `folder`; throws `missingFile` if there are none.
    package init(folder: String) throws(SealingError) {
        var keys: [UInt32: KeyEncryptionKey] = [:]
        for name in SecretFile.names(in: folder) {
            guard let epoch = Self.epoch(of: name) else { continue }
            keys[epoch] = try Self.read("\(folder)/\(name)", epoch: epoch)
        }
        guard let newest = keys.keys.max(), let current = keys[newest] else {
            throw .missingFile(path: "\(folder)/\(Self.name(of: 1))")
        }
        self.keys = keys
        self.current = current
    }

    /// Reads the keys in `folder`, making the first one if there are none. Of several processes
    /// that do so at once, one makes it and all read it. `random` gives the bytes of the key and of
    /// the name of the file while it is written.
    package static func openOrCreate(
        folder: String,
        random: (Int) -> [UInt8]
    ) throws(SealingError) -> KeyEncryptionKeys {
        try SecretFile.makeFolder(folder)
        if !SecretFile.names(in: folder).contains(where: { Self.epoch(of: $0) != nil }) {
            try Self.create(epoch: 1, folder: folder, random: random)
        } else {
            // Another process may have made it just now: nothing is wrapped under a key that a
            // power cut could still take away.
            try SecretFile.synchronize(folder)
        }
        return try KeyEncryptionKeys(folder: folder)
    }

    /// Begins an epoch after those of the files in `folder` and after that of every one of `rows`,
    /// in place of keys that are lost; a copy of them may still be put back.
    package static func begin(
        after rows: (((KeyRow) -> Void) throws(SealingError) -> Void),
        folder: String,
        random: (Int) -> [UInt8]
    ) throws(SealingError) -> KeyEncryptionKeys {
        var newest = SecretFile.names(in: folder).compactMap { Self.epoch(of: $0) }.max() ?? 0
        try rows { row in newest = max(newest, KeyWrap.epoch(row) ?? 0) }
        guard newest < .max else { throw .epochMissing(newest) }
        try SecretFile.makeFolder(folder)
        try Self.create(epoch: newest + 1, folder: folder, random: random)
        return try KeyEncryptionKeys(folder: folder)
    }

    /// The key of `epoch`, if it is here.
    subscript(epoch: UInt32) -> KeyEncryptionKey? { self.keys[epoch] }

    private static func create(
        epoch: UInt32,
        folder: String,
        random: (Int) -> [UInt8]
    ) throws(SealingError) {
        let bytes = random(DataKey.byteCount)
        precondition(bytes.count == DataKey.byteCount)
        let line = "\(Self.header) \(epoch) \(bytes.hex)\n"
        let path = "\(folder)/\(Self.name(of: epoch))"
        // Not the first to make it: then the other's is the key.
        _ = try SecretFile.create(path, Array(line.utf8), draftName: random(8).hex)
    }

    private static func read(
        _ path: String,
        epoch: UInt32
    ) throws(SealingError) -> KeyEncryptionKey {
        let bytes = try SecretFile.read(path)
        let prefix = Array("\(Self.header) \(epoch) ".utf8)
        let digits = String(decoding: bytes.dropFirst(prefix.count).dropLast(), as: UTF8.self)
        guard bytes.starts(with: prefix), bytes.last == UInt8(ascii: "\n"),
            let secret = [UInt8](hex: digits), secret.count == DataKey.byteCount
        else { throw .malformedFile(path: path) }
        return KeyEncryptionKey(epoch: epoch, secret: SymmetricKey(data: secret))
    }

    private static func name(of epoch: UInt32) -> String { "kek-\(epoch).key" }

    private static func epoch(of name: String) -> UInt32? {
        guard name.hasPrefix("kek-"), name.hasSuffix(".key") else { return nil }
        let epoch = UInt32(name.dropFirst(4).dropLast(4))
        return epoch.flatMap { $0 > 0 && Self.name(of: $0) == name ? $0 : nil }
    }
}
