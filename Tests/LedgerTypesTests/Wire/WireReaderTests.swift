import LedgerTesting
import LedgerTypes
import Testing

@Suite("Wire format")
struct WireReaderTests {
    /// The one field of `bytes`.
    private static func field(_ bytes: [UInt8]) throws(WireError) -> WireField? {
        var reader = WireReader(bytes.span)
        return try reader.next()
    }

    @Test(
        "Numbers take as many bytes as they need and read back",
        arguments: [
            (0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (1 << 63, 10), (.max, 10),
            ((1 << 63) - 1, 9),
        ] as [(UInt64, Int)]
    )
    func varints(number: UInt64, bytes: Int) throws {
        var wire = WireWriter()
        wire.varint(number, field: 1)
        #expect(wire.bytes.count == bytes + 1)
        #expect(try Self.field(wire.bytes)?.unsigned == number)
    }

    @Test(
        "Signed numbers fold towards zero and read back",
        arguments: [(0, 0), (-1, 1), (1, 2), (-2, 3), (.max, .max - 1), (.min, .max)]
            as [(Int64, UInt64)]
    )
    func zigzag(number: Int64, stored: UInt64) throws {
        var wire = WireWriter()
        wire.zigzag(number, field: 1)
        #expect(try Self.field(wire.bytes)?.unsigned == stored)
        #expect(try Self.field(wire.bytes)?.zigzag == number)
    }

    @Test("Fixed numbers are least significant byte first and read back")
    func fixed() throws {
        var wire = WireWriter()
        wire.fixed64(0x0102_0304_0506_0708, field: 1)
        #expect(wire.bytes == [9, 8, 7, 6, 5, 4, 3, 2, 1])
        wire = WireWriter()
        wire.sfixed64(.min, field: 1)
        #expect(try Self.field(wire.bytes)?.sfixed64 == .min)
        wire = WireWriter()
        wire.double(-0.1, field: 1)
        #expect(try Self.field(wire.bytes)?.double == -0.1)
        #expect(try Self.field([13, 1, 0, 0, 0x80])?.value == .fixed32(0x8000_0001))
    }

    @Test("Messages inside messages have their lengths, short or long", arguments: [0, 127, 128])
    func messages(count: Int) throws {
        var wire = WireWriter()
        wire.message(field: 1) { outer in
            outer.message(field: 2) { $0.data([UInt8](repeating: 7, count: count), field: 3) }
            outer.varint(9, field: 4)
        }
        let bytes = wire.bytes
        let outer = try #require(try Self.field(bytes))
        var reader = WireReader(bytes.span, at: try outer.range)
        let inner = try #require(try reader.next())
        let last = try reader.next()
        #expect(try last?.unsigned == 9)
        let end = try reader.next()
        #expect(end == nil)
        var innerReader = WireReader(bytes.span, at: try inner.range)
        let field = try #require(try innerReader.next())
        let data = try innerReader.data(field)
        #expect(data == [UInt8](repeating: 7, count: count))
    }

    @Test(
        "Bytes that end inside a field are refused wherever they end",
        arguments: [
            [0x08], [0x08, 0x80], [0x80], [0x09, 1, 2, 3, 4, 5, 6, 7], [0x0D, 1, 2, 3],
            [0x0A], [0x0A, 5, 1, 2, 3, 4], [0x0A, 0x80],
            // A length of 2^63 and of 2^64 - 1 bytes: nothing is allocated for it.
            [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]]
    )
    func truncated(bytes: [UInt8]) {
        do throws(WireError) {
            _ = try Self.field(bytes)
            Issue.record("read")
        } catch {
            if case .truncated = error { return }
            Issue.record("\(error)")
        }
    }

    @Test("A number of more than 64 bits is refused")
    func varintTooLong() {
        let eleven: [UInt8] = [0x08] + [UInt8](repeating: 0x80, count: 10) + [0x00]
        let wide: [UInt8] = [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02]
        #expect(throws: WireError.varintTooLong(offset: 1)) { try Self.field(eleven) }
        #expect(throws: WireError.varintTooLong(offset: 1)) { try Self.field(wide) }
    }

    @Test(
        "Groups, reserved wire types and field numbers that protobuf has not are refused",
        arguments: [
            [0x00, 0x00], [0x0B], [0x0C], [0x0E], [0x0F], [0x80, 0x80, 0x80, 0x80, 0x10, 0x00],
        ] as [[UInt8]]
    )
    func unsupported(bytes: [UInt8]) {
        #expect(throws: WireError.unsupportedField(offset: 0)) { try Self.field(bytes) }
    }

    @Test("The greatest field number reads")
    func numberMax() throws {
        #expect(try Self.field([0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 1])?.number == 536_870_911)
    }

    @Test("A field of another wire type or length than asked for is refused")
    func wrongType() throws {
        let number = try #require(try Self.field([0x08, 1]))
        let data: [UInt8] = [0x0A, 1, 0xFF]
        let text = try #require(try Self.field(data))
        #expect(throws: WireError.wrongType(field: 1)) { try number.range }
        #expect(throws: WireError.wrongType(field: 1)) { try number.fixed64 }
        #expect(throws: WireError.wrongType(field: 1)) { try text.unsigned }
        #expect(throws: WireError.wrongType(field: 1)) { try text.zigzag }
        #expect(throws: WireError.wrongType(field: 1)) {
            try WireReader(data.span).id(text, as: KeyID.self)
        }
        #expect(throws: WireError.wrongType(field: 1)) { try WireReader(data.span).digest(text) }
        #expect(throws: WireError.notUTF8(field: 1)) { try WireReader(data.span).string(text) }
        let large = try #require(try Self.field([0x08, 0x80, 0x80, 0x80, 0x80, 0x10]))
        #expect(throws: WireError.outOfRange(field: 1)) { try large.unsigned32 }
    }
}
