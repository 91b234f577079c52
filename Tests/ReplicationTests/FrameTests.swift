import LedgerTesting
import LedgerTypes
import Testing

@testable import Replication

@Suite("Frames")
struct FrameTests {
    @Test("A frame has its frozen bytes")
    func goldenPlain() throws {
        let frame = Done(stateDigest: Digest(words: 1, 2, 3, 4)).frame
        let bytes = try frame.encoded()
        let digest =
            "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"
        #expect(bytes.hex == "00000024" + "0a" + "00" + digest + "00000000")
    }

    @Test("A compressed frame says how long its body is and comes back as it was")
    func compressed() throws {
        let body = [UInt8](repeating: 7, count: 100_000)
        let frame = Frame(type: .package, body: body)
        let bytes = try frame.encoded()
        #expect(bytes.count < 1_000)
        #expect(Array(bytes[4..<10]).hex == "0501" + "000186a0")
        var decoder = FrameDecoder()
        decoder.append(bytes)
        #expect(try decoder.next() == frame)
        #expect(try decoder.next() == nil)
    }

    @Test("What does not get shorter travels as it is")
    func incompressible() throws {
        var random = SeededRandom(seed: 1)
        let frame = Frame(type: .package, body: random.bytes(10_000))
        #expect(try frame.encoded() == frame.plainBytes)
    }

    @Test("Where the part that does not compress begins changes nothing but the bytes on the wire")
    func stored() throws {
        var random = SeededRandom(seed: 6)
        let body = [UInt8](repeating: 7, count: 5_000) + random.bytes(200_000)
        for place in [0, 1, 5_000, 5_001, 205_000] {
            let frame = Frame(type: .package, body: body, storedFrom: place)
            var decoder = FrameDecoder()
            let bytes = try frame.encoded()
            #expect(bytes.count <= body.count + Frame.headerByteCount)
            decoder.append(bytes)
            #expect(try decoder.next() == frame)
        }
        let split = try Frame(type: .package, body: body, storedFrom: 5_000).encoded()
        #expect(split.count < 200_500)
    }

    @Test("Frames come out whole however the stream is cut", arguments: [1, 2, 3, 7, 64, 4_096])
    func chunks(size: Int) throws {
        var random = SeededRandom(seed: 2)
        let frames = (0..<20).map { index in
            Frame(
                type: .package,
                body: index.isMultiple(of: 2)
                    ? random.bytes(index * 31) : [UInt8](repeating: 1, count: index * 300)
            )
        }
        let bytes = try frames.flatMap { try $0.encoded() }
        var decoder = FrameDecoder()
        var seen: [Frame] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            decoder.append(Array(bytes[start..<min(start + size, bytes.count)]))
            while let frame = try decoder.next() { seen.append(frame) }
        }
        #expect(seen == frames)
        #expect(decoder.pendingByteCount == 0)
    }

    @Test("A body over 1 MiB is refused at its header, and nothing after it is read")
    func oversized() {
        var decoder = FrameDecoder()
        decoder.append([0x00, 0x10, 0x00, 0x01, 5, 0])
        #expect(throws: SyncError.limit(.bodyBytes, log: nil)) { try decoder.next() }
        #expect(decoder.pendingByteCount == 0)
        decoder.append([0, 0, 0, 0, 5, 0])
        #expect(throws: SyncError.limit(.bodyBytes, log: nil)) { try decoder.next() }
    }

    @Test("A body over 1 MiB that does not compress is not sent")
    func oversizedOutgoing() {
        var random = SeededRandom(seed: 3)
        let frame = Frame(type: .package, body: random.bytes(SyncLimits.bodyBytesMax + 1))
        #expect(throws: SyncError.limit(.bodyBytes, log: nil)) { try frame.encoded() }
    }

    @Test("A type that CLSP/1 does not have is refused", arguments: [0, 13, 14, 18, 255])
    func unknownType(number: UInt8) {
        var decoder = FrameDecoder()
        decoder.append([0, 0, 0, 0, number, 0])
        #expect(throws: SyncError.unknownFrame(number)) { try decoder.next() }
    }

    @Test("Flags that have no meaning are refused", arguments: [2, 4, 128, 255])
    func unknownFlags(flags: UInt8) {
        var decoder = FrameDecoder()
        decoder.append([0, 0, 0, 0, 5, flags])
        #expect(throws: SyncError.unknownFlags(flags, in: .package)) { try decoder.next() }
    }

    @Test(
        "What is read before the peer is known may not be compressed",
        arguments: [FrameType.hello, .authentication, .error]
    )
    func compressedHello(type: FrameType) {
        var decoder = FrameDecoder()
        decoder.append([0, 0, 0, 4, type.rawValue, 1, 0, 0, 0, 0])
        #expect(throws: SyncError.unknownFlags(1, in: type)) { try decoder.next() }
    }

    @Test("A compressed body that claims more than 4 MiB is refused before it is inflated")
    func inflatedLimit() {
        var decoder = FrameDecoder()
        decoder.append([0, 0, 0, 4, 5, 1, 0x00, 0x40, 0x00, 0x01])
        #expect(throws: SyncError.limit(.inflatedBytes, log: nil)) { try decoder.next() }
    }

    @Test("A compressed body must inflate to exactly the size it claims", arguments: [-1, 1])
    func otherSize(difference: Int) throws {
        let body = [UInt8](repeating: 7, count: 1_000)
        let deflated = try #require(Zlib.deflate(body, storedFrom: 1_000, bytesMax: 500))
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt32(deflated.count + 4))
        bytes += [5, 1]
        bytes.appendBigEndian(UInt32(1_000 + difference))
        bytes += deflated
        var decoder = FrameDecoder()
        decoder.append(bytes)
        #expect(throws: SyncError.badCompression(.package)) { try decoder.next() }
    }

    @Test(
        "A compressed body with bytes after its end, or cut short, is refused",
        arguments: [-1, 1]
    )
    func otherEnd(difference: Int) throws {
        let body = [UInt8](repeating: 7, count: 1_000)
        var deflated = try #require(Zlib.deflate(body, storedFrom: 1_000, bytesMax: 500))
        if difference > 0 { deflated.append(0) } else { deflated.removeLast() }
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt32(deflated.count + 4))
        bytes += [5, 1]
        bytes.appendBigEndian(UInt32(1_000))
        bytes += deflated
        var decoder = FrameDecoder()
        decoder.append(bytes)
        #expect(throws: SyncError.badCompression(.package)) { try decoder.next() }
    }

    @Test("A compressed body without room for its size is refused")
    func noSize() {
        var decoder = FrameDecoder()
        decoder.append([0, 0, 0, 3, 5, 1, 0, 0, 0])
        #expect(throws: SyncError.malformed(.package, offset: 0)) { try decoder.next() }
    }

    @Test("Damaged streams never trap", arguments: [UInt64](1...40))
    func fuzz(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var bytes = try Samples.frames.flatMap { try $0.encoded() }
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] = UInt8.random(in: 0...255, using: &random)
        }
        var decoder = FrameDecoder()
        decoder.append(bytes)
        while let frame = try? decoder.next() { Samples.parse(frame) }
    }
}
