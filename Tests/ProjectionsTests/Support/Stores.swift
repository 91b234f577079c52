import EventStore
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@testable import Projections

/// Stores of tests, in the test's own directory, and what passes between them.
enum Stores {
    static func configuration(_ name: String) -> EventStore.Configuration {
        let directory = TemporaryDirectoryTrait.current
        var configuration = EventStore.Configuration(
            directory: "\(directory)/\(name)",
            stateDirectory: directory + "/state",
            clock: { Timestamp(microseconds: 1_800_000_000_000_000) },
            random: { count in
                var random = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
        )
        configuration.mapBytes = 1 << 30
        configuration.crossReference = Attachment.crossReference
        return configuration
    }

    static func make(_ name: String) throws -> EventStore {
        let site = try #require(SiteName("summaries.example/\(name)"))
        return try EventStore.create(
            Self.configuration(name),
            site: SiteDescription(name: site)
        ) { (_, _) in nil }
    }

    static func append(_ event: PreparedEvent, to store: EventStore) async throws {
        let outcome = await store.append(AppendRequest(events: [event]))
        guard case .appended = outcome else { throw Failure(outcome: "\(outcome)") }
    }

    private struct Failure: Error { let outcome: String }

    /// Gives `receiver` what it does not hold of the sender's own log.
    static func send(from sender: EventStore, to receiver: EventStore) async throws {
        let log = try await sender.checkpoint()
        let held = try receiver.read { (snapshot) throws(EventStoreError) in
            try snapshot.log(log.id)?.position.size ?? 0
        }
        guard let batch = try await Self.batch(of: sender, from: held) else { return }
        _ = try await receiver.receive([batch])
    }

    /// What `store` wrote from index `start` of its own log on; `nil` if that is nothing.
    static func batch(of store: EventStore, from start: UInt64) async throws -> ForeignBatch? {
        let log = try await store.checkpoint()
        guard start < log.position.size else { return nil }
        var entries: [ForeignBatch.Entry] = []
        try store.read { (snapshot) throws(EventStoreError) in
            try snapshot.forEachLeaf(inLog: log.id, from: start) {
                (_, leaf) throws(EventStoreError) in
                entries.append(.init(leaf: [UInt8](copying: leaf)))
                return true
            }
        }
        return ForeignBatch(
            log: log.id,
            start: start,
            entries: entries,
            checkpoint: log.checkpoint
        )
    }

    /// Every row of the tables.
    static func dump(_ store: EventStore, _ projection: Projection) throws -> [String] {
        try store.catchUp(projection)
        return try store.read { (snapshot) throws(EventStoreError) in
            var rows: [String] = []
            try snapshot.forEachStoredRow(of: projection) { table, key, value in
                rows.append("\(table) \(key.hex) \(value.hex)")
                return true
            }
            return rows
        }
    }
}
