internal import LedgerTypes
internal import Merkle

/// What the site signs with, and where the logs' secrets lie.
struct SiteSecrets: Sendable {
    /// The site's name.
    let name: SiteName
    /// Where the site's key lies; `nil` in a store that only reads.
    let directory: LedgerDirectory?
    /// STATE.
    let state: String

    /// The site's long-term key whose public half is `publicKey`; `nil` where it cannot be read.
    /// Read each time: another process may have changed it.
    func signer(_ publicKey: [UInt8]) throws(EventStoreError) -> NoteSigner? {
        try self.directory?.signer(publicKey)
    }

    /// The secrets of one own log.
    func log(_ id: LogID) -> LogSecrets { LogSecrets(state: self.state, log: id) }

    /// The name of the key that `site` signs with.
    static func keyName(_ site: SiteName) throws(EventStoreError) -> KeyName {
        guard let name = KeyName(site.rawValue) else { throw .siteKeyMismatch(site) }
        return name
    }
}

extension LogID {
    /// The id of the log that begins with `leaf`: the first 16 bytes of
    /// SHA-256("cl/log/1" ‖ leaf 0).
    package init(genesisLeaf leaf: [UInt8]) {
        let words = Digest.sha256(domain: "cl/log/1", leaf).words
        self.init(rawValue: UInt128(words.0) << 64 | UInt128(words.1))
    }
}
