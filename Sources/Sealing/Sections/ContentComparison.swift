package import EventStore
package import LedgerTypes

/// Tells whether an event that came again is the one already stored (DESIGN.md 4): the caller's
/// fields and the sections' plaintexts are compared, not digests, keys, commitments or lengths,
/// which differ each time something is sealed. `order` and the writer's part are not compared.
///
/// A stored section that cannot be opened, since it or its key is gone, is not compared; then the
/// clear fields decide. Pure but for `key`; called on the writer thread.
package struct ContentComparison: Sendable {
    /// The kinds of sections to compare; `nil` for all, which then must also be the same ones.
    ///
    /// An import compares `row` only: the first row of an import also carries the header or the
    /// attributes of the log and the trace, which a longer extract may attach to another row.
    private let kinds: Set<String>?
    private let key: @Sendable (KeyID) -> DataKey?

    /// Compares the sections of `kinds`, or all, opened with the keys that `key` gives.
    package init(kinds: Set<String>? = nil, key: @escaping @Sendable (KeyID) -> DataKey?) {
        self.kinds = kinds
        self.key = key
    }

    /// The rule for a request whose events were sealed from `plaintexts`.
    package func rule(_ plaintexts: [EventID: [PlainSection]]) -> SameContent {
        { leaf, sections, event in
            self.isSame(leaf, sections, event, plaintexts[event.draft.id] ?? [])
        }
    }

    /// Whether `event`, sealed from `plaintexts`, has the content of the stored `leaf`, whose
    /// sections are `sections` as far as they are here.
    package func isSame(
        _ leaf: [UInt8],
        _ sections: [[UInt8]?],
        _ event: PreparedEvent,
        _ plaintexts: [PlainSection]
    ) -> Bool {
        guard let stored = try? EventEnvelope(leaf: leaf.span).draft,
            let end = try? Leaf.callerPartEnd(leaf.span),
            let storedFields = Self.clearFields(leaf.span.extracting(first: end)),
            let fields = Self.clearFields(event.callerPart.span),
            storedFields == fields
        else { return false }
        let places = stored.sections.indices.filter { self.compares(stored.sections[$0].kind) }
        let mine = plaintexts.filter { self.compares($0.kind) }
        guard places.map({ stored.sections[$0].kind }) == mine.map(\.kind) else { return false }
        for (place, section) in zip(places, mine) {
            let reference = stored.sections[place]
            guard place < sections.count, let sealed = sections[place],
                let key = self.key(reference.keyID),
                let plaintext = try? SealedSection.open(
                    sealed,
                    as: reference,
                    event: stored.id,
                    under: key
                )
            else { continue }
            guard plaintext == section.bytes else { return false }
        }
        return true
    }

    private func compares(_ kind: String) -> Bool { self.kinds?.contains(kind) ?? true }

    /// The bytes of every field but the section references; `nil` if they are no fields.
    private static func clearFields(_ callerPart: Span<UInt8>) -> [UInt8]? {
        var fields: [UInt8] = []
        fields.reserveCapacity(callerPart.count)
        var reader = WireReader(callerPart)
        do throws(WireError) {
            while let field = try reader.next() {
                guard field.number != Leaf.sectionField else { continue }
                fields.append(copying: callerPart.extracting(field.start..<reader.offset))
            }
        } catch {
            return nil
        }
        return fields
    }
}
