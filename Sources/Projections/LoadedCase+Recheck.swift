internal import CaseDomain
package import EventStore
internal import LedgerTypes

extension LoadedCase {
    /// The case as `reader` shows it inside the write transaction; `nil` if it now depends on
    /// subjects that were not read before, so that the caller has to read again.
    package func reread(_ reader: SubjectReader) -> LoadedCase? {
        var again = LoadedCase(caseID: self.caseID)
        // Merges bring other cases in; those are left to a fresh read.
        guard !self.events.contains(where: { $0.viaCase != nil }) else { return nil }
        for subject in self.basis.keys {
            let events = reader.events(of: subject)
            again.basis[subject] = UInt64(events.count)
            if subject.kind == Attachment.kind {
                guard UInt64(events.count) == self.basis[subject] else { return nil }
                continue
            }
            for event in events {
                guard let envelope = try? EventEnvelope(leaf: event.leaf.span),
                    let read = try? CaseEvent(envelope, at: event.address)
                else { return nil }
                again.events.append(read)
            }
        }
        return again
    }
}
