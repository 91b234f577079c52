// What customers say, and what held.
extension MetricCatalogue {
    static let quality = [
        feedback, deflection, falseFix, cliff, spread, mentions, selling, preferred,
    ]

    private static let feedback = MetricDefinition(
        21,
        "Satisfaction, effort and recommendation",
        population: "answers that were asked for: the last of each case and question",
        numerator: "satisfied: the two best of the scale; effort: the score, and 5 or more of 7; "
            + "recommendation: 9 and 10 less 0 to 6",
        denominator: "those answers; for the response rate the questions",
        attribution: "the case's last holder; the kind is how often the case was handed over",
        exclusions: ["unsolicited feedback", "answers that a later one of the case replaces"],
        unit: "share of answers; score",
        source: "CSAT top two; CES 2.0; Net Promoter",
        needs: "feedback.received",
        [
            MetricMeasure(Measure.csat, "csat", "satisfied, top two of scale"),
            MetricMeasure(Measure.effort, "ces", "made it easy, mean", .values, .score),
            MetricMeasure(Measure.effortEasy, "cesEasy", "made it easy, 5 or more"),
            MetricMeasure(Measure.promoters, "nps", "promoters less detractors"),
            MetricMeasure(Measure.responseRate, "responded", "asked and answered"),
            MetricMeasure(
                Measure.responseLag,
                "lag",
                "last resolution to answer",
                .values,
                .seconds
            ),
        ]
    )

    private static let deflection = MetricDefinition(
        22,
        "Deflection",
        population: "self-service sessions of known customers, at least 72 hours ago",
        numerator: "sessions that did not end in a case or a contact, and after which the same "
            + "customer had neither for 72 hours",
        denominator: "explicit: sessions that set out to contact us; implicit: sessions that read "
            + "an answer and did not. The two are never added",
        window: "72 hours after the session",
        attribution: "the site that recorded the session",
        exclusions: ["anonymous sessions, of which nothing is known"],
        unit: "share of sessions",
        source: "TSIA; Coveo; SearchUnify",
        needs: "selfService.ended with a customer",
        shadows: [20],
        [
            MetricMeasure(
                Measure.deflected,
                "explicit",
                "meant to contact us and did not",
                days: 3
            ),
            MetricMeasure(Measure.deflectedSilently, "implicit", "read and did not", days: 3),
        ]
    )

    private static let falseFix = MetricDefinition(
        26,
        "False-fix rate",
        population: "episodes resolved as fixed, worked around or explained that the customer did "
            + "not confirm, at least 7 days ago",
        numerator: "those followed within 7 days by a reopening, or by another answered inbound "
            + "contact of the same customer about the same thing",
        denominator: "those episodes",
        window: "7 days after the resolution",
        attribution: "who resolved the episode",
        exclusions: ["episodes that the customer confirmed"],
        unit: "share of episodes",
        source: "the essays on support",
        needs: "case.resolved with its kind",
        [MetricMeasure(Measure.falseFix, "falseFix", "came back within 7 days", days: 7)]
    )

    private static let cliff = MetricDefinition(
        27,
        "Cliff at the handle-time limit",
        population: "answered inbound contacts where a limit T was in force, at least 7 days ago",
        numerator: "contacts followed within 7 days by a repeat",
        denominator: "contacts in the band: the last minute before T; T less 240 to 120 seconds. "
            + "Density: endings in the 30 seconds before T for each in the 30 after",
        window: "7 days after the contact began",
        attribution: "who answered",
        exclusions: ["contacts where no limit was in force"],
        unit: "share of contacts; endings for each ending",
        source: "the essays on support",
        needs: "policy.defined with a handle-time limit, contact.ended with its segments, and 100 "
            + "contacts in each band",
        shadows: [6],
        [
            MetricMeasure(Measure.cliffNear, "near", "repeat, in the last minute", days: 7),
            MetricMeasure(Measure.cliffEarly, "early", "repeat, well before T", days: 7),
            MetricMeasure(Measure.cliffDensity, "density", "ends just before, for each after"),
        ]
    )

    private static let spread = MetricDefinition(
        28,
        "Consistency",
        population: "resolved cases; for the spread groups of at least 30 entries",
        numerator: "of each cause the cases that the most common fix solved: the step that "
            + "worked, or else the answer. `metrics M-12 --spread site` gives the spread of any "
            + "metric: the greatest value less the least, and the standard deviation over the mean",
        denominator: "resolved cases; for the spread all channels, sites or agents at the mix of "
            + "causes that they have together",
        attribution: "who resolved it; the kind is what solved it; for the spread as the metric",
        exclusions: [
            "imported rows, which do not say what worked",
            "groups of fewer than 30, which are pooled, and causes that one of them never had",
        ],
        unit: "share of cases; as the metric that is compared",
        source: "ISO 18295",
        needs: "case.resolved that names what worked",
        [
            MetricMeasure(
                Measure.modalFix,
                "modalFix",
                "solved by the commonest fix",
                mix: .mostCommonKind
            )
        ]
    )

    private static let mentions = MetricDefinition(
        29,
        "Amplification",
        population: "public mentions whose author agreed to be linked; feedback that says how many "
            + "were told",
        numerator: "people reached; customers who told ten or more",
        denominator: "for the share those who said how many they told",
        attribution: "the case's last holder; the kind is negative or positive, for feedback by "
            + "the half of the scale",
        exclusions: ["mentions without consent"],
        unit: "people; share of customers",
        source: "23 % tell ten or more after a good, 48 % after a bad experience",
        needs: "mention.observed, or feedback with a told count",
        [
            MetricMeasure(Measure.reach, "reach", "people reached", .amount, .count),
            MetricMeasure(Measure.toldTen, "toldTen", "told ten or more"),
        ]
    )

    private static let selling = MetricDefinition(
        38,
        "Selling on support calls",
        population: "contacts with and without an offer",
        numerator: "as M-20 (7 days), M-21 and M-26, each at the mix of causes of both sorts "
            + "together (M-28)",
        denominator: "as M-20, M-21 and M-26",
        attribution: "as M-20, M-21 and M-26; an answer and a solution belong to the contact that "
            + "they name, or else to the last one before",
        unit: "as the metric that is compared",
        source: "the essays on support",
        needs: "offer.made",
        Measure.sellingOutcomes.measures(
            keys: ["offer", "plain"],
            words: ["with an offer", "without one"],
            needs: "offer.made, and contacts with and without on the same causes"
        )
    )

    private static let preferred = MetricDefinition(
        39,
        "Preferred way honoured",
        population: "contacts, inbound and outbound, of customers who said which channel or which "
            + "times they prefer",
        numerator: "contacts in that channel, that began in those times",
        denominator: "those contacts",
        clock: "the customer's local time, by the offsets of the newest calendar of that time zone",
        attribution: "who answered; the kind is inbound or outbound",
        exclusions: [
            "customers without a preference", "times in a time zone that no calendar is of",
        ],
        unit: "share of contacts",
        source: "the essays on support",
        needs: "customer.described with a preferred channel",
        [
            MetricMeasure(Measure.preferredChannel, "channel", "in the preferred channel"),
            MetricMeasure(
                Measure.preferredTime,
                "time",
                "at a preferred time",
                needs: "customer.described with preferred times and a calendar of the time zone"
            ),
            MetricMeasure(
                Measure.preferredBoth,
                "both",
                "channel and time",
                needs: "customer.described with a preferred channel and preferred times"
            ),
        ]
    )
}
