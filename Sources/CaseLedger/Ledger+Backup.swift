internal import EventStore
public import LedgerTypes
internal import Sealing

/// What a run of a backup wrote, or what a backup holds.
public struct BackupReport: Hashable, Sendable, Encodable {
    /// Where a log stands in the backup.
    public struct Log: Hashable, Sendable, Encodable {
        /// 32 hexadecimal digits.
        public let id: String
        /// Leaves.
        public let size: UInt64
        /// The root over them, 64 hexadecimal digits.
        public let root: String
    }

    /// The backup's directory.
    public let directory: String
    /// The newest segment.
    public let segment: UInt32
    /// The leaves that this run added.
    public let added: UInt64
    /// The leaves that the backup holds, over all logs.
    public let leaves: UInt64
    /// The bytes that this run wrote.
    public let bytes: UInt64
    /// Where each log stands, by id.
    public let logs: [Log]
}

/// What a restore made.
public struct RestoreReport: Hashable, Sendable, Encodable {
    /// The site that the ledger belongs to.
    public let site: String
    /// The ledger's directory.
    public let directory: String
    /// The leaves that were restored.
    public let leaves: UInt64
    /// The logs as the backup had them.
    public let logs: [BackupReport.Log]
    /// The log that this ledger appends to now: a new incarnation.
    public let current: String
    /// Whether the key-encryption keys are here, so that sealed text can be read.
    public let canReadTexts: Bool
}

/// What a drill found.
public struct DrillReport: Hashable, Sendable, Encodable {
    /// The backup.
    public let backup: BackupReport
    /// Whether every byte of the backup verifies.
    public let isBackupSound: Bool
    /// Whether a ledger was restored from it that verifies.
    public let isRestoreSound: Bool
    /// Whether that ledger holds what the backup says, log for log.
    public let isEqual: Bool
    /// What was wrong, if anything.
    public let problem: String?

    /// Whether this backup would have saved the ledger.
    public var isGood: Bool { self.isBackupSound && self.isRestoreSound && self.isEqual }
}

extension Ledger {
    /// Adds to the backup in `directory` what is new since its last run; makes it if it is missing.
    /// Appends go on meanwhile; the backup holds the ledger as it stood when the run began.
    ///
    /// The anchor and log keys are never in a backup. Key-encryption keys go to `keys` if it is
    /// given: whoever has both can read everything, so keep them apart.
    ///
    /// - Parameters:
    ///   - directory: where the backup is.
    ///   - keys: where the site's key-encryption keys and its pseudonym key are copied to.
    ///   - progress: gets leaves done and leaves to do.
    /// - Returns: what was written.
    /// - Throws: ``LedgerError/otherHistory(path:)`` and errors of the file system.
    public func backup(
        to directory: String,
        keys: String? = nil,
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) async throws(LedgerError) -> BackupReport {
        do throws(EventStoreError) {
            let summary = try await self.store.backup(to: directory, progress: progress)
            if let keys { try self.copyKeys(to: keys) }
            return BackupReport(
                directory: directory,
                segment: summary.segment,
                added: summary.leaves,
                leaves: summary.total,
                bytes: summary.bytes,
                logs: summary.positions.map(BackupReport.Log.init).sorted { $0.id < $1.id }
            )
        } catch {
            throw LedgerError(error, path: directory)
        }
    }

    private func copyKeys(to directory: String) throws(EventStoreError) {
        try EventStore.copySecrets(from: try Self.siteFolder(of: self.store), to: directory)
    }

    /// Reads every byte of a backup and rebuilds every tree in it.
    ///
    /// - Parameters:
    ///   - directory: the backup.
    ///   - progress: gets the leaves read so far.
    /// - Returns: what it holds.
    /// - Throws: ``LedgerError/malformedFile(path:)`` and others for the first thing that is wrong.
    public static func verifyBackup(
        at directory: String,
        progress: (_ leaves: UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> BackupReport {
        do throws(EventStoreError) {
            let contents = try EventStore.verifyBackup(directory, progress: progress)
            return BackupReport(
                directory: directory,
                segment: contents.segments,
                added: 0,
                leaves: contents.leaves,
                bytes: 0,
                logs: contents.positions.map(BackupReport.Log.init).sorted { $0.id < $1.id }
            )
        } catch {
            throw LedgerError(error, path: directory)
        }
    }

    /// Makes a ledger out of a backup, and begins a new incarnation of its site's log: what was
    /// appended after the backup comes back from peers with the next sync, if they have it.
    ///
    /// - Parameters:
    ///   - backup: the backup's directory.
    ///   - path: the new ledger's directory, missing or empty.
    ///   - state: where its secrets go.
    ///   - keys: where `backup` copied the key-encryption keys to, if STATE was lost.
    ///   - clock: tells the time; the system's clock if not given.
    ///   - progress: gets the leaves restored so far.
    /// - Returns: what was restored.
    /// - Throws: ``LedgerError/alreadyExists(path:)``, errors of the backup and the file system.
    public static func restore(
        _ backup: String,
        to path: String,
        state: String,
        keys: String? = nil,
        clock: (@Sendable () -> Timestamp)? = nil,
        progress: (_ leaves: UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> RestoreReport {
        let contents: BackupContents
        do throws(EventStoreError) {
            var configuration = Self.configuration(path, state, isReadOnly: false)
            if let clock { configuration.clock = clock }
            contents = try EventStore.restore(backup, configuration, progress: progress)
            if let keys {
                let siteKey = try EventStore.firstSiteKey(of: configuration)
                let folder = KeyEncryptionKeys.folder(state: state, siteKey: siteKey)
                try EventStore.copySecrets(from: keys, to: folder)
            }
        } catch {
            throw LedgerError(error, path: backup)
        }
        let ledger = try Self.open(at: path, state: state, onRestore: .newIncarnation, clock: clock)
        defer { ledger.close() }
        return RestoreReport(
            site: contents.site.rawValue,
            directory: path,
            leaves: contents.leaves,
            logs: contents.positions.map(BackupReport.Log.init).sorted { $0.id < $1.id },
            current: try ledger.ownLog().origin,
            canReadTexts: ledger.keys != nil
        )
    }

    /// Backs up, restores into `scratch`, verifies both and compares them: whether this backup
    /// would save the ledger today. `scratch` holds nothing that is needed afterwards.
    ///
    /// - Parameters:
    ///   - directory: where the backup is.
    ///   - scratch: a directory that is missing or empty.
    ///   - progress: gets what is being done.
    /// - Returns: the verdict.
    /// - Throws: errors of the backup itself.
    public func drill(
        _ directory: String,
        scratch: String,
        progress: (_ step: String) -> Void = { _ in }
    ) async throws(LedgerError) -> DrillReport {
        progress("backup")
        let backup = try await self.backup(to: directory)
        progress("backup verify")
        do throws(LedgerError) {
            _ = try Self.verifyBackup(at: directory)
        } catch {
            return DrillReport(backup, false, false, false, "\(error)")
        }
        progress("restore")
        do throws(LedgerError) {
            let path = scratch + "/ledger"
            let restored = try Self.restore(directory, to: path, state: scratch + "/state")
            progress("verify")
            let ledger = try Self.open(at: path, state: scratch + "/state", access: .readOnly)
            defer { ledger.close() }
            let report = try ledger.verify()
            guard report.isSound else {
                let finding = report.findings.first.map { "\($0.place): \($0.what)" }
                return DrillReport(backup, true, false, false, finding)
            }
            guard restored.logs == backup.logs else {
                return DrillReport(backup, true, true, false, "the restored logs differ")
            }
            return DrillReport(backup, true, true, true, nil)
        } catch {
            return DrillReport(backup, true, false, false, "\(error)")
        }
    }
}

extension DrillReport {
    fileprivate init(
        _ backup: BackupReport,
        _ isBackupSound: Bool,
        _ isRestoreSound: Bool,
        _ isEqual: Bool,
        _ problem: String?
    ) {
        self.init(
            backup: backup,
            isBackupSound: isBackupSound,
            isRestoreSound: isRestoreSound,
            isEqual: isEqual,
            problem: problem
        )
    }
}

extension BackupReport.Log {
    fileprivate init(_ position: Position) {
        self.init(id: position.log.hex, size: position.size, root: position.root.hex)
    }
}
