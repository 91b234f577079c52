package import LedgerTypes

/// Why the store could not do what it was asked.
package enum EventStoreError: Error, Hashable, Sendable {
    // Opening.

    /// The directory holds no ledger.
    case notALedger(path: String)
    /// The directory already holds a ledger, or something else.
    case alreadyExists(path: String)
    /// The ledger was written by a newer version.
    case newerFormat(found: UInt32, supported: UInt32)
    /// The directory or a file in it may not be read or written.
    case permission(path: String)
    /// A file of the ledger or of STATE could not be read or written.
    case file(path: String, code: Int32)
    /// A file of the ledger or of STATE is not what it should be.
    case malformedFile(path: String)
    /// The backup there is of another history than this ledger's.
    case otherHistory(path: String)
    /// The store was opened for reading only.
    case readOnly
    /// The store was closed.
    case closed
    /// The own log may not be appended to until a new incarnation begins (SYNC.md 2).
    case suspect(LogID, SuspectReason)

    // One request.

    /// The queue is full; try again later.
    case overloaded
    /// A request without events, or with more than a commit may hold.
    case eventCount(Int)
    /// Some but not all events of the request are held already.
    case partialRetry(held: [EventID])
    /// The id is held with other content, or stands twice in one request.
    case idReused(EventID, at: EventAddress?)
    /// The leaf would have `bytes` bytes.
    case leafTooLong(EventID, bytes: Int)
    /// A label, section list or caller's part that is not as the draft says.
    case malformedEvent(EventID)
    /// A live event that happened more than five minutes after it would be recorded.
    case occurredAhead(EventID, occurred: Timestamp, recorded: HybridTime)
    /// A live event that happened more than a day before it would be recorded: declare it history.
    case occurredBehind(EventID, occurred: Timestamp, recorded: HybridTime)
    /// The hybrid clock is at the end of its range.
    case clockExhausted
    /// The commit may or may not have happened; look the event ids up before trying again.
    case outcomeUnknown

    // Storage.

    /// No space left on the device; nothing was appended, and a retry works once there is space.
    case diskFull
    /// LMDB failed.
    case storage(StorageError)
    /// A row is not what it should be.
    case damaged(table: String, row: String)

    // Other sites' logs.

    /// Another leaf is held at this address.
    case fork(EventAddress, held: Digest, received: Digest)
    /// The batch starts past what is held.
    case gap(LogID, held: UInt64, start: UInt64)
    /// A genesis whose signature, keys or log id do not fit.
    case genesisRefused(LogID)
    /// The site name is bound to another key.
    case siteKeyMismatch(SiteName)
    /// No such log is held.
    case unknownLog(LogID)
    /// A received leaf is not an event's.
    case malformedLeaf(EventAddress)
    /// A received section is not what its leaf says.
    case sectionMismatch(EventAddress, slot: UInt8)
    /// The log is frozen at a fork.
    case frozen(LogID)
    /// Only a part of the log is held, and this takes the whole.
    case heldInPart(LogID)
    /// The whole log is held, and what came is a part of it.
    case heldWhole(LogID)
}

/// Why an own log may no longer be appended to (SYNC.md 2).
package enum SuspectReason: String, Hashable, Sendable {
    /// The database is shorter than what has left the host.
    case shorter
    /// Another root at the size that has left the host.
    case otherRoot
    /// The database holds a token that the anchor does not know.
    case unknownToken
    /// There is no anchor for the log.
    case noAnchor
    /// The log's signing key is not here.
    case noKey
    /// A peer showed a checkpoint of this log's own key that it cannot prove consistent.
    case contradicted
}

/// A return code of the storage engine.
package struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// LMDB's code, or an `errno`.
    package let code: Int32
    /// LMDB's words for it.
    package let description: String

    /// Creates an error.
    package init(code: Int32, description: String) {
        self.code = code
        self.description = description
    }
}

/// An error that can carry a failure of the store, so that scopes throw the caller's own type.
package protocol EventStoreFailure: Error {
    /// The failure that `error` amounts to.
    static func store(_ error: EventStoreError) -> Self
}

extension EventStoreError: EventStoreFailure {
    /// The error itself.
    package static func store(_ error: EventStoreError) -> EventStoreError { error }
}
