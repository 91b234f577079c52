/// Finds the rules of a zone: UTC, a fixed offset, or a file of the system's zone database.
///
/// The files are TZif (RFC 9636). They are read here, while importing, and never by a fold: what is
/// stored is the moment.
package enum TimeZoneFile {
    /// Where the system keeps its zones.
    package static let systemDirectory = "/usr/share/zoneinfo"
    /// The most bytes of a zone's file.
    static let fileBytesMax = 1 << 20
    private static let headerBytes = 44

    /// The rules of the zone called `name`; `nil` if there is none, or its file is damaged.
    package static func rules(
        named name: String,
        directory: String = TimeZoneFile.systemDirectory
    ) -> TimeZoneRules? {
        if name == "UTC" || name == "Z" { return TimeZoneRules(offset: 0) }
        if name.hasPrefix("+") || name.hasPrefix("-") {
            var scanner = TimeScanner(Array(name.utf8))
            guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
            return TimeZoneRules(offset: offset)
        }
        guard Self.isZoneName(name), let bytes = Self.read("\(directory)/\(name)") else {
            return nil
        }
        return Self.rules(bytes)
    }

    /// Letters, digits, `_`, `-`, `+` and `/`, so that a name never leaves the directory.
    private static func isZoneName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x41...0x5A).contains(first & 0xDF) else {
            return false
        }
        return name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
                    || byte == 0x5F || byte == 0x2D || byte == 0x2B || byte == 0x2F
            }
    }

    private static func read(_ path: String) -> [UInt8]? {
        do throws(ImportFailure) {
            let file = try ByteSource.file(path)
            var bytes: [UInt8] = []
            while true {
                let chunk = try file.next()
                if chunk.isEmpty { return bytes }
                bytes += chunk
                guard bytes.count <= Self.fileBytesMax else { return nil }
            }
        } catch {
            return nil
        }
    }

    /// Reads a TZif file: the 64-bit block of version 2 and later, else the 32-bit one.
    static func rules(_ bytes: [UInt8]) -> TimeZoneRules? {
        guard let header = Header(bytes, at: 0) else { return nil }
        guard header.version >= UInt8(ascii: "2") else {
            return Self.rules(bytes, header, at: Self.headerBytes, timeBytes: 4)
        }
        let second = Self.headerBytes + header.bodyBytes(timeBytes: 4)
        guard let header = Header(bytes, at: second) else { return nil }
        return Self.rules(bytes, header, at: second + Self.headerBytes, timeBytes: 8)
    }

    private struct Header {
        let version: UInt8
        let counts: [Int]

        init?(_ bytes: [UInt8], at offset: Int) {
            guard offset + TimeZoneFile.headerBytes <= bytes.count,
                bytes[offset..<offset + 4].elementsEqual("TZif".utf8)
            else { return nil }
            self.version = bytes[offset + 4]
            self.counts = (0..<6).map { index in
                Int(TimeZoneFile.number(bytes, at: offset + 20 + index * 4, count: 4))
            }
            guard self.counts.allSatisfy({ (0...1_000_000).contains($0) }), self.types > 0 else {
                return nil
            }
        }

        var leaps: Int { self.counts[2] }
        var times: Int { self.counts[3] }
        var types: Int { self.counts[4] }

        func bodyBytes(timeBytes: Int) -> Int {
            self.times * (timeBytes + 1) + self.types * 6 + self.counts[5]
                + self.leaps * (timeBytes + 4) + self.counts[1] + self.counts[0]
        }
    }

    private static func rules(
        _ bytes: [UInt8],
        _ header: Header,
        at start: Int,
        timeBytes: Int
    ) -> TimeZoneRules? {
        let end = start + header.bodyBytes(timeBytes: timeBytes)
        guard end <= bytes.count else { return nil }
        let indexes = start + header.times * timeBytes
        let types = indexes + header.times
        func offset(_ type: Int) -> Int64? {
            guard type < header.types else { return nil }
            return Self.number(bytes, at: types + type * 6, count: 4)
        }
        guard let first = offset(0) else { return nil }
        var transitions: [TimeZoneRules.Transition] = []
        for index in 0..<header.times {
            let at = Self.number(bytes, at: start + index * timeBytes, count: timeBytes)
            guard let offset = offset(Int(bytes[indexes + index])) else { return nil }
            if let last = transitions.last, last.at >= at { return nil }
            transitions.append(TimeZoneRules.Transition(at: at, offset: offset))
        }
        let footer = bytes[end...].dropFirst().prefix { $0 != 0x0A }
        let tail = timeBytes == 8 && !footer.isEmpty ? YearlyRule(Array(footer)) : nil
        return TimeZoneRules(first: first, transitions: transitions, tail: tail)
    }

    /// A signed big-endian number.
    private static func number(_ bytes: [UInt8], at offset: Int, count: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes[offset..<offset + count] { value = value << 8 | UInt64(byte) }
        return count == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
