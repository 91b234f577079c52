/// The number of a metric in the catalogue; written as `M-05`.
public struct MetricID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// From 1.
    public let number: UInt8

    /// Creates an id.
    public init(_ number: UInt8) { self.number = number }

    /// Reads `M-05`, `m-5` or `5`; `nil` if it is none of these.
    public init?(_ text: some StringProtocol) {
        var digits = Substring(text)
        if let first = digits.first, first == "M" || first == "m" {
            digits = digits.dropFirst()
            if digits.first == "-" { digits = digits.dropFirst() }
        }
        guard digits.allSatisfy(\.isASCII), let number = UInt8(digits), number > 0 else {
            return nil
        }
        self.number = number
    }

    /// `M-05`.
    public var description: String { (self.number < 10 ? "M-0" : "M-") + String(self.number) }

    /// Whether `lhs` has the smaller number.
    public static func < (lhs: MetricID, rhs: MetricID) -> Bool { lhs.number < rhs.number }
}

extension MetricID: Encodable {
    /// Writes `M-05`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}

/// One figure of a metric: most metrics are several that must be read together.
public struct MeasureID: Hashable, Comparable, Sendable {
    /// The metric.
    public let metric: MetricID
    /// The number within the metric; never given to another figure.
    public let number: UInt8

    /// Creates an id.
    public init(_ metric: UInt8, _ number: UInt8) {
        self.metric = MetricID(metric)
        self.number = number
    }

    /// Both numbers in one.
    public var rawValue: UInt16 { UInt16(self.metric.number) << 8 | UInt16(self.number) }

    /// Reads both numbers out of one.
    public init(rawValue: UInt16) {
        self.init(UInt8(rawValue >> 8), UInt8(truncatingIfNeeded: rawValue))
    }

    /// Whether `lhs` comes first in the catalogue.
    public static func < (lhs: MeasureID, rhs: MeasureID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// How a figure comes out of the entries of units.
public enum MeasureKind: String, Sendable, Encodable {
    /// Sum of numerators over sum of denominators.
    case ratio
    /// Values, of which mean, median and 90th percentile are shown.
    case values
    /// A sum.
    case amount
    /// How long ago something was, of each thing that is still so.
    case age
}

/// What a figure is counted in.
public enum MeasureUnit: String, CaseIterable, Sendable, Encodable {
    /// A share, of one.
    case share
    /// Seconds, held as whole microseconds.
    case seconds
    /// A number of things.
    case count
    /// Percentage points, 0 to 100.
    case percent
    /// A score on the scale of the question, held in thousandths.
    case score
    /// Money, in minor units of the declared currency.
    case money

    /// What one of the whole numbers that are stored is worth.
    public var divisor: Int64 {
        switch self {
        case .seconds: 1_000_000
        case .score: 1_000
        case .share, .count, .percent, .money: 1
        }
    }
}

/// How the causes of units come into a figure.
public enum MeasureMix: Hashable, Sendable {
    /// The figure is given at the mix of causes that it and another one have together.
    case paired(with: MeasureID)
    /// Of each cause the most common kind counts.
    case mostCommonKind
}

/// One figure of a metric, as data.
public struct MetricMeasure: Hashable, Sendable, Encodable {
    /// Which.
    public let id: MeasureID
    /// Its name in JSON and CSV.
    public let key: String
    /// What it says, in a few words.
    public let title: String
    /// How it is computed.
    public let kind: MeasureKind
    /// What it is counted in.
    public let unit: MeasureUnit
    /// The days that must have passed before a unit counts; 0 for none.
    public let windowDays: UInt32
    /// Whether its numerator and its denominator come from different units, so that it says nothing
    /// until both are there.
    public let isJoined: Bool
    /// The records without which it says nothing, where they are others than the metric's.
    public let needs: String?
    /// How causes come in; `nil` where they do not, so that it is a plain sum over units.
    public let mix: MeasureMix?

    private enum Keys: String, CodingKey { case key, title, kind, unit, windowDays }

    init(
        _ id: MeasureID,
        _ key: String,
        _ title: String,
        _ kind: MeasureKind = .ratio,
        _ unit: MeasureUnit = .share,
        days: UInt32 = 0,
        isJoined: Bool = false,
        needs: String? = nil,
        mix: MeasureMix? = nil
    ) {
        self.id = id
        self.key = key
        self.title = title
        self.kind = kind
        self.unit = unit
        self.windowDays = days
        self.isJoined = isJoined
        self.needs = needs
        self.mix = mix
    }

    /// Writes what a reader of the figures needs.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(self.key, forKey: .key)
        try container.encode(self.title, forKey: .title)
        try container.encode(self.kind, forKey: .kind)
        try container.encode(self.unit, forKey: .unit)
        if self.windowDays > 0 { try container.encode(self.windowDays, forKey: .windowDays) }
    }
}

/// A metric, as data: what `metrics --explain` prints and every figure points to.
public struct MetricDefinition: Hashable, Sendable, Encodable {
    /// Which.
    public let id: MetricID
    /// The version; the built-in ones are 1.
    public let version: UInt32
    /// The name.
    public let name: String
    /// What is looked at.
    public let population: String
    /// What is counted.
    public let numerator: String
    /// Of how many, or of what the values are.
    public let denominator: String
    /// What must have passed before a unit counts.
    public let window: String
    /// Which time is measured.
    public let clock: String
    /// Which calendar applies.
    public let calendarPolicy: String
    /// To whom it counts.
    public let attribution: String
    /// What is left out, and shown as left out.
    public let exclusions: [String]
    /// What the figures are counted in.
    public let unit: String
    /// Who defined it so.
    public let source: String
    /// The records without which it says nothing.
    public let needs: String
    /// The metrics that show what a good figure here may have cost.
    public let shadows: [MetricID]
    /// Its figures; empty if it is not computed.
    public let measures: [MetricMeasure]
    /// What of the definition is not computed by this version, in words; empty if all is.
    public let missing: String

    /// Whether a figure of it goes by calendars.
    public var usesCalendars: Bool { self.calendarPolicy != Self.everyHour }

    private static let everyHour = "none: every hour counts"

    init(
        _ number: UInt8,
        _ name: String,
        population: String,
        numerator: String,
        denominator: String,
        window: String = "none",
        clock: String = "calendar time, around the clock",
        calendarPolicy: String? = nil,
        attribution: String,
        exclusions: [String] = [],
        unit: String,
        source: String,
        needs: String,
        shadows: [UInt8] = [],
        missing: String = "",
        _ measures: [MetricMeasure]
    ) {
        self.id = MetricID(number)
        self.version = 1
        self.name = name
        self.population = population
        self.numerator = numerator
        self.denominator = denominator
        self.window = window
        self.clock = clock
        self.calendarPolicy = calendarPolicy ?? Self.everyHour
        self.attribution = attribution
        self.exclusions = exclusions
        self.unit = unit
        self.source = source
        self.needs = needs
        self.shadows = shadows.map { MetricID($0) }
        self.missing = missing
        self.measures = measures
    }
}
