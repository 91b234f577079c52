public import LedgerTypes

/// Why a `metric.defined` says nothing that can be computed.
public enum MetricDefinitionFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The id is that of a metric that there is not.
    case unknownMetric(String)
    /// The metric has no such figure.
    case unknownFigure(String, of: MetricID)
    /// A figure has no such part, or none that adds up.
    case unknownPart(String)
    /// Something else was expected there.
    case unexpected(String)
    /// Nothing is counted.
    case nothingCounted
    /// No figure can be split by it.
    case unknownDimension(String)
    /// More than one dimension is limited.
    case severalDimensions
    /// The unit is none of those that figures have.
    case unknownUnit(String)
    /// A figure is kept with another window than the one that is stated.
    case otherWindow(String, days: UInt32)
    /// Version 1 of a metric of the catalogue is the built-in one, and 0 is none.
    case versionTaken(UInt32)
    /// Another event defined this version before.
    case definedBefore(EventID)

    /// What is wrong, and what would be right.
    public var description: String {
        switch self {
        case .unknownMetric(let text): "there is no metric \(text)"
        case .unknownFigure(let key, let id):
            "\(id) has no figure \(key); it has "
                + (MetricCatalogue.definition(id)?.measures.map(\.key) ?? []).joined(
                    separator: ", "
                )
        case .unknownPart(let text):
            "\(text) does not add up; a figure has n and numerator, a ratio a denominator as well"
        case .unexpected(let text):
            "\(text) was not expected; write figures such as M-19.kept or M-12.first.n with + "
                + "and - between them, and 2 * before one"
        case .nothingCounted: "the numerator names no figure"
        case .unknownDimension(let text): "nothing is split by \(text)"
        case .severalDimensions: "a population may be limited by one dimension"
        case .unknownUnit(let text):
            "\(text.isEmpty ? "nothing" : text) is no unit; the units are "
                + MeasureUnit.allCases.map(\.rawValue).joined(separator: ", ")
        case .otherWindow(let figure, let days):
            days == 0
                ? "\(figure) has no window"
                : "\(figure) is kept for a window of \(days) days, and for no other"
        case .versionTaken(let version):
            "version \(version) is taken; begin with "
                + (version == 0 ? "1, of a metric of the catalogue with 2" : "2")
        case .definedBefore(let event): "this version was defined before, by \(event)"
        }
    }
}

/// A metric that a site defined (`metric.defined`), beside those that are built in: sums of figures
/// of the catalogue, one over the other.
///
/// The numerator and the denominator of the event name figures, such as
/// `M-19.kept - 2 * M-14.cold.n`: a metric, the key of one of its figures, and `n` (entries),
/// `numerator` (the default; of values and amounts their sum) or `denominator`. Without a
/// denominator the metric is a sum. The population may end in `where` and a dimension's value, such
/// as `promises where kind = callback`; what is in front of that is for people.
public struct DefinedMetric: Hashable, Sendable {
    /// The id: `M-05`, or a name of the site's own.
    public let id: String
    /// The version; of a metric of the catalogue 2 or more.
    public let version: UInt32
    /// What the event says.
    public let definition: MetricDefined
    /// The event.
    public let event: EventID
    /// When it was defined.
    public let at: Timestamp
    /// The site that defined it.
    public let site: String
    /// Why it is not computed; `nil` if it is.
    public let fault: MetricDefinitionFault?
    private let formula: MetricFormula?

    init(
        id: String,
        _ definition: MetricDefined,
        event: EventID,
        at time: Timestamp,
        site: String,
        before: EventID?
    ) {
        self.id = id
        self.version = definition.version
        self.definition = definition
        self.event = event
        self.at = time
        self.site = site
        do throws(MetricDefinitionFault) {
            let formula = try MetricFormula(id: id, definition)
            if let before { throw .definedBefore(before) }
            self.formula = formula
            self.fault = nil
        } catch {
            self.formula = nil
            self.fault = error
        }
    }

    /// The figure, as data.
    public var measure: MetricMeasure {
        MetricMeasure(
            MeasureID(0, 1),
            "value",
            self.definition.name.isEmpty ? self.id : self.definition.name,
            self.formula?.denominator.isEmpty ?? false ? .amount : .ratio,
            self.formula?.unit ?? .count,
            needs: self.formula.map { formula in
                "the records of " + formula.metrics.map(\.description).joined(separator: ", ")
            }
        )
    }

    /// What `events` define, in any order: by id, then by version, then as they came. Of two
    /// events for one version the first in fold order counts, on every replica.
    public static func all(
        in events: [CaseEvent],
        origins: [LogID: LogOrigin]
    ) -> [DefinedMetric] {
        var first: [String: [UInt32: EventID]] = [:]
        var found: [DefinedMetric] = []
        for event in CaseHistory.arrange(events, origins: origins) where event.duplicateOf == nil {
            guard case .metricDefined(let definition) = event.payload else { continue }
            let id = event.subject.id
            let metric = DefinedMetric(
                id: id,
                definition,
                event: event.id,
                at: event.occurred,
                site: origins[event.address.log]?.site ?? "",
                before: first[id]?[definition.version]
            )
            found.append(metric)
            if metric.fault == nil { first[id, default: [:]][definition.version] = event.id }
        }
        return found.enumerated().sorted {
            ($0.element.id, $0.element.version, $0.offset)
                < ($1.element.id, $1.element.version, $1.offset)
        }.map(\.element)
    }

    /// The one that `text` names, such as `acme.callbacks` for the newest version or `M-05@2`;
    /// `nil` if none of `metrics` is called so. One that is computed goes before one that is not.
    public static func named(_ text: String, in metrics: [DefinedMetric]) -> DefinedMetric? {
        let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
        let known = metrics.filter { metric in
            guard parts.first == metric.id || text == metric.id else { return false }
            return parts.count < 2 || text == metric.id || parts[1] == "\(metric.version)"
        }
        return known.last { $0.fault == nil } ?? known.last
    }
}

extension DefinedMetric: Encodable {
    private enum Keys: String, CodingKey {
        case id, version, name, population, numerator, denominator, windowSeconds, clock
        case calendarPolicy, attribution, exclusions, unit, definedBy, definedAt, site, fault
    }

    /// Writes what the event says, who wrote it, and why it is not computed.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(self.id, forKey: .id)
        try container.encode(self.version, forKey: .version)
        try container.encode(self.definition.name, forKey: .name)
        try container.encode(self.definition.population, forKey: .population)
        try container.encode(self.definition.numerator, forKey: .numerator)
        try container.encode(self.definition.denominator, forKey: .denominator)
        try container.encodeIfPresent(self.definition.windowSeconds, forKey: .windowSeconds)
        try container.encode(self.definition.clock, forKey: .clock)
        try container.encode(self.definition.calendarPolicy, forKey: .calendarPolicy)
        try container.encode(self.definition.attribution, forKey: .attribution)
        try container.encode(self.definition.exclusions, forKey: .exclusions)
        try container.encode(self.definition.unit, forKey: .unit)
        try container.encode(self.event, forKey: .definedBy)
        try container.encode(self.at, forKey: .definedAt)
        try container.encode(self.site, forKey: .site)
        try container.encodeIfPresent(self.fault?.description, forKey: .fault)
    }
}

extension MetricDefined {
    /// What is wrong with the definition of the metric `id`; `nil` if it can be computed.
    func fault(of id: String) -> MetricDefinitionFault? {
        do throws(MetricDefinitionFault) {
            _ = try MetricFormula(id: id, self)
            return nil
        } catch {
            return error
        }
    }
}

// What is asked, and how it becomes a figure.
extension DefinedMetric {
    /// The query of the catalogue's metrics that the figure is made of; `nil` if it is not
    /// computed, or if the split leaves no room for the dimension that limits the population.
    func base(of query: MetricQuery) -> MetricQuery? {
        guard let formula = self.formula else { return nil }
        var base = query
        base.defined = []
        base.metrics = formula.metrics
        if let limit = formula.limit {
            guard !query.by.contains(limit.dimension) else { return nil }
            base.by.append(limit.dimension)
        }
        return base.by.count <= MetricQuery.dimensionsMax ? base : nil
    }

    /// The figure out of the answer to ``base(of:)``; without one a figure that says why not.
    func figures(of page: MetricsPage?, _ query: MetricQuery) -> DefinedFigures {
        guard let formula = self.formula, let page else {
            let reason =
                self.fault?.description ?? "its population is limited by a dimension, so it is "
                + "split by one other at most"
            let figure = MeasureFigures(
                measure: self.measure,
                total: nil,
                groups: [],
                noData: "not computed: \(reason)"
            )
            return DefinedFigures(self, [figure])
        }
        var cells = Set<[String]>()
        for figure in page.metrics.flatMap(\.figures) {
            for cell in figure.groups {
                let values = formula.limit == nil ? cell.values : Array(cell.values.dropLast())
                if !query.by.isEmpty { cells.insert(values) }
            }
        }
        let total = formula.cell([], isTotal: true, page, self.measure)
        let groups = cells.sorted { $0.lexicographicallyPrecedes($1) }.compactMap {
            formula.cell($0, isTotal: false, page, self.measure)
        }
        let isKnown = total?.value != nil || total?.pending ?? 0 > 0
        let figure = MeasureFigures(
            measure: self.measure,
            total: total,
            groups: groups,
            noData: isKnown ? nil : "no data: needs \(self.measure.needs ?? "")"
        )
        return DefinedFigures(self, [figure])
    }
}

/// A metric that a site defined, with its figure.
public struct DefinedFigures: Hashable, Sendable, Encodable {
    /// The metric's id.
    public let id: String
    /// The version of the definition.
    public let version: UInt32
    /// Its name.
    public let name: String
    /// The event that defined it.
    public let definedBy: EventID
    /// The site that did.
    public let site: String
    /// The figure.
    public let figures: [MeasureFigures]

    init(_ metric: DefinedMetric, _ figures: [MeasureFigures]) {
        self.id = metric.id
        self.version = metric.version
        self.name = metric.definition.name
        self.definedBy = metric.event
        self.site = metric.site
        self.figures = figures
    }
}

extension MetricQuery {
    /// The answer to the query with the metrics that sites defined, out of the answers that
    /// `answer` gives to queries of the catalogue.
    package func page<Failure: Error>(
        _ answer: (MetricQuery) throws(Failure) -> MetricsPage
    ) throws(Failure) -> MetricsPage {
        guard !self.defined.isEmpty else { return try answer(self) }
        var plain = self
        plain.defined = []
        var page = self.metrics.isEmpty ? nil : try answer(plain)
        var figures: [DefinedFigures] = []
        for metric in self.defined {
            var found: MetricsPage?
            if let base = metric.base(of: self) { found = try answer(base) }
            figures.append(metric.figures(of: found, self))
            if page == nil, let found { page = MetricsPage(self, asOf: found.asOf) }
        }
        var whole = page ?? MetricsPage(self, asOf: self.asOf)
        whole.defined = figures
        return whole
    }
}
