package import LedgerTypes

/// Why a note's text is not a checkpoint.
package enum CheckpointError: Error, Hashable, Sendable {
    /// The note itself is malformed or not signed.
    case note(NoteError)
    /// Fewer than three lines, or an empty one.
    case malformed
    /// The origin is empty.
    case originMissing
    /// The size is not a decimal number without leading zeroes below 2^63.
    case sizeMalformed
    /// The root is not base64 of 32 bytes.
    case rootMalformed
    /// The checkpoint is of another log.
    case wrongOrigin(String)
}

/// What a log says of itself: origin, size, root.
///
/// ```
/// ledger.example/site-a/e1
/// 8
/// XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=
/// ```
///
/// Source: https://c2sp.org/tlog-checkpoint@v1.0.0
package struct Checkpoint: Hashable, Sendable {
    /// The largest size that is read: what a signed 64-bit number of other tools holds.
    package static let sizeMax = UInt64(Int64.max)

    /// The log. It is the name of the log's key as well.
    package let origin: String
    /// The number of leaves.
    package let size: UInt64
    /// The root over them.
    package let root: Digest
    /// Further lines, without their newlines. This project writes none.
    package let extensions: [String]

    /// Creates a checkpoint of the log whose key is named `origin`.
    package init(origin: KeyName, size: UInt64, root: Digest) {
        precondition(size <= Self.sizeMax)
        self.origin = origin.rawValue
        self.size = size
        self.root = root
        self.extensions = []
    }

    /// Reads a note's text. Who signed it is another question: ``init(opening:log:)``.
    package init(parsing text: String) throws(CheckpointError) {
        guard text.utf8.last == UInt8(ascii: "\n") else { throw .malformed }
        let lines = text.utf8.dropLast().split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false
        ).map { String(Substring($0)) }
        guard lines.count >= 3 else { throw .malformed }
        guard !lines[0].isEmpty else { throw .originMissing }
        guard let size = Self.size(lines[1]) else { throw .sizeMalformed }
        guard let bytes = Base64.decode(lines[2]), let root = Digest(bytes.span) else {
            throw .rootMalformed
        }
        guard !lines.dropFirst(3).contains(where: \.isEmpty) else { throw .malformed }
        self.origin = lines[0]
        self.size = size
        self.root = root
        self.extensions = Array(lines.dropFirst(3))
    }

    /// Reads a note that `log` must have signed and whose origin must be the name of that key.
    package init(opening note: SignedNote, log: NoteVerifier) throws(CheckpointError) {
        do throws(NoteError) {
            try note.require(log)
        } catch {
            throw .note(error)
        }
        try self.init(parsing: note.text)
        guard self.origin.utf8.elementsEqual(log.name.rawValue.utf8) else {
            throw .wrongOrigin(self.origin)
        }
    }

    /// The text that is signed.
    package var text: String {
        var text = "\(self.origin)\n\(self.size)\n\(Base64.encode(self.root.bytes))\n"
        for line in self.extensions { text += "\(line)\n" }
        return text
    }

    /// The note that `signer`, the log itself, signs.
    package func signed(by signer: NoteSigner) -> SignedNote {
        let text = self.text
        return SignedNote(text: text, signatures: [signer.sign(Array(text.utf8))])
    }

    private static func size(_ line: String) -> UInt64? {
        guard let size = UInt64(line), size <= Self.sizeMax, String(size) == line else {
            return nil
        }
        return size
    }
}
