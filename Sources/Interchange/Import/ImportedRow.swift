package import CaseDomain
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
    package let observed: CaseObserved
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

    /// The event to append, before sealing. Its `order` stands beside it: the writer sets it.
    package var event: ProposedEvent {
        ProposedEvent(
            id: self.id,
            subject: self.subject,
            occurred: self.occurred,
            isHistory: true,
            actor: self.actor,
            labels: self.labels,
            payload: .caseObserved(self.observed)
        )
    }
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
