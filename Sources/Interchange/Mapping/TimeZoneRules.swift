package import LedgerTypes

/// When a zone's clocks show what: what turns a source's local times into UTC.
///
/// A local time that occurs twice, when clocks go back, is read as its first occurrence; one that
/// never occurs, when clocks go forward, as if they had not gone forward yet. Both keep the order
/// of times that rise, and depend on nothing but the value.
package struct TimeZoneRules: Hashable, Sendable {
    /// From a moment on, clocks are this many seconds east of UTC.
    struct Transition: Hashable, Sendable {
        var at: Int64
        var offset: Int64
    }

    /// The offset before the first transition.
    let first: Int64
    /// Ascending.
    let transitions: [Transition]
    /// The rule for the time after the last transition.
    let tail: YearlyRule?

    /// A zone whose clocks never change.
    package init(offset: Int64) {
        self.init(first: offset, transitions: [], tail: nil)
    }

    init(first: Int64, transitions: [Transition], tail: YearlyRule?) {
        self.first = first
        self.transitions = transitions
        self.tail = tail
    }

    /// The moment of a local time, given in microseconds since 1970 as if it were UTC.
    package func moment(ofLocal local: Int64) -> Timestamp {
        let seconds = local.flooredSeconds
        // Clocks are never a whole day off; the earlier offset is tried first, which gives the
        // first of two occurrences.
        let before = self.offset(at: seconds - 86_400)
        let after = self.offset(at: seconds + 86_400)
        for offset in [before, after] where self.offset(at: seconds - offset) == offset {
            return Timestamp(microseconds: local - offset * 1_000_000)
        }
        return Timestamp(microseconds: local - before * 1_000_000)
    }

    /// Seconds east of UTC at a moment, in seconds since 1970.
    func offset(at moment: Int64) -> Int64 {
        if let last = self.transitions.last, moment >= last.at {
            return self.tail?.offset(at: moment) ?? last.offset
        }
        guard !self.transitions.isEmpty else { return self.tail?.offset(at: moment) ?? self.first }
        var low = 0
        var high = self.transitions.count
        while low < high {
            let middle = (low + high) / 2
            if self.transitions[middle].at <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? self.first : self.transitions[low - 1].offset
    }
}

extension Int64 {
    /// Whole seconds in as many microseconds, rounded down.
    fileprivate var flooredSeconds: Int64 {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
