public import LedgerTypes

extension CaseHistory {
    /// A case's events in fold order as they are to be read: copies and what belongs to a merge
    /// that closes a circle left out, corrections in the place of what they correct, redacted texts
    /// hidden.
    ///
    /// - Parameters:
    ///   - events: the case's own, those of its contacts, and those that came through merges, in
    ///     any order.
    ///   - caseID: the case.
    ///   - origins: which site each log is of.
    /// - Returns: what a fold of the caller's own reads.
    public static func reading(
        _ events: [CaseEvent],
        of caseID: Subject,
        origins: [LogID: LogOrigin]
    ) -> [CaseEvent] {
        let arranged = self.arrange(events, origins: origins)
        var plan = RecordPlan(arranged)
        let merges = MergePlan(arranged, into: caseID)
        return arranged.compactMap { event in
            guard event.duplicateOf == nil, merges.includes(event.viaCase) else { return nil }
            return plan.isEmpty ? event : plan.read(event)
        }
    }

    /// `events` without the texts that redactions among `all`, earlier and later ones, hide.
    package static func hiding(_ all: [CaseEvent], in events: [CaseEvent]) -> [CaseEvent] {
        let redactions = all.filter {
            if case .recordRedacted = $0.payload { true } else { false }
        }
        guard !redactions.isEmpty else { return events }
        var plan = RecordPlan(redactions)
        return events.map { plan.read($0) }
    }
}
