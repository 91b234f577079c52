// What a house declares about itself.
extension MetricCatalogue {
    static let house = [rotation, reach, cost]

    private static let rotation = MetricDefinition(
        32,
        "Rotation",
        population: "staff of the house; beside it contacts and solutions of staff on rotation "
            + "(enrolled in a programme) and of the others",
        numerator: "people who were enrolled in support for 28 days on end within the 24 months "
            + "before the report's time; beside it as M-20 (7 days), M-21 and M-26",
        denominator: "the last headcount that each site declared, of each team and tier; beside "
            + "it as M-20, M-21 and M-26",
        window: "24 months; 7 days",
        attribution: "where they were enrolled; the kind is the programme, career where there is "
            + "none. Outcomes are given at the mix of causes of both sorts together (M-28)",
        unit: "share of staff; of contacts, answers, solutions",
        source: "the essays on support",
        needs: "agent.enrolled and headcount.declared",
        [
            MetricMeasure(
                Measure.rotation,
                "enrolled",
                "staff who served for 28 days",
                isJoined: true
            )
        ]
            + Measure.rotationOutcomes.measures(
                keys: ["rotation", "career"],
                words: ["on rotation", "career staff"],
                needs: "staff of both sorts on the same causes"
            )
    )

    private static let reach = MetricDefinition(
        33,
        "Contact reach",
        population: "declared customers",
        numerator: "distinct customers with a contact in the 365 days before the report's time",
        denominator: "customers as last declared",
        window: "365 days",
        attribution: "none",
        unit: "share of customers",
        source: "the essays on support",
        needs: "customerBase.declared",
        [MetricMeasure(Measure.contactReach, "reached", "customers in contact", isJoined: true)]
    )

    private static let cost = MetricDefinition(
        36,
        "Cost of a contact, of a resolution",
        population: "declared costs",
        numerator: "costs in minor units of the currency",
        denominator: "answered contacts; resolved cases",
        attribution: "the site that declared the cost",
        exclusions: ["costs that nobody declared: they are never guessed"],
        unit: "money for each contact, each resolution",
        source: "MetricNet",
        needs: "cost.declared",
        shadows: [2, 10, 21],
        missing:
            "the value of support, whose terms nobody declares; several currencies are added as "
            + "numbers, so split by kind where there are several",
        [
            MetricMeasure(
                Measure.costPerContact,
                "perContact",
                "for each answered contact",
                .ratio,
                .money,
                isJoined: true
            ),
            MetricMeasure(
                Measure.costPerResolution,
                "perResolution",
                "for each resolved case",
                .ratio,
                .money,
                isJoined: true
            ),
        ]
    )
}
