// How long it takes, and what was promised.
extension MetricCatalogue {
    /// What counts as business time where no target says otherwise.
    static let holdersHours =
        "business figures count the hours of whoever held the case, each calendar and version "
        + "while it was in force: that of the team, else of the site; until somebody holds the "
        + "case, those of the first who does"

    private static let hoursNeeds = "calendar.defined, in force when the case happened"

    static let time = [
        reopens, firstResponse, resolution, escalation, reportBack, commitments, repeats,
        serviceTargets, waitHonesty,
    ]

    private static let reopens = MetricDefinition(
        10,
        "Reopen rate",
        population: "resolved episodes that are at least the window ago; cases that were ever "
            + "resolved or closed",
        numerator: "episodes followed within the window by a reopening or by a case that follows "
            + "it up; cases reopened at any time; reopenings",
        denominator: "those episodes; those cases",
        window: "1, 7 and 30 days after the resolution",
        attribution: "who resolved the episode",
        exclusions: ["reopenings of what was closed by mistake", "merged cases"],
        unit: "share of episodes, of cases; reopenings",
        source: "ServiceNow reopen_count; dbt_zendesk; Zammad",
        needs: "case.resolved, or rows of another system with a status",
        shadows: [26],
        [
            MetricMeasure(Measure.reopenedWithin[0], "reopened1", "within 1 day", days: 1),
            MetricMeasure(Measure.reopenedWithin[1], "reopened7", "within 7 days", days: 7),
            MetricMeasure(Measure.reopenedWithin[2], "reopened30", "within 30 days", days: 30),
            MetricMeasure(Measure.reopenedCases, "reopenedCases", "cases ever reopened"),
            MetricMeasure(Measure.reopens, "reopens", "reopenings", .amount, .count),
        ]
    )

    private static let firstResponse = MetricDefinition(
        11,
        "Time to first response",
        population: "episodes: opened or reopened",
        numerator: "the first public message by a person of ours, or the first contact that one "
            + "answered, after the episode began",
        denominator: "the values are the seconds until then; each reopening starts anew",
        clock: "calendar time; the customer's clock starts at the first attempt, given up or not",
        calendarPolicy: Self.holdersHours,
        attribution: "who responded",
        exclusions: [
            "episodes that ended without a response", "sources that carry no messages",
            "the first message of a case that an agent opened",
            "of business time, what happened while no calendar was in force",
        ],
        unit: "seconds",
        source: "Zendesk first reply time",
        needs: "message.recorded or contact.answered",
        shadows: [2, 10],
        [
            MetricMeasure(Measure.firstResponse, "firstResponse", "opened", .values, .seconds),
            MetricMeasure(
                Measure.firstResponseCustomer,
                "firstResponseCustomer",
                "opened, by the customer's clock",
                .values,
                .seconds
            ),
            MetricMeasure(
                Measure.reopenResponse,
                "reopenResponse",
                "reopened",
                .values,
                .seconds
            ),
            MetricMeasure(
                Measure.firstResponseBusiness,
                "firstResponseBusiness",
                "opened, business hours",
                .values,
                .seconds,
                needs: Self.hoursNeeds
            ),
        ]
    )

    private static let resolution = MetricDefinition(
        12,
        "Time to resolution and waits",
        population: "cases; for the first four figures those that came so far",
        numerator: "until first resolved, until last resolved, until the last terminal event, "
            + "until the last event; waits for the customer, and other waits",
        denominator: "the values are seconds; the shares are of the time from first to last event",
        clock: "calendar time since the case was opened, or since its first row; what passed "
            + "between a resolution and the reopening is part of it",
        calendarPolicy: Self.holdersHours,
        attribution: "the last holder",
        exclusions: [
            "cases not resolved yet, which are pending",
            "of business time, what happened while no calendar was in force",
        ],
        unit: "seconds; share of time",
        source: "Zendesk; dbt_zendesk; TMF621 resolutionDate",
        needs: "case.resolved, or rows of another system with a status",
        shadows: [10, 35],
        [
            MetricMeasure(Measure.toFirstResolved, "first", "first resolved", .values, .seconds),
            MetricMeasure(Measure.toLastResolved, "full", "last resolved", .values, .seconds),
            MetricMeasure(
                Measure.toLastTerminal,
                "toLastTerminal",
                "last resolved or closed",
                .values,
                .seconds
            ),
            MetricMeasure(
                Measure.duration,
                "duration",
                "first event to last",
                .values,
                .seconds
            ),
            MetricMeasure(
                Measure.requesterWait,
                "requesterWait",
                "the customer waited",
                .values,
                .seconds
            ),
            MetricMeasure(
                Measure.agentWait,
                "agentWait",
                "waited for the customer",
                .values,
                .seconds
            ),
            MetricMeasure(Measure.onHold, "onHold", "waited for others", .values, .seconds),
            MetricMeasure(Measure.waits, "waits", "waits, by whom for", .amount, .seconds),
            MetricMeasure(Measure.waitShare, "waitShare", "time in waits"),
            MetricMeasure(
                Measure.customerWaitShare,
                "customerWaitShare",
                "time waiting for the customer"
            ),
            MetricMeasure(
                Measure.toFirstResolvedBusiness,
                "firstBusiness",
                "first resolved, business hours",
                .values,
                .seconds,
                needs: Self.hoursNeeds
            ),
            MetricMeasure(
                Measure.toLastResolvedBusiness,
                "fullBusiness",
                "last resolved, business hours",
                .values,
                .seconds,
                needs: Self.hoursNeeds
            ),
        ]
    )

    private static let escalation = MetricDefinition(
        17,
        "Escalation rate and first-level resolution",
        population: "cases opened; resolved episodes",
        numerator: "cases with a functional, with a hierarchic escalation; episodes that nobody "
            + "above the first tier held and that were not escalated",
        denominator: "those cases, those episodes",
        attribution: "who opened the case; who resolved the episode",
        exclusions: ["episodes whose holders' tiers are not known", "sources without escalations"],
        unit: "share of cases, of episodes",
        source: "MetricNet; ITIL",
        needs: "escalation.raised; holders with a tier",
        shadows: [2, 18],
        [
            MetricMeasure(Measure.functional, "functional", "escalated to skill"),
            MetricMeasure(Measure.hierarchic, "hierarchic", "escalated to authority"),
            MetricMeasure(Measure.firstLevel, "firstLevel", "resolved at the first level"),
        ]
    )

    private static let reportBack = MetricDefinition(
        18,
        "Report-back rate, time and broken chains",
        population: "closed escalations; final reports",
        numerator: "escalations with a final report; seconds until it; reports in time; reports "
            + "that reached another owner than the one who asked",
        denominator: "closed escalations; final reports; those with a due time",
        attribution: "who raised the escalation",
        exclusions: ["waived and withdrawn escalations", "interim reports"],
        unit: "share of escalations; seconds",
        source: "the essays on support",
        needs: "escalation.raised, reportedBack and closed",
        [
            MetricMeasure(Measure.reportedBack, "reported", "closed with a final report"),
            MetricMeasure(Measure.reportTime, "time", "raised to final report", .values, .seconds),
            MetricMeasure(Measure.reportOnTime, "onTime", "reported in time"),
            MetricMeasure(Measure.brokenChain, "brokenChain", "the owner had changed"),
        ]
    )

    private static let commitments = MetricDefinition(
        19,
        "Promises kept",
        population: "promises to customers that are due",
        numerator: "kept in time; kept by the person who promised",
        denominator: "kept and missed; kept ones where the same person was promised, and callbacks",
        window: "until the promise is due, grace included",
        attribution: "who promised; the kind is what was promised",
        exclusions: [
            "moved by the customer", "moved by us, shown as such", "cancelled by the customer",
            "superseded", "attempted", "without a due time",
        ],
        unit: "share of promises",
        source: "the essays on support; FreeScout",
        needs: "commitment.made",
        shadows: [21],
        [
            MetricMeasure(Measure.kept, "kept", "kept in time"),
            MetricMeasure(Measure.sameRep, "sameRep", "kept by the same person"),
        ]
    )

    private static let repeats = MetricDefinition(
        20,
        "Repeat contact rate",
        population: "answered inbound contacts that are at least the window ago",
        numerator: "those followed within the window by another answered inbound contact of the "
            + "same customer about the same or a linked case, or the same product and cause",
        denominator: "those contacts",
        window: "1, 7 and 30 days after the contact began",
        attribution: "who answered the earlier contact",
        exclusions: ["contacts of no known customer", "contacts that we invited"],
        unit: "share of contacts",
        source: "Call Centre Helper; SQM",
        needs: "contact.answered and a customer",
        [
            MetricMeasure(Measure.repeatContact[0], "repeat1", "again within 1 day", days: 1),
            MetricMeasure(Measure.repeatContact[1], "repeat7", "again within 7 days", days: 7),
            MetricMeasure(Measure.repeatContact[2], "repeat30", "again within 30 days", days: 30),
        ]
    )

    private static let serviceTargets = MetricDefinition(
        37,
        "Service level attainment",
        population: "cases with a verdict of their source; what the targets limit that the case's "
            + "entitlements pin: the first response and the resolution once a case, updates from "
            + "each word to the customer to the next one, every escalation's report back",
        numerator: "met: answered, first resolved, told again or resolved, reported back within "
            + "the target's seconds, waits that pause the target taken out; beside it the same "
            + "with nothing taken out",
        denominator: "met and breached; what is neither answered nor late yet is pending",
        window: "until the target's seconds have passed",
        calendarPolicy: "the target's own calendar, each version while it was in force; around "
            + "the clock where the target names none",
        attribution: "the last holder; the kind is what the target is for",
        exclusions: [
            "cases without a verdict", "cases that ended without being answered or resolved",
            "escalations that were waived or withdrawn",
            "time at which the target's calendar was not in force",
        ],
        unit: "share of cases, of updates, of escalations",
        source: "ServiceNow task_sla",
        needs: "entitlement.determined that pins a policy.defined of kind slaTarget",
        [
            MetricMeasure(
                Measure.importedVerdict,
                "imported",
                "met, as the source says",
                needs: "the source's own verdict in its rows"
            ),
            MetricMeasure(Measure.targetMet, "met", "met, by the pinned target"),
            MetricMeasure(Measure.targetMetUnpaused, "metUnpaused", "met, had no wait paused it"),
        ]
    )

    private static let waitHonesty = MetricDefinition(
        35,
        "Wait honesty",
        population: "waits for the customer",
        numerator: "waits without a public question, or whose question was answered before they "
            + "began; the time in them",
        denominator: "waits for the customer; the time from first to last event",
        attribution: "who began the wait",
        exclusions: ["sources that carry no messages"],
        unit: "share of waits, of time",
        source: "BPI Challenge 2013 (misuse of Wait - User)",
        needs: "case.waitChanged and message.recorded",
        [
            MetricMeasure(Measure.dishonestWaits, "dishonest", "waits without an open question"),
            MetricMeasure(Measure.dishonestWaitTime, "dishonestTime", "time in such waits"),
        ]
    )
}
