package import LedgerTypes

/// What a bundle says of itself, signed by the site that made it (docs/SYNC.md, "Bundles").
package struct BundleManifest: Hashable, Sendable {
    /// One log of which it has leaves.
    package struct Entry: Hashable, Sendable {
        /// Where the receiver's copy has to stand at least; size 0 if nothing is needed.
        package let old: Position
        /// Where it stands once this part and all after it are applied.
        package let new: Position

        /// The log.
        package var log: LogID { self.new.log }
    }

    /// The site that made it.
    package let site: SiteName
    /// The site's public key, 32 bytes.
    package let siteKey: [UInt8]
    /// The site it is for; `nil` for anybody.
    package let recipient: SiteName?
    /// Which part of a set it is, from 1. What a part begins with follows from those before it.
    package let part: UInt32
    /// Every log that it has leaves of, in ascending order of the id.
    package let entries: [Entry]

    /// Creates a manifest.
    package init(
        site: SiteName,
        siteKey: [UInt8],
        recipient: SiteName? = nil,
        part: UInt32 = 1,
        entries: [Entry]
    ) {
        precondition(entries.count <= BundleLimits.logsMax)
        self.site = site
        self.siteKey = siteKey
        self.recipient = recipient
        self.part = part
        self.entries = entries
    }

    /// The leaves of this part and of all after it.
    package var leafCount: UInt64 {
        self.entries.reduce(0) { $0 &+ ($1.new.size - $1.old.size) }
    }

    /// The entry of a log.
    package func entry(_ log: LogID) -> Entry? { self.entries.first { $0.log == log } }

    private static let title = "caseledger bundle 1"

    private var lines: [String] {
        let who = self.recipient.map { "for site \($0)" } ?? "for anybody"
        return [who, "part \(self.part)", "leaves \(self.leafCount)"]
            + self.entries.map { entry in
                "log \(entry.log.hex) \(entry.old.size) \(entry.old.root.hex) "
                    + "\(entry.new.size) \(entry.new.root.hex)"
            }
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

    /// Reads a note and believes it only if the key that it names signed it. There is one way to
    /// write a manifest.
    package init(note: [UInt8]) throws(BundleError) {
        guard let note = try SiteNote(note, title: Self.title), note.lines.count >= 3,
            note.lines.count <= BundleLimits.logsMax + 3,
            let part = SiteNote.value(note.lines[1], of: "part").flatMap(SiteNote.number),
            (1...UInt64(BundleLimits.partsMax)).contains(part)
        else { throw .malformedManifest }
        self.site = note.site
        self.siteKey = note.siteKey
        self.recipient = SiteNote.value(note.lines[0], of: "for site").flatMap {
            SiteName(String($0))
        }
        self.part = UInt32(part)
        var entries: [Entry] = []
        for line in note.lines.dropFirst(3) {
            let words = SiteNote.words(line)
            guard words.count == 6, words[0] == "log", let log = SiteNote.log(words[1]),
                let old = SiteNote.position(log, words[2], words[3]),
                let new = SiteNote.position(log, words[4], words[5]),
                old.size < new.size, old.size > 0 || old.root == StateDigest.emptyRoot,
                entries.last.map({ $0.log < log }) ?? true
            else { throw .malformedManifest }
            entries.append(Entry(old: old, new: new))
        }
        self.entries = entries
        let written = self.lines.lazy.map { Substring($0).utf8 }
        guard zip(written, note.lines).allSatisfy({ $0.elementsEqual($1.utf8) }) else {
            throw .malformedManifest
        }
    }
}
