import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("Forks, restores and clones")
struct ForkTests {
    private let first: FakeStore
    private let second: FakeStore

    init() {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(30)
        self.first = first
        self.second = FakeStore("a.example/site/two", seed: 2)
    }

    /// The two sites after they met.
    private func met() -> FakePair {
        var pair = FakePair(self.first, self.second)
        pair.run()
        return pair
    }

    @Test("A restored site that is behind its own peer stops appending")
    func restored() throws {
        var pair = self.met()
        var restored = pair.initiator.store
        restored.logs[restored.ownLog]?.cut(to: 10)
        pair = FakePair(restored, pair.responder.store)
        pair.run()
        #expect(pair.initiator.store.suspects == [restored.ownLog])
        #expect(try #require(pair.initiator.report).isInStep == false)
        #expect(pair.initiator.store.logs[restored.ownLog]?.size == 10)
        #expect(try #require(pair.responder.report).isInStep == false)
    }

    @Test("A restored site that went on with other events stops appending", arguments: [5, 21, 40])
    func divergent(count: Int) throws {
        var pair = self.met()
        var restored = pair.initiator.store
        restored.logs[restored.ownLog]?.cut(to: 10)
        restored.random = SeededRandom(seed: 77)
        restored.append(count)
        let held = try #require(pair.responder.store.logs[restored.ownLog]).size
        pair = FakePair(restored, pair.responder.store)
        pair.run()
        #expect(pair.initiator.store.suspects.contains(restored.ownLog))
        #expect(pair.responder.store.logs[restored.ownLog]?.size == held)
        #expect(try #require(pair.responder.report).isInStep == false)
    }

    @Test("A bare claim of more is answered with a demand for proof, and believed by nobody")
    func bareClaim() throws {
        var pair = self.met()
        var liar = pair.responder.store
        let log = self.first.ownLog
        let held = try #require(liar.logs[log])
        liar.random = SeededRandom(seed: 5)
        var longer = held
        longer.add(
            FakeEvents.leaf(index: 31, sections: [], random: &liar.random),
            sections: []
        )
        liar.logs[log] = longer
        pair = FakePair(pair.initiator.store, liar)
        pair.run()
        #expect(pair.initiator.store.suspects == [])
        let report = try #require(pair.initiator.report)
        #expect(report.logs.first { $0.position.log == log }?.problem == .proofRequired(log))
        #expect(pair.initiator.framesSent.contains(.error))
        #expect(pair.initiator.store.logs[log]?.size == 31)
    }

    /// A site keeps two histories, of which the other one has `appended` leaves from index 10 on,
    /// and shows one to each of two others, who then meet: its log, and the first one's meeting.
    private func compared(appended: Int) -> (log: LogID, second: FakePair, pair: FakePair) {
        var liar = self.first
        liar.logs[liar.ownLog]?.cut(to: 10)
        liar.random = SeededRandom(seed: 55)
        liar.append(appended)
        var second = FakePair(self.first, self.second)
        second.run()
        var third = FakePair(liar, FakeStore("a.example/site/three", seed: 3))
        third.run()
        var pair = FakePair(second.responder.store, third.responder.store)
        pair.run()
        return (liar.ownLog, second, pair)
    }

    @Test("Another history of a third site is left alone with evidence, and others go on")
    func thirdSite() throws {
        let (log, second, pair) = self.compared(appended: 21)
        for side in [pair.initiator, pair.responder] {
            let report = try #require(side.report)
            #expect(!report.isInStep)
            #expect(report.logs.count == 3)
            #expect(side.store.logs[log]?.size == 31)
        }
        let evidence = pair.initiator.store.forks + pair.responder.store.forks
        #expect(evidence.contains { $0.isConclusive && $0.log == log })
        #expect(
            pair.initiator.store.logs[log]?.position
                == second.responder.store.logs[log]?.position
        )
    }

    @Test("A longer history that does not go on from the one held is refused with evidence")
    func longerOther() throws {
        let (log, _, pair) = self.compared(appended: 61)
        #expect(pair.initiator.store.logs[log]?.size == 31)
        #expect(pair.responder.store.logs[log]?.size == 71)
        let evidence = try #require(pair.initiator.store.forks.first)
        #expect(evidence.isConclusive)
        #expect(pair.responder.store.forks.first?.isConclusive == true)
        #expect(pair.initiator.store.logs[pair.responder.store.ownLog] != nil)
    }

    @Test("A proof that leads nowhere freezes nothing for good")
    func garbageProof() throws {
        var pair = self.met()
        var first = pair.initiator.store
        first.append(9)
        pair = FakePair(first, pair.responder.store)
        pair.initiator.tamper = { frame in
            guard frame.type == .checkpoint, var message = try? CheckpointMessage(frame) else {
                return frame
            }
            message.proof[0] = Samples.digest
            return message.frame
        }
        pair.run()
        #expect(pair.responder.store.forks.map(\.isConclusive) == [false])
        #expect(pair.responder.store.logs[first.ownLog]?.size == 31)
        var again = FakePair(first, pair.responder.store)
        again.run()
        #expect(try #require(again.responder.report).isInStep)
    }

    @Test("A former incarnation's lost tail comes back from a peer")
    func formerIncarnation() throws {
        let met = self.met()
        var restored = met.initiator.store
        var old = try #require(restored.logs[restored.ownLog])
        old.cut(to: 10)
        old.writer = .formerIncarnation
        var renewed = FakeStore("a.example/site/one", seed: 1)
        renewed.random = SeededRandom(seed: 8)
        renewed.begin(incarnation: 2)
        renewed.logs[old.id] = old
        restored = renewed
        var pair = FakePair(restored, met.responder.store)
        pair.run()
        #expect(try #require(pair.initiator.report).isInStep)
        #expect(pair.initiator.store.logs[old.id]?.size == 31)
        #expect(pair.initiator.store.suspects == [])
    }

    // The simulator's seed 74: the peer, whose HELLO named the log, took silence for "equal"; the
    // log stayed away, and the session never ended.
    @Test("A log of its own that a site does not hold at all any more comes back from a peer")
    func lostLog() throws {
        let met = self.met()
        var renewed = FakeStore("a.example/site/one", seed: 1)
        renewed.random = SeededRandom(seed: 8)
        renewed.begin(incarnation: 2)
        for isInitiator in [true, false] {
            let peer = met.responder.store
            var pair = isInitiator ? FakePair(renewed, peer) : FakePair(peer, renewed)
            pair.run()
            let report = try #require(isInitiator ? pair.initiator.report : pair.responder.report)
            #expect(report.isInStep)
            let store = isInitiator ? pair.initiator.store : pair.responder.store
            #expect(store.logs[self.first.ownLog]?.size == 31)
        }
    }
}
