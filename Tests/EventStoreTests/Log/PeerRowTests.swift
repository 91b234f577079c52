import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import EventStore

@Suite("Peers' rows", .temporaryDirectory)
struct PeerRowTests {
    private static func key(_ byte: UInt8) throws -> [UInt8] {
        try #require(SigningKey(seed: [UInt8](repeating: byte, count: 32))).publicKey
    }

    @Test("A peer's address is kept beside the key that its name is bound to, and may change")
    func putAndRemove() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create("ledger")
        defer { store.close() }
        let site = StoreFixture.site("other")
        let key = try Self.key(3)
        try await store.putPeer(site, address: "tls://one:1", key: key)
        try await store.putPeer(site, address: "tls://two:2", key: nil)
        #expect(try store.peers() == [site: "tls://two:2"])
        #expect(try store.pinnedKey(of: site) == key)
        _ = await store.append(AppendRequest(events: [fixture.event("case:1")]))
        #expect(try await store.removePeer(site))
        #expect(try await store.removePeer(site) == false)
        #expect(try store.peers().isEmpty)
        #expect(try store.pinnedKey(of: site) == key)
        #expect(try store.verify().findings.isEmpty)
    }

    @Test("A partner stays one, with another address and removed, until somebody says otherwise")
    func partners() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create("ledger")
        defer { store.close() }
        let (site, other) = (StoreFixture.site("other"), StoreFixture.site("third"))
        try await store.putPeer(site, address: "a", key: try Self.key(3), isPartner: true)
        try await store.putPeer(other, address: "b", key: nil)
        #expect(try store.partners() == [site])
        try await store.putPeer(site, address: "c", key: nil)
        _ = try await store.removePeer(site)
        try await store.putPeer(site, address: "d", key: nil)
        #expect(try store.partners() == [site])
        #expect(try store.verify().findings.isEmpty)
        try await store.putPeer(site, address: "d", key: nil, isPartner: false)
        #expect(try store.partners().isEmpty)
    }

    @Test("A second key for a name changes nothing, the address neither")
    func secondKey() async throws {
        let fixture = StoreFixture()
        let store = try fixture.create("ledger")
        defer { store.close() }
        let site = StoreFixture.site("other")
        let (first, second) = (try Self.key(3), try Self.key(4))
        try await store.putPeer(site, address: "a", key: first)
        await #expect(throws: EventStoreError.siteKeyMismatch(site)) {
            try await store.putPeer(site, address: "b", key: second)
        }
        #expect(try store.peers() == [site: "a"])
        #expect(try store.pinnedKey(of: site) == first)
    }

    @Test("A key's text is read back, and a slip of the pen is noticed")
    func text() throws {
        let site = StoreFixture.site("other")
        let key = try Self.key(3)
        let text = try #require(SiteKeyText.text(site, key: key))
        let parsed = try #require(SiteKeyText.parse(text))
        #expect(parsed.site == site && parsed.key == key)
        for place in 0..<text.utf8.count {
            var bytes = Array(text.utf8)
            bytes[place] = bytes[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : 0x78
            #expect(SiteKeyText.parse(String(decoding: bytes, as: UTF8.self)) == nil, "\(place)")
        }
        #expect(SiteKeyText.parse("") == nil)
    }
}
