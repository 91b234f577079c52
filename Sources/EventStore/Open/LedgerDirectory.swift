internal import LedgerTypes
internal import Merkle

/// The files of a ledger's directory beside the two LMDB environments.
///
/// ```
/// DIR/ledger     "caseledger 1\n": the marker, with the number of the format; written last
/// DIR/site.key   the site's long-term key, 0600
/// DIR/log/       the truth          DIR/views/     derived, disposable
/// ```
struct LedgerDirectory: Sendable {
    /// The number of the format that this code reads and writes.
    static let format: UInt32 = 1

    /// The directory.
    let path: String

    /// The environment of the truth.
    var log: String { self.path + "/log" }
    /// The environment of what is derived.
    var views: String { self.path + "/views" }
    /// The file that makes the directory a ledger.
    var marker: String { self.path + "/ledger" }
    /// The site's key.
    var siteKey: String { self.path + "/site.key" }
    /// The key that takes its place, from before the commit that says so until it has.
    var nextSiteKey: String { self.path + "/site.key.next" }

    /// Makes the directories of a new ledger. `path` must not exist or be an empty directory.
    func make() throws(EventStoreError) {
        if Files.exists(self.path) {
            guard Files.isDirectory(self.path) else { throw .alreadyExists(path: self.path) }
            guard try Files.isEmptyDirectory(self.path) else {
                throw .alreadyExists(path: self.path)
            }
        }
        try Files.makeDirectory(self.path)
        guard Files.isWritable(self.path) else { throw .permission(path: self.path) }
        try Files.makeDirectory(self.log)
        try Files.makeDirectory(self.views)
    }

    /// The site's key whose public half is `publicKey`; `nil` if it is not here.
    func signer(_ publicKey: [UInt8]) throws(EventStoreError) -> NoteSigner? {
        for path in [self.siteKey, self.nextSiteKey] {
            guard let signer = try KeyFile.read(path) else { continue }
            if signer.key.publicKey == publicKey { return signer }
        }
        return nil
    }

    /// Puts the next key in its place if the log says that it is the site's; removes what a change
    /// that came to nothing left. The caller holds the `log/` write transaction.
    func settleSiteKey(_ publicKey: [UInt8]) throws(EventStoreError) {
        guard let next = try KeyFile.read(self.nextSiteKey) else { return }
        if next.key.publicKey == publicKey {
            try Files.move(self.nextSiteKey, to: self.siteKey)
        } else {
            try Files.remove(self.nextSiteKey)
        }
    }

    /// Declares the directory a ledger.
    func writeMarker() throws(EventStoreError) {
        try Files.write(Array("caseledger \(Self.format)\n".utf8), to: self.marker)
    }

    /// Throws unless the directory is a ledger that this code can read, and write if `writing`.
    func check(writing: Bool) throws(EventStoreError) {
        guard let text = try Files.read(self.marker) else { throw .notALedger(path: self.path) }
        let words = String(decoding: text, as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0] == "caseledger", words[1].last == "\n",
            let found = UInt32(words[1].dropLast())
        else { throw .notALedger(path: self.path) }
        guard found <= Self.format else {
            throw .newerFormat(found: found, supported: Self.format)
        }
        guard found == Self.format, Files.isDirectory(self.log) else {
            throw .notALedger(path: self.path)
        }
        guard writing else { return }
        for path in [self.path, self.log, self.log + "/data.mdb"] {
            guard Files.isWritable(path) else { throw .permission(path: path) }
        }
    }
}

/// The text of a private key in a file, read and written.
enum KeyFile {
    /// The key in the file at `path`; `nil` if there is none.
    static func read(_ path: String) throws(EventStoreError) -> NoteSigner? {
        guard let text = try Files.read(path) else { return nil }
        guard text.last == UInt8(ascii: "\n") else { throw .malformedFile(path: path) }
        do throws(KeyTextError) {
            return try NoteSigner(privateText: String(decoding: text.dropLast(), as: UTF8.self))
        } catch {
            throw .malformedFile(path: path)
        }
    }

    /// Writes `signer` to `path`, readable by the owner only.
    static func write(_ signer: NoteSigner, to path: String) throws(EventStoreError) {
        try Files.write(Array((signer.privateText + "\n").utf8), to: path, isSecret: true)
    }
}
