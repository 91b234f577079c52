public import CaseDomain
internal import EventStore
internal import Glibc
public import LedgerTypes
internal import Projections
internal import Sealing
internal import Synchronization

/// One site's ledger: append events, read cases, keep in step with other sites.
///
/// A directory that is opened twice in one process is shared; several processes may use it at once.
/// Every function may be called from any thread. Reads see every append that was answered before
/// them, in this process or another.
public final class Ledger: Sendable {
    /// What a ledger is opened for.
    public enum Access: Hashable, Sendable {
        /// Reading only: nothing is written, and no writer is waited for.
        case readOnly
        /// Reading and appending.
        case readWrite
    }

    /// What to do when this copy of a ledger was restored or cloned (SYNC.md 2).
    public enum RestorePolicy: Hashable, Sendable {
        /// Open it for reading; appends throw ``LedgerError/suspect(_:reason:)``.
        case refuse
        /// Begin a new incarnation and go on.
        case newIncarnation
    }

    /// The ledger's directory.
    public let path: String

    let store: EventStore
    /// `nil` where the site's key-encryption keys are not here: sealed text shows as withheld.
    let keys: KeyStore?
    let pseudonyms: PseudonymKey?
    let reader: CaseReader
    /// The read model of lists over many cases.
    let summaries: CaseSummaries
    /// The read model of metrics.
    let metricStore = MetricStore()
    /// Each case in numbers, and what those add up to.
    let overview = Overview()
    /// Cases to decide on, without their texts.
    let decisions = CaseCache(casesMax: 4_096, eventsMax: 131_072)
    /// Cases that were looked at lately, with their texts. In memory only.
    let views = CaseCache(casesMax: 512, eventsMax: 16_384)
    let clock: @Sendable () -> Timestamp
    private let context = Mutex<FoldContext?>(nil)

    init(
        path: String,
        store: EventStore,
        keys: KeyStore?,
        pseudonyms: PseudonymKey?,
        summaries: CaseSummaries,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.path = path
        self.store = store
        self.keys = keys
        self.pseudonyms = pseudonyms
        self.summaries = summaries
        self.clock = clock
        self.reader = CaseReader(openText: keys.map { Self.textOpener($0) })
    }

    /// Gives the ledger back. What was appended is durable already; waits for appends that are
    /// under way. Nothing may be called afterwards.
    public func close() { self.store.close() }

    /// The time by this site's clock.
    public var now: Timestamp { self.clock() }

    /// A new event id, made of the time and random bits.
    public func makeEventID() -> EventID {
        SystemRandom.eventID(at: self.clock())
    }

    /// An event that happens now, with a new id.
    public func propose(
        _ payload: EventPayload,
        about subject: Subject,
        by actor: ActorSnapshot
    ) -> ProposedEvent {
        ProposedEvent(
            id: self.makeEventID(),
            subject: subject,
            occurred: self.now,
            actor: actor,
            payload: payload
        )
    }

    /// The context that was read last; `nil` before the first.
    var knownContext: FoldContext? { self.context.withLock { $0 } }

    /// Which site each log is of, and what sites decided, as `snapshot` has them.
    func context(_ snapshot: borrowing Snapshot) throws(EventStoreError) -> FoldContext {
        let known = self.context.withLock { $0 }
        let context = try FoldContext(snapshot, known: known)
        self.context.withLock { $0 = context }
        return context
    }

    /// What opens texts for who looks from `past`: as known at a time not those whose keys came
    /// from another site after it.
    func textOpener(in past: PastMoment) -> CaseReader.TextOpener? {
        guard case .asKnown(let time) = past, let keys, let open = self.reader.openText else {
            return self.reader.openText
        }
        return { event, reference, section in
            guard (try? keys.wasHere(reference.keyID, at: time)) ?? false else { return nil }
            return open(event, reference, section)
        }
    }

    static func textOpener(_ keys: KeyStore) -> CaseReader.TextOpener {
        { event, reference, section in
            guard let key = try? keys.key(reference.keyID),
                let bytes = try? SealedSection.open(
                    section,
                    as: reference,
                    event: event,
                    under: key
                )
            else { return nil }
            return try? SealedText(bytes: bytes)
        }
    }
}

/// The operating system's randomness and clock, the only ones the library uses.
enum SystemRandom {
    /// That many random bytes, fit for keys.
    static func bytes(_ count: Int) -> [UInt8] {
        precondition(count <= 256, "getentropy gives up to 256 bytes at a time")
        // The call fills the buffer, whose capacity is what was asked for, or fails.
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard count > 0, let start = buffer.baseAddress else { return }
            precondition(unsafe getentropy(start, count) == 0, "the system has no randomness")
            filled = count
        }
    }

    /// A new event id.
    static func eventID(at now: Timestamp) -> EventID {
        EventID(unixMilliseconds: now.milliseconds, random: Self.bytes(10).span)
    }

    /// The wall clock.
    static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        )
    }
}
