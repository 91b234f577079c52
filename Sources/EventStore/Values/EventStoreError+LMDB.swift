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
