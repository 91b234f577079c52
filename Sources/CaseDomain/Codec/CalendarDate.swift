public import LedgerTypes

/// A day without a time of day, such as the day of a purchase.
public struct CalendarDate: Hashable, Sendable {
    /// Days since 1970-01-01; negative before.
    public let daysSince1970: Int64

    /// Creates a day.
    public init(daysSince1970: Int64) { self.daysSince1970 = daysSince1970 }

    /// Creates a day from `YYYY-MM-DD`; `nil` for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 10, let start = Timestamp(rfc3339: "\(text)T00:00:00Z") else {
            return nil
        }
        self.daysSince1970 = start.microseconds / Self.microsecondsPerDay
    }

    /// The first moment of the day in UTC; saturates at the ends of the range.
    public var start: Timestamp {
        let (product, overflow) = self.daysSince1970.multipliedReportingOverflow(
            by: Self.microsecondsPerDay
        )
        guard overflow else { return Timestamp(microseconds: product) }
        return Timestamp(microseconds: self.daysSince1970 < 0 ? .min : .max)
    }

    private static let microsecondsPerDay: Int64 = 86_400_000_000
}

extension CalendarDate: Codable {
    /// Reads `YYYY-MM-DD`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let date = CalendarDate(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is not a date, such as 2026-01-31"
            )
        }
        self = date
    }

    /// Writes `YYYY-MM-DD`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(self.start.rfc3339.prefix(10)))
    }
}

extension CalendarDate: FieldScalar {
    /// 1970-01-01.
    public static var blank: CalendarDate { CalendarDate(daysSince1970: 0) }
    /// Reads `sint64`.
    public static func read(
        _ field: WireField,
        in bytes: [UInt8]
    ) throws(WireError) -> CalendarDate {
        CalendarDate(daysSince1970: try field.zigzag)
    }
    /// Writes `sint64`.
    public func write(to wire: inout WireWriter, field: UInt32) {
        wire.zigzag(self.daysSince1970, field: field)
    }
}
