package import CaseDomain
package import LedgerTypes

/// What an event becomes in an XES export. Pure.
///
/// A row that came from XES goes out as it came: `SourceAttribute.decode` of its row bytes. This
/// makes the attributes of everything else; ``XESExtension`` has the names of our own.
package enum ExportedEvent {
    /// The attributes of a trace that did not come from XES: the case and how it ended up.
    package static func trace(_ trace: CaseTrace) -> [SourceAttribute] {
        let facts = trace.state.facts
        var attributes = [SourceAttribute(key: "concept:name", value: trace.caseID.id)]
        for (name, value) in trace.steps.last?.attributes.fields ?? [] {
            if let value { attributes.append(XESExtension.attribute(name, value)) }
        }
        let counts: [(String, FieldValue?)] = [
            ("events", .integer(Int64(clamping: facts.events))),
            ("durationSeconds", .number(facts.durationSeconds)),
            ("agentHandoffs", .integer(Int64(facts.agents.handoffs))),
            ("teamHandoffs", .integer(Int64(facts.teams.handoffs))),
            ("tierHandoffs", .integer(Int64(facts.tiers.handoffs))),
            ("siteHandoffs", .integer(Int64(facts.sites.handoffs))),
            ("reopens", .integer(Int64(facts.reopens))),
            ("toFirstResolvedSeconds", facts.toFirstResolvedSeconds.map { .number($0) }),
            ("toLastTerminalSeconds", facts.toLastTerminalSeconds.map { .number($0) }),
        ]
        for (name, value) in counts {
            if let value { attributes.append(XESExtension.attribute(name, value)) }
        }
        return attributes
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
        Self.standard(
            name: Self.activity(of: observed),
            group: observed.team,
            role: nil,
            resource: observed.agent,
            occurred
        )
    }

    /// A live event: what XES asks for, then our own attributes, then the type's clear fields.
    /// Sealed text never goes into an event log.
    ///
    /// - Parameters:
    ///   - step: the event and the case after it.
    ///   - resourceName: the name of who acted, where it may be read here.
    /// - Returns: the attributes in the order in which they are written.
    package static func attributes(
        step: CaseStep,
        resourceName: String?
    ) -> [SourceAttribute] {
        let event = step.event
        let actor = event.actor
        let levels = step.handoffs.map(\.name).joined(separator: ",")
        let own: [(String, String?)] = [
            ("resourceName", resourceName), ("id", event.id.description),
            ("log", event.address.log.hex),
            ("actorKind", actor.kind == .notStated ? nil : actor.kind.name),
            ("actorTier", actor.tier), ("actorSite", actor.siteID),
            ("onBehalfOf", event.onBehalfOf), ("contact", event.contact),
            ("handoff", event.handoffID), ("escalation", event.escalationID),
            ("handoffLevels", levels.isEmpty ? nil : levels),
        ]
        var attributes = Self.standard(
            name: event.typeName,
            group: actor.team,
            role: actor.role,
            resource: actor.actorID.isEmpty ? nil : actor.actorID,
            event.occurred
        )
        for (name, text) in own {
            if let text { attributes.append(XESExtension.attribute(name, .text(text))) }
        }
        attributes.append(
            XESExtension.attribute("index", .integer(Int64(clamping: event.address.index)))
        )
        for (name, value) in step.attributes.fields {
            if let value { attributes.append(XESExtension.attribute(name, value)) }
        }
        return attributes
            + event.payload.tableFields.map {
                XESExtension.attribute(key: XESExtension.dataPrefix + $0.name, $0.value)
            }
    }

    /// The source's own word for what happened, where it has one.
    package static func activity(of observed: CaseObserved) -> String {
        observed.subStatus ?? observed.status.name
    }

    private static func standard(
        name: String,
        group: String?,
        role: String?,
        resource: String?,
        _ occurred: Timestamp
    ) -> [SourceAttribute] {
        let pairs = [
            ("concept:name", name), ("lifecycle:transition", XESExtension.transition),
            ("org:group", group), ("org:role", role), ("org:resource", resource),
        ]
        return pairs.compactMap { name, value in
            value.map { SourceAttribute(key: name, value: $0) }
        } + [SourceAttribute(type: "date", key: "time:timestamp", value: occurred.rfc3339)]
    }
}
