package import CaseDomain
internal import LedgerTypes

/// One row an event of a case, and how the case stood after it. Pure.
///
/// A contact that belongs to two cases has its events in both; `id` tells that they are one.
package enum EventTable {
    /// The columns, in order.
    package static let columns = [
        TableColumn("case", .text, "the case's id"),
        TableColumn("step", .integer, "the event's place in the case's story, from 1"),
        TableColumn("id", .text, "the event's id"),
        TableColumn("log", .text, "the log it stands in"),
        TableColumn("index", .integer, "its place in that log, from 0"),
        TableColumn("type", .text, "the type, as in EVENTS.md"),
        TableColumn(
            "activity",
            .text,
            "the type; of an observed row the source's word for its status"
        ),
        TableColumn("subject", .text, "what it is about: the case, or a contact"),
        TableColumn("occurred", .time, "when it happened"),
        TableColumn("recorded", .time, "when the site wrote it"),
        TableColumn("storyTime", .time, "the story clock, by which events are in order"),
        TableColumn(
            "sinceLastSeconds",
            .number,
            unit: "s",
            nullable: true,
            "since the event before it in the story; may be negative"
        ),
        TableColumn("history", .flag, "filled in afterwards"),
        TableColumn("actor", .text, nullable: true, "who acted, a pseudonym"),
        TableColumn("actorKind", .text, nullable: true, "what sort of party that is"),
        TableColumn("actorRole", .text, nullable: true, "their role at the case"),
        TableColumn("actorTier", .text, nullable: true, "their tier at the time"),
        TableColumn("actorTeam", .text, nullable: true, "their team at the time"),
        TableColumn("actorSite", .text, nullable: true, "their site at the time"),
        TableColumn("onBehalfOf", .text, nullable: true, "for whom they acted"),
        TableColumn("contact", .text, nullable: true, "the contact it belongs to"),
        TableColumn("handoff", .text, nullable: true, "the handoff it belongs to"),
        TableColumn("escalation", .text, nullable: true, "the escalation it belongs to"),
        TableColumn("state", .text, nullable: true, "of the case after it: open, resolved, closed"),
        TableColumn("waitingOn", .text, nullable: true, "for whom the case waits after it"),
        TableColumn("owner", .text, nullable: true, "who owns the case after it"),
        TableColumn("holderAgent", .text, nullable: true, "who works on the case after it"),
        TableColumn("holderTeam", .text, nullable: true, "that team"),
        TableColumn("holderTier", .text, nullable: true, "that tier"),
        TableColumn("holderSite", .text, nullable: true, "that site"),
        TableColumn("episode", .integer, nullable: true, "the episode after it, from 1"),
        TableColumn("agentHandoff", .flag, "whether it counts as a handoff between agents"),
        TableColumn("teamHandoff", .flag, "between teams"),
        TableColumn("tierHandoff", .flag, "between tiers"),
        TableColumn("siteHandoff", .flag, "between sites"),
        TableColumn(
            "data",
            .json,
            "the type's clear fields as one JSON object; sealed text is never in it"
        ),
    ]

    /// The rows of a case, each a value, or none, for each column.
    package static func rows(of trace: CaseTrace) -> [[FieldValue?]] {
        var rows: [[FieldValue?]] = []
        rows.reserveCapacity(trace.steps.count)
        var last: Timestamp?
        for (place, step) in trace.steps.enumerated() {
            let since = last.map { step.event.occurred.microseconds(since: $0) }
            rows.append(Self.row(trace.caseID, place + 1, step, since))
            last = step.event.occurred
        }
        return rows
    }

    private static func row(
        _ caseID: Subject,
        _ place: Int,
        _ step: CaseStep,
        _ sinceLast: Int64?
    ) -> [FieldValue?] {
        let event = step.event
        var activity = event.typeName
        if case .caseObserved(let row) = event.payload {
            activity = ExportedEvent.activity(of: row)
        }
        let head: [FieldValue?] = [
            .text(caseID.id), .integer(Int64(place)), .text(event.id.description),
            .text(event.address.log.hex), .integer(Int64(clamping: event.address.index)),
            .text(event.typeName), .text(activity), .text(event.subject.rawValue),
            .time(event.occurred), .time(event.recorded.timestamp), .time(event.order),
            sinceLast.map { .number(Double($0) / 1_000_000) }, .flag(event.isHistory),
        ]
        let actor = event.actor
        let texts = [
            actor.actorID.isEmpty ? nil : actor.actorID,
            actor.kind == .notStated ? nil : actor.kind.name, actor.role, actor.tier, actor.team,
            actor.siteID, event.onBehalfOf, event.contact, event.handoffID, event.escalationID,
        ]
        let after = step.attributes
        let state: [FieldValue?] = [
            after.state == .notStated ? nil : .text(after.state.name),
            after.waitingOn.map { .text($0.name) }, after.ownerID.map { .text($0) },
            after.holder.agent.map { .text($0) }, after.holder.team.map { .text($0) },
            after.holder.tier.map { .text($0) }, after.holder.site.map { .text($0) },
            after.episode == 0 ? nil : .integer(Int64(after.episode)),
        ]
        let levels: [CustodyLevel] = [.agent, .team, .tier, .site]
        let moves = levels.map { FieldValue.flag(step.handoffs.contains($0)) }
        return head + texts.map { text in text.map { .text($0) } } + state + moves
            + [.text(Self.json(event.payload.tableFields))]
    }

    /// The fields as one JSON object; of two fields with one name the first.
    private static func json(_ fields: [ClearField]) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        var names: Set<String> = []
        for field in fields where names.insert(field.name).inserted {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            JSONText.append(field.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONText.append(field.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }
}
