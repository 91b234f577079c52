/// Splits a file into lines.
struct LineReader {
    /// The most bytes of a line; an event is far smaller.
    static let lineBytesMax = 16 << 20

    private let descriptor: Int32
    private let path: String
    private var pending: [UInt8] = []
    private var start = 0
    private var searched = 0
    private var isAtEnd = false

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// The next line without its end, or `nil` at the end.
    mutating func next() throws(CommandFailure) -> [UInt8]? {
        while true {
            if let end = self.pending[self.searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(self.pending[self.start..<end])
                self.start = end + 1
                self.searched = self.start
                return line
            }
            if self.isAtEnd {
                guard self.start < self.pending.count else { return nil }
                let line = Array(self.pending[self.start...])
                self.start = self.pending.count
                self.searched = self.start
                return line
            }
            self.pending.removeSubrange(..<self.start)
            self.start = 0
            self.searched = self.pending.count
            guard self.pending.count <= Self.lineBytesMax else {
                throw CommandFailure(
                    "\(self.path): a line has more than \(Self.lineBytesMax) bytes",
                    nextStep: "write each event on a line of its own",
                    exit: .dataError
                )
            }
            let chunk = try FileInput.read(self.descriptor, path: self.path)
            self.isAtEnd = chunk.isEmpty
            self.pending.append(contentsOf: chunk)
        }
    }
}
