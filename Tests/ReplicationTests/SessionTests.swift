import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("A session of two sides")
struct SessionTests {
    private func pair() -> (FakeStore, FakeStore) {
        var first = FakeStore("a.example/site/one", seed: 1)
        var second = FakeStore("a.example/site/two", seed: 2)
        first.append(300)
        second.append(40)
        return (first, second)
    }

    @Test("Both sides end with the same logs and say the same digest")
    func exchange() throws {
        let (first, second) = self.pair()
        var pair = FakePair(first, second)
        pair.run()
        let one = try #require(pair.initiator.report)
        let two = try #require(pair.responder.report)
        #expect(one.isInStep && two.isInStep)
        #expect(one.digest == two.digest)
        #expect(one.digest == pair.initiator.store.digest)
        #expect(one.isPeerAuthenticated && two.isPeerAuthenticated)
        #expect(one.logs.map(\.received).reduce(0, +) == 41)
        #expect(one.logs.map(\.sent).reduce(0, +) == 301)
        #expect(two.peer.rawValue == "a.example/site/one")
        #expect(pair.initiator.store.pins.count == 1)
    }

    @Test("In step costs one round trip and less than 1 KB", arguments: [10, 3_000])
    func inStep(count: Int) throws {
        var first = FakeStore("a.example/site/one", seed: 1)
        let second = FakeStore("a.example/site/two", seed: 2)
        first.append(count)
        var pair = FakePair(first, second)
        pair.run()
        var again = FakePair(pair.initiator.store, pair.responder.store)
        again.run()
        let report = try #require(again.initiator.report)
        #expect(report.isInStep)
        #expect(again.turns == 1)
        #expect(again.initiator.framesSent == [.hello] && again.responder.framesSent == [.hello])
        #expect(again.initiator.bytesSent + again.responder.bytesSent < 1_024)
    }

    @Test("In step stays under 1 KB with the longest names and the most incarnations")
    func inStepLongest() throws {
        guard let site = SiteName(String(repeating: "x", count: SiteName.bytesMax)) else { return }
        var hello = Samples.hello
        hello.site = site
        let first = try hello.frame.encoded().count - 56
        hello.views = [Position](repeating: Samples.position, count: SyncLimits.viewsMax)
        #expect(first + (try hello.frame.encoded().count) < 1_024)
    }

    @Test("What was added since goes over, and only that")
    func incremental() throws {
        let (first, second) = self.pair()
        var pair = FakePair(first, second)
        pair.run()
        var store = pair.initiator.store
        store.append(5)
        var again = FakePair(store, pair.responder.store)
        again.run()
        let report = try #require(again.responder.report)
        #expect(report.isInStep)
        #expect(report.logs.map(\.received).reduce(0, +) == 5)
        #expect(again.initiator.bytesSent < 6_000)
    }

    @Test("Sections over 64 KiB travel in BLOBs")
    func blobs() throws {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(9, sectionBytes: 700_000)
        var pair = FakePair(first, FakeStore("a.example/site/two", seed: 2))
        pair.run()
        let report = try #require(pair.responder.report)
        #expect(report.isInStep)
        #expect(pair.initiator.framesSent.filter { $0 == .blob }.count == 6)
        #expect(
            pair.responder.store.logs[first.ownLog]?.sections[3]
                == first.logs[first.ownLog]?.sections[3]
        )
    }

    @Test("A section that the sender does not hold stays withheld, and the log still verifies")
    func withheld() throws {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(9)
        first.logs[first.ownLog]?.sections[3] = [nil]
        var pair = FakePair(first, FakeStore("a.example/site/two", seed: 2))
        pair.run()
        #expect(try #require(pair.responder.report).isInStep)
        #expect(pair.responder.store.logs[first.ownLog]?.sections[3] == [nil])
    }

    @Test("More than a window goes over", .timeLimit(.minutes(2)))
    func window() throws {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(256 * 20)
        var pair = FakePair(first, FakeStore("a.example/site/two", seed: 2))
        pair.run()
        #expect(try #require(pair.responder.report).isInStep)
    }

    @Test("A log of a third site is relayed to one that never met it")
    func relay() throws {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(30)
        var pair = FakePair(first, FakeStore("a.example/site/two", seed: 2))
        pair.run()
        var next = FakePair(pair.responder.store, FakeStore("a.example/site/three", seed: 3))
        next.run()
        let report = try #require(next.responder.report)
        #expect(report.isInStep)
        #expect(next.responder.store.logs[first.ownLog]?.size == 31)
        #expect(next.responder.store.pins[first.site] == first.siteKey.publicKey)
    }

    @Test("A log held only in part is relayed as far as a checkpoint proves it")
    func partialRelay() throws {
        var first = FakeStore("a.example/site/one", seed: 1)
        first.append(30)
        var pair = FakePair(first, FakeStore("a.example/site/two", seed: 2))
        pair.run()
        var second = pair.responder.store
        second.logs[first.ownLog]?.cut(to: 20)
        var next = FakePair(second, FakeStore("a.example/site/three", seed: 3))
        next.run()
        let report = try #require(next.responder.report)
        #expect(!report.isInStep)
        #expect(next.responder.store.logs[first.ownLog] == nil)
        #expect(next.responder.store.logs[second.ownLog] != nil)
    }

    @Test("A cut after every byte leaves both sides fit to finish later", .timeLimit(.minutes(5)))
    func everyCut() throws {
        var first = FakeStore("a.example/site/one", seed: 1)
        var second = FakeStore("a.example/site/two", seed: 2)
        first.append(120)
        second.append(80)
        var uncut = FakePair(first, second)
        uncut.run()
        let end = uncut.initiator.store.digest

        var pair = FakePair(first, second)
        pair.initiator.start()
        pair.responder.start()
        var seen: Set<[UInt64]> = []
        var cuts = 0
        while !pair.initiator.out.isEmpty || !pair.responder.out.isEmpty {
            // One byte on the wire at a time; the longer queue goes first, so both directions mix.
            if pair.initiator.out.count >= pair.responder.out.count {
                pair.responder.take([pair.initiator.out.removeFirst()])
            } else {
                pair.initiator.take([pair.responder.out.removeFirst()])
            }
            cuts += 1
            // A cut loses the sessions and keeps the stores; equal stores need one rerun.
            let state = pair.initiator.store.sizes + [0] + pair.responder.store.sizes
            guard seen.insert(state).inserted else { continue }
            var again = FakePair(pair.responder.store, pair.initiator.store)
            again.run()
            #expect(again.initiator.report?.isInStep == true, "after byte \(cuts)")
            #expect(again.initiator.store.digest == end, "after byte \(cuts)")
            #expect(again.responder.store.digest == end, "after byte \(cuts)")
        }
        #expect(cuts > 10_000)
        #expect(seen.count >= 3)
    }

    @Test("Five sites in any order of meetings end with one digest", arguments: [UInt64](1...12))
    func convergence(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var stores = (0..<5).map {
            FakeStore("a.example/site/\($0)", seed: seed &* 31 &+ UInt64($0))
        }
        for _ in 0..<12 {
            stores[Int.random(in: 0..<5, using: &random)]
                .append(Int.random(in: 0...20, using: &random))
            let (one, two) = Self.two(of: 5, using: &random)
            let cut =
                Bool.random(using: &random) ? Int.random(in: 0...9_000, using: &random) : Int.max
            Self.meet(&stores, one, two, cutAfter: cut)
        }
        var meetings = 0
        while Set(stores.map(\.digest)).count > 1, meetings < 200 {
            let (one, two) = Self.two(of: 5, using: &random)
            Self.meet(&stores, one, two, cutAfter: .max)
            meetings += 1
        }
        #expect(Set(stores.map(\.digest)).count == 1, "seed \(seed)")
        #expect(stores.allSatisfy { $0.logs.count == 5 }, "seed \(seed)")
    }

    private static func two(of count: Int, using random: inout SeededRandom) -> (Int, Int) {
        let one = Int.random(in: 0..<count, using: &random)
        return (one, (one + Int.random(in: 1..<count, using: &random)) % count)
    }

    private static func meet(
        _ stores: inout [FakeStore],
        _ one: Int,
        _ two: Int,
        cutAfter bytes: Int
    ) {
        var pair = FakePair(stores[one], stores[two])
        pair.initiator.start()
        pair.responder.start()
        var left = bytes
        while left > 0, !pair.initiator.out.isEmpty || !pair.responder.out.isEmpty {
            let forth = Array(pair.initiator.out.prefix(min(left, 700)))
            pair.initiator.out.removeFirst(forth.count)
            pair.responder.take(forth)
            left -= forth.count
            let back = Array(pair.responder.out.prefix(max(0, min(left, 1_100))))
            pair.responder.out.removeFirst(back.count)
            pair.initiator.take(back)
            left -= back.count
        }
        stores[one] = pair.initiator.store
        stores[two] = pair.responder.store
    }
}
