internal import EventStore
internal import LedgerTypes

/// How much a verification looks at.
public enum VerificationDepth: Hashable, Sendable {
    /// What proves the history: every leaf hashed, every tile, root and checkpoint compared.
    case tree
    /// That, and sections, clocks, labels and the index.
    case everything
}

/// What a verification of a whole ledger found.
public struct VerificationSummary: Hashable, Sendable, Encodable {
    /// One log as its head states it.
    public struct Log: Hashable, Sendable, Encodable {
        /// 32 hexadecimal digits.
        public let id: String
        /// The name in checkpoints.
        public let origin: String
        /// Leaves.
        public let size: UInt64
        /// 64 hexadecimal digits.
        public let root: String
    }

    /// Something that does not agree.
    public struct Finding: Hashable, Sendable, Encodable {
        /// Where: a table and a row, or an event's address.
        public let place: String
        /// What is wrong with it.
        public let what: String
    }

    /// The logs.
    public let logs: [Log]
    /// Leaves hashed.
    public let leaves: UInt64
    /// Sections hashed.
    public let sections: UInt64
    /// Sections that are not here and are known not to be.
    public let absentSections: UInt64
    /// Full tiles compared.
    public let tiles: UInt64
    /// Signed checkpoints checked.
    public let checkpoints: UInt64
    /// Rows of the indexes compared.
    public let indexRows: UInt64
    /// The first findings, at most 1,000.
    public let findings: [Finding]
    /// All findings.
    public let findingCount: UInt64
    /// Whether everything agrees.
    public let isSound: Bool
}

extension Ledger {
    /// Checks every leaf, section, tile, root, checkpoint and index of this ledger from its bytes.
    /// Changes nothing and needs no keys.
    ///
    /// - Parameters:
    ///   - depth: how much is looked at.
    ///   - progress: gets leaves done and leaves in all.
    /// - Returns: what was checked and what does not agree.
    /// - Throws: errors of storage; what does not agree is in the summary.
    public func verify(
        _ depth: VerificationDepth = .everything,
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) throws(LedgerError) -> VerificationSummary {
        do throws(EventStoreError) {
            let scope: VerificationScope = depth == .tree ? .tree : .everything
            return VerificationSummary(try self.store.verify(scope, progress: progress))
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}

extension VerificationSummary {
    init(_ report: VerificationReport) {
        self.init(
            logs: report.logs.map { log in
                Log(
                    id: log.id.hex,
                    origin: log.origin,
                    size: log.position.size,
                    root: log.position.root.hex
                )
            },
            leaves: report.leaves,
            sections: report.sections,
            absentSections: report.absentSections,
            tiles: report.tiles,
            checkpoints: report.checkpoints,
            indexRows: report.indexRows,
            findings: report.findings.map { Finding(place: $0.place, what: $0.what) },
            findingCount: report.findingCount,
            isSound: report.isSound
        )
    }
}
