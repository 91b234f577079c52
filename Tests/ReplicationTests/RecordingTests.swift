import LedgerTesting
import LedgerTypes
import Testing

@testable import Replication

/// A reader that was written from docs/SYNC.md alone, in another language, agrees with ours.
@Suite(
    "What an independent reader says",
    .temporaryDirectory,
    .enabled(if: Python.isInstalled, "SKIPPED: there is no python3")
)
struct RecordingTests {
    /// A session between two sites as the initiator records it, and as the responder does.
    private func record(_ pair: FakePair) -> (initiator: [UInt8], responder: [UInt8]) {
        var pair = pair
        var recordings = [Array("CLRECORD1\n".utf8), Array("CLRECORD1\n".utf8)]
        func note(_ bytes: [UInt8], from side: Int) {
            guard !bytes.isEmpty else { return }
            for recorder in 0..<2 {
                recordings[recorder].append(recorder == side ? 0 : 1)
                recordings[recorder].appendBigEndian(UInt32(bytes.count))
                recordings[recorder] += bytes
            }
        }
        pair.initiator.start()
        pair.responder.start()
        while !pair.initiator.out.isEmpty || !pair.responder.out.isEmpty {
            let forth = pair.initiator.out
            pair.initiator.out = []
            note(forth, from: 0)
            pair.responder.take(forth)
            let back = pair.responder.out
            pair.responder.out = []
            note(back, from: 1)
            pair.initiator.take(back)
        }
        return (recordings[0], recordings[1])
    }

    private var pair: FakePair {
        var first = FakeStore("a.example/site/one", seed: 1)
        var second = FakeStore("a.example/site/two", seed: 2)
        first.append(600)
        first.append(3, sectionBytes: 200_000)
        second.append(40)
        return FakePair(first, second)
    }

    private func read(_ bytes: [UInt8]) throws -> String {
        let path = "\(TemporaryDirectoryTrait.current)/recording"
        try TestFile.write(bytes, to: path)
        let output = try ShellCommand.output(line: "\(Python.reader) '\(path)' 2>&1")
        return String(decoding: output, as: UTF8.self)
    }

    @Test("All proofs of a session hold, seen from either side")
    func session() throws {
        let recordings = self.record(self.pair)
        for bytes in [recordings.initiator, recordings.responder] {
            let text = try self.read(bytes)
            #expect(text.hasSuffix("all proofs hold\n"))
            #expect(text.contains("512 to 604 of 604, proven"))
            #expect(text.contains("in step at ") && !text.contains("not checked"))
        }
    }

    @Test("All proofs of what was added later hold, as far as the recording goes back")
    func later() throws {
        var pair = self.pair
        pair.run()
        var store = pair.initiator.store
        store.append(300)
        let text = try self.read(self.record(FakePair(store, pair.responder.store)).initiator)
        #expect(text.hasSuffix("all proofs hold\n"))
    }

    @Test("All proofs of a bundle hold")
    func bundle() throws {
        let store = self.pair.initiator.store
        for since: [LogID: UInt64] in [[:], [store.ownLog: 270], [store.ownLog: 512]] {
            let text = try self.read(FakeBundle(store, since: since).bytes)
            #expect(text.hasSuffix("all proofs hold\n"))
            #expect(text.contains("proven") && !text.contains("not checked"))
        }
    }

    @Test(
        "A recording or a bundle with a changed byte is refused, or says the same",
        arguments: 1...4
    )
    func damage(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var small = FakeStore("a.example/site/one", seed: 1)
        small.append(20)
        let session = self.record(FakePair(small, FakeStore("a.example/site/two", seed: 2)))
        for bytes in [session.initiator, FakeBundle(small).bytes] {
            var changed = bytes
            let place = Int.random(in: 60..<bytes.count, using: &random)
            changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let isTaken = (try? self.read(changed)) != nil
            // In a session nothing but hashes guards the frames: nonces, ERROR texts, flags.
            #expect(!isTaken || bytes == session.initiator, "seed \(seed), byte \(place)")
        }
    }
}

/// The reader under tools/.
enum Python {
    static let isInstalled = (try? ShellCommand.output(line: "python3 --version 2>&1")) != nil

    static var reader: String {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "python3 '/" + parts.joined(separator: "/") + "/tools/clsp-reader'"
    }
}
