internal import CaseDomain
internal import EventStore
internal import LedgerTypes

/// Counts a case that consists of other systems' rows alone, straight from its leaves: the common
/// case of an imported history, and most of what a replay has to do.
enum ObservedCase {
    /// The case in numbers; `nil` if it has any other event, so that only its state can tell.
    static func facts(
        of caseID: Subject,
        in cut: ReadingCut,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> CaseFacts? {
        if let attachments = Attachment.subject(of: caseID),
            try snapshot.version(of: attachments) > 0
        {
            return nil
        }
        var fold = CaseFactsFold(caseID: caseID)
        var ids: [EventID] = []
        var isObserved = true
        try snapshot.forEachEvent(of: caseID) { (stored, leaf) throws(EventStoreError) in
            guard stored.arrival < cut.arrivalsEnd else { return true }
            guard let keys = try? LeafKeys(leaf: leaf), let row = Self.row(keys, leaf) else {
                isObserved = false
                return false
            }
            guard cut.includes(arrival: stored.arrival, occurred: keys.occurred) else {
                return true
            }
            ids.append(keys.id)
            fold.evolve(row, occurred: keys.occurred)
            return true
        }
        // A copy of an event in another log counts once (C1); which one, its state decides.
        guard isObserved, !ids.isEmpty, Set(ids).count == ids.count else { return nil }
        return fold.current
    }

    /// The row in a leaf whose place in the story is where the index has it.
    private static func row(_ keys: LeafKeys, _ leaf: Span<UInt8>) -> CaseObserved? {
        let latest = keys.recorded.timestamp.adding(
            microseconds: CaseEvent.aheadMaxMicroseconds
        )
        guard keys.isHistory, let body = keys.body,
            body.field == EventType.caseObserved.field, keys.order <= latest
        else { return nil }
        return try? CaseObserved(clear: [UInt8](copying: leaf.extracting(body.range)))
    }
}
