internal import CSQLite

/// A database that one task writes or reads through the system's SQLite.
///
/// Invariant: a statement retains its database, so none outlives it. Belongs to one task.
@safe
final class SQLiteDatabase {
    /// Owned; closed in `deinit`.
    private let handle: OpaquePointer

    /// Makes the database in the file at `path`, which is empty or not there. An empty path is a
    /// database of this object's own, on disk where SQLite keeps temporary files, gone with it.
    init(creatingAt path: String) throws(SQLiteError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        // SQLite copies the path; the handle is given back also where opening fails.
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard let handle = unsafe handle else {
            throw SQLiteError(code: code, systemCode: 0, reason: "out of memory")
        }
        unsafe self.handle = handle
        guard code == SQLITE_OK else { throw self.failure }
        unsafe sqlite3_extended_result_codes(handle, 1)
    }

    deinit { unsafe sqlite3_close_v2(self.handle) }

    /// Runs statements that give no rows.
    func run(_ sql: String) throws(SQLiteError) {
        guard unsafe sqlite3_exec(self.handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw self.failure
        }
    }

    /// Compiles a statement, to be used often.
    func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            self.handle,
            sql,
            -1,
            UInt32(SQLITE_PREPARE_PERSISTENT),
            &statement,
            nil
        )
        guard code == SQLITE_OK, let statement = unsafe statement else { throw self.failure }
        return unsafe SQLiteStatement(statement, of: self)
    }

    /// The rows that the last statement changed.
    var changes: Int { Int(unsafe sqlite3_changes(self.handle)) }

    /// What went wrong in the last call.
    var failure: SQLiteError {
        SQLiteError(
            code: unsafe sqlite3_extended_errcode(self.handle),
            systemCode: unsafe sqlite3_system_errno(self.handle),
            reason: unsafe sqlite3_errmsg(self.handle).map { unsafe String(cString: $0) } ?? ""
        )
    }

    /// A name as SQL writes it, whatever is in it.
    static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }
}

/// A compiled statement. Belongs to the task of its database.
@safe
final class SQLiteStatement {
    /// Owned; finalized in `deinit`.
    private let handle: OpaquePointer
    private let database: SQLiteDatabase
    /// Tells SQLite to copy what is bound before the call returns.
    private static var copies: sqlite3_destructor_type {
        // The constant SQLITE_TRANSIENT, a cast that Swift does not import; never called.
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    @unsafe
    init(_ handle: OpaquePointer, of database: SQLiteDatabase) {
        unsafe self.handle = handle
        self.database = database
    }

    deinit { unsafe sqlite3_finalize(self.handle) }

    /// Binds `values` from the first parameter on, and runs the statement for its effect.
    func run(_ values: [SQLiteValue]) throws(SQLiteError) {
        try self.bind(values)
        defer { unsafe sqlite3_reset(self.handle) }
        guard unsafe sqlite3_step(self.handle) == SQLITE_DONE else { throw self.database.failure }
    }

    /// Binds `values` and gives `body` each row.
    func forEachRow(_ values: [SQLiteValue] = [], _ body: ([SQLiteValue]) throws -> Void) throws {
        try self.bind(values)
        defer { unsafe sqlite3_reset(self.handle) }
        while true {
            switch unsafe sqlite3_step(self.handle) {
            case SQLITE_ROW: try body(self.row)
            case SQLITE_DONE: return
            default: throw self.database.failure
            }
        }
    }

    private var row: [SQLiteValue] {
        let count = unsafe sqlite3_column_count(self.handle)
        return (0..<count).map { column in
            switch unsafe sqlite3_column_type(self.handle, column) {
            case SQLITE_INTEGER: .integer(unsafe sqlite3_column_int64(self.handle, column))
            case SQLITE_FLOAT: .number(unsafe sqlite3_column_double(self.handle, column))
            case SQLITE_NULL: .null
            default: .text(self.text(column))
            }
        }
    }

    /// The bytes belong to SQLite until the next step; they are copied at once.
    private func text(_ column: Int32) -> String {
        guard let bytes = unsafe sqlite3_column_text(self.handle, column) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(self.handle, column))
        let text = unsafe UnsafeBufferPointer(start: bytes, count: count)
        return unsafe String(decoding: text, as: UTF8.self)
    }

    private func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        for (place, value) in values.enumerated() {
            let column = Int32(place + 1)
            let code =
                switch value {
                case .null: unsafe sqlite3_bind_null(self.handle, column)
                case .integer(let number): unsafe sqlite3_bind_int64(self.handle, column, number)
                case .number(let number): unsafe sqlite3_bind_double(self.handle, column, number)
                case .text(let text): self.bind(text, column)
                }
            guard code == SQLITE_OK else { throw self.database.failure }
        }
    }

    private func bind(_ text: String, _ column: Int32) -> Int32 {
        // With its length, so that a NUL inside does not end it.
        unsafe sqlite3_bind_text(
            self.handle,
            column,
            text,
            Int32(clamping: text.utf8.count),
            Self.copies
        )
    }
}

/// A value of a row.
enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case number(Double)
    case text(String)
}
