internal import EventStore
internal import LedgerTypes
internal import Projections

/// How much a verification looks at.
public enum VerificationDepth: Hashable, Sendable {
    /// What proves the history: every leaf hashed, every tile, root and checkpoint compared.
    case tree
    /// That, and sections, clocks, labels and the index.
    case everything
    /// That, and the rows of lists and figures under `views/`, each folded anew from the log.
    case rows
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
    /// Rows of lists and figures compared; `nil` where that was not asked for.
    public internal(set) var modelRows: UInt64?
    /// The read models whose rows were not compared, and why; `nil` where that was not asked for.
    public internal(set) var modelsLeftOut: [Finding]?
    /// How many of the findings are rows of lists and figures, which a rebuild makes anew; `nil`
    /// where that was not asked for.
    public internal(set) var modelFindingCount: UInt64?
    /// The first findings, at most 1,000.
    public internal(set) var findings: [Finding]
    /// All findings.
    public internal(set) var findingCount: UInt64
    /// Whether everything agrees.
    public internal(set) var isSound: Bool
}

extension Ledger {
    /// Checks every leaf, section, tile, root, checkpoint and index of this ledger from its bytes.
    /// Changes nothing and needs no keys.
    ///
    /// Rows of lists that are found by identifiers are compared where the keys are here.
    ///
    /// - Parameters:
    ///   - depth: how much is looked at.
    ///   - progress: gets leaves done and leaves in all.
    ///   - modelProgress: gets, with ``VerificationDepth/rows``, the read model and how many of its
    ///     units were folded.
    /// - Returns: what was checked and what does not agree.
    /// - Throws: errors of storage; what does not agree is in the summary.
    public func verify(
        _ depth: VerificationDepth = .everything,
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in },
        modelProgress: (_ model: ReadModel, _ units: Int) -> Void = { _, _ in }
    ) throws(LedgerError) -> VerificationSummary {
        do throws(EventStoreError) {
            let scope: VerificationScope = depth == .tree ? .tree : .everything
            var report = try self.store.verify(scope, progress: progress)
            guard depth == .rows else { return VerificationSummary(report) }
            let before = report.findingCount
            var rows: UInt64 = 0
            var leftOut: [VerificationSummary.Finding] = []
            for model in ReadModel.allCases {
                let check = try self.store.checkRows(
                    of: self.projection(of: model),
                    progress: { modelProgress(model, $0) },
                    finding: { report.add("\(model.rawValue): \($0)", $1) }
                )
                rows += check.rows
                guard let obstacle = check.obstacle else { continue }
                leftOut.append(.init(place: model.rawValue, what: obstacle.words))
            }
            var summary = VerificationSummary(report)
            summary.modelRows = rows
            summary.modelsLeftOut = leftOut
            summary.modelFindingCount = report.findingCount - before
            return summary
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

extension RowCheck.Obstacle {
    fileprivate var words: String {
        switch self {
        case .notKept: "no rows of this version and of these keys are there"
        case .unfinished: "its rows are being made"
        case .governed: "its rows are behind a policy, a calendar or the like"
        }
    }
}
