import LedgerTesting
import Testing

@testable import Interchange

@Suite("Unpacking of sources", .temporaryDirectory)
struct UnpackedSourceTests {
    private func unpack(_ bytes: [UInt8], chunk: Int = 1 << 18) throws(ImportFailure) -> [UInt8] {
        let source = try UnpackedSource(.bytes(bytes, chunkBytes: chunk))
        var unpacked: [UInt8] = []
        while true {
            let chunk = try source.next()
            if chunk.isEmpty { return unpacked }
            unpacked += chunk
        }
    }

    @Test("Plain bytes pass through, however they come", arguments: [1, 3, 1_000])
    func plain(chunk: Int) throws {
        let bytes = Array("a,b\nc,d\n".utf8)
        #expect(try self.unpack(bytes, chunk: chunk) == bytes)
    }

    @Test("Gzip is told by its first bytes and taken off", arguments: [1, 7, 1 << 18])
    func gzip(chunk: Int) throws {
        var random = SeededRandom(seed: 7)
        let bytes = random.bytes(2_000) + [UInt8](repeating: 0x61, count: 600_000)
        #expect(try self.unpack(Gzip.member(bytes), chunk: chunk) == bytes)
    }

    @Test("Members follow each other, padding after the last is passed over")
    func members() throws {
        let packed = Gzip.member([1, 2]) + Gzip.member([]) + Gzip.member([3])
        #expect(try self.unpack(packed) == [1, 2, 3])
        #expect(try self.unpack(packed + [0, 0, 0], chunk: 1) == [1, 2, 3])
    }

    @Test("A truncated file is refused wherever it is cut", arguments: 1...10)
    func truncated(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let packed = Gzip.member(random.bytes(500))
        let cut = Int.random(in: 2..<packed.count, using: &random)
        #expect(throws: ImportFailure.gzipTruncated(offset: UInt64(cut)), "seed \(seed)") {
            try self.unpack(Array(packed[..<cut]))
        }
    }

    @Test("A changed byte in the data or its check sum is refused")
    func damaged() throws {
        var packed = Gzip.member(Array("some text, some text".utf8))
        packed[packed.count - 6] ^= 1
        let error = #expect(throws: ImportFailure.self) { try self.unpack(packed) }
        guard case .gzipDamaged = try #require(error) else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    @Test("Other bytes after the last member are refused with their offset")
    func trailing() {
        let packed = Gzip.member([1])
        let reason = "other bytes follow the gzip data"
        let failure = ImportFailure.gzipDamaged(offset: UInt64(packed.count), reason: reason)
        #expect(throws: failure) { try self.unpack(packed + [0x41]) }
    }

    @Test("Nothing at all is refused")
    func empty() {
        #expect(throws: ImportFailure.empty) { try self.unpack([]) }
    }

    @Test("A file that is not there is refused with its error number")
    func noFile() {
        let path = TemporaryDirectoryTrait.current + "/none"
        #expect(throws: ImportFailure.unreadable(code: 2)) { try ByteSource.file(path).next() }
    }

    @Test("A folder cannot be read")
    func folder() {
        let path = TemporaryDirectoryTrait.current
        #expect(throws: ImportFailure.unreadable(code: 21)) { try ByteSource.file(path).next() }
    }

    @Test("Random bytes behind a gzip head never crash it", arguments: 1...20)
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            var packed = Gzip.member(random.bytes(60)) + Gzip.member([1])
            for _ in 0..<3 {
                packed[Int.random(in: 2..<packed.count, using: &random)] = random.bytes(1)[0]
            }
            _ = try? self.unpack(packed, chunk: Int.random(in: 1...20, using: &random))
        }
    }
}
