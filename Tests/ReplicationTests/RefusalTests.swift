import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("What a session refuses")
struct RefusalTests {
    private let first: FakeStore
    private let second: FakeStore

    init() {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(30)
        self.first = first
        self.second = FakeStore("a.example/site/two", seed: 2)
    }

    /// Runs a session in which what the first site sends is changed on the way.
    private func run(_ tamper: @escaping @Sendable (Frame) -> Frame?) -> FakePair {
        var pair = FakePair(self.first, self.second)
        pair.initiator.tamper = tamper
        pair.run()
        return pair
    }

    /// Changes messages of one type on the way.
    private func change<Message>(
        _ type: FrameType,
        _ read: @escaping @Sendable (Frame) throws -> Message,
        _ body: @escaping @Sendable (inout Message) -> Frame
    ) -> @Sendable (Frame) -> Frame? {
        { frame in
            guard frame.type == type, var message = try? read(frame) else { return frame }
            return body(&message)
        }
    }

    private func keepsNothing(_ pair: FakePair) -> Bool {
        pair.responder.store.logs.count == 1 && pair.responder.report == nil
    }

    @Test("Anything before HELLO is refused", arguments: Samples.frames)
    func beforeHello(frame: Frame) {
        guard frame.type != .hello, frame.type != .error else { return }
        var side = FakeSide(self.second, role: .responder)
        side.start()
        side.take(frame.plainBytes)
        #expect(side.error == .unexpected(frame.type))
        #expect(side.framesSent == [.error])
    }

    @Test("Anything but AUTH after HELLO is refused", arguments: Samples.frames)
    func beforeAuthentication(frame: Frame) {
        guard frame.type != .authentication, frame.type != .error else { return }
        var other = FakeSide(self.first, role: .initiator)
        other.start()
        var side = FakeSide(self.second, role: .responder)
        side.start()
        side.take(other.out + frame.plainBytes)
        #expect(side.error == .unexpected(frame.type))
        #expect(side.store.logs.count == 1)
    }

    @Test("A signature by another key ends the session before data")
    func wrongAuthentication() {
        let pair = self.run(
            self.change(.authentication, { try Authentication($0) }) { message in
                message.signature[0] ^= 1
                return message.frame
            }
        )
        #expect(pair.responder.error == .authenticationFailed("a.example/site/one"))
        #expect(self.keepsNothing(pair))
        #expect(!pair.responder.framesSent.contains(.package))
    }

    @Test("A HELLO changed on the way breaks both signatures, so no version can be talked down")
    func changedHello() {
        let pair = self.run(
            self.change(.hello, { try Hello($0) }) { message in
                message.versionMax = 3
                return message.frame
            }
        )
        #expect(pair.responder.error == .authenticationFailed("a.example/site/one"))
        #expect(self.keepsNothing(pair))
    }

    @Test("A peer that speaks only later versions is refused")
    func laterVersion() {
        let pair = self.run(
            self.change(.hello, { try Hello($0) }) { message in
                message.versionMin = 2
                message.versionMax = 3
                return message.frame
            }
        )
        #expect(pair.responder.error == .versionMismatch(peerMin: 2, peerMax: 3))
        guard case .remote(let error) = pair.initiator.error else {
            Issue.record("the other side was not told")
            return
        }
        #expect(error.code == 4 && !error.isRetryable)
    }

    @Test("A key that is not pinned ends a session over a stream before data")
    func untrusted() {
        var pair = FakePair(self.first, self.second, policy: .pinned)
        pair.run()
        #expect(pair.responder.error == .untrusted("a.example/site/one"))
        #expect(self.keepsNothing(pair))
    }

    @Test("Pinned keys are enough over a stream")
    func pinned() throws {
        var first = self.first
        var second = self.second
        first.pins[second.site] = second.siteKey.publicKey
        second.pins[first.site] = first.siteKey.publicKey
        var pair = FakePair(first, second, policy: .pinned)
        pair.run()
        #expect(try #require(pair.responder.report).isInStep)
    }

    @Test("A relayed log of a site that is not pinned is left alone, and the others go on")
    func untrustedRelay() throws {
        var pair = FakePair(self.first, self.second)
        pair.run()
        var third = FakeStore("a.example/site/three", seed: 3)
        var relaying = pair.responder.store
        third.pins[relaying.site] = relaying.siteKey.publicKey
        relaying.pins[third.site] = third.siteKey.publicKey
        var next = FakePair(relaying, third, policy: .pinned)
        next.run()
        let report = try #require(next.responder.report)
        #expect(!report.isInStep)
        #expect(report.refused.map(\.problem) == [.untrusted("a.example/site/one")])
        #expect(next.responder.store.logs[relaying.ownLog] != nil)
        #expect(next.responder.store.logs[self.first.ownLog] == nil)
        #expect(try #require(next.initiator.report).isInStep == false)
    }

    @Test("Trust on first use pins the peer, and another key for its name is refused later")
    func firstUse() throws {
        var pair = FakePair(self.first, self.second, policy: .trustFirstUse)
        pair.run()
        #expect(try #require(pair.responder.report).isInStep)
        var impostor = FakeStore("a.example/site/one", seed: 99)
        impostor.append(3)
        var next = FakePair(impostor, pair.responder.store, policy: .trustFirstUse)
        next.run()
        #expect(next.responder.error == .siteKeyChanged("a.example/site/one"))
    }

    @Test("Another site than the one asked for is refused")
    func otherSite() {
        var pair = FakePair(
            FakeSide(
                self.first,
                role: .initiator,
                expecting: SiteName("a.example/site/nine")
            ),
            FakeSide(self.second, role: .responder)
        )
        pair.run()
        #expect(pair.initiator.error == .otherSite("a.example/site/two"))
    }

    @Test("A session with itself is refused")
    func itself() {
        var pair = FakePair(
            FakeSide(self.first, role: .initiator, nonce: 7),
            FakeSide(self.first, role: .responder, nonce: 7)
        )
        pair.run()
        #expect(pair.responder.error == .ownKey)
    }

    @Test("A peer with this site's own key is refused over a stream")
    func ownKey() {
        var clone = self.first
        clone.append(1)
        var pair = FakePair(clone, self.first, policy: .trustFirstUse)
        pair.run()
        #expect(pair.responder.error == .ownKey)
    }

    @Test("A proof, a leaf or a section changed on the way is refused before it is kept")
    func changedPackage() {
        let changes: [@Sendable (inout Package) -> Void] = [
            { $0.proof = [Samples.digest] },
            { $0.entries[4].leaf[3] ^= 1 },
            { $0.entries.swapAt(4, 5) },
            { $0.entries.removeLast() },
            { $0.entries.append($0.entries[4]) },
            { $0.entries[3].sections = [] },
            { $0.entries[3].sections = [.inline([1])] },
            { $0.entries[3].sections = [.blob] },
            { $0.entries[0].leaf[7] ^= 1 },
            { $0.start = 1 },
            { $0.treeSize += 1 },
        ]
        for (number, change) in changes.enumerated() {
            let pair = self.run(
                self.change(.package, { try Package($0) }) { package in
                    change(&package)
                    return package.frame
                }
            )
            #expect(pair.responder.error != nil, "change \(number)")
            #expect(self.keepsNothing(pair), "change \(number)")
        }
    }

    @Test("A checkpoint by another key, of another log or of another size is refused")
    func wrongCheckpoint() {
        let log = self.first.ownLog
        guard let held = self.first.logs[log], let seed = SigningKey(seed: Array(0..<32)) else {
            return
        }
        var impostor = self.first
        impostor.logKey = seed
        let notes = [
            impostor.note(held, size: 31), self.first.note(held, size: 30),
            self.first.note(held, size: 31, root: Samples.digest), Array("no note".utf8),
        ]
        for (number, note) in notes.enumerated() {
            let pair = self.run(
                self.change(.checkpoint, { try CheckpointMessage($0) }) { message in
                    message.note = note
                    return message.frame
                }
            )
            let isBad =
                pair.responder.error == .badCheckpoint(log)
                || pair.responder.error == .badProof(log)
            #expect(isBad, "note \(number): \(String(describing: pair.responder.error))")
            #expect(self.keepsNothing(pair), "note \(number)")
        }
    }

    @Test("A genesis of another log, or signed by another site key, is refused")
    func wrongGenesis() {
        let other = self.second.logs[self.second.ownLog]?.leaves[0] ?? []
        let pair = self.run(
            self.change(.checkpoint, { try CheckpointMessage($0) }) { message in
                message.genesis = other
                return message.frame
            }
        )
        #expect(pair.responder.error == .badGenesis(self.first.ownLog, .otherLog))
        #expect(self.keepsNothing(pair))
    }

    @Test("A log whose genesis the named site did not sign is refused")
    func forgedGenesis() throws {
        var forger = self.first
        var genesis = try #require(forger.logs[forger.ownLog]).genesis
        genesis.nonce = [UInt8](repeating: 9, count: 16)
        var log = FakeLog(genesis: genesis, writer: .otherSite)
        log.add(genesis.leaf, sections: [])
        log.notes[1] = forger.note(log, size: 1)
        forger.logs[log.id] = log
        var pair = FakePair(forger, self.second)
        pair.run()
        #expect(pair.responder.error == .badGenesis(log.id, .badSignature))
        #expect(pair.responder.store.logs[log.id] == nil)
    }

    @Test("A BLOB that is not what it says, or that no package needs, is refused")
    func wrongBlob() {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(4, sectionBytes: 100_000)
        for unneeded in [false, true] {
            var pair = FakePair(first, self.second)
            pair.initiator.tamper = { frame in
                guard frame.type == (unneeded ? .package : .blob) else { return frame }
                if unneeded { return Samples.blob.frame }
                guard var blob = try? Blob(frame) else { return frame }
                blob.bytes[5] ^= 1
                return blob.frame
            }
            pair.run()
            #expect(pair.responder.error != nil)
            #expect(self.keepsNothing(pair))
        }
    }

    @Test("What belongs to partners has no place in a session without a grant")
    func withoutGrant() {
        let intervals = IntervalsMessage(grant: .none, log: Samples.log, entries: [])
        let scope = ScopeMessage(grant: [1], head: [2])
        let part = Part(
            log: Samples.log,
            kind: .goesOn,
            range: 0..<1,
            treeSize: 1,
            proof: [],
            covered: Intervals([0]),
            entries: [Package.Entry(leaf: [1])],
            gaps: []
        )
        for other in [intervals.frame, scope.frame, part.frame] {
            let pair = self.run { frame in frame.type == .package ? other : frame }
            #expect(pair.responder.error == .unexpected(other.type))
            guard case .remote(let error) = pair.initiator.error else {
                Issue.record("the other side was not told")
                return
            }
            #expect(error.code == 1)
        }
    }

    @Test("An acknowledgement of another root, or of nothing new, is refused")
    func wrongAcknowledgement() {
        for change: @Sendable (Position) -> Position in [
            { Position(log: $0.log, size: $0.size, root: Samples.digest) },
            { Position(log: $0.log, size: 0, root: $0.root) },
            { Position(log: Samples.log, size: $0.size, root: $0.root) },
        ] {
            var pair = FakePair(self.first, self.second)
            pair.responder.tamper = self.change(
                .acknowledgement,
                { try Acknowledgement($0) }
            ) { message in
                message.position = change(message.position)
                return message.frame
            }
            pair.run()
            #expect(pair.initiator.error != nil)
        }
    }

    @Test("A DONE that comes too early or twice is refused")
    func earlyDone() {
        let pair = self.run { frame in frame.type == .package ? Samples.done.frame : frame }
        #expect(pair.responder.report == nil)
        var twice = FakePair(self.first, self.second)
        twice.responder.tamper = { frame in frame.type == .vector ? Samples.done.frame : frame }
        twice.run()
        #expect(twice.initiator.error == .unexpected(.done))
    }

    @Test("A session that brings more bytes than it may is refused")
    func sessionBytes() {
        var pair = FakePair(self.first, self.second)
        pair.responder.session.configuration.sessionBytesMax = 2_000
        pair.run()
        #expect(pair.responder.error == .limit(.sessionBytes, log: nil))
        #expect(self.keepsNothing(pair))
    }

    @Test("Sections of one package have a limit together, whole or not")
    func pendingBlobs() throws {
        var blobs = PendingBlobs(byteCountMax: 1_000)
        var random = SeededRandom(seed: 4)
        let section = random.bytes(600)
        for blob in Blob.parts(of: section, digest: SectionReference.digest(of: section.span)) {
            try blobs.take(blob)
        }
        #expect(blobs.section(SectionReference.digest(of: section.span)) == section)
        let other = Blob(section: Samples.digest, total: 5_000, offset: 0, bytes: random.bytes(401))
        #expect(throws: SyncError.limit(.pendingBlobBytes, log: nil)) { try blobs.take(other) }
    }

    @Test("A BLOB out of its place, or of another section than the one begun, is refused")
    func blobOrder() throws {
        let parts = [
            Blob(section: Samples.digest, total: 9, offset: 3, bytes: [1]),
            Blob(section: Samples.digest, total: 8, offset: 3, bytes: [1]),
            Blob(section: MerkleHash.empty, total: 9, offset: 3, bytes: [1]),
            Blob(section: Samples.digest, total: 9, offset: 4, bytes: [1]),
        ]
        for (number, part) in parts.enumerated() {
            var blobs = PendingBlobs()
            try blobs.take(Blob(section: Samples.digest, total: 9, offset: 0, bytes: [1, 2, 3]))
            guard number > 0 else {
                try blobs.take(part)
                continue
            }
            #expect(throws: SyncError.malformed(.blob, offset: 0)) { try blobs.take(part) }
        }
        var fresh = PendingBlobs()
        #expect(throws: SyncError.malformed(.blob, offset: 0)) { try fresh.take(parts[0]) }
    }

    @Test("Packages of a log that was left alone are dropped, but no more than a window of them")
    func flood() {
        var pair = FakePair(self.first, self.second)
        pair.responder.session.problems[self.first.ownLog] = .closed(self.first.ownLog)
        pair.initiator.tamper = { frame in
            frame.type == .checkpoint || frame.type == .package ? nil : frame
        }
        pair.initiator.start()
        pair.responder.start()
        // Up to the point where both sides exchange.
        pair.responder.take(pair.initiator.out)
        pair.initiator.out = []
        pair.initiator.take(pair.responder.out)
        pair.responder.take(pair.initiator.out)
        pair.responder.session.incoming[self.first.ownLog] = nil
        var package = Samples.package
        package.log = self.first.ownLog
        for _ in 0...SyncLimits.windowPackagesMax {
            pair.responder.take(package.frame.plainBytes)
        }
        #expect(pair.responder.error == .limit(.window, log: self.first.ownLog))
    }

    @Test("Damage at the source is found there, and other logs go on")
    func damagedSource() throws {
        var pair = FakePair(self.first, self.second)
        pair.run()
        var store = pair.responder.store
        store.append(5)
        store.logs[self.first.ownLog]?.damage(7)
        var next = FakePair(store, FakeStore("a.example/site/three", seed: 3))
        next.run()
        let report = try #require(next.initiator.report)
        #expect(!report.isInStep)
        let problem = report.logs.first { $0.position.log == self.first.ownLog }?.problem
        #expect(problem == .damaged(self.first.ownLog))
        #expect(next.responder.store.logs[store.ownLog]?.size == 6)
        #expect(next.responder.store.logs[self.first.ownLog] == nil)
    }
}
