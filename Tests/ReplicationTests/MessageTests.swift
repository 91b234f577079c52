import EventStore
import LedgerTesting
import LedgerTypes
import Testing

@testable import Replication

@Suite("Messages")
struct MessageTests {
    @Test("Every message comes back from its frame as it was")
    func roundTrips() throws {
        #expect(try Hello(Samples.hello.frame) == Samples.hello)
        #expect(try Vector(Samples.vector.frame) == Samples.vector)
        #expect(try CheckpointMessage(Samples.checkpoint.frame) == Samples.checkpoint)
        #expect(try CheckpointMessage(Samples.firstCheckpoint.frame) == Samples.firstCheckpoint)
        #expect(try Blob(Samples.blob.frame) == Samples.blob)
        #expect(try Package(Samples.package.frame) == Samples.package)
        #expect(try Acknowledgement(Samples.acknowledgement.frame) == Samples.acknowledgement)
        #expect(try Fork(Samples.fork.frame) == Samples.fork)
        #expect(try Done(Samples.done.frame) == Samples.done)
        #expect(try Selection(Samples.selection.frame) == Samples.selection)
        #expect(try ErrorMessage(Samples.error.frame) == Samples.error)
    }

    @Test("A HELLO has its frozen bytes")
    func goldenHello() {
        let digest = "0000000000000101" + "0000000000000202" + "0000000000000303"
        let body =
            "434c5350" + "0101" + "0015" + Array("a.example/site/berlin".utf8).hex
            + String(repeating: "03", count: 32) + String(repeating: "04", count: 16)
            + String(repeating: "00", count: 16) + "00000000" + digest + "0000000000000404"
            + "00000000" + String(repeating: "00", count: 32)
            + "01" + "00112233445566778899aabbccddeeff" + "000000000000012c" + digest
            + "0000000000000404"
        #expect(Samples.hello.frame.body.hex == body)
    }

    @Test("Changes of key stand behind a HELLO's positions, one to eight of them")
    func changesOfKey() throws {
        var hello = Samples.hello
        let plain = hello.frame.body.count
        hello.features = .rekeyed
        hello.successions = [1, 2].map { byte in
            KeySuccession(
                former: [UInt8](repeating: byte, count: 32),
                signature: [UInt8](repeating: byte + 8, count: 64)
            )
        }
        let body = hello.frame.body
        #expect(try Hello(hello.frame) == hello)
        #expect(body.count == plain + 1 + 2 * 96 && body[plain] == 2)
        var none = Array(body.prefix(plain + 1))
        none[plain] = 0
        let nine = body.prefix(plain) + [9] + [UInt8](repeating: 0, count: 9 * 96)
        for wrong in [none, Array(nine), Array(body.dropLast()), Array(body.prefix(plain))] {
            #expect(throws: SyncError.self) { try Hello(Frame(type: .hello, body: wrong)) }
        }
    }

    @Test("A SELECT has its frozen bytes, and takes whole tiles in order alone")
    func goldenSelection() {
        let log = "00112233445566778899aabbccddeeff"
        let head = "0000000000000"
        #expect(
            Samples.selection.frame.body.hex
                == log + "0002" + head + "100" + head + "300" + head + "500" + head + "600"
        )
        for ranges in [
            "0000", "0001" + head + "101" + head + "200", "0001" + head + "200" + head + "200",
            "0002" + head + "100" + head + "200" + head + "200" + head + "300",
            "0001" + head + "100" + head + "200" + "00",
        ] {
            let body = [UInt8](hex: log + ranges) ?? []
            #expect(throws: SyncError.self) {
                try Selection(Frame(type: .selection, body: body))
            }
        }
        let many = Selection(log: Samples.log, indexes: (0..<10_000).map { $0 * 512 })
        #expect(many.ranges.count == SyncLimits.selectedRangesMax)
        #expect(many.end == 9_999 * 512 + 256)
    }

    @Test("A PACKAGE has its frozen bytes")
    func goldenPackage() {
        let body =
            "00112233445566778899aabbccddeeff" + "0000000000000100" + "0000000000000102"
            + "000000000000012c" + "01" + Samples.digest.hex
            + "03010203" + "0104" + "00" + "04" + "01020909" + "02" + "00" + "03"
        #expect(Samples.package.frame.body.hex == body)
    }

    @Test("A VECTOR, a CHECKPOINT, a BLOB, an ACK, a FORK and an ERROR have their frozen bytes")
    func goldenOthers() {
        let log = "00112233445566778899aabbccddeeff"
        let digest = Samples.digest.hex
        let position = log + "000000000000012c" + digest
        #expect(Samples.vector.frame.body.hex == "0001" + position + "0000000000000100" + "01")
        #expect(
            Samples.checkpoint.frame.body.hex
                == log + "0000000000000100" + "02" + digest + digest + "0000" + "00000004"
                + "6e6f7465"
        )
        #expect(Samples.blob.frame.body.hex == digest + "0000000a" + "00000004" + "010203")
        #expect(
            Samples.acknowledgement.frame.body.hex
                == position + String(repeating: "00", count: 16) + "0000"
        )
        #expect(
            Samples.fork.frame.body.hex
                == log + "00000001" + "01" + "00000002" + "0203" + "0000000000000007" + "01"
                + digest
        )
        let text = SyncError.proofRequired(Samples.log).description
        #expect(
            Samples.error.frame.body.hex
                == "0010" + "02" + position + "00" + [UInt8(text.utf8.count)].hex
                + Array(text.utf8).hex
        )
    }

    @Test("A body with one byte more or less is malformed", arguments: Samples.frames)
    func otherLength(frame: Frame) {
        // A BLOB's bytes and a signed note have no length of their own to contradict.
        var longer = frame.body
        longer.append(0)
        var shorter = frame.body
        shorter.removeLast()
        for body in [longer, shorter] {
            let changed = Frame(type: frame.type, body: body)
            #expect(!Self.parses(changed) || frame.type == .blob)
        }
        #expect(!Self.parses(Frame(type: frame.type, body: [])))
    }

    private static func parses(_ frame: Frame) -> Bool {
        do {
            switch frame.type {
            case .hello: _ = try Hello(frame)
            case .vector: _ = try Vector(frame)
            case .checkpoint: _ = try CheckpointMessage(frame)
            case .package: _ = try Package(frame)
            case .blob: _ = try Blob(frame)
            case .acknowledgement: _ = try Acknowledgement(frame)
            case .fork: _ = try Fork(frame)
            case .done: _ = try Done(frame)
            case .authentication: _ = try Authentication(frame)
            case .selection: _ = try Selection(frame)
            case .error: _ = try ErrorMessage(frame)
            case .keys: _ = try KeysMessage(frame)
            case .base: _ = try BundleBase(frame)
            case .end: _ = try BundleEnd(frame)
            case .intervals: _ = try IntervalsMessage(frame)
            case .part: _ = try Part(frame)
            case .scope: _ = try ScopeMessage(frame)
            }
            return true
        } catch {
            return false
        }
    }

    @Test("A HELLO of another protocol is malformed")
    func magic() {
        var body = Samples.hello.frame.body
        body[0] = UInt8(ascii: "X")
        #expect(throws: SyncError.malformed(.hello, offset: 0)) {
            try Hello(Frame(type: .hello, body: body))
        }
    }

    @Test("A HELLO without a version in common is refused before the rest is read")
    func version() {
        #expect(throws: SyncError.versionMismatch(peerMin: 2, peerMax: 9)) {
            try Hello(Frame(type: .hello, body: Hello.magic + [2, 9]))
        }
    }

    @Test("A HELLO that also speaks later versions is taken")
    func laterVersion() throws {
        var hello = Samples.hello
        hello.versionMax = 7
        #expect(try Hello(hello.frame) == hello)
    }

    @Test("A HELLO whose site is no site name is malformed")
    func siteName() {
        var body = Samples.hello.frame.body
        body[9] = UInt8(ascii: " ")
        #expect(throws: SyncError.self) { try Hello(Frame(type: .hello, body: body)) }
    }

    @Test("A HELLO with too many positions is refused")
    func manyViews() {
        var body = Samples.hello.frame.body
        let place = body.count - 57
        body[place] = UInt8(SyncLimits.viewsMax + 1)
        #expect(throws: SyncError.limit(.logs, log: nil)) {
            try Hello(Frame(type: .hello, body: body))
        }
    }

    @Test("A VECTOR of more than 4,096 logs is refused before it is read")
    func manyLogs() {
        var body: [UInt8] = []
        body.appendBigEndian(UInt16(SyncLimits.logsMax + 1))
        #expect(throws: SyncError.limit(.logs, log: nil)) {
            try Vector(Frame(type: .vector, body: body))
        }
    }

    @Test("A VECTOR out of order, or with a log twice, is malformed")
    func vectorOrder() {
        let entry = Samples.vector.entries[0]
        let frame = Vector(entries: [entry, entry]).frame
        #expect(throws: SyncError.self) { try Vector(frame) }
    }

    @Test("A VECTOR that proves more than it holds, or holds nothing, is malformed")
    func vectorSizes() {
        var entry = Samples.vector.entries[0]
        entry.provable = 301
        #expect(throws: SyncError.self) { try Vector(Vector(entries: [entry]).frame) }
        entry = Vector.Entry(
            position: Position(log: Samples.log, size: 0, root: Samples.digest),
            provable: 0
        )
        #expect(throws: SyncError.self) { try Vector(Vector(entries: [entry]).frame) }
    }

    @Test("A CHECKPOINT with more than 63 hashes is malformed")
    func longProof() {
        var body = Samples.checkpoint.frame.body
        body[24] = 64
        #expect(throws: SyncError.malformed(.checkpoint, offset: 25)) {
            try CheckpointMessage(Frame(type: .checkpoint, body: body))
        }
    }

    @Test("A CHECKPOINT from nothing needs a genesis, and any other must not have one")
    func checkpointGenesis() {
        var first = Samples.firstCheckpoint
        first.genesis = []
        #expect(throws: SyncError.self) { try CheckpointMessage(first.frame) }
        var later = Samples.checkpoint
        later.genesis = [1]
        #expect(throws: SyncError.self) { try CheckpointMessage(later.frame) }
    }

    @Test("A CHECKPOINT whose note or genesis is too long is refused before it is copied")
    func longNote() {
        var body: [UInt8] = []
        body.appendBigEndian(Samples.log.rawValue)
        body.appendBigEndian(UInt64(1))
        body += [0, 0, 0]
        body.appendBigEndian(UInt32(SyncLimits.noteBytesMax + 1))
        #expect(throws: SyncError.limit(.noteBytes, log: Samples.log)) {
            try CheckpointMessage(Frame(type: .checkpoint, body: body))
        }
        body = Array(body[..<16])
        body.appendBigEndian(UInt64(0))
        body += [0]
        body.appendBigEndian(UInt16(SyncLimits.genesisBytesMax + 1))
        #expect(throws: SyncError.limit(.genesisBytes, log: Samples.log)) {
            try CheckpointMessage(Frame(type: .checkpoint, body: body))
        }
    }

    @Test("A PACKAGE that is empty, crosses a tile or leaves the tree is refused")
    func packageRange() {
        var package = Samples.package
        package.entries = []
        #expect(throws: SyncError.self) { try Package(package.frame) }
        package = Samples.package
        package.start = 255
        #expect(throws: SyncError.limit(.entries, log: Samples.log)) { try Package(package.frame) }
        package = Samples.package
        package.treeSize = 257
        #expect(throws: SyncError.self) { try Package(package.frame) }
    }

    @Test("A leaf or a section over its limit is refused before it is copied")
    func longEntries() {
        var body = Array(Samples.package.frame.body[..<(16 + 24 + 1 + 32)])
        body.appendVarint(UInt64(Leaf.bytesMax + 1))
        #expect(throws: SyncError.limit(.leafBytes, log: Samples.log)) {
            try Package(Frame(type: .package, body: body))
        }
        body = Array(Samples.package.frame.body[..<(16 + 24 + 1 + 32 + 6)])
        body += [1, 1]
        body.appendVarint(UInt64(SyncLimits.inlineSectionBytesMax + 1))
        #expect(throws: SyncError.limit(.sectionBytes, log: Samples.log)) {
            try Package(Frame(type: .package, body: body))
        }
    }

    @Test("More than eight sections, or one of an unknown kind, is malformed")
    func sectionKinds() {
        let head = Array(Samples.package.frame.body[..<(16 + 24 + 1 + 32 + 6)])
        for tail: [UInt8] in [[9], [1, 4]] {
            #expect(throws: SyncError.self) {
                try Package(Frame(type: .package, body: head + tail + [0]))
            }
        }
    }

    @Test("A BLOB beyond its section, empty, or of a section over 16 MiB is refused")
    func blobRange() {
        var blob = Samples.blob
        blob.offset = 8
        #expect(throws: SyncError.self) { try Blob(blob.frame) }
        #expect(throws: SyncError.self) {
            try Blob(Frame(type: .blob, body: Array(Samples.blob.frame.body[..<40])))
        }
        blob = Samples.blob
        blob.total = UInt32(SectionReference.bytesMax + 1)
        #expect(throws: SyncError.limit(.sectionBytes, log: nil)) { try Blob(blob.frame) }
    }

    @Test("A varint that is not the shortest is malformed")
    func varint() {
        let head = Array(Samples.package.frame.body[..<(16 + 24 + 1 + 32)])
        #expect(throws: SyncError.self) {
            try Package(Frame(type: .package, body: head + [0x83, 0x00, 1, 2, 3, 1, 4, 0, 0]))
        }
    }

    @Test("An ERROR's text is cut at a whole character")
    func errorText() throws {
        let long = String(repeating: "é", count: 800)
        let message = ErrorMessage(.stream(long))
        let read = try ErrorMessage(message.frame)
        #expect(read.text.utf8.count <= SyncLimits.errorTextBytesMax)
        #expect(message.text.hasPrefix(read.text))
        #expect(read.isRetryable)
    }

    @Test("An ERROR with too long a text or unknown flags is refused")
    func errorLimits() {
        var body: [UInt8] = [0, 1, 0]
        body.appendBigEndian(UInt16(SyncLimits.errorTextBytesMax + 1))
        #expect(throws: SyncError.limit(.textBytes, log: nil)) {
            try ErrorMessage(Frame(type: .error, body: body))
        }
        #expect(throws: SyncError.self) {
            try ErrorMessage(Frame(type: .error, body: [0, 1, 4, 0, 0]))
        }
    }

    @Test("Damaged bodies never trap", arguments: [UInt64](1...60))
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for frame in Samples.frames {
            var body = frame.body
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<body.count, using: &random)
                body[index] = UInt8.random(in: 0...255, using: &random)
            }
            let end = Int.random(in: 0...body.count, using: &random)
            Samples.parse(Frame(type: frame.type, body: body))
            Samples.parse(Frame(type: frame.type, body: Array(body[..<end])))
        }
    }
}
