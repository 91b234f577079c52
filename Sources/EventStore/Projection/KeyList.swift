internal import LedgerTypes

/// Keys one behind the other in one buffer.
///
/// A unit of the metric store is found by dozens of keys: an array for each took longer than
/// folding the unit.
package struct KeyList: Sendable {
    /// Where a key lies in ``bytes``.
    private struct Place: Sendable {
        let start: UInt32
        let end: UInt32
    }

    /// The bytes of all keys.
    private(set) var bytes: [UInt8] = []
    private var places: [Place] = []

    /// Creates a list without keys.
    package init() {}

    /// How many keys there are.
    package var count: Int { self.places.count }

    /// Where a key lies in ``bytes``.
    func range(_ place: Int) -> Range<Int> {
        Int(self.places[place].start)..<Int(self.places[place].end)
    }

    /// A copy of a key.
    subscript(place: Int) -> [UInt8] { Array(self.bytes[self.range(place)]) }

    /// Adds a key, behind which `rest` stands.
    package mutating func append(_ key: Span<UInt8>, _ rest: Span<UInt8> = Span()) {
        let start = self.bytes.count
        self.bytes.append(copying: key)
        self.bytes.append(copying: rest)
        self.places.append(
            Place(
                start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: self.bytes.count)
            )
        )
        precondition(self.bytes.count <= UInt32.max, "the keys of a batch are bounded")
    }

    /// Adds the keys of another list, each with `rest` behind it.
    mutating func append(_ other: KeyList, _ rest: Span<UInt8> = Span()) {
        for place in 0..<other.count {
            self.append(other.bytes.span.extracting(other.range(place)), rest)
        }
    }

    /// Sorts the keys by their bytes.
    package mutating func sort() {
        let bytes = self.bytes
        self.places.sort { first, second in
            let mine = bytes.span.extracting(Int(first.start)..<Int(first.end))
            return mine.precedes(bytes.span.extracting(Int(second.start)..<Int(second.end)))
        }
    }

    /// Sorts the keys and keeps each once.
    mutating func sortUniquely() {
        self.sort()
        var kept: [Place] = []
        kept.reserveCapacity(self.places.count)
        for place in 0..<self.count {
            if place > 0, self.isEqual(place - 1, place) { continue }
            kept.append(self.places[place])
        }
        self.places = kept
    }

    /// Sorts keys whose last two bytes are 0, and writes into those of equal ones how many stand
    /// before: so all of them find the unit.
    package mutating func sortNumbering() {
        self.sort()
        var number: UInt16 = 0
        var isAfterEqual = false
        for place in self.places.indices {
            let isBeforeEqual = place + 1 < self.count && self.isEqual(place, place + 1)
            number = isAfterEqual ? number &+ 1 : 0
            // Looked at before it was written into, the next one can still be told.
            isAfterEqual = isBeforeEqual
            guard number > 0 else { continue }
            let end = Int(self.places[place].end)
            self.bytes[end - 2] = UInt8(number >> 8)
            self.bytes[end - 1] = UInt8(truncatingIfNeeded: number)
        }
    }

    private func isEqual(_ first: Int, _ second: Int) -> Bool {
        let mine = self.bytes.span.extracting(self.range(first))
        return mine.equals(self.bytes.span.extracting(self.range(second)))
    }

    /// Whether `key` is one of them.
    func contains(_ key: [UInt8]) -> Bool {
        (0..<self.count).contains {
            self.bytes.span.extracting(self.range($0)).equals(key.span)
        }
    }
}

extension Span<UInt8> {
    /// Whether these bytes sort before `other`.
    func precedes(_ other: Span<UInt8>) -> Bool {
        let shared = Swift.min(self.count, other.count)
        var index = 0
        while index + 8 <= shared {
            let mine = self.bigEndianWord(at: index)
            let others = other.bigEndianWord(at: index)
            if mine != others { return mine < others }
            index += 8
        }
        while index < shared {
            if self[index] != other[index] { return self[index] < other[index] }
            index += 1
        }
        return self.count < other.count
    }
}
