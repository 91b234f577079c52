package import LedgerTypes

/// What came of reading a bundle.
package struct BundleReport: Hashable, Sendable {
    /// How the file ended.
    package enum Ending: Hashable, Sendable {
        /// With its END, and nothing is missing.
        case complete
        /// With its END; another part of the set goes on.
        case goesOn
        /// Before its END: it was cut.
        case truncated
        /// At something that cannot be believed.
        case damaged(SyncError)
    }

    /// One log of the bundle.
    package struct Log: Hashable, Sendable {
        /// What the manifest says.
        package let entry: BundleManifest.Entry
        /// The site that writes it, once a frame said so.
        package let site: SiteName?
        /// The size up to which its leaves are verified, and held if the bundle was applied.
        package let reached: UInt64
        /// The leaves that were not held before.
        package let added: UInt64
        /// Why it was left alone, if it was.
        package let problem: SyncError?
    }

    /// The manifest.
    package let manifest: BundleManifest
    /// How the file ended.
    package let ending: Ending
    /// The bytes up to the end of the last whole piece.
    package let byteCount: UInt64
    /// The frames before END.
    package let frameCount: UInt64
    /// Every log, by id.
    package let logs: [Log]
    /// What is still missing, of logs that were not left alone.
    package let gaps: [BundleIntake.Gap]
    /// The digest over every position of the ledger; `nil` if the bundle was only checked.
    package let stateDigest: Digest?

    /// Whether everything that the file was to bring is there.
    package var isWhole: Bool {
        switch self.ending {
        case .complete: self.gaps.isEmpty
        case .goesOn: true
        case .truncated, .damaged: false
        }
    }
}
