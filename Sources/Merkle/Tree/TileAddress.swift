/// The place of a tile in a tree, and its path in tlog-tiles: `tile/<L>/<N>[.p/<W>]`.
///
/// Source: https://c2sp.org/tlog-tiles
package struct TileAddress: Hashable, Sendable {
    /// The number of hashes in a full tile.
    package static let width = 256
    /// The highest level with a path.
    package static let levelMax = 63

    /// The kind of content.
    package enum Content: Hashable, Sendable {
        /// Hashes of tile level 0…63.
        case hashes(level: Int)
        /// The entries that the hashes of level 0 are of.
        case entries
    }

    /// What the tile holds.
    package let content: Content
    /// The 0-based number of the tile in its level.
    package let number: UInt64
    /// The number of hashes or entries, 1…256.
    package let width: Int

    /// Creates an address; `nil` when a part is outside its range.
    package init?(content: Content, number: UInt64, width: Int = TileAddress.width) {
        if case .hashes(let level) = content {
            guard level >= 0 && level <= Self.levelMax else { return nil }
        }
        guard width >= 1 && width <= Self.width else { return nil }
        self.content = content
        self.number = number
        self.width = width
    }

    /// The path without the log's prefix, such as `tile/0/x001/x234/067.p/8`.
    package var path: String {
        var path =
            switch self.content {
            case .hashes(let level): "tile/\(level)/"
            case .entries: "tile/entries/"
            }
        path += Self.groups(of: self.number)
        if self.width < Self.width { path += ".p/\(self.width)" }
        return path
    }

    /// Reads a path; `nil` for anything that ``path`` would not write.
    package init?(path: String) {
        guard path.utf8.count <= 64 else { return nil }
        let parts = path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "tile" else { return nil }
        let content: Content
        if parts[1] == "entries" {
            content = .entries
        } else {
            guard let level = Int(parts[1]) else { return nil }
            content = .hashes(level: level)
        }
        var groups = parts[2]
        var width = Self.width
        if let mark = groups.firstIndex(of: ".") {
            let tail = groups[mark...]
            guard tail.hasPrefix(".p/"), let partial = Int(tail.dropFirst(3)) else { return nil }
            groups = groups[..<mark]
            width = partial
        }
        var number: UInt64 = 0
        for group in groups.split(separator: "/", omittingEmptySubsequences: false) {
            let digits = group.hasPrefix("x") ? group.dropFirst() : group
            guard digits.utf8.count == 3, let value = UInt64(digits) else { return nil }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 1_000)
            let (sum, tooLargeToo) = product.addingReportingOverflow(value)
            guard !tooLarge, !tooLargeToo else { return nil }
            number = sum
        }
        self.init(content: content, number: number, width: width)
        // One address, one path: leading zeroes, signs and missing marks all end here.
        guard self.path == path else { return nil }
    }

    private static func groups(of number: UInt64) -> String {
        var rest = number
        var path = ""
        repeat {
            let digits = String(rest % 1_000)
            let padded = String(repeating: "0", count: 3 - digits.utf8.count) + digits
            path = path.isEmpty ? padded : "x\(padded)/\(path)"
            rest /= 1_000
        } while rest > 0
        return path
    }
}
