package import EventStore
package import LedgerTypes

/// What a section holds before it is sealed.
package struct PlainSection: Hashable, Sendable {
    /// An ASCII name: `pii`, `text`, `row`, `header`, `trace`, `log`, or an attachment's.
    package var kind: String
    /// The bytes.
    package var bytes: [UInt8]

    /// Creates a section.
    package init(kind: String, bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }
}

extension PreparedEvent {
    /// Seals `sections` under `key` into `draft`, which has none yet, and encodes and checks the
    /// caller's part. Made off the writer thread. `key` is the customer's, else the case's, and may
    /// be missing where there are no sections; `random` gives the salts.
    package static func sealing(
        _ draft: consuming EventDraft,
        _ sections: [PlainSection],
        under key: DataKey?,
        order: Timestamp? = nil,
        random: (Int) -> [UInt8]
    ) throws(SealingError) -> PreparedEvent {
        precondition(draft.sections.isEmpty, "the draft has sections that are sealed already")
        guard sections.count <= SectionReference.countMax else {
            throw .tooManySections(count: sections.count)
        }
        var sealed: [[UInt8]] = []
        if let key {
            for section in sections {
                let made = try SealedSection.seal(
                    section.bytes,
                    kind: section.kind,
                    event: draft.id,
                    under: key,
                    salt: random(SealedSection.saltByteCount)
                )
                draft.sections.append(made.reference)
                sealed.append(made.bytes)
            }
        } else {
            precondition(sections.isEmpty, "sections need a key")
        }
        let callerPart = Leaf.encode(draft)
        do throws(LeafError) {
            try draft.validate()
            try Leaf.check(callerPart: callerPart.span)
        } catch {
            throw .draft(error)
        }
        return PreparedEvent(draft: draft, callerPart: callerPart, sections: sealed, order: order)
    }
}
