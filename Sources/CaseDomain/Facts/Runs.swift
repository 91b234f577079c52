/// How a value changed along a case: runs of neighbouring equal values.
///
/// A missing value never ends a run. Pure and small: the values of one case are few, and where they
/// are many a table finds them.
struct Runs: Hashable, Sendable {
    /// Neighbouring different values.
    private(set) var changes: UInt32 = 0
    /// A, B, A among merged runs; each time counts.
    private(set) var pingPongs: UInt32 = 0
    /// Runs that came back to a value seen before.
    private(set) var returns: UInt32 = 0
    /// The values seen, in order of appearance.
    private(set) var values: [String] = []
    private var table: [String: Int32] = [:]
    private static let scanMax = 12
    /// The last run's value, as an index into `values`; -1 before the first.
    private var last: Int32 = -1
    private var lastButOne: Int32 = -1

    /// The last value.
    var current: String? { self.last < 0 ? nil : self.values[Int(self.last)] }

    /// Goes on with `value`; returns whether it differs from the last one.
    mutating func append(_ value: String) -> Bool {
        if self.last >= 0, self.values[Int(self.last)] == value { return false }
        let (number, isKnown) = self.number(of: value)
        if self.last >= 0 {
            self.changes += 1
            if isKnown { self.returns += 1 }
            if number == self.lastButOne { self.pingPongs += 1 }
        }
        self.lastButOne = self.last
        self.last = number
        return true
    }

    /// Goes on with `value` without counting a change: what was lent comes back.
    mutating func giveBack(_ value: String) {
        self.last = self.number(of: value).number
        self.lastButOne = -1
    }

    private mutating func number(of value: String) -> (number: Int32, isKnown: Bool) {
        if let known = self.known(value) { return (known, true) }
        let number = Int32(truncatingIfNeeded: self.values.count)
        self.values.append(value)
        if self.values.count == Self.scanMax + 1 {
            for (place, value) in self.values.enumerated() {
                self.table[value] = Int32(truncatingIfNeeded: place)
            }
        } else if self.values.count > Self.scanMax {
            self.table[value] = number
        }
        return (number, false)
    }

    private func known(_ value: String) -> Int32? {
        if self.values.count > Self.scanMax { return self.table[value] }
        return self.values.firstIndex(of: value).map { Int32(truncatingIfNeeded: $0) }
    }
}
