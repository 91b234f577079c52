internal import EventStore
internal import LedgerTypes

extension LedgerError {
    /// The error that a failure of the store amounts to, at the ledger in `path`.
    init(_ error: EventStoreError, path: String) {
        switch error {
        case .notALedger(let path): self = .notALedger(path: path)
        case .alreadyExists(let path): self = .alreadyExists(path: path)
        case .newerFormat(let found, let supported):
            self = .newerFormat(path: path, found: found, supported: supported)
        case .permission(let path): self = .permission(path: path)
        case .file(let path, let code): self = .file(path: path, code: code)
        case .malformedFile(let path): self = .malformedFile(path: path)
        case .otherHistory(let path): self = .otherHistory(path: path)
        case .readOnly: self = .readOnly
        case .closed: self = .closed
        case .suspect(let log, let reason): self = .suspect(log, reason: reason.rawValue)
        case .overloaded: self = .overloaded
        case .outcomeUnknown: self = .outcomeUnknown
        case .diskFull: self = .diskFull
        case .storage(let failure):
            self = .storage(code: failure.code, description: failure.description)
        case .damaged(let table, let row): self = .damaged(table: table, row: row)
        default: self = Self.aboutOneRequest(error)
        }
    }

    private static func aboutOneRequest(_ error: EventStoreError) -> LedgerError {
        switch error {
        case .eventCount(let count):
            .invalidEvent(nil, what: "an append of \(count) events; 1 to 1,000 are allowed")
        case .partialRetry(let held): .partialRetry(held: held)
        case .idReused(let id, let address): .idReused(id, at: address)
        case .leafTooLong(let id, let bytes):
            .eventTooLarge(id, bytes: bytes, maximum: Leaf.bytesMax)
        case .malformedEvent(let id): .invalidEvent(id, what: "its envelope is malformed")
        case .occurredAhead(let id, let occurred, _): .occurredAhead(id, occurred: occurred)
        case .occurredBehind(let id, let occurred, _): .occurredBehind(id, occurred: occurred)
        case .clockExhausted:
            .storage(code: 0, description: "the hybrid clock is at the end of its range")
        default: .peer(detail: String(describing: error), isRetryable: false)
        }
    }
}
