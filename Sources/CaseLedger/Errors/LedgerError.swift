public import CaseDomain
public import LedgerTypes

/// Why the ledger could not do what it was asked. Each case says what it touched; ``isRetryable``
/// says whether the same call may succeed later.
public enum LedgerError: Error, Sendable {
    // Opening.

    /// The directory holds no ledger.
    case notALedger(path: String)
    /// The directory already holds a ledger, or something else.
    case alreadyExists(path: String)
    /// The ledger was written by a newer version of CaseLedger.
    case newerFormat(path: String, found: UInt32, supported: UInt32)
    /// A file or directory may not be read or written.
    case permission(path: String)
    /// A file could not be read or written; `code` is an `errno`.
    case file(path: String, code: Int32)
    /// A file is not what it should be.
    case malformedFile(path: String)
    /// The backup there is of another history than this ledger's.
    case otherHistory(path: String)
    /// The ledger was opened for reading only.
    case readOnly
    /// The ledger was closed.
    case closed
    /// The site's own log may not be appended to until a new incarnation begins: this ledger is a
    /// restored copy or a clone (SYNC.md 2). `reason` is one word.
    case suspect(LogID, reason: String)

    /// A log of this site has two histories, and where they part is not known yet: the next sync
    /// finds it out. `peer` showed the other one.
    case forkPlaceUnknown(LogID, peer: String?)

    // Appending.

    /// Rules refuse the events; all violations at once.
    case refused([RuleViolation])
    /// The case moved since it was read.
    case conflict([Conflict])
    /// The id is held with other content.
    case idReused(EventID, at: EventAddress?)
    /// Some but not all events of one append are held already.
    case partialRetry(held: [EventID])
    /// The event has too many bytes; `maximum` is the limit it broke.
    case eventTooLarge(EventID, bytes: Int, maximum: Int)
    /// An event is malformed.
    case invalidEvent(EventID?, what: String)
    /// A live event that happened more than five minutes after now.
    case occurredAhead(EventID, occurred: Timestamp)
    /// A live event that happened more than a day ago: declare it history.
    case occurredBehind(EventID, occurred: Timestamp)
    /// Too many appends are waiting; try again.
    case overloaded
    /// The commit may or may not have happened; append the same events again with the same ids.
    case outcomeUnknown

    // Storage.

    /// No space is left on the device; nothing was appended.
    case diskFull
    /// The storage engine failed.
    case storage(code: Int32, description: String)
    /// A stored row is not what it should be.
    case damaged(table: String, row: String)

    // Reading and importing.

    /// No event of this subject is held.
    case unknownSubject(Subject)
    /// The mapping file is wrong.
    case mapping(String)
    /// The source cannot be read on: damaged, truncated, not the format.
    case source(String)
    /// A row cannot be imported; `line` is where it begins.
    case row(line: Int, what: String)

    // Syncing.

    /// A peer broke the protocol or could not prove what it sent. `detail` says what.
    case peer(detail: String, isRetryable: Bool)
    /// The key of a site is not pinned and may not be pinned on first contact: here, or, with
    /// `byPeer`, this site's at the peer.
    case untrusted(site: String, byPeer: Bool)
    /// The site's name is bound to another key than the one given or shown.
    case otherKey(site: String)
    /// The text is not a key of the site: a slip of the pen, or another site's.
    case malformedKey(site: String)
    /// The text cannot be a peer's address.
    case malformedAddress(String)
    /// A site is not a peer of itself.
    case ownSite
    /// A grant that cannot be, is missing, or does not count.
    case grant(detail: String)
    /// A file is no bundle, or not one for this ledger. `detail` says why; nothing was taken in.
    case bundle(detail: String)
    /// One package does not fit into a part of a bundle; nothing more was written.
    case bundlePartTooSmall(bytesNeeded: UInt64)
    /// A bundle goes on from leaves that are not held; nothing was taken in.
    case leavesMissing([MissingLeaves])

    /// Whether the same call may succeed later without any change to its arguments.
    public var isRetryable: Bool {
        switch self {
        case .overloaded, .outcomeUnknown, .diskFull, .conflict: true
        case .peer(_, let isRetryable): isRetryable
        default: false
        }
    }
}

/// A subject that is not as the caller expected.
public struct Conflict: Hashable, Sendable {
    /// The subject.
    public let subject: Subject
    /// What the caller expected.
    public let expected: Expectation
    /// How many events it has.
    public let actual: UInt64
    /// The events that came in between, at most 100.
    public let between: [EventAddress]
}

/// What a caller expects of a subject before it appends.
public enum Expectation: Hashable, Sendable {
    /// Anything.
    case any
    /// No event yet.
    case new
    /// At least one event.
    case exists
    /// Exactly this many events held here, over all logs.
    case version(UInt64)
}
