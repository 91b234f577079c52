package import LedgerTypes

/// A subject's text as bytes, compared bytewise as the tables of `views/` do.
///
/// `String` would take two ways to write an accented letter for one.
package struct SubjectKey: Hashable, Sendable {
    /// The most bytes of a subject: kind, colon, id.
    package static let bytesMax = Subject.kindBytesMax + 1 + Subject.idBytesMax

    /// The text, UTF-8.
    package let bytes: [UInt8]

    /// The key of `subject`.
    package init(_ subject: Subject) {
        self.bytes = Array(subject.rawValue.utf8)
    }

    /// The key of the subject written in a leaf; `nil` if it is empty or longer than any subject.
    package init?(_ text: Span<UInt8>) {
        guard !text.isEmpty, text.count <= Self.bytesMax else { return nil }
        self.bytes = [UInt8](copying: text)
    }

    /// Whether both are the same bytes.
    package static func == (first: SubjectKey, second: SubjectKey) -> Bool {
        first.bytes == second.bytes
    }

    /// Feeds all bytes in one piece; `Array` feeds them one by one.
    package func hash(into hasher: inout Hasher) {
        // The buffer is read inside the call only.
        unsafe self.bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

/// Names a second subject to file an event under, read from its leaf; `nil` for none. Pure and
/// quick.
package typealias CrossReference =
    @Sendable (_ keys: LeafKeys, _ leaf: Span<UInt8>) -> Subject?

/// What the index keeps of one event.
///
/// This initialiser alone decides what is indexed: every leaf but a genesis, and but a foreign leaf
/// that is no event or names a subject that cannot be one. Such leaves count as arrivals all the
/// same, and are read by log and in order of arrival.
package struct IndexedEvent: Hashable, Sendable {
    /// The local arrival number.
    package let arrival: UInt64
    /// The log's local number.
    package let logNumber: UInt32
    /// The index in that log.
    package let index: UInt64
    /// The event id.
    package let id: EventID
    /// The place in the story.
    package let order: Timestamp
    /// What the event is about.
    package let subject: SubjectKey
    /// A second subject that the event is filed under.
    package let crossReference: SubjectKey?

    /// Describes the event that the writer stamps.
    package init(
        arrival: UInt64,
        logNumber: UInt32,
        index: UInt64,
        id: EventID,
        order: Timestamp,
        subject: SubjectKey,
        crossReference: SubjectKey? = nil
    ) {
        self.arrival = arrival
        self.logNumber = logNumber
        self.index = index
        self.id = id
        self.order = order
        self.subject = subject
        self.crossReference = crossReference == subject ? nil : crossReference
    }

    /// Reads the event in `leaf`; `nil` if the leaf is not indexed.
    package init?(
        leaf: Span<UInt8>,
        arrival: UInt64,
        logNumber: UInt32,
        index: UInt64,
        crossReference: CrossReference?
    ) {
        let keys: LeafKeys
        do {
            keys = try LeafKeys(leaf: leaf)
        } catch {
            return nil
        }
        guard let subject = SubjectKey(leaf.extracting(keys.subject)) else { return nil }
        self.init(
            arrival: arrival,
            logNumber: logNumber,
            index: index,
            id: keys.id,
            order: keys.order,
            subject: subject,
            crossReference: crossReference?(keys, leaf).map { SubjectKey($0) }
        )
    }

    /// Where the event stands.
    package var entry: IndexEntry {
        IndexEntry(
            order: self.order,
            arrival: self.arrival,
            logNumber: self.logNumber,
            index: self.index
        )
    }
}
