internal import CLMDB
internal import Glibc

/// Why a storage call failed: a code of liblmdb, an `errno`, or one of this wrapper's own.
///
/// A struct over the code rather than an enum, so that a code of a newer liblmdb stays
/// representable. The wrapper's own codes lie below -31000, where liblmdb has none.
package struct LMDBError: Error, RawRepresentable, Hashable, Sendable {
    /// The code.
    package let rawValue: CInt

    /// Wraps `rawValue`.
    package init(rawValue: CInt) { self.rawValue = rawValue }

    /// Throws unless `code` says success.
    @inline(always)
    static func check(_ code: CInt) throws(LMDBError) {
        guard code == MDB_SUCCESS else { throw LMDBError(rawValue: code) }
    }
}

extension LMDBError {
    /// The key is already there, or an appended key is not the greatest.
    package static var keyExists: LMDBError { LMDBError(rawValue: MDB_KEYEXIST) }
    /// No such key or table.
    package static var notFound: LMDBError { LMDBError(rawValue: MDB_NOTFOUND) }
    /// A page number points outside the file: the file is damaged.
    package static var pageNotFound: LMDBError { LMDBError(rawValue: MDB_PAGE_NOTFOUND) }
    /// A page is not of the expected kind: the file is damaged.
    package static var corrupted: LMDBError { LMDBError(rawValue: MDB_CORRUPTED) }
    /// Writing the meta page failed. The environment refuses everything until it is reopened, and
    /// whether the last commit took place is unknown until then.
    package static var panicked: LMDBError { LMDBError(rawValue: MDB_PANIC) }
    /// The file has a format of another liblmdb.
    package static var versionMismatch: LMDBError { LMDBError(rawValue: MDB_VERSION_MISMATCH) }
    /// The file is not an LMDB environment.
    package static var invalid: LMDBError { LMDBError(rawValue: MDB_INVALID) }
    /// The map is full. Nothing of the transaction was kept; grow and repeat it.
    package static var mapFull: LMDBError { LMDBError(rawValue: MDB_MAP_FULL) }
    /// More tables were opened than the environment allows.
    package static var tablesFull: LMDBError { LMDBError(rawValue: MDB_DBS_FULL) }
    /// Every reader slot is taken by a living process.
    package static var readersFull: LMDBError { LMDBError(rawValue: MDB_READERS_FULL) }
    /// The transaction has too many dirty pages.
    package static var transactionFull: LMDBError { LMDBError(rawValue: MDB_TXN_FULL) }
    /// Another process made the map larger, and this thread's own transaction prevents following.
    package static var mapResized: LMDBError { LMDBError(rawValue: MDB_MAP_RESIZED) }
    /// The table or its kind changed under the handle.
    package static var incompatible: LMDBError { LMDBError(rawValue: MDB_INCOMPATIBLE) }
    /// An earlier failure ended the transaction.
    package static var badTransaction: LMDBError { LMDBError(rawValue: MDB_BAD_TXN) }
    /// A size that liblmdb does not take.
    package static var badValueSize: LMDBError { LMDBError(rawValue: MDB_BAD_VALSIZE) }
    /// The table was opened after the transaction began, or in another environment.
    package static var badTable: LMDBError { LMDBError(rawValue: MDB_BAD_DBI) }

    /// There is no such file or directory.
    package static var noSuchFile: LMDBError { LMDBError(rawValue: ENOENT) }
    /// The file or directory may not be read or written, or the environment is read-only.
    package static var permissionDenied: LMDBError { LMDBError(rawValue: EACCES) }
    /// The file system is read-only.
    package static var readOnlyFileSystem: LMDBError { LMDBError(rawValue: EROFS) }
    /// The device is full. What was committed before is intact.
    package static var noSpace: LMDBError { LMDBError(rawValue: ENOSPC) }
    /// The file would exceed the process's file size limit.
    package static var fileTooLarge: LMDBError { LMDBError(rawValue: EFBIG) }
    /// The quota is used up. What was committed before is intact.
    package static var quotaExceeded: LMDBError { LMDBError(rawValue: EDQUOT) }
    /// The device failed.
    package static var inputOutput: LMDBError { LMDBError(rawValue: EIO) }
    /// There is no memory or address space for the map.
    package static var outOfMemory: LMDBError { LMDBError(rawValue: ENOMEM) }

    /// A key is empty or longer than ``Limits/keyBytesMax``.
    package static var keySize: LMDBError { LMDBError(rawValue: -31_001) }
    /// A value is longer than ``Limits/valueBytesMax``.
    package static var valueSize: LMDBError { LMDBError(rawValue: -31_002) }
    /// The environment was opened before a `fork`; the child must open its own.
    package static var forked: LMDBError { LMDBError(rawValue: -31_003) }
    /// This thread holds a transaction that the call would wait for, for ever.
    package static var transactionOpen: LMDBError { LMDBError(rawValue: -31_004) }
    /// This process has the environment open with options that the new ones contradict.
    package static var openedDifferently: LMDBError { LMDBError(rawValue: -31_005) }
    /// The data file is shorter than its newest meta page says.
    package static var truncated: LMDBError { LMDBError(rawValue: -31_006) }
    /// Another process with the same process id, in another PID namespace, reads the environment.
    package static var processIDClash: LMDBError { LMDBError(rawValue: -31_007) }
    /// The snapshot of a reader without a lock was overwritten while it was read.
    package static var snapshotOverwritten: LMDBError { LMDBError(rawValue: -31_008) }
    /// An earlier ``Environment/reopen()`` failed; the environment is closed.
    package static var closed: LMDBError { LMDBError(rawValue: -31_009) }
    /// A call inside the transaction failed half-way, so it cannot be committed.
    package static var transactionFailed: LMDBError { LMDBError(rawValue: -31_010) }
}

extension LMDBError {
    /// Whether the same transaction may succeed later, after what the description names was done.
    package var isRetryable: Bool {
        switch self {
        case .mapFull, .mapResized, .readersFull, .noSpace, .quotaExceeded, .snapshotOverwritten,
            .processIDClash, .transactionOpen, .outOfMemory:
            true
        default:
            false
        }
    }

    /// Whether the environment must be reopened before anything else can be done with it.
    package var requiresReopen: Bool { self == .panicked || self == .closed }
}

extension LMDBError: CustomStringConvertible {
    /// What happened, and where it helps, what to do.
    package var description: String {
        self.ownDescription ?? (unsafe String(cString: mdb_strerror(self.rawValue)))
    }

    /// The text for codes that liblmdb does not know or words badly.
    private var ownDescription: String? {
        switch self {
        case .keySize: "a key must have 1 to \(Limits.keyBytesMax) bytes"
        case .valueSize: "a value may have at most \(Limits.valueBytesMax) bytes"
        case .forked: "the environment was opened before a fork; open it again in the child"
        case .transactionOpen: "this thread holds a transaction of the environment; end it first"
        case .openedDifferently: "this process has the environment open with other options"
        case .truncated: "the data file is shorter than its header says; restore it from a copy"
        case .processIDClash:
            "another process with the same process id has the environment open, probably in "
                + "another container; let the containers share one PID namespace"
        case .snapshotOverwritten:
            "a writer overwrote the snapshot while it was read without a lock; read again"
        case .closed: "the environment is closed, because reopening it failed"
        case .transactionFailed: "an earlier call of the transaction failed; nothing was kept"
        case .panicked:
            "writing the meta page failed; reopen the environment, then look whether the last "
                + "commit took place"
        default: nil
        }
    }
}

/// An error type that has a place for a storage failure.
///
/// The scopes of ``Environment`` throw their caller's own error type and nothing wider.
package protocol StorageFailure: Error {
    /// The failure that `error` amounts to.
    static func storage(_ error: LMDBError) -> Self
}

extension LMDBError: StorageFailure {
    /// The error itself.
    package static func storage(_ error: LMDBError) -> LMDBError { error }
}

/// What an environment takes.
package enum Limits {
    /// The longest key; fixed when liblmdb was built.
    package static let keyBytesMax = 511
    /// The longest value.
    package static let valueBytesMax = 64 << 20
    /// The dirty pages from which on liblmdb 0.9.24 spills, and leaks what it spilled.
    ///
    /// Keep ``WriteTransaction/dirtyPagesMax`` below this.
    package static let dirtyPagesMax = 100_000
    /// The read transactions that an environment keeps for reuse; each holds a reader slot.
    static let idleReadersMax = 4
    /// The write transactions between two looks for readers whose process is gone.
    static let writesBetweenReaderChecks = 512
    /// How often a begin that another process's growth disturbed is repeated.
    static let beginAttemptsMax = 4
}
