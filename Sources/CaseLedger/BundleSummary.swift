internal import LedgerTypes
internal import Replication

/// What came of checking or applying a bundle.
public struct BundleSummary: Hashable, Sendable, Encodable {
    /// How a file ended.
    public enum Ending: String, Hashable, Sendable, Encodable {
        /// As it should; nothing is missing.
        case complete
        /// As it should; the next part of the set goes on.
        case goesOn
        /// It was cut.
        case truncated
        /// At bytes that cannot be believed.
        case damaged
    }

    /// One log of the bundle.
    public struct Log: Hashable, Sendable, Encodable {
        /// 32 hexadecimal digits.
        public let id: String
        /// The site that writes it, if a frame said so.
        public let site: String?
        /// The leaves that have to be held before.
        public let from: UInt64
        /// The leaves that are held once this part and all after it are applied.
        public let to: UInt64
        /// The leaves up to which it is verified.
        public let verified: UInt64
        /// Leaves that were not held before; 0 if the bundle was only checked.
        public let added: UInt64
        /// Why the log was left alone, if it was.
        public let problem: String?
    }

    /// Leaves that were to come and did not.
    public struct Missing: Hashable, Sendable, Encodable {
        /// 32 hexadecimal digits.
        public let log: String
        /// The first index.
        public let from: UInt64
        /// The index after the last.
        public let to: UInt64
    }

    /// The site that made it.
    public let site: String
    /// The key that signed it, 64 hexadecimal digits.
    public let siteKey: String
    /// The site it is for; `nil` for anybody.
    public let recipient: String?
    /// Which part of a set it is, from 1.
    public let part: UInt32
    /// How the file ended.
    public let ending: Ending
    /// What cannot be believed, if something cannot.
    public let problem: String?
    /// The bytes up to the end of the last whole piece.
    public let bytes: UInt64
    /// Every log, by id.
    public let logs: [Log]
    /// What is still to come, or did not come.
    public let missing: [Missing]
    /// The digest over every position of the ledger; `nil` if the bundle was only checked.
    public let digest: String?
    /// Sites whose logs were left alone because their keys are not pinned here.
    public let untrusted: [String]
    /// Whether everything that this file was to bring is there.
    public let isWhole: Bool
}

extension BundleSummary {
    init(_ report: BundleReport) {
        let manifest = report.manifest
        var problem: String?
        if case .damaged(let error) = report.ending { problem = error.description }
        self.init(
            site: manifest.site.rawValue,
            siteKey: manifest.siteKey.hex,
            recipient: manifest.recipient?.rawValue,
            part: manifest.part,
            ending: Ending(report.ending),
            problem: problem,
            bytes: report.byteCount,
            logs: report.logs.map { log in
                Log(
                    id: log.entry.log.hex,
                    site: log.site?.rawValue,
                    from: log.entry.old.size,
                    to: log.entry.new.size,
                    verified: log.reached,
                    added: log.added,
                    problem: log.problem?.description
                )
            },
            missing: report.gaps.map { Missing(log: $0.log.hex, from: $0.start, to: $0.end) },
            digest: report.stateDigest?.hex,
            untrusted: report.logs.compactMap { log in
                if case .untrusted(let site)? = log.problem { site } else { nil }
            },
            isWhole: report.isWhole
        )
    }
}

extension BundleSummary.Ending {
    fileprivate init(_ ending: BundleReport.Ending) {
        switch ending {
        case .complete: self = .complete
        case .goesOn: self = .goesOn
        case .truncated: self = .truncated
        case .damaged: self = .damaged
        }
    }
}

/// What comes next of a bundle that is being made.
public enum BundlePiece: Hashable, Sendable {
    /// A file begins: the number of the part, from 1.
    case begin(UInt32)
    /// Bytes of it.
    case bytes([UInt8])
    /// It is complete.
    case end(BundlePart)
}

/// One file of a bundle.
public struct BundlePart: Hashable, Sendable, Encodable {
    /// Its number, from 1.
    public let part: UInt32
    /// Its bytes.
    public let bytes: UInt64
    /// The leaves in it.
    public let leaves: UInt64
    /// SHA-256 of everything before its END, 64 hexadecimal digits.
    public let sha256: String
}

/// What a bundle was made of.
public struct BundleMade: Hashable, Sendable, Encodable {
    /// The leaves in all parts.
    public let leaves: UInt64
    /// The site whose vector it goes on from; `nil` if it holds everything.
    public let receiver: String?
    /// Its files, in order.
    public let parts: [BundlePart]
    /// Logs of which nothing was put in though the receiver lacks leaves, and why.
    public let problems: [String]
}
