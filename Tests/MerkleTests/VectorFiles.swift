import Foundation
import LedgerTesting
import LedgerTypes
import Merkle
import Testing

/// The proof vectors beside the project.
enum VectorFiles {
    /// How many files there are. Another number means that some went unread.
    static let count = 518
    static let folder = URL(filePath: SharedData.vectors)

    /// The paths of all vectors under `folder`, in order.
    static func paths(in kind: String = "") -> [String] {
        let base = kind.isEmpty ? Self.folder : Self.folder.appending(path: kind)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
        return (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
            .map { kind.isEmpty ? $0 : "\(kind)/\($0)" }
    }

    static func read<Vector: Decodable>(_ path: String, as type: Vector.Type) throws -> Vector {
        try JSONDecoder().decode(type, from: Data(contentsOf: Self.folder.appending(path: path)))
    }

    /// A root of a vector. Some roots are words ("dont care 1") and not 32 bytes: each word stands
    /// for a digest of its own, so that equal stays equal and different stays different.
    static func root(_ base64: String) throws -> Digest {
        let bytes = try #require(Base64.decode(base64))
        return Digest(bytes.span) ?? Digest.sha256(domain: "vector root", bytes)
    }

    /// The hashes of a proof; `nil` when one is not 32 bytes, which no reader would take.
    static func proof(_ hashes: [String]?) throws -> [Digest]? {
        var digests: [Digest] = []
        for hash in hashes ?? [] {
            let bytes = try #require(Base64.decode(hash))
            guard let digest = Digest(bytes.span) else { return nil }
            digests.append(digest)
        }
        return digests
    }
}
