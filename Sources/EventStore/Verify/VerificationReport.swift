internal import LedgerTypes

/// How much a verification looks at.
package enum VerificationScope: Hashable, Sendable {
    /// What proves the history: every leaf hashed, every tile, run, root and checkpoint compared.
    case tree
    /// That, and sections, labels, clocks, the commit clock and the index.
    case everything
}

/// What a verification of a whole ledger found.
package struct VerificationReport: Hashable, Sendable {
    /// The most findings that are listed; all are counted.
    package static let findingsMax = 1_000

    /// Something that does not agree.
    package struct Finding: Hashable, Sendable {
        /// Where: a table and a row, or an event's address.
        package let place: String
        /// What is wrong with it.
        package let what: String
    }

    /// The logs as their heads state them, by local number.
    package var logs: [LogState] = []
    /// Leaves hashed.
    package var leaves: UInt64 = 0
    /// Sections hashed.
    package var sections: UInt64 = 0
    /// Sections that are not here and are known not to be.
    package var absentSections: UInt64 = 0
    /// Full tiles compared.
    package var tiles: UInt64 = 0
    /// Signed checkpoints checked.
    package var checkpoints: UInt64 = 0
    /// Rows of the indexes compared.
    package var indexRows: UInt64 = 0
    /// The first findings, in the order in which they were met.
    package var findings: [Finding] = []
    /// All findings.
    package var findingCount: UInt64 = 0

    /// Whether everything agrees.
    package var isSound: Bool { self.findingCount == 0 }

    /// Notes a finding.
    package mutating func add(_ place: String, _ what: String) {
        self.findingCount += 1
        guard self.findings.count < Self.findingsMax else { return }
        self.findings.append(Finding(place: place, what: what))
    }
}
