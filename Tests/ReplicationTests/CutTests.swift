import LedgerTypes
import Testing

@testable import Replication

@Suite("A stream that is cut", .timeLimit(.minutes(5)))
struct CutTests {
    /// Two sites of which one has 2,000 events for the other, which has some for it.
    private static var pair: FakePair {
        var first = FakeStore("a.example/site/one", seed: 1)
        var second = FakeStore("a.example/site/two", seed: 2)
        first.append(2_000)
        second.append(70)
        return FakePair(first, second)
    }

    /// What the wire has carried: bytes that wait are taken from the front without moving the rest.
    private struct Wire {
        private var bytes: [UInt8] = []
        private var offset = 0

        var isEmpty: Bool { self.offset == self.bytes.count }
        var count: Int { self.bytes.count - self.offset }

        mutating func add(_ more: [UInt8]) { self.bytes += more }

        mutating func next() -> [UInt8] {
            defer { self.offset += 1 }
            return [self.bytes[self.offset]]
        }
    }

    @Test(
        "Cut after every byte and run again, both end as if uncut, and nothing held is sent again"
    )
    func everyByte() {
        var uncut = Self.pair
        uncut.run()
        let end = uncut.initiator.store.digest
        #expect(end == uncut.responder.store.digest)
        var pair = Self.pair
        pair.initiator.start()
        pair.responder.start()
        var forth = Wire()
        var back = Wire()
        var seen: Set<[UInt64]> = []
        var cuts = 0
        while true {
            forth.add(pair.initiator.out)
            back.add(pair.responder.out)
            pair.initiator.out = []
            pair.responder.out = []
            guard !forth.isEmpty || !back.isEmpty else { break }
            // The longer queue goes first, so that both directions mix.
            if forth.count >= back.count {
                pair.responder.take(forth.next())
            } else {
                pair.initiator.take(back.next())
            }
            cuts += 1
            // A cut loses the sessions and keeps the stores; equal stores need one rerun.
            let state = pair.initiator.store.sizes + [0] + pair.responder.store.sizes
            guard seen.insert(state).inserted else { continue }
            Self.runAgain(pair, end: end, after: cuts)
        }
        #expect(cuts > 200_000)
        // Each package is in a commit of its own here: eight one way, one the other.
        #expect(seen.count >= 9)
    }

    private static func runAgain(_ cut: FakePair, end: Digest, after byte: Int) {
        let held = cut.initiator.store.total + cut.responder.store.total
        var again = FakePair(cut.initiator.store, cut.responder.store)
        again.run()
        #expect(again.initiator.report?.isInStep == true, "after byte \(byte)")
        #expect(again.initiator.store.digest == end, "after byte \(byte)")
        #expect(again.responder.store.digest == end, "after byte \(byte)")
        let sent = [again.initiator, again.responder].compactMap(\.report)
            .flatMap(\.logs).map(\.received).reduce(0, +)
        #expect(held + sent == 2 * (2_001 + 71), "after byte \(byte)")
    }
}

extension FakeStore {
    /// The leaves of every log.
    fileprivate var total: UInt64 { self.sizes.reduce(0, +) }
}
