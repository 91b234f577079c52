import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Synchronization

@testable import Replication

/// A real ledger in the test's directory, with a clock that ticks by itself.
struct TestLedger {
    let store: EventStore
    let name: String

    static func configuration(_ name: String, state: String? = nil) -> EventStore.Configuration {
        let ticking = Ticks(1_770_000_000_000_000)
        var configuration = EventStore.Configuration(
            directory: "\(TemporaryDirectoryTrait.current)/\(name)",
            stateDirectory: "\(TemporaryDirectoryTrait.current)/\(state ?? "state-\(name)")",
            clock: { ticking.next() },
            random: { count in
                var generator = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            }
        )
        configuration.mapBytes = 1 << 28
        return configuration
    }

    /// Makes the ledger of site `test.example/site/<name>`.
    static func create(_ name: String) throws -> TestLedger {
        guard let site = SiteName("test.example/site/\(name)"),
            let subject = Subject("site:\(name)")
        else { preconditionFailure("not a name") }
        let store = try EventStore.create(
            Self.configuration(name),
            site: SiteDescription(name: site)
        ) { (_, now) throws(EventStoreError) in
            var random = SeededRandom(seed: 1)
            return Self.event(subject, "site.registered", occurred: now, random: &random)
        }
        return TestLedger(store: store, name: name)
    }

    /// Appends `count` events about cases that other sites may know too; every third has a section.
    func append(_ count: Int, seed: UInt64, sectionBytes: Int = 256) async throws {
        var random = SeededRandom(seed: seed)
        let now = self.store.configuration.clock()
        for start in stride(from: 0, to: count, by: 100) {
            let requests = (start..<min(start + 100, count)).map { number in
                let subject = Subject("case:\(number % 7)") ?? Self.anyCase
                let sections = number.isMultiple(of: 3) ? [random.bytes(sectionBytes)] : []
                let event = Self.event(
                    subject,
                    "case.observed",
                    occurred: now,
                    sections: sections,
                    random: &random
                )
                return AppendRequest(events: [event])
            }
            for outcome in await self.store.append(requests) {
                guard case .appended = outcome else { throw Failure(text: "\(outcome)") }
            }
        }
    }

    var digest: Digest {
        get throws {
            let logs = try self.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.logs()
            }
            return StateDigest.over(logs.map(\.position))
        }
    }

    func logs() throws -> [LogState] {
        try self.store.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
    }

    /// Every subject of kind `case` with the ids of its events in fold order.
    func cases() throws -> [String: [EventAddress]] {
        try self.store.read { (snapshot) throws(EventStoreError) in
            var cases: [String: [EventAddress]] = [:]
            for number in 0..<7 {
                guard let subject = Subject("case:\(number)") else { continue }
                var events: [EventAddress] = []
                try snapshot.forEachEvent(of: subject) { (event, _) throws(EventStoreError) in
                    events.append(event.address)
                    return true
                }
                cases[subject.rawValue] = events
            }
            return cases
        }
    }

    struct Failure: Error {
        let text: String
    }

    private static var anyCase: Subject { preconditionFailure("not a subject") }

    private static func event(
        _ subject: Subject,
        _ type: String,
        occurred: Timestamp,
        sections: [[UInt8]] = [],
        random: inout SeededRandom
    ) -> PreparedEvent {
        let references = sections.map { bytes in
            SectionReference(
                kind: "text",
                digest: SectionReference.digest(of: bytes.span),
                keyID: KeyID(rawValue: 7),
                commitment: [UInt8](repeating: 9, count: 16),
                paddedLength: UInt32(bytes.count)
            )
        }
        let draft = EventDraft(
            id: EventID(unixMilliseconds: occurred.milliseconds, random: random.bytes(10).span),
            type: type,
            subject: subject,
            occurred: occurred,
            actor: ActorSnapshot(actorID: "agent-1", kind: .agent),
            sections: references,
            body: EventBody(field: EventBody.customField, bytes: random.bytes(40))
        )
        return PreparedEvent(draft: draft, sections: sections)
    }
}

/// A clock that moves a millisecond whenever it is asked.
private final class Ticks: Sendable {
    private let microseconds: Atomic<Int64>

    init(_ start: Int64) { self.microseconds = Atomic(start) }

    func next() -> Timestamp {
        let result = self.microseconds.wrappingAdd(1_000, ordering: .relaxed)
        return Timestamp(microseconds: result.newValue)
    }
}
