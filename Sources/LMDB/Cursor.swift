internal import CLMDB

/// One row, copied out of the map.
package struct Row: Sendable, Hashable {
    /// The key.
    package let key: [UInt8]
    /// The value.
    package let value: [UInt8]
}

/// A place in a table.
///
/// Internal, and used in the two functions below only: the compiler does not stop a cursor from
/// being assigned out of a closure, so none is ever handed to one.
@unsafe
struct Cursor: ~Copyable {
    private let handle: OpaquePointer
    private var key = unsafe MDB_val()
    private var value = unsafe MDB_val()

    init(_ table: Table, _ transaction: OpaquePointer) throws(LMDBError) {
        var handle: OpaquePointer?
        try unsafe LMDBError.check(mdb_cursor_open(transaction, table.handle, &handle))
        guard let handle = unsafe handle else { throw .outOfMemory }
        unsafe self.handle = handle
    }

    deinit { unsafe mdb_cursor_close(self.handle) }

    var currentKey: UnsafeBufferPointer<UInt8> { unsafe self.key.bytes }
    var currentValue: UnsafeBufferPointer<UInt8> { unsafe self.value.bytes }

    /// Moves; whether there is a row.
    mutating func move(_ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
        let code = unsafe mdb_cursor_get(self.handle, &self.key, &self.value, operation)
        if code == MDB_NOTFOUND { return false }
        try LMDBError.check(code)
        return true
    }

    /// Moves to the first key that is not less than `bound`; whether there is one.
    mutating func moveUp(to bound: Span<UInt8>) throws(LMDBError) -> Bool {
        let handle = unsafe self.handle
        var found = unsafe MDB_val()
        var value = unsafe MDB_val()
        let code = unsafe bound.withUnsafeBytes { bytes in
            unsafe found = unsafe MDB_val(bytes)
            return unsafe mdb_cursor_get(handle, &found, &value, MDB_SET_RANGE)
        }
        if code == MDB_NOTFOUND { return false }
        try LMDBError.check(code)
        unsafe self.key = unsafe found
        unsafe self.value = unsafe value
        return true
    }

    /// Moves to the last key that is not greater than `bound`; whether there is one.
    mutating func moveDown(to bound: Span<UInt8>) throws(LMDBError) -> Bool {
        guard try unsafe self.moveUp(to: bound) else { return try unsafe self.move(MDB_LAST) }
        let isEqual = unsafe bound.withUnsafeBufferPointer { bound in
            unsafe bound.elementsEqual(self.currentKey)
        }
        if isEqual { return true }
        return try unsafe self.move(MDB_PREV)
    }

    /// Moves to where a scan begins; whether there is a row.
    mutating func start(from bound: Span<UInt8>?, backwards: Bool) throws(LMDBError) -> Bool {
        guard let bound, !bound.isEmpty else {
            return try unsafe self.move(backwards ? MDB_LAST : MDB_FIRST)
        }
        try requireKeySize(bound)
        return try unsafe backwards ? self.moveDown(to: bound) : self.moveUp(to: bound)
    }
}

/// Gives `body` the rows from `bound` on until it returns false.
@unsafe
func scan<Failure: StorageFailure>(
    _ table: Table,
    from bound: [UInt8]?,
    backwards: Bool,
    _ transaction: OpaquePointer,
    _ body: (Span<UInt8>, Span<UInt8>) throws(Failure) -> Bool
) throws(Failure) {
    var cursor: Cursor
    do throws(LMDBError) {
        unsafe cursor = try unsafe Cursor(table, transaction)
    } catch {
        throw .storage(error)
    }
    var isAtRow: Bool
    do throws(LMDBError) {
        isAtRow = try unsafe cursor.start(from: bound?.span, backwards: backwards)
    } catch {
        throw .storage(error)
    }
    while isAtRow {
        let key = unsafe Span(_unsafeElements: cursor.currentKey)
        let value = unsafe Span(_unsafeElements: cursor.currentValue)
        guard try body(key, value) else { return }
        do throws(LMDBError) {
            isAtRow = try unsafe cursor.move(backwards ? MDB_PREV : MDB_NEXT)
        } catch {
            throw .storage(error)
        }
    }
}

/// The row where a scan from `bound` would begin, copied.
@unsafe
func row(
    _ table: Table,
    from bound: Span<UInt8>?,
    backwards: Bool,
    _ transaction: OpaquePointer
) throws(LMDBError) -> Row? {
    var cursor = try unsafe Cursor(table, transaction)
    guard try unsafe cursor.start(from: bound, backwards: backwards) else { return nil }
    return unsafe Row(key: Array(cursor.currentKey), value: Array(cursor.currentValue))
}

/// What `body` makes of the row where a scan from `bound` would begin; `nil` if there is none.
@unsafe
func withRow<Success>(
    _ table: Table,
    from bound: Span<UInt8>?,
    backwards: Bool,
    _ transaction: OpaquePointer,
    _ body: (Span<UInt8>, Span<UInt8>) -> Success
) throws(LMDBError) -> Success? {
    var cursor = try unsafe Cursor(table, transaction)
    guard try unsafe cursor.start(from: bound, backwards: backwards) else { return nil }
    let key = unsafe Span(_unsafeElements: cursor.currentKey)
    let value = unsafe Span(_unsafeElements: cursor.currentValue)
    return body(key, value)
}
