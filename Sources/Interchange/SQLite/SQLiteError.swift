/// Why a database could not be written or read.
package struct SQLiteError: Error, Hashable, Sendable {
    /// SQLite's result code, extended.
    package let code: Int32
    /// The `errno` of the system call that failed; 0 where none did.
    package let systemCode: Int32
    /// What SQLite says.
    package let reason: String
}

extension SQLiteError {
    /// The `errno` that says it best.
    package var systemError: Int32 {
        if self.systemCode != 0 { return self.systemCode }
        return switch self.code & 0xFF {
        case 13: 28  // SQLITE_FULL is ENOSPC
        case 7: 12  // SQLITE_NOMEM is ENOMEM
        case 8, 3: 13  // SQLITE_READONLY, SQLITE_PERM are EACCES
        default: 5  // EIO
        }
    }
}
