internal import CLMDB

/// The environment's one write transaction.
///
/// Whatever writes is `mutating`, so no span of ``value(for:in:)`` can be alive across it: that is
/// liblmdb's rule, checked by the compiler.
///
/// `@safe`: the handle lives from `init` to commit or `deinit` and never leaves the module.
@safe
package struct WriteTransaction: ~Copyable, ~Escapable {
    /// `nil` once committed.
    private var handle: OpaquePointer?
    /// Keeps the map until `deinit` has run; without it the optimiser closes the environment first.
    private let environment: Environment
    /// A cursor where the last row was stored by ``append(_:for:in:)`` or ``putNext(_:for:in:)``,
    /// and its table. liblmdb keeps it right whatever else is stored, and frees it with the
    /// transaction.
    private var cursor: (handle: OpaquePointer, table: Table)?
    private var bytesAppended = 0
    private var pagesTouched = 0
    private var hasFailed = false

    @_lifetime(borrow environment)
    init(_ environment: borrowing Environment) throws(LMDBError) {
        try environment.noteWrite()
        unsafe self.handle = try environment.begin(isWriting: true)
        self.environment = copy environment
    }

    deinit {
        guard let handle = unsafe self.handle else { return }
        unsafe mdb_txn_abort(handle)
        unsafe self.environment.leave(isWriting: true, idle: nil)
    }

    /// Makes everything durable and ends the transaction; after every error but
    /// ``LMDBError/panicked`` nothing of it was kept.
    ///
    /// liblmdb frees the handle whether or not that succeeds, so it is taken first.
    consuming func commit() throws(LMDBError) {
        guard !self.hasFailed else { throw .transactionFailed }
        let handle = unsafe self.handle.take()
        let environment = self.environment
        let code = unsafe mdb_txn_commit(handle)
        // A failure before the meta page kept nothing; one of the meta page may have kept all.
        let isPanicked = code != MDB_SUCCESS && environment.isPanicked()
        // liblmdb calls a write that the device took only in part an input or output error.
        let isFull = code == LMDBError.inputOutput.rawValue && environment.isDeviceFull()
        unsafe environment.leave(isWriting: true, idle: nil)
        guard !isPanicked else { throw .panicked }
        guard !isFull else { throw .noSpace }
        try LMDBError.check(code)
    }

    /// The number that the transaction will have once committed.
    package var identifier: UInt64 { UInt64(unsafe mdb_txn_id(self.handle)) }

    /// The pages written so far, at most; keep it below ``Limits/dirtyPagesMax``.
    package var dirtyPagesMax: Int { self.pagesTouched + self.bytesAppended / 2048 }

    /// Stores `value` under `key`, replacing what was there.
    package mutating func put(
        _ value: Span<UInt8>,
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) {
        try LMDBError.check(self.store(value, for: key, in: table, flags: 0))
    }

    /// Stores `value` under `key`, which must be greater than every key of `table`; throws
    /// ``LMDBError/keyExists`` otherwise. Fills pages to the brim.
    package mutating func append(
        _ value: Span<UInt8>,
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) {
        try LMDBError.check(self.storeNext(value, for: key, in: table, flags: UInt32(MDB_APPEND)))
    }

    /// Stores `value` under `key` as ``put(_:for:in:)`` does; quicker where keys come in order, all
    /// of one table before those of the next.
    package mutating func putNext(
        _ value: Span<UInt8>,
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) {
        try LMDBError.check(self.storeNext(value, for: key, in: table, flags: 0))
    }

    /// Stores `value` under `key` unless something is there, as ``putNext(_:for:in:)`` does.
    package mutating func putNextIfAbsent(
        _ value: Span<UInt8>,
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) {
        let code = try self.storeNext(value, for: key, in: table, flags: UInt32(MDB_NOOVERWRITE))
        if code != MDB_KEYEXIST { try LMDBError.check(code) }
    }

    /// Stores `value` under `key` unless something is there; whether it did.
    package mutating func putIfAbsent(
        _ value: Span<UInt8>,
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) -> Bool {
        let code = try self.store(value, for: key, in: table, flags: UInt32(MDB_NOOVERWRITE))
        if code == MDB_KEYEXIST { return false }
        try LMDBError.check(code)
        return true
    }

    /// Stores `count` bytes under `key`, which `body` writes in their place, without a copy.
    ///
    /// If `body` throws or writes fewer, the transaction can no longer be committed.
    package mutating func reserve<Failure: StorageFailure>(
        count: Int,
        for key: Span<UInt8>,
        in table: Table,
        append: Bool = false,
        _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        let place: UnsafeMutableBufferPointer<UInt8>
        do throws(LMDBError) {
            unsafe place = try unsafe self.reservePlace(count, for: key, in: table, append: append)
        } catch {
            throw .storage(error)
        }
        self.hasFailed = true
        var output = unsafe OutputSpan(buffer: place, initializedCount: 0)
        try body(&output)
        let written = unsafe output.finalize(for: place)
        guard written == count else { throw .storage(.transactionFailed) }
        self.hasFailed = false
    }

    /// Removes `key`; whether it was there.
    package mutating func delete(_ key: Span<UInt8>, in table: Table) throws(LMDBError) -> Bool {
        try self.require(table)
        try requireKeySize(key)
        let handle = unsafe self.handle
        self.pagesTouched += 1
        let code = unsafe key.withUnsafeBytes { key in
            var key = unsafe MDB_val(key)
            return unsafe mdb_del(handle, table.handle, &key, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try LMDBError.check(code)
        return true
    }

    /// Removes every row of `table`.
    package mutating func clear(_ table: Table) throws(LMDBError) {
        try self.require(table)
        try unsafe LMDBError.check(mdb_drop(self.handle, table.handle, 0))
    }

    /// The checks and the call that all kinds of storing share.
    private mutating func store(
        _ value: Span<UInt8>,
        for key: Span<UInt8>,
        in table: Table,
        flags: UInt32
    ) throws(LMDBError) -> CInt {
        try self.prepare(value.count, key, table, isAppend: flags & UInt32(MDB_APPEND) != 0)
        let handle = unsafe self.handle
        return unsafe key.withUnsafeBytes { key in
            unsafe value.withUnsafeBytes { value in
                var key = unsafe MDB_val(key)
                var value = unsafe MDB_val(value)
                return unsafe mdb_put(handle, table.handle, &key, &value, flags)
            }
        }
    }

    /// The same, beginning to look where the last row was stored.
    private mutating func storeNext(
        _ value: Span<UInt8>,
        for key: Span<UInt8>,
        in table: Table,
        flags: UInt32
    ) throws(LMDBError) -> CInt {
        try self.prepare(value.count, key, table, isAppend: flags & UInt32(MDB_APPEND) != 0)
        let cursor = try unsafe self.cursor(in: table)
        return unsafe key.withUnsafeBytes { key in
            unsafe value.withUnsafeBytes { value in
                var key = unsafe MDB_val(key)
                var value = unsafe MDB_val(value)
                return unsafe mdb_cursor_put(cursor, &key, &value, flags)
            }
        }
    }

    @unsafe
    private mutating func cursor(in table: Table) throws(LMDBError) -> OpaquePointer {
        if let known = unsafe self.cursor {
            if unsafe known.table == table { return unsafe known.handle }
            unsafe mdb_cursor_close(known.handle)
            unsafe self.cursor = nil
        }
        var handle: OpaquePointer?
        try unsafe LMDBError.check(mdb_cursor_open(self.handle, table.handle, &handle))
        guard let handle = unsafe handle else { throw .outOfMemory }
        unsafe self.cursor = unsafe (handle, table)
        return unsafe handle
    }

    @unsafe
    private mutating func reservePlace(
        _ count: Int,
        for key: Span<UInt8>,
        in table: Table,
        append: Bool
    ) throws(LMDBError) -> UnsafeMutableBufferPointer<UInt8> {
        try self.prepare(count, key, table, isAppend: append)
        let handle = unsafe self.handle
        let flags = UInt32(MDB_RESERVE) | (append ? UInt32(MDB_APPEND) : 0)
        var value = unsafe MDB_val(mv_size: count, mv_data: nil)
        let code = unsafe key.withUnsafeBytes { key in
            var key = unsafe MDB_val(key)
            return unsafe mdb_put(handle, table.handle, &key, &value, flags)
        }
        try LMDBError.check(code)
        return unsafe UnsafeMutableBufferPointer(
            start: value.mv_data?.assumingMemoryBound(to: UInt8.self),
            count: count
        )
    }

    /// Checks the sizes and counts the pages that storing may touch.
    @inline(always)
    private mutating func prepare(
        _ valueBytes: Int,
        _ key: Span<UInt8>,
        _ table: Table,
        isAppend: Bool
    ) throws(LMDBError) {
        try self.require(table)
        try requireKeySize(key)
        guard valueBytes >= 0 && valueBytes <= Limits.valueBytesMax else { throw .valueSize }
        if isAppend {
            self.bytesAppended += key.count + valueBytes + 16
        } else {
            self.pagesTouched += 1 + valueBytes / 2048
        }
    }

    @inline(always)
    private borrowing func require(_ table: Table) throws(LMDBError) {
        guard table.environment == self.environment.number else { throw .badTable }
    }
}

@available(*, unavailable)
extension WriteTransaction: Sendable {}

extension WriteTransaction {
    /// The value under `key` as this transaction sees it, or `nil`. Zero-copy.
    @_lifetime(borrow self)
    package borrowing func value(
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) -> Span<UInt8>? {
        let handle = try unsafe self.handle(for: table)
        guard let bytes = try unsafe lookUp(key, table, handle) else { return nil }
        return unsafe _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
    }

    /// Gives `body` the rows from the first key that is at least `bound` (with `backwards`: from
    /// the last that is at most `bound`, towards the first) until it returns false.
    package borrowing func forEach<Failure: StorageFailure>(
        in table: Table,
        from bound: [UInt8]? = nil,
        backwards: Bool = false,
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) throws(Failure) -> Bool
    ) throws(Failure) {
        let handle: OpaquePointer
        do throws(LMDBError) {
            unsafe handle = try unsafe self.handle(for: table)
        } catch {
            throw .storage(error)
        }
        try unsafe scan(table, from: bound, backwards: backwards, handle, body)
    }

    /// The row with the least key.
    package borrowing func first(in table: Table) throws(LMDBError) -> Row? {
        try unsafe row(table, from: nil, backwards: false, self.handle(for: table))
    }

    /// The row with the greatest key.
    package borrowing func last(in table: Table) throws(LMDBError) -> Row? {
        try unsafe row(table, from: nil, backwards: true, self.handle(for: table))
    }

    /// The row with the greatest key that is at most `key`.
    package borrowing func floor(_ key: Span<UInt8>, in table: Table) throws(LMDBError) -> Row? {
        try unsafe row(table, from: key, backwards: true, self.handle(for: table))
    }

    /// What `body` makes of the row with the greatest key that is at most `key`; `nil` if there is
    /// none. Without a copy of the row.
    package borrowing func floor<Success>(
        _ key: Span<UInt8>,
        in table: Table,
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> Success
    ) throws(LMDBError) -> Success? {
        return try unsafe withRow(table, from: key, backwards: true, self.handle(for: table), body)
    }

    /// How many rows `table` has.
    package borrowing func count(in table: Table) throws(LMDBError) -> Int {
        try unsafe countRows(table, self.handle(for: table))
    }

    /// The handle, once it is sure that `table` belongs to this environment.
    private borrowing func handle(for table: Table) throws(LMDBError) -> OpaquePointer {
        try self.require(table)
        guard let handle = unsafe self.handle else { throw .badTransaction }
        return unsafe handle
    }
}
