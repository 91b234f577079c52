package import LedgerTypes

extension EventStore {
    /// What to do when the own log's anchor does not fit (SYNC.md 2).
    package enum OnRestore: Hashable, Sendable {
        /// Open all the same; appends fail with ``EventStoreError/suspect(_:_:)``.
        case refuse
        /// Begin a new incarnation.
        case newIncarnation
    }

    /// Where a ledger lies and what the store needs from outside.
    package struct Configuration: Sendable {
        /// The ledger's directory.
        package var directory: String
        /// STATE: anchors and log keys, never in a ledger's directory or its backup.
        package var stateDirectory: String
        /// The address space of each environment, which it can fill before it has to grow.
        package var mapBytes = 256 << 30
        /// Whether nothing is written, anchor and `views/` included.
        package var isReadOnly = false
        /// The local clock.
        package var clock: @Sendable () -> Timestamp
        /// Random bytes, as many as asked for, fit for keys.
        package var random: @Sendable (Int) -> [UInt8]
        /// What to do when the own log's anchor does not fit.
        package var onRestore = OnRestore.refuse
        /// How much may be appended at once.
        package var limits = AppendLimits()
        /// Names a second subject to file an event under.
        package var crossReference: CrossReference?
        /// The types of the events that ``crossReference`` may name a second subject for; `nil` for
        /// every type. Saves the writer a look at the others.
        package var crossReferenceTypes: [String]?

        /// Describes the ledger in `directory`.
        package init(
            directory: String,
            stateDirectory: String,
            clock: @escaping @Sendable () -> Timestamp,
            random: @escaping @Sendable (Int) -> [UInt8]
        ) {
            self.directory = directory
            self.stateDirectory = stateDirectory
            self.clock = clock
            self.random = random
        }
    }
}

/// Who writes a new ledger.
package struct SiteDescription: Hashable, Sendable {
    /// The site's name.
    package var name: SiteName

    /// Describes a site.
    package init(name: SiteName) {
        self.name = name
    }
}
