package import LedgerTypes
internal import Merkle

/// The name of a grant: a hash of what it says.
package struct GrantID: SixteenByteID {
    /// The bytes as one big-endian number.
    package let rawValue: UInt128

    /// Creates the id with these bytes.
    package init(rawValue: UInt128) { self.rawValue = rawValue }

    /// Says "no grant: the whole".
    package static let none = GrantID(rawValue: 0)
}

/// What a site lets a partner hold of the log that it writes: a union of labels, signed by the
/// site's long-term key (docs/SYNC.md, "Partners").
///
/// Pure. Whether it has been revoked is not in it: that is the home site's to know.
package struct Grant: Hashable, Sendable {
    /// Which logs are exchanged under it.
    package enum Direction: String, Hashable, Sendable, CaseIterable {
        /// The partner gets its share, and what it writes itself comes home.
        case both
        /// The partner gets its share; nothing is taken from it.
        case out
    }

    /// The sealed sections that go along.
    package enum Sections: Hashable, Sendable {
        /// All of them.
        case all
        /// Those of these kinds, each once, in ascending order of their bytes; none if empty.
        case kinds([String])

        /// Whether a section of `kind` goes along.
        package func allow(_ kind: String) -> Bool {
            switch self {
            case .all: true
            case .kinds(let kinds): kinds.contains(kind)
            }
        }

        /// Whether everything that `other` lets through passes here too.
        package func includes(_ other: Sections) -> Bool {
            switch (self, other) {
            case (.all, _): true
            case (_, .all): false
            case (.kinds(let own), .kinds(let others)): others.allSatisfy(own.contains)
            }
        }
    }

    /// A site and its key.
    package struct Party: Hashable, Sendable {
        /// The site.
        package let site: SiteName
        /// Its long-term public key, 32 bytes.
        package let key: [UInt8]

        /// Creates a party.
        package init(site: SiteName, key: [UInt8]) {
            self.site = site
            self.key = key
        }
    }

    /// The site that grants, and whose log it is about.
    package let home: Party
    /// The site that it is for.
    package let partner: Party
    /// Counts the grants of the home site for this partner, from 1: the highest one that counts
    /// takes the place of those before.
    package let number: UInt64
    /// From when it counts.
    package let from: Timestamp
    /// Until when; for good without.
    package let until: Timestamp?
    /// Which logs are exchanged.
    package let direction: Direction
    /// Which sections go along.
    package let sections: Sections
    /// An event is in scope if it has one of these, each once, in ascending order.
    package let labels: [Label]

    /// The most bytes of the note.
    package static let noteBytesMax = 1 << 20
    /// The most labels.
    package static let labelsMax = 1_024
    /// The most kinds of sections that are named.
    package static let kindsMax = 64
    private static let title = "caseledger grant 1"

    /// Creates a grant; `nil` unless there are 1 to ``labelsMax`` labels fit for one, at most
    /// ``kindsMax`` fit kinds, and it ends after it begins.
    package init?(
        home: Party,
        partner: Party,
        number: UInt64,
        from: Timestamp,
        until: Timestamp? = nil,
        direction: Direction = .both,
        sections: Sections = .all,
        labels: [Label]
    ) {
        let labels = Set(labels).sorted(by: Label.precedes)
        guard (1...Self.labelsMax).contains(labels.count), labels.allSatisfy(\.fitsGrant),
            home.site != partner.site, home.key != partner.key, number > 0,
            number <= Checkpoint.sizeMax, from.microseconds >= 0, until.map({ $0 > from }) ?? true
        else { return nil }
        if case .kinds(let kinds) = sections {
            guard let sorted = Self.sorted(kinds) else { return nil }
            self.sections = .kinds(sorted)
        } else {
            self.sections = .all
        }
        self.home = home
        self.partner = partner
        self.number = number
        self.from = from
        self.until = until
        self.direction = direction
        self.labels = labels
    }

    private static func sorted(_ kinds: [String]) -> [String]? {
        let kinds = Set(kinds).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let areFit = kinds.allSatisfy { kind in
            (1...SectionReference.kindBytesMax).contains(kind.utf8.count) && kind != "all"
                && kind != "none" && kind.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
        return areFit && kinds.count <= Self.kindsMax ? kinds : nil
    }

    /// SHA-256("cl/grant/1" ‖ home key ‖ its lines), the first 16 bytes.
    package var id: GrantID {
        let text = self.lines.joined(separator: "\n")
        let digest = Digest.sha256(domain: "cl/grant/1", self.home.key, Array(text.utf8))
        return GrantID(digest.bytes.span.extracting(..<16)) ?? .none
    }

    /// Whether it counts at `moment`; `nil` if so, else why not.
    package func problem(at moment: Timestamp) -> GrantProblem? {
        if moment < self.from { return .notYet }
        if let until, moment >= until { return .expired }
        return nil
    }

    private var lines: [String] {
        var kinds = "all"
        if case .kinds(let named) = self.sections {
            kinds = named.isEmpty ? "none" : named.joined(separator: " ")
        }
        return [
            "for \(SiteNote.vkey(self.partner.site, self.partner.key))",
            "number \(self.number)",
            "from \(self.from.microseconds)",
            "until \(self.until.map { String($0.microseconds) } ?? "never")",
            "direction \(self.direction.rawValue)",
            "sections \(kinds)",
        ] + self.labels.map { "label \($0.words)" }
    }

    /// The signed note; `sign` gives the home site key's signature over a text.
    package func note<Failure: Error>(
        sign: ([UInt8]) throws(Failure) -> [UInt8]
    ) throws(Failure) -> [UInt8] {
        try SiteNote.signed(
            title: Self.title,
            site: self.home.site,
            siteKey: self.home.key,
            lines: self.lines,
            sign: sign
        )
    }

    /// Reads a note and believes it only if the key that it names signed it and it has the one form
    /// of what it says. That the key is the home site's is for the reader to know.
    package init(note: [UInt8]) throws(SyncError) {
        let signed: SiteNote?
        do throws(BundleError) {
            signed = try SiteNote(note, title: Self.title)
        } catch {
            throw .grant(.badSignature)
        }
        guard let signed, let grant = Self(signed) else { throw .grant(.malformed) }
        self = grant
    }

    private init?(_ note: SiteNote) {
        guard (7...6 + Self.labelsMax).contains(note.lines.count),
            let partner = SiteNote.value(note.lines[0], of: "for").flatMap({ SiteNote.party($0) }),
            let number = SiteNote.value(note.lines[1], of: "number").flatMap(SiteNote.number),
            let from = SiteNote.value(note.lines[2], of: "from").flatMap(Self.time),
            let end = SiteNote.value(note.lines[3], of: "until"),
            let direction = SiteNote.value(note.lines[4], of: "direction")
                .flatMap({ Direction(rawValue: String($0)) }),
            let kinds = SiteNote.value(note.lines[5], of: "sections")
        else { return nil }
        let sections: Sections
        switch kinds {
        case "all": sections = .all
        case "none": sections = .kinds([])
        default: sections = .kinds(SiteNote.words(kinds).map { String($0) })
        }
        var labels: [Label] = []
        for line in note.lines[6...] {
            let words = SiteNote.words(line)
            guard words.count == 3, words[0] == "label", let label = Label(words[1], words[2])
            else { return nil }
            labels.append(label)
        }
        guard end == "never" || Self.time(end) != nil else { return nil }
        self.init(
            home: Party(site: note.site, key: note.siteKey),
            partner: partner,
            number: number,
            from: from,
            until: Self.time(end),
            direction: direction,
            sections: sections,
            labels: labels
        )
        guard self.lines == note.lines.map({ String($0) }) else { return nil }
    }

    private static func time(_ text: Substring) -> Timestamp? {
        SiteNote.number(text).flatMap { Int64(exactly: $0) }.map { Timestamp(microseconds: $0) }
    }
}

/// Why a grant does not count.
package enum GrantProblem: String, Hashable, Sendable, CaseIterable {
    /// It is not the note of a grant.
    case malformed
    /// The key that it names did not sign it.
    case badSignature
    /// It is not from the peer, or not for this site.
    case otherParty
    /// The home site does not know it, or no grant of the peer is known at all.
    case unknown
    /// The peer is a partner, and there is none for it.
    case missing
    /// The home site took it back.
    case revoked
    /// Its time is over.
    case expired
    /// Its time has not come.
    case notYet
    /// The site that asks did not say which site it asks, so that it could not say which grant.
    case unstated
}

extension GrantProblem {
    /// What is wrong, in words.
    package var sentence: String {
        switch self {
        case .malformed: "the grant is malformed"
        case .badSignature: "the grant is not signed by the key that it names"
        case .otherParty: "the grant is between other sites"
        case .unknown: "the grant is not known to the site that is asked"
        case .missing: "the site is a partner, and has no grant"
        case .revoked: "the grant has been revoked"
        case .expired: "the grant has expired"
        case .notYet: "the grant does not count yet"
        case .unstated: "the peer holds a grant: name the site that is asked"
        }
    }
}
