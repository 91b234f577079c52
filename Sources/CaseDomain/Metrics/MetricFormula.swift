/// What the texts of a `metric.defined` come to: figures of the catalogue that are added up.
struct MetricFormula: Hashable, Sendable {
    /// What of a cell is taken.
    enum Part: String, Hashable, Sendable {
        case n, numerator, denominator
    }

    /// One figure, taken so many times.
    struct Term: Hashable, Sendable {
        var factor: Double
        var measure: MeasureID
        var part: Part
    }

    /// The group that the population is limited to.
    struct Limit: Hashable, Sendable {
        var dimension: MetricDimension
        var value: String
    }

    let numerator: [Term]
    /// Empty for a sum.
    let denominator: [Term]
    let limit: Limit?
    let unit: MeasureUnit

    /// The metrics that are needed.
    var metrics: [MetricID] {
        Set((self.numerator + self.denominator).map(\.measure.metric)).sorted()
    }

    init(id: String, _ definition: MetricDefined) throws(MetricDefinitionFault) {
        let version = definition.version
        if let number = MetricID(id) {
            guard MetricCatalogue.definition(number) != nil, id == number.description else {
                throw .unknownMetric(id)
            }
            guard version > 1 else { throw .versionTaken(version) }
        }
        guard version > 0 else { throw .versionTaken(version) }
        guard let unit = MeasureUnit(rawValue: definition.unit) else {
            throw .unknownUnit(definition.unit)
        }
        self.unit = unit
        self.numerator = try Self.terms(definition.numerator)
        guard !self.numerator.isEmpty else { throw .nothingCounted }
        self.denominator = try Self.terms(definition.denominator)
        self.limit = try Self.limit(definition.population)
        guard let seconds = definition.windowSeconds else { return }
        for term in self.numerator + self.denominator {
            let days = MetricCatalogue.measure(term.measure)?.windowDays ?? 0
            guard UInt64(days) * 86_400 == seconds else {
                throw .otherWindow(Self.name(term.measure), days: days)
            }
        }
    }

    private static func name(_ id: MeasureID) -> String {
        "\(id.metric).\(MetricCatalogue.measure(id)?.key ?? "")"
    }

    /// Reads `M-19.kept - 2 * M-14.cold.n`; nothing for an empty text.
    private static func terms(_ text: String) throws(MetricDefinitionFault) -> [Term] {
        let words = text.split(whereSeparator: \.isWhitespace)
        var terms: [Term] = []
        var place = 0
        while place < words.count {
            var factor = 1.0
            if words[place] == "+" || words[place] == "-" {
                if words[place] == "-" { factor = -1 }
                place += 1
            } else if !terms.isEmpty {
                throw .unexpected(String(words[place]))
            }
            guard place < words.count else { throw .unexpected("the end") }
            if let number = Double(words[place]), number.isFinite {
                guard place + 2 < words.count, words[place + 1] == "*" else {
                    throw .unexpected(String(words[place]))
                }
                factor *= number
                place += 2
            }
            var term = try Self.term(words[place])
            term.factor = factor
            terms.append(term)
            place += 1
        }
        return terms
    }

    private static func term(_ word: Substring) throws(MetricDefinitionFault) -> Term {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { throw .unexpected(String(word)) }
        guard let id = MetricID(parts[0]), let metric = MetricCatalogue.definition(id) else {
            throw .unknownMetric(String(parts[0]))
        }
        guard let measure = metric.measures.first(where: { $0.key == parts[1] }) else {
            throw .unknownFigure(String(parts[1]), of: id)
        }
        let part = parts.count == 3 ? Part(rawValue: String(parts[2])) : .numerator
        // What the mix of causes decides is no sum, and a denominator only ratios have.
        guard let part, measure.mix == nil, part != .denominator || measure.kind == .ratio else {
            throw .unknownPart(String(word))
        }
        return Term(factor: 1, measure: measure.id, part: part)
    }

    /// Reads what stands behind the last `where`: a dimension, `=`, and its value.
    private static func limit(_ text: String) throws(MetricDefinitionFault) -> Limit? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let place = words.lastIndex(of: "where") else { return nil }
        let condition = words[(place + 1)...].joined(separator: " ")
        guard let equals = condition.firstIndex(of: "=") else { throw .unexpected(condition) }
        let name = condition[..<equals].split(separator: " ").joined(separator: " ")
        let value = condition[condition.index(after: equals)...].split(separator: " ")
            .joined(separator: " ")
        guard let dimension = MetricDimension(rawValue: name) else { throw .unknownDimension(name) }
        guard !value.contains("=") else { throw .severalDimensions }
        guard !value.isEmpty else { throw .unexpected(condition) }
        return Limit(dimension: dimension, value: value)
    }
}

extension MetricFormula {
    /// What entries of one figure come to in one group.
    private struct Sums {
        var n: Int64 = 0
        var numerator = 0.0
        var denominator = 0.0
        var pending: Int64 = 0

        func part(_ part: Part) -> Double {
            switch part {
            case .n: Double(self.n)
            case .numerator: self.numerator
            case .denominator: self.denominator
            }
        }
    }

    /// The figure for the group `values`, or for everything; `nil` if nothing was seen of it.
    func cell(
        _ values: [String],
        isTotal: Bool,
        _ page: MetricsPage,
        _ measure: MetricMeasure
    ) -> MetricCell? {
        var sums: [MeasureID: Sums] = [:]
        for term in self.numerator + self.denominator where sums[term.measure] == nil {
            sums[term.measure] = self.sums(term.measure, values, isTotal: isTotal, page)
        }
        func total(_ terms: [Term]) -> Double {
            terms.reduce(0) { $0 + $1.factor * (sums[$1.measure]?.part($1.part) ?? 0) }
        }
        let above = total(self.numerator)
        let below = total(self.denominator)
        // The figure stands on as many entries as what it is measured by, or as what is counted.
        let based = self.denominator.isEmpty ? self.numerator : self.denominator
        let n = Set(based.map(\.measure)).reduce(Int64(0)) { $0 + (sums[$1]?.n ?? 0) }
        let pending = sums.values.map(\.pending).max() ?? 0
        guard n > 0 || pending > 0 else { return nil }
        let isRatio = !self.denominator.isEmpty
        return MetricCell(
            measure,
            values: values,
            n: n,
            numerator: above,
            denominator: isRatio ? below : nil,
            value: n == 0 ? nil : isRatio ? (below == 0 ? nil : above / below) : above,
            pending: pending
        )
    }

    private func sums(
        _ id: MeasureID,
        _ values: [String],
        isTotal: Bool,
        _ page: MetricsPage
    ) -> Sums {
        let figure = page.metrics.first { $0.id == id.metric }?.figures
            .first { $0.measure.id == id }
        guard let figure else { return Sums() }
        let cells: [MetricCell]
        if let limit = self.limit {
            cells = figure.groups.filter { cell in
                cell.values.last == limit.value
                    && (isTotal || Array(cell.values.dropLast()) == values)
            }
        } else if isTotal {
            cells = figure.total.map { [$0] } ?? []
        } else {
            cells = figure.groups.filter { $0.values == values }
        }
        return cells.reduce(into: Sums()) { sums, cell in
            sums.n += cell.n
            sums.numerator += cell.numerator ?? 0
            sums.denominator += cell.denominator ?? 0
            sums.pending += cell.pending
        }
    }
}
