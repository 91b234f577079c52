package import EventStore
package import LedgerTypes
internal import Merkle

/// What a log has of each label of a grant when it has so many leaves, signed by the log's key:
/// with it the partner proves that nothing of its scope is missing, the newest included.
///
/// Pure.
package struct ScopeHead: Hashable, Sendable {
    /// One label of the grant of which the log has leaves.
    package struct Entry: Hashable, Sendable {
        /// The label.
        package let label: Label
        /// Where its newest leaf stands.
        package let newest: LabelPlace

        /// Creates an entry.
        package init(label: Label, newest: LabelPlace) {
            self.label = label
            self.newest = newest
        }
    }

    /// The grant.
    package let grant: GrantID
    /// Where the log stands.
    package let position: Position
    /// In ascending order of the label; a label without a leaf is left out.
    package let entries: [Entry]

    private static let title = "caseledger scope 1"

    /// Creates a head.
    package init(grant: GrantID, position: Position, entries: [Entry]) {
        precondition(entries.count <= Grant.labelsMax)
        self.grant = grant
        self.position = position
        self.entries = entries.sorted { Label.precedes($0.label, $1.label) }
    }

    /// Where the newest leaf with `label` stands; `nil` if there is none.
    package func newest(_ label: Label) -> LabelPlace? {
        self.entries.first { $0.label == label }?.newest
    }

    /// The text that the log's key signs.
    package func text(origin: String) -> String {
        let position = self.position
        let lines =
            [
                Self.title, "log \(origin)", "grant \(self.grant.hex)",
                "at \(position.log.hex) \(position.size) \(position.root.hex)",
            ]
            + self.entries.map { entry in
                "label \(entry.label.words) \(entry.newest.sequence) \(entry.newest.index)"
            }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads a note and believes it only if the key of `log`, which `genesis` began, signed it.
    package init(note: [UInt8], of log: LogID, genesis: Genesis) throws(SyncError) {
        let origin = LogState.origin(of: genesis, id: log)
        guard note.count <= Grant.noteBytesMax, let name = KeyName(origin),
            let key = VerifyingKey(genesis.logKey),
            let signed = try? SignedNote(parsing: note.span),
            (try? signed.require(NoteVerifier(name: name, key: key))) != nil,
            let head = Self(text: signed.text, origin: origin), head.position.log == log
        else { throw .badScopeHead(log) }
        self = head
    }

    private init?(text: String, origin: String) {
        let lines = SiteNote.lines(text)
        guard (4...4 + Grant.labelsMax).contains(lines.count),
            let grant = SiteNote.value(lines[2], of: "grant").flatMap({ GrantID(hex: String($0)) }),
            let at = SiteNote.value(lines[3], of: "at").map(SiteNote.words), at.count == 3,
            let log = SiteNote.log(at[0]), let position = SiteNote.position(log, at[1], at[2])
        else { return nil }
        var entries: [Entry] = []
        for line in lines[4...] {
            let words = SiteNote.words(line)
            guard words.count == 5, words[0] == "label", let label = Label(words[1], words[2]),
                let sequence = SiteNote.number(words[3]), let index = SiteNote.number(words[4]),
                index < position.size, sequence <= index
            else { return nil }
            entries.append(
                Entry(label: label, newest: LabelPlace(sequence: sequence, index: index))
            )
        }
        for (one, next) in zip(entries, entries.dropFirst())
        where !Label.precedes(one.label, next.label) {
            return nil
        }
        self.init(grant: grant, position: position, entries: entries)
        guard self.text(origin: origin).utf8.elementsEqual(text.utf8) else { return nil }
    }
}
