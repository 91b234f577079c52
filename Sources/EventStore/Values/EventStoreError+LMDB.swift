internal import LMDB

extension EventStoreError: StorageFailure {
    /// The failure that `error` of LMDB amounts to here.
    static func storage(_ error: LMDBError) -> EventStoreError {
        switch error {
        case .noSpace, .quotaExceeded, .fileTooLarge: .diskFull
        default: .storage(StorageError(code: error.rawValue, description: error.description))
        }
    }
}

/// Runs `body`, whose failures of LMDB become the store's.
func storing<Success>(
    _ body: () throws(LMDBError) -> Success
) throws(EventStoreError) -> Success {
    do throws(LMDBError) {
        return try body()
    } catch {
        throw .storage(error)
    }
}
