package import EventStore
package import LedgerTypes

/// Where every log of a site stands, signed by it: what is carried back after a bundle, so that the
/// next one begins there (docs/SYNC.md, "Bundles").
package struct PositionNote: Hashable, Sendable {
    /// The site.
    package let site: SiteName
    /// The site's public key, 32 bytes.
    package let siteKey: [UInt8]
    /// Its logs, in ascending order of the id.
    package let positions: [Position]

    private static let title = "caseledger vector 1"

    /// Creates a note.
    package init(site: SiteName, siteKey: [UInt8], positions: [Position]) {
        precondition(positions.count <= BundleLimits.logsMax)
        self.site = site
        self.siteKey = siteKey
        self.positions = positions.sorted { $0.log < $1.log }
    }

    private var lines: [String] {
        self.positions.map { "log \($0.log.hex) \($0.size) \($0.root.hex)" }
    }

    /// The signed note; `sign` gives the site key's signature over a text.
    package func note<Failure: Error>(
        sign: ([UInt8]) throws(Failure) -> [UInt8]
    ) throws(Failure) -> [UInt8] {
        try SiteNote.signed(
            title: Self.title,
            site: self.site,
            siteKey: self.siteKey,
            lines: self.lines,
            sign: sign
        )
    }

    /// Reads a note and believes it only if the key that it names signed it.
    package init(note: [UInt8]) throws(BundleError) {
        guard let note = try SiteNote(note, title: Self.title),
            note.lines.count <= BundleLimits.logsMax
        else { throw .malformedVector }
        self.site = note.site
        self.siteKey = note.siteKey
        var positions: [Position] = []
        for line in note.lines {
            let words = SiteNote.words(line)
            guard words.count == 4, words[0] == "log", let log = SiteNote.log(words[1]),
                let position = SiteNote.position(log, words[2], words[3]), position.size > 0,
                positions.last.map({ $0.log < log }) ?? true
            else { throw .malformedVector }
            positions.append(position)
        }
        self.positions = positions
    }
}

extension PositionNote {
    /// Where every log of `store` stands, signed by its site.
    package static func signed(for store: EventStore) throws(BundleError) -> [UInt8] {
        do throws(SyncError) {
            let positions = try PackageSource(store).positions()
            do throws(EventStoreError) {
                let note = PositionNote(
                    site: store.siteName,
                    siteKey: try store.siteKey(),
                    positions: positions
                )
                return try note.note { (text) throws(EventStoreError) in
                    try store.signAsSite(text)
                }
            } catch {
                throw .store(error)
            }
        } catch {
            throw .sync(error)
        }
    }
}
