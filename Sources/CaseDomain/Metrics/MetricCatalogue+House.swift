// What a house declares about itself.
extension MetricCatalogue {
    static let house = [rotation, reach, cost]

    private static let rotation = MetricDefinition(
        32,
        "Rotation",
        population: "staff of the house",
        numerator: "people who worked in support for 28 days on end within 24 months",
        denominator: "declared headcount",
        window: "24 months",
        attribution: "the home department",
        unit: "share of staff",
        source: "the essays on support",
        needs: "agent.enrolled and headcount.declared",
        missing: "all of it: it needs the staff of the whole house, not of support alone",
        []
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
