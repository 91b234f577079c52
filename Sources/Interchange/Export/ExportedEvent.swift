package import CaseDomain
package import LedgerTypes

/// What an event becomes in an XES export. Pure.
///
/// A row that came from XES goes out as it came: `SourceAttribute.decode` of its row bytes. This
/// makes the attributes of everything else.
package enum ExportedEvent {
    /// The attributes of a trace that did not come from XES.
    package static func trace(caseID: String) -> [SourceAttribute] {
        [SourceAttribute(key: "concept:name", value: caseID)]
    }

    /// A CSV row: its fields by the names of the header, then what XES itself asks for, unless a
    /// column already has that name.
    package static func attributes(
        record: [UInt8],
        header: SourceHeader,
        observed: CaseObserved,
        occurred: Timestamp
    ) -> [SourceAttribute] {
        let names = header.names
        let fields = zip(names, header.values(of: record)).map { name, value in
            SourceAttribute(key: name, value: value)
        }
        let standard = Self.attributes(observed: observed, occurred: occurred)
        return fields + standard.filter { !names.contains($0.key ?? "") }
    }

    /// An imported event whose row is not open here: its clear fields.
    package static func attributes(
        observed: CaseObserved,
        occurred: Timestamp
    ) -> [SourceAttribute] {
        let pairs = [
            ("concept:name", observed.subStatus ?? observed.status.name),
            ("org:group", observed.team), ("org:resource", observed.agent),
        ]
        return pairs.compactMap { name, value in
            value.map { SourceAttribute(key: name, value: $0) }
        } + [Self.time(occurred)]
    }

    /// A live event.
    package static func attributes(
        type: String,
        actor: ActorSnapshot,
        occurred: Timestamp
    ) -> [SourceAttribute] {
        let pairs = [
            ("concept:name", type), ("org:group", actor.team), ("org:role", actor.role),
            ("org:resource", actor.actorID),
        ]
        return pairs.compactMap { name, value in
            value.map { SourceAttribute(key: name, value: $0) }
        } + [Self.time(occurred)]
    }

    private static func time(_ occurred: Timestamp) -> SourceAttribute {
        SourceAttribute(type: "date", key: "time:timestamp", value: occurred.rfc3339)
    }
}
