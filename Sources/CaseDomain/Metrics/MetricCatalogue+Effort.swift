// What it takes of the customer and of the agents.
extension MetricCatalogue {
    static let effort = [
        firstContact, restatement, seams, repeatedSteps, handleTime, queue, resolutionTime,
        occupancy,
    ]

    private static let firstContact = MetricDefinition(
        2,
        "First contact resolution, observed",
        population: "cases whose first answered inbound contact is at least the window ago",
        numerator: "cases resolved in that contact (by the end of its wrap-up, or 15 minutes after "
            + "its end if nobody wrapped up) and then left alone for the window: no further "
            + "answered inbound contact, no message of the customer, no reopening, no escalation, "
            + "no handoff to another person, no linked or equal case of the same customer",
        denominator: "those cases",
        window: "1, 7 and 30 days after the end of the first contact",
        attribution: "the agent who answered the first contact",
        exclusions: ["cases without an answered inbound contact", "outbound courtesy calls"],
        unit: "share of cases",
        source: "SQM; ICMI; Freshservice; ServiceNow; Zendesk one-touch",
        needs: "contact.answered and case.resolved",
        shadows: [10, 20, 26],
        missing: "the net variant (no category is flagged as not solvable at first contact), the "
            + "variants per customer and per contact, and cases answered in writing alone",
        [
            MetricMeasure(Measure.resolvedFirst.day, "fcr1", "held for 1 day", days: 1),
            MetricMeasure(Measure.resolvedFirst.week, "fcr7", "held for 7 days", days: 7),
            MetricMeasure(Measure.resolvedFirst.month, "fcr30", "held for 30 days", days: 30),
            MetricMeasure(Measure.claimedFirst, "fcrClaimed", "claimed by the agent"),
            MetricMeasure(Measure.confirmedFirst, "fcrConfirmed", "confirmed by the customer"),
        ]
    )

    private static let restatement = MetricDefinition(
        3,
        "Explain-again rate",
        population: "agents' parts of a case after the first; cases with a statement",
        numerator: "parts in which the customer had to explain again",
        denominator: "those parts; for the distribution the explanations of each case",
        attribution: "who had the later part",
        exclusions: [
            "identity checks and what the customer volunteered, which stand apart",
            "cases in which no explanation was recorded",
        ],
        unit: "share of parts; explanations",
        source: "Harvard Business Review 2010: 56 % report having to explain again",
        needs: "issue.stated",
        shadows: [16],
        [
            MetricMeasure(Measure.restated, "restated", "explained again"),
            MetricMeasure(
                Measure.restatedApart,
                "restatedApart",
                "said again, unasked or checked"
            ),
            MetricMeasure(
                Measure.explanations,
                "explanations",
                "explanations of a case",
                .values,
                .count
            ),
        ]
    )

    private static let seams = MetricDefinition(
        4,
        "Seam matrix",
        population: "changes of agent, tier, site, channel or shift between two parts of a case, "
            + "handed over or not",
        numerator: "explanations that the customer repeated because of it",
        denominator: "changes of that kind; the kind is the first that applies of bot to human, "
            + "site, tier, shift, channel, agent, the same agent again",
        attribution: "who had the later part",
        exclusions: ["identity checks and what the customer volunteered"],
        unit: "explanations for each change",
        source: "the essays on support",
        needs: "contact.answered and issue.stated",
        [MetricMeasure(Measure.seams, "restatements", "explained again for each seam")]
    )

    private static let repeatedSteps = MetricDefinition(
        5,
        "Repeated-step rate",
        population: "steps of cases in which two people or more tried steps, the customer included",
        numerator: "steps that repeat another without need",
        denominator: "all steps of those cases",
        attribution: "who tried the step",
        exclusions: [
            "repeats to verify or under other conditions", "cases in which one person tried steps",
        ],
        unit: "share of steps",
        source: "the essays on support",
        needs: "step.tried",
        shadows: [16],
        [MetricMeasure(Measure.repeatedSteps, "repeated", "steps repeated without need")]
    )

    private static let handleTime = MetricDefinition(
        6,
        "Average handle time",
        population: "contacts that a person answered and that have ended",
        numerator: "talk, hold and wrap-up, and dialling if it was outbound",
        denominator: "one agent's part of a contact; the whole contact",
        clock: "the times that the telephone system states; a chat without parts by the clock, "
            + "divided by how many the agent had at a time",
        attribution: "the agent of the part; for a contact who answered first",
        exclusions: ["contacts whose parts are not recorded", "wrap-up that was not recorded"],
        unit: "seconds",
        source: "Genesys; Amazon Connect; Salesforce",
        needs: "contact.ended with its segments",
        shadows: [8, 10, 20, 21],
        [
            MetricMeasure(
                Measure.segmentHandleTime,
                "perSegment",
                "one agent's part",
                .values,
                .seconds
            ),
            MetricMeasure(Measure.contactHandleTime, "perContact", "a contact", .values, .seconds),
        ]
    )

    private static let queue = MetricDefinition(
        7,
        "Speed of answer, abandonment and service level",
        population: "inbound contacts by phone, chat and video that entered a queue",
        numerator: "seconds waited; contacts given up; contacts answered within the threshold T of "
            + "20 seconds",
        denominator: "answered contacts; offered contacts. The service level by formula: F1 "
            + "(answered and abandoned within T) / (answered + abandoned); F2 answered within T / "
            + "answered; F3 answered within T / (answered + abandoned); F4 answered within T / "
            + "(answered + abandoned after T); F5 (answered within T + short calls) / (answered + "
            + "abandoned)",
        clock: "the queue times that the telephone system states",
        attribution: "who answered; for a contact given up the site that recorded it",
        exclusions: [
            "contacts sent elsewhere, which are counted apart", "contacts without a queue",
        ],
        unit: "seconds; share of contacts",
        source: "Genesys (abandoned of offered, 80/20); Call Centre Helper and ICMI (formulas)",
        needs: "contact.started, contact.answered and contact.ended",
        shadows: [2, 21],
        [
            MetricMeasure(Measure.answerSpeed, "asa", "wait until answered", .values, .seconds),
            MetricMeasure(Measure.abandonment, "abandoned", "given up in the queue"),
            MetricMeasure(Measure.serviceLevels[3], "serviceLevelF4", "service level, F4"),
            MetricMeasure(Measure.serviceLevels[0], "serviceLevelF1", "service level, F1"),
            MetricMeasure(Measure.serviceLevels[1], "serviceLevelF2", "service level, F2"),
            MetricMeasure(Measure.serviceLevels[2], "serviceLevelF3", "service level, F3"),
            MetricMeasure(Measure.serviceLevels[4], "serviceLevelF5", "service level, F5"),
            MetricMeasure(Measure.flowOut, "sentElsewhere", "sent elsewhere, of all queued"),
        ]
    )

    private static let resolutionTime = MetricDefinition(
        8,
        "Handle time of a resolution",
        population: "cases that were resolved and stayed so",
        numerator: "talk, hold and wrap-up of all contacts, each by the case's share, and the "
            + "minutes of its steps",
        denominator: "those cases",
        window: "30 days after the last resolution",
        clock: "the times that are stated",
        attribution: "who resolved it",
        exclusions: ["cases without any recorded handle time"],
        unit: "seconds",
        source: "the answer to M-06",
        needs: "case.resolved and contact.ended with its segments, or minutes of steps",
        shadows: [21],
        [
            MetricMeasure(
                Measure.resolutionHandleTime,
                "perResolution",
                "a resolution that held",
                .values,
                .seconds,
                days: 30
            )
        ]
    )

    private static let occupancy = MetricDefinition(
        9,
        "Occupancy",
        population: "the time in which agents were busy, wrapping up or available",
        numerator: "busy and wrapping up",
        denominator: "busy, wrapping up and available",
        clock: "the times that presence states",
        attribution: "the agent",
        exclusions: ["away, in training, offline", "presence without an end"],
        unit: "share of time",
        source: "Amazon Connect AGENT_OCCUPANCY",
        needs: "presence.imported; it is never inferred",
        shadows: [6, 21],
        [MetricMeasure(Measure.occupancy, "occupied", "busy of the time on duty")]
    )
}
