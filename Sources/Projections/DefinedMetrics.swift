package import CaseDomain
package import EventStore
internal import LedgerTypes

/// Reads what sites defined as metrics.
package enum DefinedMetrics {
    private static let type = Array(EventType.metricDefined.rawValue.utf8)

    /// Every definition that `reader` includes, in the order of ids and versions.
    package static func read(
        _ snapshot: borrowing Snapshot,
        _ reader: CaseReader
    ) throws(EventStoreError) -> [DefinedMetric] {
        var subjects: [Subject] = []
        try snapshot.forEachSubject(kind: EventType.metricDefined.subjectKind) {
            (subject, _) throws(EventStoreError) in
            subjects.append(subject)
            return true
        }
        var events: [CaseEvent] = []
        var actors = ActorPool()
        for subject in subjects {
            try snapshot.forEachEvent(of: subject) { (stored, leaf) throws(EventStoreError) in
                guard let keys = try? LeafKeys(leaf: leaf),
                    leaf.extracting(keys.type).equals(Self.type.span)
                else { return true }
                let event = try reader.event(stored, leaf, of: subject, snapshot, &actors)
                if reader.includes(event, stored) { events.append(event) }
                return true
            }
        }
        var origins: [LogID: LogOrigin] = [:]
        for log in try snapshot.logs() {
            origins[log.id] = LogOrigin(site: log.site.rawValue, incarnation: log.incarnation)
        }
        return DefinedMetric.all(in: events, origins: origins)
    }
}
