import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("Bundles between real ledgers", .temporaryDirectory, .timeLimit(.minutes(4)))
struct BundleTests {
    /// The files that `store` makes, in order.
    private func make(
        _ store: EventStore,
        since: [Position] = [],
        partBytesMax: UInt64? = nil
    ) async throws -> [[UInt8]] {
        var options = BundleMaker.Options()
        options.since = since
        options.partBytesMax = partBytesMax
        var maker = try await BundleMaker(store, options)
        var files: [[UInt8]] = []
        while let piece = try maker.next() {
            switch piece {
            case .begin(let number):
                files.append([])
                #expect(number == UInt32(files.count))
            case .bytes(let bytes): files[files.count - 1] += bytes
            case .end(let part): #expect(part.byteCount == UInt64(files[files.count - 1].count))
            }
        }
        #expect(maker.problems.isEmpty)
        return files
    }

    @discardableResult
    private func apply(
        _ bytes: some Collection<UInt8>,
        to store: EventStore
    ) async throws -> BundleReport {
        var reader = try BundleReader(into: store, BundleReader.Options(policy: .trustFirstUse))
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            try await reader.take(Array(rest.prefix(50_000)))
            rest = rest.dropFirst(50_000)
        }
        return try reader.finish()
    }

    private func positions(_ ledger: TestLedger) throws -> [Position] {
        try ledger.logs().map(\.position)
    }

    @Test("What a bundle brings is what a session brings, and applying it twice changes nothing")
    func sameAsSession() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        let three = try TestLedger.create("three")
        try await one.append(700, seed: 1)
        let bundle = try await self.make(one.store)[0]
        let checked = try await FakeBundle.check(bundle)
        #expect(checked.ending == .complete && checked.stateDigest == nil)
        let first = try await self.apply(bundle, to: two.store)
        #expect(first.isWhole && first.logs.map(\.added) == [702])
        let digest = try two.digest
        #expect(first.stateDigest == digest)
        let again = try await self.apply(bundle, to: two.store)
        #expect(again.isWhole && again.logs.map(\.added) == [0])
        #expect(try two.digest == digest)
        _ = try await SyncPeer.syncLocally(one.store, three.store)
        #expect(try three.cases() == two.cases())
        let (here, _) = try await SyncPeer.syncLocally(one.store, two.store)
        #expect(here.isInStep)
        // Only what came from the third site meanwhile.
        #expect(here.logs.map(\.sent).reduce(0, +) == 2)
    }

    @Test("What a ledger wrote itself comes back in a bundle, and that is no problem")
    func ownLog() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(300, seed: 1)
        _ = try await SyncPeer.syncLocally(one.store, two.store)
        let bundle = try await self.make(two.store)[0]
        // It went on meanwhile, as a ledger does.
        try await one.append(20, seed: 2)
        let report = try await self.apply(bundle, to: one.store)
        #expect(report.isWhole)
        #expect(report.logs.allSatisfy { $0.added == 0 && $0.problem == nil })
        #expect(try one.logs().contains { $0.position.size == 322 })
    }

    @Test("A receipt makes the next bundle begin where the receiver stands")
    func receipt() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(300, seed: 1)
        try await self.apply(try await self.make(one.store)[0], to: two.store)
        try await one.append(90, seed: 2)
        let next = try await self.make(one.store, since: try self.positions(two))
        #expect(try await FakeBundle.check(next[0]).logs.map(\.entry.old.size) == [302])
        let report = try await self.apply(next[0], to: two.store)
        #expect(report.logs.map(\.added) == [90])
        // Both logs are there, and the way back brings the other one.
        let back = try await self.make(two.store, since: try self.positions(one))
        let home = try await self.apply(back[0], to: one.store)
        #expect(home.logs.map(\.added) == [2])
        #expect(try one.digest == two.digest)
        // In step there is nothing to send, which is a bundle as well.
        let empty = try await self.make(one.store, since: try self.positions(two))
        let nothing = try await self.apply(empty[0], to: two.store)
        #expect(nothing.isWhole && nothing.logs.isEmpty)
        let third = try TestLedger.create("three")
        await #expect(throws: BundleError.self) { try await self.apply(next[0], to: third.store) }
    }

    @Test("Parts of limited size are applied in order, each checked by itself")
    func parts() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(1_500, seed: 1)
        let limit: UInt64 = 90_000
        let files = try await self.make(one.store, partBytesMax: limit)
        #expect(files.count > 2)
        for file in files {
            #expect(file.count <= limit)
            #expect(try await FakeBundle.check(file).isWhole)
        }
        await #expect(throws: BundleError.self) { try await self.apply(files[1], to: two.store) }
        for (number, file) in files.enumerated() {
            let report = try await self.apply(file, to: two.store)
            #expect(report.manifest.part == UInt32(number + 1))
            #expect(report.ending == (number + 1 == files.count ? .complete : .goesOn))
        }
        #expect(try two.logs().map(\.position.size).contains(1_502))
        await #expect(throws: BundleError.self) {
            try await self.make(one.store, partBytesMax: 2_000)
        }
    }

    @Test("Long sections go along")
    func blobs() async throws {
        let one = try TestLedger.create("one")
        let two = try TestLedger.create("two")
        try await one.append(7, seed: 1, sectionBytes: 200_000)
        let report = try await self.apply(try await self.make(one.store)[0], to: two.store)
        #expect(report.isWhole && report.frameCount == 5)
        try #expect(one.cases() == two.cases())
    }

    @Test("Of a vector of another history nothing is made, and the log is named")
    func otherHistory() async throws {
        let one = try TestLedger.create("one")
        try await one.append(30, seed: 1)
        let log = try #require(try self.positions(one).first).log
        var options = BundleMaker.Options()
        options.since = [Position(log: log, size: 10, root: Samples.digest)]
        let maker = try await BundleMaker(one.store, options)
        #expect(maker.problems == [log: .forked(log)])
        #expect(maker.totalCount == 0)
    }

    @Test("Cut after every byte, the whole packages are kept, and the whole gives the same state")
    func everyByte() async throws {
        let one = try TestLedger.create("one")
        try await one.append(2_000, seed: 1)
        let bytes = try await self.make(one.store)[0]
        let two = try TestLedger.create("two")
        // One byte after the other: what is whole is on disk at once, and nothing else.
        var reader = try BundleReader(
            into: two.store,
            BundleReader.Options(policy: .trustFirstUse)
        )
        let log = try #require(try self.positions(one).first).log
        var decoder = BundleDecoder()
        var expected: UInt64 = 0
        var boundaries: [Int] = []
        for (offset, byte) in bytes.enumerated() {
            try await reader.take([byte])
            decoder.append([byte])
            guard let item = try decoder.next() else { continue }
            boundaries.append(offset + 1)
            if case .frame(let frame) = item, frame.type == .package {
                expected = try Package(frame).end
            }
            let held = try two.logs().first { $0.id == log }
            #expect(held?.position.size ?? 0 == expected, "after byte \(offset + 1)")
        }
        #expect(try reader.finish().isWhole)
        let digest = try two.digest
        #expect(boundaries.count == 11)
        // Between two boundaries nothing changes: cut before the last byte of each piece.
        for cut in boundaries.dropFirst().map({ $0 - 1 }) + [bytes.count] {
            let third = try TestLedger.create("cut-\(cut)")
            let report = try await self.apply(bytes[..<cut], to: third.store)
            #expect(report.isWhole == (cut == bytes.count), "after byte \(cut)")
            let whole = try await self.apply(bytes, to: third.store)
            #expect(whole.isWhole && whole.gaps.isEmpty, "after byte \(cut)")
            #expect(whole.logs.map(\.added).reduce(0, +) == 2_002 - report.logs[0].added)
            let held = try third.logs().first { $0.id == log }
            #expect(held?.position == (try two.logs().first { $0.id == log })?.position)
            third.store.close()
        }
        #expect(try two.digest == digest)
    }
}
