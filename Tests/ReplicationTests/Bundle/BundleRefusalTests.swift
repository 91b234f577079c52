import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("What a bundle is refused for")
struct BundleRefusalTests {
    private let store: FakeStore
    private let whole: FakeBundle
    private let later: FakeBundle

    init() {
        var store = FakeStore("a.example/site/one", seed: 1)
        store.append(300)
        self.store = store
        self.whole = FakeBundle(store)
        self.later = FakeBundle(store, since: [store.ownLog: 270])
    }

    private func ending(_ bundle: FakeBundle) async throws -> BundleReport.Ending {
        try await FakeBundle.check(bundle.bytes).ending
    }

    @Test("A good bundle is whole, whatever the pieces it is read in", arguments: [1, 7, 65_536])
    func good(chunk: Int) async throws {
        for bundle in [self.whole, self.later] {
            let report = try await FakeBundle.check(bundle.bytes, chunk: chunk)
            #expect(report.ending == .complete && report.isWhole && report.gaps.isEmpty)
            #expect(report.logs.map(\.reached) == [301])
            #expect(report.byteCount == UInt64(bundle.bytes.count))
            #expect(report.frameCount == UInt64(bundle.frames.count))
        }
    }

    @Test("Other files are no bundles")
    func otherFiles() async throws {
        for bytes in [Array("CLBUNDLE2\n".utf8), Array("PK".utf8), []] {
            await #expect(throws: BundleError.notABundle) { try await FakeBundle.check(bytes) }
        }
    }

    @Test("A file that ends inside its manifest says so")
    func cutManifest() async throws {
        for count in [3, 10, 13, 80] {
            await #expect(throws: BundleError.truncatedManifest) {
                try await FakeBundle.check(Array(self.whole.bytes[..<count]))
            }
        }
    }

    @Test("A manifest over the limit is refused before it is kept")
    func longManifest() async {
        let bytes = BundleDecoder.magic + [0, 0x10, 0, 1]
        await #expect(throws: BundleError.manifestTooLong(0x10_0001)) {
            try await FakeBundle.check(bytes)
        }
    }

    @Test("A manifest that its key did not sign is refused")
    func signature() async throws {
        var bundle = self.whole
        bundle.signer = try #require(SigningKey(seed: [UInt8](repeating: 3, count: 32)))
        await #expect(throws: BundleError.badSignature(self.store.site)) {
            try await FakeBundle.check(bundle.bytes)
        }
    }

    @Test("A frame over the limit, of an unknown type or of a session is refused")
    func frames() async throws {
        var bytes = Array(self.whole.bytes[..<self.whole.ends[0]])
        let report = try await FakeBundle.check(bytes + [0, 0x10, 0, 1, 5, 0])
        #expect(report.ending == .damaged(.limit(.bodyBytes, log: nil)))
        bytes += [0, 0, 0, 0, 18, 0]
        #expect(try await FakeBundle.check(bytes).ending == .damaged(.unknownFrame(18)))
        var bundle = self.whole
        bundle.frames.insert(Samples.acknowledgement.frame, at: 1)
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.acknowledgement)))
    }

    @Test("A file that was cut keeps what is whole and names what is missing")
    func cut() async throws {
        let report = try await FakeBundle.check(Array(self.whole.bytes.dropLast(60)))
        #expect(report.ending == .truncated && !report.isWhole)
        let log = self.store.ownLog
        #expect(report.gaps == [BundleIntake.Gap(log: log, start: 256, end: 301)])
        let almost = try await FakeBundle.check(Array(self.whole.bytes.dropLast(1)))
        #expect(almost.ending == .truncated && almost.gaps.isEmpty)
    }

    @Test("An END that does not fit what was before it is refused")
    func end() async throws {
        for place in [7, 14, 20] {
            var bytes = self.whole.bytes
            bytes[bytes.count - BundleEnd.byteCount + place] ^= 1
            let report = try await FakeBundle.check(bytes)
            #expect(report.ending != .complete, "byte \(place)")
            #expect(report.logs.map(\.reached) == [301])
        }
    }

    @Test("An END before everything came is not believed")
    func earlyEnd() async throws {
        var bundle = self.whole
        bundle.frames.removeLast()
        let report = try await FakeBundle.check(bundle.bytes)
        #expect(report.ending == .damaged(.unexpected(.end)))
        bundle.goesOn = true
        let part = try await FakeBundle.check(bundle.bytes)
        #expect(part.ending == .goesOn && part.isWhole && !part.gaps.isEmpty)
    }

    @Test("Bytes after the END are refused")
    func afterEnd() async throws {
        let report = try await FakeBundle.check(self.whole.bytes + [0])
        #expect(report.ending == .damaged(.unexpected(.end)))
    }

    @Test("A log that the manifest does not name is refused")
    func otherLog() async throws {
        var other = FakeStore("a.example/site/two", seed: 2)
        other.append(3)
        var bundle = self.whole
        bundle.frames = FakeBundle(other).frames
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.checkpoint)))
        bundle.frames = Array(FakeBundle(other).frames.suffix(1))
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.package)))
    }

    @Test("A CHECKPOINT twice, or a BASE twice, too late, missing or not needed, is refused")
    func twice() async throws {
        var bundle = self.whole
        bundle.frames.insert(bundle.frames[0], at: 1)
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.checkpoint)))
        bundle = self.later
        bundle.frames.insert(bundle.frames[0], at: 1)
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.base)))
        bundle = self.later
        bundle.frames.removeFirst()
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.checkpoint)))
        bundle = self.whole
        bundle.frames.insert(self.later.frames[0], at: 0)
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.base)))
    }

    @Test("A BASE with other hashes, too few hashes or another leaf 0 is refused")
    func base() async throws {
        var base = try BundleBase(self.later.frames[0])
        var bundle = self.later
        base.hashes[3] = Samples.digest
        bundle.frames[0] = base.frame
        #expect(try await self.ending(bundle) == .damaged(.badProof(self.store.ownLog)))
        base.hashes.removeLast()
        bundle.frames[0] = base.frame
        #expect(try await self.ending(bundle) == .damaged(.malformed(.base, offset: 0)))
        base.genesis[5] ^= 1
        bundle.frames[0] = base.frame
        guard case .damaged(.malformed) = try await self.ending(bundle) else {
            Issue.record("another leaf 0 was taken")
            return
        }
        base = try BundleBase(self.later.frames[0])
        base.genesis = FakeStore("a.example/site/one", seed: 9).logs.values.map(\.leaves[0])[0]
        bundle.frames[0] = base.frame
        #expect(
            try await self.ending(bundle) == .damaged(.badGenesis(self.store.ownLog, .otherLog))
        )
    }

    @Test("A CHECKPOINT that is not the one announced, or whose proof does not hold, is refused")
    func checkpoint() async throws {
        let log = self.store.ownLog
        var bundle = self.later
        var message = try CheckpointMessage(bundle.frames[1])
        message.proof[0] = Samples.digest
        bundle.frames[1] = message.frame
        #expect(try await self.ending(bundle) == .damaged(.badProof(log)))
        var longer = self.store
        longer.append(1)
        bundle = self.whole
        bundle.frames = FakeBundle(longer).frames
        #expect(try await self.ending(bundle) == .damaged(.badCheckpoint(log)))
        bundle = self.whole
        message = try CheckpointMessage(bundle.frames[0])
        let held = try #require(self.store.logs[log])
        message.note = self.store.note(held, size: 301, root: Samples.digest)
        bundle.frames[0] = message.frame
        #expect(try await self.ending(bundle) == .damaged(.badCheckpoint(log)))
    }

    @Test("A PACKAGE out of order, of another tree or with another leaf is refused")
    func packages() async throws {
        let log = self.store.ownLog
        var bundle = self.whole
        bundle.frames.swapAt(1, 2)
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.package)))
        bundle = self.whole
        var package = try Package(bundle.frames[2])
        package.treeSize = 400
        bundle.frames[2] = package.frame
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.package)))
        package = try Package(self.whole.frames[2])
        package.proof[0] = Samples.digest
        bundle.frames[2] = package.frame
        let report = try await FakeBundle.check(bundle.bytes)
        #expect(report.ending == .damaged(.badProof(log)))
        #expect(report.gaps == [BundleIntake.Gap(log: log, start: 256, end: 301)])
    }

    @Test("A section that is not the leaf's, and a BLOB that nobody needs, are refused")
    func sections() async throws {
        var bundle = self.whole
        let blob = Blob.parts(
            of: [1, 2, 3],
            digest: SectionReference.digest(of: [1, 2, 3].span)
        )
        bundle.frames.insert(blob[0].frame, at: 1)
        #expect(try await self.ending(bundle) == .damaged(.unexpected(.blob)))
        bundle = self.whole
        var package = try Package(bundle.frames[1])
        let index = try #require(package.entries.firstIndex { !$0.sections.isEmpty })
        package.entries[index].sections[0] = .inline([9, 9])
        bundle.frames[1] = package.frame
        #expect(
            try await self.ending(bundle)
                == .damaged(.badPackage(self.store.ownLog, index: UInt64(index)))
        )
    }

    @Test("A bundle for another site is refused")
    func recipient() throws {
        let other = SiteName("a.example/site/three")
        let bundle = FakeBundle(self.store, recipient: other)
        var two = FakeStore("a.example/site/two", seed: 2)
        #expect(throws: BundleError.otherRecipient(try #require(other))) { try two.apply(bundle) }
        let own = FakeBundle(self.store, recipient: two.site)
        #expect(try two.apply(own).isEmpty)
        #expect(two.logs[self.store.ownLog]?.size == 301)
    }

    @Test("A stranger's bundle is refused, unless it may be trusted; another key always")
    func trust() throws {
        var two = FakeStore("a.example/site/two", seed: 2)
        let name = self.store.site.rawValue
        #expect(throws: BundleError.untrusted(name)) { try two.apply(self.whole, policy: .pinned) }
        try two.apply(self.whole)
        #expect(two.pins[self.store.site] == self.store.siteKey.publicKey)
        #expect(try two.apply(self.whole, policy: .pinned).isEmpty)
        two.pins[self.store.site] = [UInt8](repeating: 1, count: 32)
        #expect(throws: BundleError.siteKeyChanged(name)) { try two.apply(self.whole) }
    }

    @Test("A relayed log whose site is not known is left alone, and others go on")
    func relayed() throws {
        var relay = FakeStore("a.example/site/two", seed: 2)
        try relay.apply(self.whole)
        var three = FakeStore("a.example/site/three", seed: 3)
        three.pins[relay.site] = relay.siteKey.publicKey
        let problems = try three.apply(FakeBundle(relay), policy: .pinned)
        #expect(problems == [self.store.ownLog: .untrusted(self.store.site.rawValue)])
        #expect(three.logs[relay.ownLog] != nil && three.logs[self.store.ownLog] == nil)
    }

    @Test("A prerequisite that is not held is refused and named")
    func prerequisites() throws {
        var two = FakeStore("a.example/site/two", seed: 2)
        let position = try #require(self.later.manifest.entries.first).old
        #expect(
            throws: BundleError.missing([.init(position: position, held: 0)])
        ) { try two.apply(self.later) }
        var shorter = self.store
        shorter.logs[shorter.ownLog]?.cut(to: 100)
        try two.apply(FakeBundle(shorter))
        #expect(
            throws: BundleError.missing([.init(position: position, held: 100)])
        ) { try two.apply(self.later) }
        try two.apply(self.whole)
        #expect(try two.apply(self.later).isEmpty)
    }

    @Test("Another history than the one held is left alone, with evidence")
    func fork() throws {
        var other = self.store
        other.logs[other.ownLog]?.cut(to: 40)
        other.random = SeededRandom(seed: 77)
        other.append(300)
        var two = FakeStore("a.example/site/two", seed: 2)
        try two.apply(self.whole)
        let log = self.store.ownLog
        #expect(try two.apply(FakeBundle(other)) == [log: .forked(log)])
        #expect(two.logs[log]?.position == self.store.logs[log]?.position)
        // From leaves that are another's the manifest alone tells; its frames are passed over.
        #expect(
            try two.apply(FakeBundle(other, since: [log: 250])) == [log: .forked(log)]
        )
        // The same size and another root, both signed: nobody can deny it.
        var twin = other
        twin.logs[log]?.cut(to: 301)
        #expect(try two.apply(FakeBundle(twin)) == [log: .forked(log)])
        #expect(two.forks.last?.isConclusive == true)
    }

    @Test("What this ledger's own key signed and it does not hold makes it suspect")
    func ownLog() throws {
        var restored = self.store
        restored.logs[restored.ownLog]?.cut(to: 40)
        var two = FakeStore("a.example/site/two", seed: 2)
        try two.apply(self.whole)
        let log = restored.ownLog
        #expect(try restored.apply(FakeBundle(two)) == [log: .forked(log)])
        #expect(restored.suspects == [log] && restored.logs[log]?.size == 40)
        var sound = self.store
        sound.append(4)
        try sound.apply(FakeBundle(two))
        #expect(sound.suspects.isEmpty && sound.logs[log]?.size == 305)
        let later = FakeBundle(two, since: [log: 270])
        restored.suspects = []
        #expect(try restored.apply(later) == [log: .forked(log)])
        #expect(restored.suspects == [log])
    }

    @Test("A log that is frozen here takes nothing out of a bundle")
    func frozen() throws {
        let held = self.store.logs[self.store.ownLog].map { log in
            LocalLog(
                position: log.position,
                genesis: log.genesis,
                writer: .otherSite,
                isFrozen: true
            )
        }
        var longer = self.store
        longer.append(5)
        let bundle = FakeBundle(longer)
        let two = FakeStore("a.example/site/two", seed: 2)
        let logs = HeldLogs(
            log: { (_) throws(SyncError) in held },
            root: { (_, _) throws(SyncError) in nil }
        )
        var intake = try BundleIntake(
            bundle.manifest,
            trusted: two.trusted(.trustFirstUse),
            held: logs
        )
        for frame in bundle.frames { #expect(try intake.take(frame, held: logs).isEmpty) }
        #expect(intake.problems == [self.store.ownLog: .closed(self.store.ownLog)])
    }

    @Test("Damaged bundles never trap, and nothing unproven is taken", arguments: [UInt64](1...40))
    func damage(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let bytes = [self.whole, self.later][Int(seed % 2)].bytes
        for _ in 0..<8 {
            var changed = bytes
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            guard changed != bytes else { continue }
            do {
                let report = try await FakeBundle.check(changed)
                #expect(!report.isWhole, "seed \(seed)")
            } catch is BundleError {}
        }
    }
}
