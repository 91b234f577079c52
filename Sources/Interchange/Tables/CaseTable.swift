package import CaseDomain
internal import LedgerTypes

/// One row a case: how it stands, and its facts. Pure.
package enum CaseTable {
    /// The columns, in order.
    package static let columns: [TableColumn] =
        [
            TableColumn("case", .text, "the case's id"),
            TableColumn("state", .text, nullable: true, "open, resolved or closed"),
            TableColumn("customer", .text, nullable: true, "the customer's pseudonym"),
            TableColumn("product", .text, nullable: true, "the product's id or model"),
            TableColumn("ticketType", .text, nullable: true, "what the customer wants"),
            TableColumn("category", .text, nullable: true, "the house's category"),
            TableColumn("severity", .integer, nullable: true, "1 is the worst"),
            TableColumn("priority", .text, nullable: true, "the house's priority"),
            TableColumn("entitlement", .text, nullable: true, "as last determined"),
            TableColumn("owner", .text, nullable: true, "who answers to the customer"),
            TableColumn("holderAgent", .text, nullable: true, "who works on it, or did last"),
            TableColumn("holderTeam", .text, nullable: true, "that team"),
            TableColumn("holderTier", .text, nullable: true, "that tier"),
            TableColumn("holderSite", .text, nullable: true, "that site"),
            TableColumn("waitingOn", .text, nullable: true, "for whom it waits"),
            TableColumn("resolutionKind", .text, nullable: true, "how it was last resolved"),
            TableColumn("mergedInto", .text, nullable: true, "the case it was merged into"),
            TableColumn("firstAt", .time, nullable: true, "the first event in fold order"),
            TableColumn("lastAt", .time, nullable: true, "the last event in fold order"),
            TableColumn(
                "durationSeconds",
                .number,
                unit: "s",
                "from the first event to the last; negative where a source's clock went back"
            ),
            TableColumn("events", .integer, "events that count in the facts"),
            TableColumn("observed", .integer, "of these, rows of another system"),
            TableColumn("unknown", .integer, "events of types that this version does not know"),
            TableColumn("contacts", .integer, "contacts attached to the case"),
            TableColumn("explanations", .integer, "how often the customer explained"),
            TableColumn("episodes", .integer, "times it was opened or reopened"),
            TableColumn("reopens", .integer, "terminal, followed at once by not terminal"),
            TableColumn("isTerminal", .flag, "whether the last status is terminal"),
            TableColumn("firstResolvedAt", .time, nullable: true, "the first resolve"),
            TableColumn("lastTerminalAt", .time, nullable: true, "the last terminal event"),
            TableColumn(
                "toFirstResolvedSeconds",
                .number,
                unit: "s",
                nullable: true,
                "from firstAt to firstResolvedAt"
            ),
            TableColumn(
                "toLastTerminalSeconds",
                .number,
                unit: "s",
                nullable: true,
                "from firstAt to lastTerminalAt"
            ),
        ] + Self.custodyColumns + Self.waitColumns + [
            TableColumn("slaMet", .flag, nullable: true, "the source's own verdict"),
            TableColumn("flags", .integer, "broken rules and conflicts that were kept"),
        ]

    private static let levels = ["agent", "team", "tier", "site"]
    private static let parties: [WaitingOn] = [
        .customer, .internalTeam, .vendor, .otherSite, .part, .scheduled, .notStated,
    ]

    private static let custodyColumns = Self.levels.flatMap { level in
        [
            TableColumn("\(level)s", .integer, "different \(level)s that held it"),
            TableColumn("\(level)Handoffs", .integer, "neighbouring different \(level)s"),
            TableColumn("\(level)PingPongs", .integer, "A, B, A among \(level)s, each time"),
            TableColumn("\(level)Returns", .integer, "runs that came back to an earlier \(level)"),
        ]
    }

    private static let waitColumns =
        [
            TableColumn("waitSeconds", .number, unit: "s", "spent waiting, for whomever")
        ]
        + Self.parties.map { party in
            TableColumn(
                Self.waitName(party),
                .number,
                unit: "s",
                "of these, for \(party == .notStated ? "a party that is not stated" : party.name)"
            )
        }

    private static func waitName(_ party: WaitingOn) -> String {
        let name = party.name
        return "wait\(name.prefix(1).uppercased())\(name.dropFirst())Seconds"
    }

    /// The case's row: a value, or none, for each column.
    package static func row(of trace: CaseTrace) -> [FieldValue?] {
        let facts = trace.state.facts
        let summary = trace.state.summary
        var values: [FieldValue?] = [.text(trace.caseID.id)]
        for (name, value) in trace.steps.last?.attributes.fields ?? [] where name != "episode" {
            if name != "waitingOn" { values.append(value) }
        }
        let wait = trace.state.waitNow.map { FieldValue.text($0.waitingOn.name) }
        let contacts = Set(trace.steps.compactMap(\.event.contact)).count
        values += [
            wait, summary.resolutionKind.map { .text($0.name) },
            summary.mergedInto.map { .text($0) }, facts.firstAt.map { .time($0) },
            facts.lastAt.map { .time($0) }, .number(facts.durationSeconds),
            .integer(Int64(clamping: facts.events)), .integer(Int64(clamping: facts.observed)),
            .integer(Int64(clamping: facts.unknown)), .integer(Int64(contacts)),
            .integer(Int64(summary.explanations)), .integer(Int64(summary.episode)),
            .integer(Int64(facts.reopens)), .flag(facts.isTerminal),
            facts.firstResolvedAt.map { .time($0) }, facts.lastTerminalAt.map { .time($0) },
            facts.toFirstResolvedSeconds.map { .number($0) },
            facts.toLastTerminalSeconds.map { .number($0) },
        ]
        for custody in [facts.agents, facts.teams, facts.tiers, facts.sites] {
            values += [custody.holders, custody.handoffs, custody.pingPongs, custody.returns].map {
                .integer(Int64($0))
            }
        }
        values += Self.waits(facts)
        let flags = facts.flags.reduce(UInt64(0)) { $0 + $1.count }
        return values + [facts.slaMet.map { .flag($0) }, .integer(Int64(clamping: flags))]
    }

    private static func waits(_ facts: CaseFacts) -> [FieldValue?] {
        func seconds(_ waits: [CaseFacts.Wait]) -> FieldValue {
            .number(waits.reduce(0) { $0 + Double($1.microseconds) } / 1_000_000)
        }
        return [seconds(facts.waits)]
            + Self.parties.map { party in seconds(facts.waits.filter { $0.waitingOn == party }) }
    }
}
