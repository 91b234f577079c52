internal import CLMDB

extension Environment {
    /// Runs `body` against one snapshot.
    ///
    /// Synchronous by design: keep it short, because pages that the snapshot sees are not reused
    /// while it is open. Do not wait in it for another thread that needs this environment.
    package func read<Success, Failure: StorageFailure>(
        _ body: (borrowing ReadTransaction) throws(Failure) -> Success
    ) throws(Failure) -> Success {
        let transaction: ReadTransaction
        do throws(LMDBError) {
            transaction = try ReadTransaction(self)
        } catch {
            throw .storage(error)
        }
        let success = try body(transaction)
        do throws(LMDBError) {
            try transaction.requireIntactSnapshot()
        } catch {
            throw .storage(error)
        }
        return success
    }

    /// Runs `body` in the write transaction; commits if it returns, aborts if it throws.
    ///
    /// Waits for the write transaction of any other thread or process. Synchronous by design: a
    /// write transaction belongs to one thread. With ``LMDBError/mapFull`` nothing was kept: call
    /// ``grow(to:)`` and repeat. With ``LMDBError/panicked`` the outcome is unknown.
    package func write<Success, Failure: StorageFailure>(
        _ body: (inout WriteTransaction) throws(Failure) -> Success
    ) throws(Failure) -> Success {
        var transaction: WriteTransaction
        do throws(LMDBError) {
            transaction = try WriteTransaction(self)
        } catch {
            throw .storage(error)
        }
        let success = try body(&transaction)
        do throws(LMDBError) {
            try transaction.commit()
        } catch {
            throw .storage(error)
        }
        return success
    }
}
