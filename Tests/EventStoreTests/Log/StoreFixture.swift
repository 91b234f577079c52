import Glibc
import LMDB
import LedgerTesting
import LedgerTypes
import Merkle
import Synchronization

@testable import EventStore

/// A clock that tests set.
final class TestClock: Sendable {
    private let microseconds: Atomic<Int64>

    /// Starts at `microseconds`; 2026 by default.
    init(_ microseconds: Int64 = 1_770_000_000_000_000) {
        self.microseconds = Atomic(microseconds)
    }

    /// What the clock shows.
    var now: Timestamp {
        get { Timestamp(microseconds: self.microseconds.load(ordering: .relaxed)) }
        set { self.microseconds.store(newValue.microseconds, ordering: .relaxed) }
    }

    /// Moves the clock.
    func advance(microseconds: Int64) {
        self.microseconds.wrappingAdd(microseconds, ordering: .relaxed)
    }
}

/// Ledgers in a test's temporary directory.
struct StoreFixture: Sendable {
    let root: String
    let clock: TestClock

    /// Uses the running test's directory.
    init(root: String = TemporaryDirectoryTrait.current, clock: TestClock = TestClock()) {
        self.root = root
        self.clock = clock
    }

    /// A ledger called `name`, small enough for a test.
    func configuration(_ name: String = "ledger") -> EventStore.Configuration {
        var configuration = EventStore.Configuration(
            directory: "\(self.root)/\(name)",
            stateDirectory: "\(self.root)/state",
            clock: { [clock] in clock.now },
            random: Self.random
        )
        configuration.mapBytes = 1 << 30
        return configuration
    }

    /// Makes a ledger with a genesis and one event.
    func create(
        _ name: String = "ledger",
        _ change: (inout EventStore.Configuration) -> Void = { _ in }
    ) throws -> EventStore {
        var configuration = self.configuration(name)
        change(&configuration)
        let site = SiteDescription(name: Self.site(name))
        return try EventStore.create(configuration, site: site) {
            (_, now) throws(EventStoreError) in
            Self.event("site:\(name)", type: "site.registered", occurred: now)
        }
    }

    /// Opens a ledger.
    func open(
        _ name: String = "ledger",
        _ change: (inout EventStore.Configuration) -> Void = { _ in }
    ) throws -> EventStore {
        var configuration = self.configuration(name)
        change(&configuration)
        return try EventStore.open(configuration)
    }

    /// An event that happens now.
    func event(
        _ subject: String,
        text: String = "",
        labels: [Label] = []
    ) -> PreparedEvent {
        Self.event(subject, occurred: self.clock.now, text: text, labels: labels)
    }

    /// An event of `subject`.
    static func event(
        _ subject: String,
        type: String = "case.noted",
        id: EventID? = nil,
        occurred: Timestamp,
        isHistory: Bool = false,
        order: Timestamp? = nil,
        text: String = "",
        labels: [Label] = [],
        sections: [[UInt8]] = []
    ) -> PreparedEvent {
        guard let subject = Subject(subject) else { preconditionFailure("not a subject") }
        let draft = EventDraft(
            id: id ?? Self.id(),
            type: type,
            subject: subject,
            occurred: occurred,
            isHistory: isHistory,
            actor: ActorSnapshot(actorID: "agent-1", kind: .agent),
            labels: labels,
            sections: sections.map { Self.reference($0) },
            body: EventBody(field: EventBody.customField, bytes: Array(text.utf8))
        )
        return PreparedEvent(draft: draft, sections: sections, order: order)
    }

    /// What a leaf says of a section that holds `bytes`.
    static func reference(_ bytes: [UInt8]) -> SectionReference {
        SectionReference(
            kind: "text",
            digest: SectionReference.digest(of: bytes.span),
            keyID: KeyID(rawValue: 7),
            commitment: [UInt8](repeating: 9, count: 16),
            paddedLength: UInt32(bytes.count)
        )
    }

    /// A new id.
    static func id() -> EventID {
        EventID(unixMilliseconds: 1_770_000_000_000, random: Self.random(10).span)
    }

    /// The name of the site that writes the ledger `name`.
    static func site(_ name: String) -> SiteName {
        guard let site = SiteName("test.example/site/\(name)") else {
            preconditionFailure("not a site name")
        }
        return site
    }

    /// The root over `leaves`.
    static func root(of leaves: [[UInt8]]) -> Digest {
        let hashes = leaves.map { MerkleHash.leaf($0.span) }
        return MerkleTree.root(of: hashes.span)
    }

    /// Bytes that differ from call to call.
    static let random: @Sendable (Int) -> [UInt8] = { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

extension AppendOutcome {
    /// The addresses, if the events were appended.
    var appended: [EventAddress]? {
        if case .appended(let addresses, _, _) = self { addresses } else { nil }
    }

    /// Where the log stood after the commit, if the events were appended.
    var position: Position? {
        if case .appended(_, let position, _) = self { position } else { nil }
    }

    /// The addresses, if the events were held already.
    var alreadyAppended: [EventAddress]? {
        if case .alreadyAppended(let addresses) = self { addresses } else { nil }
    }

    /// The failure, if it is one.
    var failure: EventStoreError? {
        if case .failed(let error) = self { error } else { nil }
    }

    /// The conflict, if it is one.
    var conflict: ConflictReport? {
        if case .conflict(let report) = self { report } else { nil }
    }
}

extension EventStore {
    /// Every log, read from the tables.
    func heldLogs() throws(EventStoreError) -> [LogState] {
        try self.log.read { (transaction) throws(EventStoreError) in
            try transaction.logStates(self.tables)
        }
    }

    /// The log that is appended to.
    func currentLog() throws -> LogState {
        guard let log = try self.heldLogs().first(where: \.isCurrent) else {
            throw EventStoreError.damaged(table: "meta", row: "current")
        }
        return log
    }

    /// Every leaf of a log.
    func leaves(of number: UInt32) throws(EventStoreError) -> [[UInt8]] {
        try self.log.read { (transaction) throws(EventStoreError) in
            var leaves: [[UInt8]] = []
            try transaction.forEachLeaf(from: 0, self.tables) {
                (place, leaf) throws(EventStoreError) in
                if place.logNumber == number { leaves.append([UInt8](copying: leaf)) }
                return true
            }
            return leaves
        }
    }

    /// Every event of a log, decoded; the genesis is left out.
    func events(of number: UInt32) throws -> [EventEnvelope] {
        try self.leaves(of: number).dropFirst().map { try EventEnvelope(leaf: $0.span) }
    }

    /// The commit clock, oldest first.
    func commitClocks() throws(EventStoreError) -> [Int64] {
        try self.log.read { (transaction) throws(EventStoreError) in
            var clocks: [Int64] = []
            try transaction.forEach(in: self.tables.commits, from: nil, backwards: false) {
                (_, value) throws(EventStoreError) in
                clocks.append(Int64(bitPattern: value.bigEndianWord(at: 0)))
                return true
            }
            return clocks
        }
    }
}
