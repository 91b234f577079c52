internal import LedgerTypes

// The row of a unit in the metric store: version u8 ‖ places ‖ entries ‖ last time ‖ touch. Numbers
// are varints, signed ones zigzag; texts have their length before them. docs/FORMAT.md draws it.
extension MetricContribution {
    /// The version of the row.
    public static let version: UInt32 = 3

    /// The row.
    public var bytes: [UInt8] {
        var row = MetricBytes()
        row.count(self.places.count)
        for place in self.places {
            row.count(place.values.count)
            for (dimension, value) in place.values {
                row.count(Int(dimension.number))
                row.text(value)
            }
        }
        row.count(self.entries.count)
        for entry in self.entries { row.entry(entry) }
        row.time(self.lastAt)
        if let touch = self.touch {
            row.count(1)
            touch.write(to: &row)
        } else {
            row.count(0)
        }
        return row.bytes
    }

    /// Reads a row; `nil` if it is malformed.
    public init?(bytes: [UInt8]) {
        var row = MetricReader(bytes)
        self.init()
        guard let placeCount = row.count() else { return nil }
        for _ in 0..<placeCount {
            var place = MetricPlace()
            guard let valueCount = row.count() else { return nil }
            for _ in 0..<valueCount {
                guard let number = row.count(),
                    let dimension = MetricDimension(number: UInt8(truncatingIfNeeded: number)),
                    let value = row.text()
                else { return nil }
                place[dimension] = value
            }
            self.append(stored: place)
        }
        guard let entryCount = row.count() else { return nil }
        for _ in 0..<entryCount {
            guard let entry = row.entry(places: placeCount) else { return nil }
            self.append(stored: entry)
        }
        guard let lastAt = row.time(), let hasTouch = row.count() else { return nil }
        self.lastAt = lastAt
        guard hasTouch == 1 else { return }
        guard let touch = MetricTouch(&row, places: placeCount) else { return nil }
        self.touch = touch
    }
}

/// Writes a row.
struct MetricBytes {
    private(set) var bytes: [UInt8]

    init(version: UInt32 = MetricContribution.version) {
        self.bytes = [UInt8(truncatingIfNeeded: version)]
    }

    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func count(_ value: Int) { self.unsigned(UInt64(value)) }

    mutating func signed(_ value: Int64) {
        self.unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func text(_ value: String) {
        self.count(value.utf8.count)
        self.bytes.append(contentsOf: value.utf8)
    }

    mutating func time(_ value: Timestamp?) {
        self.count(value == nil ? 0 : 1)
        if let value { self.signed(value.microseconds) }
    }

    mutating func flag(_ value: Bool) { self.count(value ? 1 : 0) }

    mutating func entry(_ entry: MetricEntry) {
        self.unsigned(UInt64(entry.measure.rawValue))
        switch entry.form {
        case .ratio(let numerator, let denominator):
            self.count(0)
            self.signed(numerator)
            self.signed(denominator)
        case .value(let value):
            self.count(1)
            self.signed(value)
        case .amount(let value):
            self.count(2)
            self.signed(value)
        case .since(let time):
            self.count(3)
            self.signed(time.microseconds)
        case .excluded(let reason):
            self.count(4)
            self.count(Int(reason.rawValue))
        case .pending: self.count(5)
        }
        self.signed(entry.at.microseconds)
        self.time(entry.maturesAt)
        self.count(entry.place)
    }
}

/// Reads a row; every function gives `nil` where the row is malformed.
struct MetricReader {
    private let bytes: [UInt8]
    private let version: UInt8
    private var offset = 1

    init(_ bytes: [UInt8], version: UInt32 = MetricContribution.version) {
        self.bytes = bytes
        self.version = UInt8(truncatingIfNeeded: version)
    }

    mutating func unsigned() -> UInt64? {
        guard self.bytes.first == self.version else { return nil }
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while self.offset < self.bytes.count, shift < 64 {
            let byte = self.bytes[self.offset]
            self.offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    mutating func count() -> Int? { self.unsigned().flatMap { Int(exactly: $0) } }

    mutating func signed() -> Int64? {
        self.unsigned().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    mutating func text() -> String? {
        guard let count = self.count(), count <= self.bytes.count - self.offset else { return nil }
        defer { self.offset += count }
        return String(decoding: self.bytes[self.offset..<self.offset + count], as: UTF8.self)
    }

    mutating func time() -> Timestamp?? {
        guard let isThere = self.count() else { return nil }
        guard isThere == 1 else { return .some(nil) }
        guard let value = self.signed() else { return nil }
        return .some(Timestamp(microseconds: value))
    }

    mutating func flag() -> Bool? { self.count().map { $0 == 1 } }

    mutating func moment() -> Timestamp? { self.signed().map { Timestamp(microseconds: $0) } }

    mutating func place(_ places: Int) -> Int? {
        guard let place = self.count(), place < places else { return nil }
        return place
    }

    mutating func entry(places: Int) -> MetricEntry? {
        guard let measure = self.unsigned(), let form = self.form(), let at = self.moment(),
            let maturesAt = self.time(), let place = self.place(places)
        else { return nil }
        return MetricEntry(
            stored: MeasureID(rawValue: UInt16(truncatingIfNeeded: measure)),
            form,
            at: at,
            maturesAt: maturesAt,
            place: place
        )
    }

    private mutating func form() -> MetricEntry.Form? {
        switch self.count() {
        case 0:
            guard let numerator = self.signed(), let denominator = self.signed() else { return nil }
            return .ratio(numerator: numerator, denominator: denominator)
        case 1: return self.signed().map { .value($0) }
        case 2: return self.signed().map { .amount($0) }
        case 3: return self.moment().map { .since($0) }
        case 4:
            return self.count()
                .flatMap { ExclusionReason(rawValue: UInt8(truncatingIfNeeded: $0)) }
                .map { .excluded($0) }
        case 5: return .pending
        default: return nil
        }
    }
}
