import LedgerTypes
import Testing

@Suite("EventID")
struct EventIDTests {
    @Test("An id is made of the milliseconds and the first 74 bits given")
    func make() {
        let random = [UInt8](repeating: 0xFF, count: 10)
        let id = EventID(unixMilliseconds: 0x0123_4567_89AB, random: random.span)
        #expect(id.description == "01234567-89ab-7fff-bfff-ffffffffffff")
        #expect(id.isVersion7)
        let bits: [UInt8] = [0x80, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x40]
        let other = EventID(unixMilliseconds: 1, random: bits.span)
        #expect(other.description == "00000000-0001-7801-8000-000000000001")
    }

    @Test("Moments before 1970 and after 2^48 milliseconds are clamped")
    func clamps() {
        let random = [UInt8](repeating: 0, count: 10)
        let early = EventID(unixMilliseconds: -1, random: random.span)
        let late = EventID(unixMilliseconds: .max, random: random.span)
        #expect(early.hex == "00000000000070008000000000000000")
        #expect(late.hex == "ffffffffffff70008000000000000000")
    }

    @Test("Text with hyphens in their places, or without any, reads back")
    func text() throws {
        let text = "01234567-89ab-7fff-bfff-ffffffffffff"
        let id = try #require(EventID(text))
        #expect(id.description == text)
        #expect(EventID(id.hex) == id)
        #expect(EventID("0123456789AB7FFFBFFFFFFFFFFFFFFF") == id)
    }

    @Test(
        "Any other text is refused",
        arguments: [
            "", "0123456-789ab-7fff-bfff-ffffffffffff", "0123456789ab7fffbfffffffffffffff----",
            "01234567-89ab-7fff-bfff-fffffffffffg", "01234567-89ab-7fff-bfff-ffffffffffff0",
            "0123456789ab7fffbffffffffffffff",
        ]
    )
    func refuses(text: String) {
        #expect(EventID(text) == nil)
    }

    @Test("Ids and digests compare bytewise and keep their bytes")
    func bytes() throws {
        let low = try #require(LogID(hex: "00000000000000ff0000000000000000"))
        let high = try #require(LogID(hex: "000000000000010000000000000000ff"))
        #expect(low < high)
        #expect(low.short == "00000000000000ff")
        let again = LogID(high.bytes.span)
        #expect(again == high)
        let short = LogID([UInt8](repeating: 0, count: 15).span)
        #expect(short == nil)
        let digest = try #require(Digest(hex: String(repeating: "0f", count: 32)))
        let same = Digest(digest.bytes.span)
        #expect(same == digest)
        let long = Digest([UInt8](repeating: 0, count: 33).span)
        #expect(long == nil)
        #expect(Digest(hex: "0f") == nil)
        #expect([UInt8](hex: "abc") == nil)
        #expect([UInt8](hex: "zz") == nil)
    }
}
