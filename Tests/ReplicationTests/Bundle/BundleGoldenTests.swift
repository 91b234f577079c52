import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("A bundle that was written once")
struct BundleGoldenTests {
    /// 4 leaves of one log, with a section, and one leaf of another, which goes on from 2.
    private static var written: FakeBundle {
        var store = FakeStore("a.example/site/one", seed: 1)
        store.append(3, sectionBytes: 256)
        var other = FakeStore("a.example/site/two", seed: 2)
        other.append(2)
        other.sign()
        store.logs[other.ownLog] = other.logs[other.ownLog]
        store.logs[other.ownLog]?.writer = .otherSite
        return FakeBundle(store, since: [other.ownLog: 2])
    }

    @Test("It is still read, and still written byte for byte")
    func frozen() async throws {
        let frozen = try #require(Base64.decode(Self.golden))
        let report = try await FakeBundle.check(frozen)
        #expect(report.isWhole)
        #expect(report.logs.map(\.reached).sorted() == [3, 4])
        #expect(report.logs.map(\.entry.old.size).sorted() == [0, 2])
        // zlib may compress in another way one day; what is inflated is what counts.
        #expect(Self.frames(frozen) == Self.frames(Self.written.bytes))
        #expect(Self.written.bytes.count < 4_000)
    }

    private static func frames(_ bytes: [UInt8]) -> [BundleDecoder.Item] {
        var decoder = BundleDecoder()
        decoder.append(bytes)
        var items: [BundleDecoder.Item] = []
        while let item = try? decoder.next() {
            if case .end(let end) = item, end.frameCount == UInt64(items.count - 1) { break }
            items.append(item)
        }
        return items
    }

    private static let golden =
        "Q0xCVU5ETEUxCgAAAkljYXNlbGVkZ2VyIGJ1bmRsZSAxCnNpdGUgYS5leGFtcGxlL3NpdGUvb25lK2U5ZjFk"
        + "MzhjK0FiekRneS9Wdkw2VnN6MEJzWUdsTHVUanVwQ2swbkM3UzNYVm0vL2FSRWxmCmZvciBhbnlib2R5CnBh"
        + "cnQgMQpsZWF2ZXMgNQpsb2cgMjljNTc3NDZhMGY4YTJlZjg5MWI0NjFiM2JhODc5MWQgMCBlM2IwYzQ0Mjk4"
        + "ZmMxYzE0OWFmYmY0Yzg5OTZmYjkyNDI3YWU0MWU0NjQ5YjkzNGNhNDk1OTkxYjc4NTJiODU1IDQgYjA2YmMz"
        + "ZjIxZWVlNjYxMmQwNDBhYmMzMjg2MWQ5NGE2YjJkNDdhZjQ3ODAxNjE0MTdlNzkwYTFhNGVlYWVjNQpsb2cg"
        + "YTg4MzQ5ZTFhNDdjMzkyNDUwNzAyMjhlMGRhMzlhNTMgMiBkMThmYzMzYjk2M2Q4ZWQzNzZiNGMxNjBjMzcz"
        + "NWI2M2NkMjNjNDY4NDBmMTFmNjhmMzZmOGEzMzk1OWQ2MDNmIDMgZjQzMzMzMWNjYjg2Mjg1Zjk5MDY3ZTU0"
        + "NjUwYTBmYTgyZGM4ZDRkNGZjMjY0MTRiZTBiMWEzYzFkZWIwMjgyOAoK4oCUIGEuZXhhbXBsZS9zaXRlL29u"
        + "ZSA2ZkhUak0yMVpSQVhUR2FwUWxqVFBtb2Y3NllON0lsRElvYlpSUFBYRVFtdzU1M1RIbmdieDdnckFVS0NS"
        + "aVhsSVNWVVp0MVBmUzhZeUFKUUV1VVhpc3NXZWcwPQoAAAGSBAEAAAGyeAHTPFrutuDHoved0m7S1isqZRng"
        + "4EhDLWNXrVCiXmpFYm5BTqp+cWZJqn5+XuqkWoU9h5v1r+7ZN3WzLePGxqV6Tx7vmrDkUsFu79Krs//fcvGM"
        + "n1Wr8PHDqpa1Eu+uH3lgXyk0+YvhyvKCVwbC19l37AtfYcO4vm9BLeOqWoGkNZ+zV+5ObC8t5nMO3hc6d0Mt"
        + "48FaBgYBsCsu1TpYV9/K7ArZpbz7kdvRq31NtzqrON4u49JIzGwy7JDX2rJxf/3xyxWcFe6/Zi/kfmZeeevX"
        + "1JJIedNnWzJdq/++XPeEC2jOeUwf6Kca6hpZJpuam5uYcZlwFbuXuVhkmJdGZfgEBnqXuXi7e0QF5xaXBJlZ"
        + "eqQ7RYa6aacG5ieGlBYVh9pycT1qmKKA30iF4JTgEBNnQ8cgY79A79woV+8sd4uQXDPtkCoP7fygElcjM7OA"
        + "5Fy3sHxvRz+XIO9KfaNAg7TEsNSckgont8KiqBJTA/cQcw+PzCiDsFwfo6hwX69cI7PkgiJHT1suAIgYqYQA"
        + "AALYBQEAAANaeAHSPFrutuDHoved0m7S1isqZRlQAQuUy8JwhLGhlrGrVihRL7UiMbcgJ1W/OLMkVT8/L3VS"
        + "rcKew836V/fsm7rZlnFj41K9J493TVhyqWC3d+nV2f9vuXjGz6pV+PhhVctaiXfXjzywrxSa/MVwZXnBKwPh"
        + "6+w79oWvsGFc37eglnFVrUDSms/ZK3cntpcW8zkH7wudu6GW8WAtA4MA2BmXah2sq29ldoXsUt79yO3o1b6m"
        + "W51VHG+XcWkkZjYZdshrbdm4v/745QrOCvdfsxdyPzOvvPVrakmkvOmzLZmu1X9frnvCFcUFMYqxeF57/Am1"
        + "o093FgrxJicWp+rlJxWnFpWlpkgwKrGBBKwMNRmhnrfi5GJPTE/NK9E1PGnHwAARvmgHk35lx8LBKMAIM5qp"
        + "qnk3p97uR2zOJ3EZbaTJhGG0EchoiPBFO5g0yGgmAaY1jFBnM5fs2zT7QY3oLWseXGYbazJjmG3QxOjPxVKS"
        + "WlEipNDVvP1nFcNdZiFf92Ofsry2SN2UmJL18Nyzyd+eBD26LtQjBQkgqBlAillJwPNdatrxbbwyMonWGbqm"
        + "efc1GphAroVYdNEOZiHItcwCzIAABwH4/gAAAAEBgAIBU1uSJQtv1mx7WiZeohcSL8QCuyLen3Bw051Ehfjt"
        + "lnBAldbSE+zy6rMjFY3kvX8Elp+xxuxolk2p9CTQQKvPWqcl80W1+Zy2T+bbW2Pa/FttqVaF4jnXmUDucKaC"
        + "OJBFhZpdLuBnHfN/O+XE2QvhjdhtJJONuREekUdra7VheW9Rx6rQHMDrvhgK3iDEN+HDs9RqHqwboXfF9ipT"
        + "+XNw3ggICWe69SpZRT3FrrAJVVqB7NcTkmCyfnhc7t7MCrxcA9l4w0EfqagFdLKRQEonT/p7LT/28GB0GuMN"
        + "b/vnHRTWIuruQB5t6omGMRIZBILo0Za/4Q9nMpnGO4iPpOFlXsRAlwAAARcNAKiDSeGkfDkkUHAijg2jmlMA"
        + "xIB9AYp9EmEuZXhhbXBsZS9zaXRlL3R3b5J9IN+FO372ZvZ6PNnZ+2PBOXv0sO3Z6Uwt3xY/W3hr4YL0mn0g"
        + "omtrUwdY39aNoe/Hb8iC7gNBiU4afkqJMinmw3Z6TmugfQGqfRAwvFfFjGcEkcM3i90NViicsH0BwX0AABAA"
        + "AAAAANJ9QMvnipr3AM1K9+buvlwNIOS0MUbGqC3At2EWxyLuju08tlYmFCavHSoaVjtsfeh64EvIt3Y1q9QS"
        + "QZ0tf3zmhgoC9FPo9qVL7jXfiLni935wq8Zv7d0MQPRMJi6dhLXc1pD0KhkA3aDkjPfYKmOnWZy+OWznhGMH"
        + "GTGYOGGeQUP9HAAAAPgEAQAAAQ54AVvR7PlwSY2lSkCBUh/v4lnBDBDAxNgXfP91N2tyqPY5FQPWSMf0paWF"
        + "xb8Fz/9+5u/CYqrwxR+s7nyiXmpFYm5BTqp+cWZJqn5Jeb5+qqFuooWFsYllqiGXMZeli2+Vh2+pu7ebdpRT"
        + "nmloVGB+QKGzsaehX4iFV7abj4mPe1Z5ilm5t3O6LRfXo4YpCviNVMiuTI/UTjYqTTUM1M72Tk6tSjf3Nsy2"
        + "9HEP9coPDDbzcKkKKDJxzM90NsnNTTRJ8ckuznF1NQvS9zRyNvfUL88JCg7LLUwMMbfMcPV1DjFP8vQqMs8P"
        + "jPRwdwQ6AABF91eNAAAAhQUAqINJ4aR8OSRQcCKODaOaUwAAAAAAAAACAAAAAAAAAAMAAAAAAAAAAwBaChAA"
        + "AAAAAAJzTJNjYYL3klk+Eg1jYXNlLm9ic2VydmVkGAEiBmNhc2U6MikCAAAAAAAAADoJCgdhZ2VudC0yyT4A"
        + "AAIAAAAAANE+AgAAAAAAAADqPgQIAhACAAAAACkOAAAAAAAAAAAFANpHqwZFCrgK9MQaKLpOrGCEFyjJOuSd"
        + "qAgl4rXb7FK9"
}
