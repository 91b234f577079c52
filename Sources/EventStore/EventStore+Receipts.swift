internal import LedgerTypes
internal import Merkle

// Delivery receipts (SYNC.md 2): what peers confirmed to hold of this site's logs. They lie in
// STATE, beside the anchor: what goes back with the ledger could not tell that it went back.
extension EventStore {
    /// The body of this site's cosignature of the checkpoint `note`: it has the leaves on disk.
    package func cosign(_ note: [UInt8]) throws(EventStoreError) -> [UInt8] {
        guard let signed = try? SignedNote(parsing: note.span) else { return [] }
        let time = UInt64(max(0, self.configuration.clock().microseconds) / 1_000_000)
        return try self.siteSigner().cosign(Array(signed.text.utf8), time: time).bytes
    }

    /// Keeps a receipt in the place of one for less of the same peer and log.
    package func keep(_ receipt: DeliveryReceipt) throws(EventStoreError) {
        let secrets = self.site.log(receipt.position.log)
        let path = secrets.receiptPath(of: receipt.peer)
        if let held = try Files.read(path), let known = Checkpoint(noteBytes: held),
            known.size > receipt.position.size
        {
            return
        }
        try Files.makeDirectory(secrets.directory, mode: 0o700)
        try Files.write(receipt.note, to: path)
    }

    /// Every receipt that is kept of a log of this site and that a key of its peer signed, by log
    /// and peer.
    package func receipts() throws(EventStoreError) -> [DeliveryReceipt] {
        let peers = try self.pins().sorted { $0.key.rawValue < $1.key.rawValue }
        let logs = try self.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
        var receipts: [DeliveryReceipt] = []
        for log in logs where log.isOwn {
            let secrets = self.site.log(log.id)
            for (peer, pinned) in peers {
                guard let note = try Files.read(secrets.receiptPath(of: peer)) else { continue }
                // It may be older than the peer's newest key.
                let keys = logs.filter { $0.site == peer }.map(\.genesis.siteKey)
                let receipt = Set([pinned] + keys).lazy.compactMap { key in
                    DeliveryReceipt(
                        note: note,
                        of: log.id,
                        genesis: log.genesis,
                        peer: peer,
                        key: key
                    )
                }.first
                if let receipt { receipts.append(receipt) }
            }
        }
        return receipts
    }

    /// The receipts that this ledger's logs contradict: a peer confirmed more of one, or another
    /// history, than is here.
    package func contradictedReceipts() throws(EventStoreError) -> [DeliveryReceipt] {
        let receipts = try self.receipts()
        return try self.read { (snapshot) throws(EventStoreError) in
            var contradicted: [DeliveryReceipt] = []
            for receipt in receipts {
                let position = receipt.position
                guard let log = try snapshot.log(position.log),
                    log.position.size >= position.size,
                    try snapshot.root(log, size: position.size) == position.root
                else {
                    contradicted.append(receipt)
                    continue
                }
            }
            return contradicted
        }
    }
}

extension LogSecrets {
    /// Where what `peer` confirmed of the log lies; a site's name is no file's.
    fileprivate func receiptPath(of peer: SiteName) -> String {
        let digest = Digest.sha256(domain: "cl/receipt/1", Array(peer.rawValue.utf8))
        return "\(self.directory)/receipt-\(digest.hex.prefix(16))"
    }
}
