/// Writes refused rows so that they can be mended and imported again: CSV with the header, XES as a
/// log of its own. Pure: the caller puts the bytes into the file.
package struct RejectsFile: Sendable {
    private var writer = XESWriter()
    private var hasBegunXES = false
    private var hasWrittenHeader = false

    /// The number of rows written.
    package private(set) var count = 0

    /// Creates a file with nothing in it.
    package init() {}

    /// The bytes to add for a row. `header` is the importer's.
    package mutating func bytes(for error: RowError, header: SourceHeader?) -> [UInt8] {
        self.count += 1
        switch error.raw {
        case .record(let record):
            var bytes: [UInt8] = []
            if let header, !self.hasWrittenHeader { bytes += header.record + [0x0A] }
            self.hasWrittenHeader = true
            return bytes + record + [0x0A]
        case .event(let attributes, let trace):
            if !self.hasBegunXES { self.writer.beginLog(XESExtension.plainLog) }
            self.hasBegunXES = true
            if let trace { self.writer.beginTrace(trace) }
            self.writer.event(attributes)
            if trace != nil { self.writer.endTrace() }
            return self.writer.takeBytes()
        }
    }

    /// The bytes that end the file.
    package mutating func end() -> [UInt8] {
        guard self.hasBegunXES else { return [] }
        self.hasBegunXES = false
        self.writer.endLog()
        return self.writer.takeBytes()
    }
}
