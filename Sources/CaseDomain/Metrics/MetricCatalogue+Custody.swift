// Who answers to the customer, and how often a case changes hands.
extension MetricCatalogue {
    static let custody = [oneOwner, backlog, transfers, hotPotato, completeness]

    private static let oneOwner = MetricDefinition(
        1,
        "One-owner rate and owner continuity",
        population: "closed cases that ever had an owner; for continuity the answered contacts "
            + "that began after somebody owned the case",
        numerator: "cases with one distinct owner; contacts that the owner of then answered",
        denominator: "those cases; those contacts",
        attribution: "the last owner; for a contact the owner when it began",
        exclusions: [
            "cases closed without an owner ever", "sources that carry no ownership",
            "the contact in which ownership began",
        ],
        unit: "share of cases, share of contacts",
        source: "ITIL ownership; Intelligent Swarming",
        needs: "owner.assigned and case.closed; contact.answered for continuity",
        shadows: [13],
        [
            MetricMeasure(Measure.oneOwner, "oneOwner", "closed with one owner"),
            MetricMeasure(Measure.ownerHandled, "ownerHandled", "contacts taken by the owner"),
        ]
    )

    private static let backlog = MetricDefinition(
        13,
        "Backlog and its age",
        population: "cases that are neither resolved nor closed at the report's time",
        numerator: "those cases",
        denominator: "the values are the seconds since each was opened",
        attribution: "the owner or, without one, the holder at the report's time; the kind is what "
            + "the case waits for",
        exclusions: ["cases that were merged into another"],
        unit: "cases, seconds",
        source: "dbt_zendesk; Zendesk backlog",
        needs: "case.opened or rows of another system",
        shadows: [12],
        [MetricMeasure(Measure.backlog, "open", "open cases, and their age", .age, .seconds)]
    )

    private static let transfers = MetricDefinition(
        14,
        "Transfers and ping-pong",
        population: "answered contacts; offers of handoff; cases with two handoffs or more at the "
            + "same level",
        numerator: "contacts handed over with the customer on the line; declined offers; cases in "
            + "which A, B, A came about",
        denominator: "those contacts, offers, cases",
        attribution: "for transfers who offered; for a case its last holder",
        exclusions: ["consultations", "offers taken back", "holders that the source leaves out"],
        unit: "share of contacts, offers, cases; counts",
        source: "BPI Challenge 2013 (ping-pong); Genesys and Amazon Connect (transfers)",
        needs: "handoff.* and contact.answered, or rows of another system that name holders",
        shadows: [2, 15],
        [
            MetricMeasure(Measure.transfers, "transferred", "answered contacts handed over"),
            MetricMeasure(Measure.coldTransfers, "transferredCold", "of these cold"),
            MetricMeasure(Measure.warmTransfers, "transferredWarm", "of these warm"),
            MetricMeasure(Measure.bounce, "declined", "offers declined"),
        ]
            + level(Measure.pingPongRate, "PingPongRate", "ping-pong cases,")
            + level(Measure.pingPongs, "PingPongs", "ping-pongs,", .amount)
            + level(Measure.handoffs, "Handoffs", "handoffs,", .amount)
            + level(Measure.returns, "Returns", "returns,", .amount)
            + level(Measure.handoffCases, "HandoffCases", "handoff cases,")
    )

    private static func level(
        _ ids: [MeasureID],
        _ key: String,
        _ title: String,
        _ kind: MeasureKind = .ratio
    ) -> [MetricMeasure] {
        zip(ids, ["agent", "team", "tier", "site"]).map { id, level in
            let unit = kind == .ratio ? MeasureUnit.share : .count
            return MetricMeasure(id, level + key, "\(title) \(level)s", kind, unit)
        }
    }

    private static let hotPotato = MetricDefinition(
        15,
        "Hot-potato rate",
        population: "accepted handoffs",
        numerator: "those passed on before anybody did any work",
        denominator: "accepted handoffs",
        attribution: "who accepted",
        exclusions: ["consultations", "handoffs that a bot or a system offered"],
        unit: "share of handoffs",
        source: "the essays on support",
        needs: "handoff.offered and handoff.accepted",
        shadows: [14],
        [MetricMeasure(Measure.hotPotato, "passedOn", "passed on without any work")]
    )

    private static let completeness = MetricDefinition(
        16,
        "Handoff completeness",
        population: "offers by people; accepted offers for the gap",
        numerator: "the weighted parts of the context that were there: statement 20, facts 15, "
            + "steps 15, next action 20, what the customer was told 15, what they expect 15; "
            + "acceptances that name something missing",
        denominator: "offers; accepted offers",
        attribution: "who offered",
        exclusions: ["offers of bots and systems", "consultations for the gap"],
        unit: "percent of the context; share of acceptances",
        source: "the essays on support",
        needs: "handoff.offered with its context",
        shadows: [3],
        [
            MetricMeasure(
                Measure.completeness,
                "completeness",
                "how much of the context came",
                .values,
                .percent
            ),
            MetricMeasure(Measure.acceptanceGap, "lacking", "accepted with something missing"),
        ]
    )
}
