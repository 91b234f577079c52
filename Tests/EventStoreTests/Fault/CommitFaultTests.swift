import Foundation
import Glibc
import LMDB
import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

/// The calls by which a commit reaches the disk fail, each in turn and in several ways.
@Suite("Commits that fail", .temporaryDirectory)
struct CommitFaultTests {
    /// A way in which some calls fail.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: CInt
        let first: FileFaults.Manner
        /// How many calls fail after the first one, all refused.
        let more: UInt64
        /// What a request of such a commit may be told.
        let told: Set<EventStoreError>
    }

    private static func error(_ code: CInt) -> EventStoreError {
        .storage(LMDBError(rawValue: code))
    }

    static let faults: [Fault] = {
        let device = Self.error(EIO)
        let panic = EventStoreError.storage(LMDBError.panicked)
        var faults: [Fault] = []
        for (code, name) in [(EIO, "EIO"), (ENOSPC, "ENOSPC")] {
            let mine: Set = [Self.error(code), device, panic, .outcomeUnknown]
            for manner in FileFaults.Manner.allCases {
                for (more, times) in [(0, "once"), (1, "twice"), (1_000_000, "for good")] {
                    faults.append(
                        Fault(
                            testDescription: "\(name), \(manner), \(times)",
                            code: code,
                            first: manner,
                            more: UInt64(more),
                            told: mine
                        )
                    )
                }
            }
        }
        return faults
    }()

    /// Were a failed commit taken for nothing when it was kept, a retry would append twice; were
    /// it taken for done when it was not, events would be lost.
    @Test("Nothing acknowledged is lost, and what failed can be tried again", arguments: faults)
    func everyCall(fault: Fault) async throws {
        let fixture = StoreFixture()
        var store = try fixture.create()
        defer { store.close() }
        var held: Set<EventID> = []
        var call: UInt64 = 0
        var failures = 0
        while true {
            fixture.clock.advance(microseconds: 1_000)
            let faults = try FileFaults(watching: fixture.root + "/ledger/log/data.mdb")
            faults.fail(call..<call + 1, code: fault.code, fault.first)
            faults.fail(call + 1..<call + 1 + fault.more, code: fault.code, .refuse)
            let requests = (0..<3).map { number in
                AppendRequest(
                    events: (0..<2).map { _ in
                        fixture.event("case:\(number)", labels: [Label(name: "a", value: "b")])
                    }
                )
            }
            let outcomes = await store.append(requests)
            let isOver = faults.callCount <= call
            faults.heal()
            for (request, outcome) in zip(requests, outcomes) {
                let ids = request.events.map(\.draft.id)
                let isHeld = try Self.isHeld(ids, fixture)
                switch outcome {
                case .appended, .alreadyAppended: #expect(isHeld, "call \(call)")
                case .failed(let error):
                    failures += 1
                    #expect(fault.told.contains(error), "call \(call)")
                    #expect(!isHeld || error == .outcomeUnknown, "call \(call): \(error)")
                default: Issue.record("call \(call): \(outcome)")
                }
            }
            // The device works again: the same requests are in now, or were.
            for (request, outcome) in zip(requests, await store.append(requests)) {
                #expect(outcome.appended ?? outcome.alreadyAppended != nil, "\(outcome)")
                held.formUnion(request.events.map(\.draft.id))
            }
            #expect(try store.verify().findings == [], "call \(call)")
            if isOver { break }
            call += 1
            if call.isMultiple(of: 3) {
                store.close()
                store = try fixture.open()
            }
        }
        #expect(failures > 0)
        #expect(try Set(store.events(of: 0).dropFirst().map(\.draft.id)) == held)
        #expect(try store.events(of: 0).count == held.count + 1)
    }

    /// Whether the ids are held, read as another process would: the files are opened again.
    private static func isHeld(
        _ ids: [EventID],
        _ fixture: StoreFixture
    ) throws -> Bool {
        let copy = fixture.root + "/copy"
        try Files.makeDirectory(copy)
        defer { TemporaryDirectory.remove(copy) }
        try FileManager.default.copyItem(
            atPath: fixture.root + "/ledger/log/data.mdb",
            toPath: copy + "/data.mdb"
        )
        let environment = try Environment.open(path: copy, mapBytes: 1 << 30, tablesMax: 32)
        let tables = try LogTables(environment, create: false)
        var found: Set<EventID> = []
        try environment.read { (transaction) throws(EventStoreError) in
            try transaction.forEachLeaf(from: 0, tables) { (_, leaf) throws(EventStoreError) in
                if let keys = try? LeafKeys(leaf: leaf) { found.insert(keys.id) }
                return true
            }
        }
        let count = ids.count { found.contains($0) }
        #expect(count == 0 || count == ids.count, "half a request is held")
        return count > 0
    }
}
