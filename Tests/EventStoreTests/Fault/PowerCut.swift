import LedgerTesting

/// What a power cut may leave of a file, put together from the calls that wrote it.
///
/// Before a flush returns, each write since the one before may be on the device, or not, or some of
/// its sectors: the kernel writes pages back when and in the order it likes. A write through a
/// descriptor with O_DSYNC is on the device when it returns.
struct PowerCut {
    /// The bytes of a sector, which a device writes whole or not at all.
    static let sectorBytes = 512

    /// One state of the file.
    struct Image {
        let bytes: [UInt8]
        /// The last mark before the cut.
        let mark: UInt64
        /// Where in the trace the power went, and what of the writes not flushed is there.
        let description: String
    }

    private struct Write {
        let place: Int
        let bytes: [UInt8]
    }

    /// The file as it was when the trace began.
    private var device: [UInt8]
    private var pending: [Write] = []
    private let trace: [FileFaults.Call]

    /// Starts with a file of these bytes, all of them on the device.
    init(_ bytes: [UInt8], _ trace: [FileFaults.Call]) {
        self.device = bytes
        self.trace = trace
    }

    /// Gives `body` the states of a cut between any two calls, and during each: nothing of what is
    /// not flushed, all of it, and `tries` random parts.
    mutating func forEachImage(
        tries: Int,
        _ random: inout SeededRandom,
        _ body: (Image) throws -> Void
    ) rethrows {
        var mark: UInt64 = 0
        for (place, call) in self.trace.enumerated() {
            switch call {
            case .mark(let number):
                mark = number
                continue
            case .write(let start, let bytes, let isDurable):
                self.pending.append(Write(place: start, bytes: bytes))
                try self.images(at: place, mark, tries, &random, body)
                if isDurable, let write = self.pending.popLast() {
                    Self.apply(write, to: &self.device)
                }
            case .flush:
                for write in self.pending { Self.apply(write, to: &self.device) }
                self.pending = []
            }
        }
        try self.images(at: self.trace.count, mark, tries, &random, body)
    }

    private func images(
        at place: Int,
        _ mark: UInt64,
        _ tries: Int,
        _ random: inout SeededRandom,
        _ body: (Image) throws -> Void
    ) rethrows {
        let name = "call \(place), \(self.pending.count) writes not flushed"
        try body(Image(bytes: self.device, mark: mark, description: name + ", none there"))
        guard !self.pending.isEmpty else { return }
        var whole = self.device
        for write in self.pending { Self.apply(write, to: &whole) }
        try body(Image(bytes: whole, mark: mark, description: name + ", all there"))
        for number in 0..<tries {
            var part = self.device
            for write in self.pending { Self.tear(write, into: &part, &random) }
            try body(Image(bytes: part, mark: mark, description: name + ", part \(number)"))
        }
    }

    /// Applies none, all, the first or any sectors of a write.
    private static func tear(
        _ write: Write,
        into bytes: inout [UInt8],
        _ random: inout SeededRandom
    ) {
        let kind = Int.random(in: 0..<4, using: &random)
        if kind == 0 { return }
        let first = Int.random(in: 0...write.bytes.count / Self.sectorBytes, using: &random)
        var offset = 0
        while offset < write.bytes.count {
            // Up to the end of the sector that the byte lies in.
            let left = Self.sectorBytes - (write.place + offset) % Self.sectorBytes
            let end = min(offset + left, write.bytes.count)
            let isThere =
                switch kind {
                case 1: true
                case 2: offset / Self.sectorBytes < first
                default: Bool.random(using: &random)
                }
            if isThere {
                let sector = Write(
                    place: write.place + offset,
                    bytes: Array(write.bytes[offset..<end])
                )
                Self.apply(sector, to: &bytes)
            }
            offset = end
        }
    }

    private static func apply(_ write: Write, to bytes: inout [UInt8]) {
        let end = write.place + write.bytes.count
        if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
        bytes.replaceSubrange(write.place..<end, with: write.bytes)
    }
}
