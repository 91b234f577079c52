internal import CLMDB

/// A snapshot of an environment.
///
/// The bytes it returns lie in the map. The compiler ties them to a borrow of the transaction, and
/// the transaction retains its environment, so neither is used after what it reads from is gone.
///
/// `@safe`: the handle lives from `init` to `deinit` and never leaves the module.
@safe
package struct ReadTransaction: ~Copyable, ~Escapable {
    private let handle: OpaquePointer
    /// Keeps the map until `deinit` has run; without it the optimiser closes the environment first.
    private let environment: Environment

    /// Begins to read. It must end on the thread that it began on, so never hold it across `await`.
    @_lifetime(borrow environment)
    package init(_ environment: borrowing Environment) throws(LMDBError) {
        unsafe self.handle = try environment.begin(isWriting: false)
        self.environment = copy environment
    }

    deinit { unsafe self.environment.endRead(self.handle) }

    /// The number of the newest transaction that the snapshot sees.
    package var identifier: UInt64 { UInt64(unsafe mdb_txn_id(self.handle)) }

    /// The value under `key`, or `nil`. Zero-copy.
    @_lifetime(borrow self)
    package borrowing func value(
        for key: Span<UInt8>,
        in table: Table
    ) throws(LMDBError) -> Span<UInt8>? {
        try self.require(table)
        guard let bytes = try unsafe lookUp(key, table, self.handle) else { return nil }
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
        do throws(LMDBError) { try self.require(table) } catch { throw .storage(error) }
        try unsafe scan(table, from: bound, backwards: backwards, self.handle, body)
    }

    /// The row with the least key.
    package borrowing func first(in table: Table) throws(LMDBError) -> Row? {
        try self.require(table)
        return try unsafe row(table, from: nil, backwards: false, self.handle)
    }

    /// The row with the greatest key.
    package borrowing func last(in table: Table) throws(LMDBError) -> Row? {
        try self.require(table)
        return try unsafe row(table, from: nil, backwards: true, self.handle)
    }

    /// The row with the greatest key that is at most `key`.
    package borrowing func floor(_ key: Span<UInt8>, in table: Table) throws(LMDBError) -> Row? {
        try self.require(table)
        return try unsafe row(table, from: key, backwards: true, self.handle)
    }

    /// What `body` makes of the row with the greatest key that is at most `key`; `nil` if there is
    /// none. Without a copy of the row.
    package borrowing func floor<Success>(
        _ key: Span<UInt8>,
        in table: Table,
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> Success
    ) throws(LMDBError) -> Success? {
        try self.require(table)
        return try unsafe withRow(table, from: key, backwards: true, self.handle, body)
    }

    /// How many rows `table` has.
    package borrowing func count(in table: Table) throws(LMDBError) -> Int {
        try self.require(table)
        return try unsafe countRows(table, self.handle)
    }

    /// Throws if nothing protected the snapshot and a writer may have reused its pages.
    ///
    /// ``Environment/read(_:)`` calls it at its end; whoever makes a transaction otherwise does
    /// too. A writer reuses pages that snapshot N sees from transaction N + 3 on, which begins
    /// after N + 2 was committed.
    package borrowing func requireIntactSnapshot() throws(LMDBError) {
        guard self.environment.isLockless else { return }
        let newest = try self.environment.info().lastTransaction
        guard newest < self.identifier + 2 else { throw .snapshotOverwritten }
    }

    @inline(always)
    private borrowing func require(_ table: Table) throws(LMDBError) {
        guard table.environment == self.environment.number else { throw .badTable }
    }
}

@available(*, unavailable)
extension ReadTransaction: Sendable {}
