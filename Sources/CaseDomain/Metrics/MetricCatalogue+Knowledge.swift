// Answers, remedies, entitlements and what the house learns.
extension MetricCatalogue {
    static let knowledge = [links, authority, returns, demarcation, signals, online]

    private static let links = MetricDefinition(
        23,
        "Answers linked, reused and sent",
        population: "resolved cases; links that solved; contacts; answers that were tried",
        numerator: "cases in which an answer solved or was written; links to answers that other "
            + "cases wrote; contacts in which an answer was sent; answers that failed",
        denominator: "those cases, links, contacts, answers",
        attribution: "who linked; for a case who resolved it",
        exclusions: ["sources that carry no answers"],
        unit: "share of cases, links, contacts, answers",
        source: "KCS v6",
        needs: "answer.linked",
        [
            MetricMeasure(Measure.linked, "linked", "resolved with an answer"),
            MetricMeasure(Measure.reused, "reused", "solved by another case's answer"),
            MetricMeasure(Measure.signposted, "sent", "contacts with an answer sent"),
            MetricMeasure(Measure.answerFailed, "failed", "answers that did not help"),
        ]
    )

    private static let authority = MetricDefinition(
        24,
        "Authority and time to a remedy",
        population: "decisions about remedies",
        numerator: "distinct approvers; decisions by one or none; seconds from request to "
            + "decision; decisions within one's own authority",
        denominator: "decisions",
        attribution: "who decided",
        exclusions: ["decisions that state no request time, for the time"],
        unit: "people; share of decisions; seconds",
        source: "the essays on support",
        needs: "remedy.decided",
        [
            MetricMeasure(Measure.approvers, "approvers", "approvers", .values, .count),
            MetricMeasure(Measure.approvedByOne, "atMostOne", "one approver or none"),
            MetricMeasure(Measure.remedyTime, "time", "request to decision", .values, .seconds),
            MetricMeasure(Measure.withinAuthority, "within", "within one's own authority"),
        ]
    )

    private static let returns = MetricDefinition(
        25,
        "Returns without a fault",
        population: "inspected returns; units sold",
        numerator: "returns in which no fault was found; of these those that support could have "
            + "saved, since nobody had answered or solved the case before",
        denominator: "inspected returns; faultless returns; declared units sold",
        attribution: "the case's last holder",
        exclusions: ["returns not inspected yet, which are pending"],
        unit: "share of returns, of units",
        source: "Accenture 2011: 68 % without a fault",
        needs: "return.recorded; unitsInField.declared for units sold",
        [
            MetricMeasure(Measure.noFault, "noFault", "no fault found"),
            MetricMeasure(Measure.noFaultPreventable, "preventable", "of these preventable"),
            MetricMeasure(Measure.noFaultSold, "perSold", "for each unit sold", isJoined: true),
        ]
    )

    private static let demarcation = MetricDefinition(
        30,
        "Demarcation",
        population: "decisions about entitlement",
        numerator: "cases by their last entitlement; disputed decisions; goodwill granted; "
            + "unsupported customers who were told where to go; customers who had asked the wrong "
            + "party",
        denominator: "decisions; unsupported cases; cases that state both parties",
        attribution: "who decided; the kind is the entitlement, or the currency",
        exclusions: ["undetermined cases"],
        unit: "cases; share of decisions; money",
        source: "the essays on support",
        needs: "entitlement.determined",
        missing: "conversion to premium support; several currencies are added as numbers, so split "
            + "goodwill by kind",
        [
            MetricMeasure(Measure.entitlements, "cases", "cases by entitlement", .amount, .count),
            MetricMeasure(Measure.disputed, "disputed", "decisions disputed"),
            MetricMeasure(Measure.goodwill, "goodwill", "goodwill granted", .amount, .money),
            MetricMeasure(Measure.unsupportedHelped, "signposted", "unsupported, told where to go"),
            MetricMeasure(Measure.wrongParty, "wrongParty", "had asked the wrong party"),
        ]
    )

    private static let signals = MetricDefinition(
        31,
        "Signals",
        population: "signals; cases; units in the field",
        numerator: "signals by kind; cases with a signal; days since the purchase; signals that a "
            + "department answered, and how soon",
        denominator: "signals; cases; declared units in the field",
        attribution: "who raised it; the kind is the signal's",
        exclusions: ["sources that carry no signals"],
        unit: "signals; share of cases; days, seconds",
        source: "the essays on support",
        needs: "signal.raised; signal.decided; unitsInField.declared",
        [
            MetricMeasure(Measure.signals, "signals", "signals by kind", .amount, .count),
            MetricMeasure(Measure.signalCases, "cases", "cases with a signal"),
            MetricMeasure(Measure.daysInField, "daysInField", "days in use", .values, .count),
            MetricMeasure(Measure.signalDecided, "decided", "answered by a department"),
            MetricMeasure(Measure.signalTime, "time", "raised to decided", .values, .seconds),
            MetricMeasure(
                Measure.signalsPerUnit,
                "perUnit",
                "for each unit in the field",
                isJoined: true
            ),
        ]
    )

    private static let online = MetricDefinition(
        34,
        "Online answers",
        population: "minutes that agents spent",
        numerator: "minutes on answers that customers can read online",
        denominator: "minutes on answers, steps and contacts",
        attribution: "the author; the agent",
        exclusions: ["answers that state no minutes"],
        unit: "share of time",
        source: "the essays on support",
        needs: "answer.published with minutes",
        [
            MetricMeasure(
                Measure.onlineAnswers,
                "online",
                "time on online answers",
                isJoined: true
            )
        ]
    )
}
