import EventStore
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("Intervals, covers and the frames of partners")
struct IntervalsTests {
    private static let log = LogID(rawValue: 5)

    private static func read(_ bytes: [UInt8], in range: Range<UInt64>) throws -> Intervals {
        var reader = BodyReader(bytes.span, of: .part)
        let intervals = try reader.intervals(in: range, countMax: 256, log: Self.log)
        try reader.end()
        return intervals
    }

    @Test("Intervals come back as they were and have their frozen bytes")
    func roundTrip() throws {
        let intervals = Intervals([100, 101, 102, 105, 600])
        var bytes: [UInt8] = []
        intervals.append(to: &bytes, from: 98)
        #expect(bytes.hex == "03" + "0202" + "0200" + "ee0300")
        #expect(try Self.read(bytes, in: 98..<601) == intervals)
        #expect(intervals.count == 5)
        #expect(intervals.gaps(in: 98..<700) == [98..<100, 103..<105, 106..<600, 601..<700])
        #expect(Intervals().gaps(in: 3..<4) == [3..<4])
    }

    @Test("Intervals past their range, touching each other, or of too many leaves are refused")
    func refusals() {
        let malformed: [[UInt8]] = [
            [1, 0, 4], [1, 4, 0], [2, 0, 0, 0, 0], [1], [1, 0x80, 0x80], [1, 0x80, 0, 0],
        ]
        for bytes in malformed {
            #expect(throws: SyncError.self, "\(bytes)") { try Self.read(bytes, in: 10..<14) }
        }
        #expect(throws: SyncError.limit(.entries, log: Self.log)) {
            try Self.read([1, 0, 0x80, 2], in: 0..<1_000)
        }
        #expect(throws: SyncError.limit(.entries, log: Self.log)) {
            try Self.read([0xFF, 0x7F], in: 0..<1_000_000)
        }
    }

    @Test("A cover is made of the fewest complete subtrees", arguments: [1, 2, 3] as [UInt64])
    func cover(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let start = UInt64.random(in: 0..<5_000, using: &random)
            let end = start + UInt64.random(in: 0..<5_000, using: &random)
            let places = MerkleTree.cover(start..<end)
            var next = start
            for place in places {
                #expect(place.first == next && place.first.isMultiple(of: place.count))
                next = place.end
            }
            #expect(next == end)
            for (one, other) in zip(places, places.dropFirst()) where one.level == other.level {
                #expect(!one.first.isMultiple(of: 2 * one.count), "the two are one")
            }
        }
        #expect(MerkleTree.cover(0..<1 << 63).count == 2, "none is above level 62")
    }

    private static let label = Label(name: "queue", value: "q")

    private static var intervals: IntervalsMessage {
        let entry = ScopeHead.Entry(label: Self.label, newest: LabelPlace(sequence: 2, index: 7))
        return IntervalsMessage(grant: GrantID(rawValue: 9), log: Self.log, entries: [entry])
    }

    private static let part = Part(
        log: Self.log,
        kind: .goesOn,
        range: 2..<8,
        treeSize: 9,
        proof: [Samples.digest],
        covered: Intervals([4, 5]),
        entries: [Package.Entry(leaf: [1, 2]), Package.Entry(leaf: [3], sections: [.withheld])],
        gaps: [Samples.digest, Samples.digest]
    )

    @Test("INTERVALS, SCOPE and PART come back as they were and have their frozen bytes")
    func messages() throws {
        let zeroes = String(repeating: "0", count: 31)
        let intervals = Self.intervals.frame
        #expect(try IntervalsMessage(intervals) == Self.intervals)
        #expect(
            intervals.body.hex
                == zeroes + "9" + zeroes + "5" + "0001" + "0005" + "7175657565" + "0001" + "71"
                + "0000000000000002" + "0000000000000007"
        )
        let scope = ScopeMessage(grant: [1, 2], head: [3])
        #expect(try ScopeMessage(scope.frame) == scope)
        #expect(scope.frame.body.hex == "00" + "00000002" + "0102" + "00000001" + "03")
        #expect(try Part(Self.part.frame) == Self.part)
        #expect(
            Self.part.frame.body.hex
                == zeroes + "5" + "00" + "0000000000000002" + "0000000000000008"
                + "0000000000000009" + "01" + Samples.digest.hex + "01" + "0201" + "020102"
                + "0103" + Samples.digest.hex + Samples.digest.hex + "00" + "0100"
        )
        #expect(FrameType.intervals.rawValue == 3 && FrameType.part.rawValue == 12)
        #expect(FrameType.scope.rawValue == 16)
    }

    @Test("They are read to their last byte, and lengths are compared with their limits first")
    func limits() {
        for frame in [
            Self.intervals.frame, ScopeMessage(grant: [1], head: []).frame,
            Self.part.frame,
        ] {
            for count in 0..<frame.body.count {
                let cut = Frame(type: frame.type, body: Array(frame.body.prefix(count)))
                #expect(!Self.parses(cut), "\(frame.type) cut to \(count)")
            }
            #expect(!Self.parses(Frame(type: frame.type, body: frame.body + [0])))
        }
        var many = [UInt8](repeating: 0, count: 32)
        many += [4, 1]
        #expect(throws: SyncError.limit(.labels, log: LogID(rawValue: 0))) {
            try IntervalsMessage(Frame(type: .intervals, body: many))
        }
        #expect(throws: SyncError.limit(.noteBytes, log: nil)) {
            try ScopeMessage(Frame(type: .scope, body: [0, 0, 16, 0, 1]))
        }
        var double = Self.intervals
        double.entries += double.entries
        #expect(throws: SyncError.self) { try IntervalsMessage(double.frame) }
        var unproven = Self.part
        unproven.kind = .fillsIn
        #expect(throws: SyncError.self) { try Part(unproven.frame) }
        var kind = Self.part.frame.body
        kind[16] = 2
        #expect(throws: SyncError.malformed(.part, offset: 17)) {
            try Part(Frame(type: .part, body: kind))
        }
    }

    private static func parses(_ frame: Frame) -> Bool {
        switch frame.type {
        case .intervals: (try? IntervalsMessage(frame)) != nil
        case .scope: (try? ScopeMessage(frame)) != nil
        default: (try? Part(frame)) != nil
        }
    }
}
