package import LedgerTypes

/// One row of a source, ready to be appended as one `case.observed`.
///
/// Nothing in it depends on another row, but for the count of equal rows in ``id`` and the file
/// order in ``order`` (DESIGN.md 2 and 3).
package struct ImportedRow: Hashable, Sendable {
    /// The computed id: the same at every run and at every site.
    package let id: EventID
    /// `case:` and the source's id unchanged.
    package let subject: Subject
    /// When it happened, as the source says.
    package let occurred: Timestamp
    /// The place in the case's story.
    package let order: Timestamp
    /// How the source said things stood.
    package let observed: ObservedRow
    /// Who wrote the row.
    package let actor: ActorSnapshot
    /// The labels that the mapping names, without `subject`.
    package let labels: [Label]
    /// The row bytes: what ``id`` was computed from and what is sealed as section `row`.
    package let row: [UInt8]
    /// Sections that travel with this row only: `header`, `log`, `trace`.
    package let attachments: [ImportSection]
    /// The line of the file on which the row begins, from 1.
    package let line: Int
}

/// A section to be sealed beside a row.
package struct ImportSection: Hashable, Sendable {
    /// The section's kind.
    package let kind: String
    /// What is sealed.
    package let bytes: [UInt8]

    /// The most bytes of a section that an import makes; with salt, tag and padding it stays within
    /// the limit of a sealed section.
    package static let bytesMax = 16_000_000

    /// Kind of the section that holds a CSV source's header record, once per import.
    package static let header = "header"
    /// Kind of the section that holds an XES log's attributes, once per import.
    package static let log = "log"
    /// Kind of the section that holds an XES trace's attributes, at the trace's first row.
    package static let trace = "trace"
    /// Kind of the section that holds the row itself.
    package static let row = "row"
}

/// How a foreign system said that things stood: the clear fields of `case.observed`.
package struct ObservedRow: Hashable, Sendable {
    /// The mapping's `source`.
    package var sourceSystem: String
    /// Where the case stood.
    package var status: ObservedStatus
    /// The source's own word for it.
    package var subStatus: String?
    /// Whom the case waited for.
    package var waitingOn: ObservedWait?
    /// The team that held it.
    package var team: String?
    /// The team's level.
    package var tier: String?
    /// The agent who held it, a pseudonym.
    package var agent: String?
    /// The source's site.
    package var site: String?
    /// The source's verdict on its service level.
    package var slaMet: Bool?
    /// The priority, in the source's words.
    package var priority: String?
    /// The product, in the source's words.
    package var product: String?
    /// The channel.
    package var channel: String?
    /// SHA-256 of the header record, for a CSV row; `nil` for a row of XES.
    package var headerDigest: Digest?
}

/// The statuses that a foreign system can be said to show.
package enum ObservedStatus: String, Codable, CaseIterable, Hashable, Sendable {
    case open, queued, assigned, inProgress, waiting, resolved, closed
}

/// Whom a waiting case waits for.
package enum ObservedWait: String, Codable, CaseIterable, Hashable, Sendable {
    case notStated, customer, internalTeam, vendor, otherSite, part, scheduled
}
