/// Where the line of a key stands: found by looking through a few, by a table through many, so that
/// a small case pays for no table and a large one for no search.
struct Places<Key: Hashable & Sendable>: Hashable, Sendable {
    private static var scanMax: Int { 12 }

    private var keys: [Key] = []
    private var places: [Int] = []
    private var table: [Key: Int] = [:]

    /// The place of `key`; `nil` if it has none.
    subscript(key: Key) -> Int? {
        if !self.table.isEmpty { return self.table[key].map { self.places[$0] } }
        return self.keys.firstIndex(of: key).map { self.places[$0] }
    }

    /// Gives `key` a place, or another one.
    mutating func set(_ key: Key, _ place: Int) {
        let known = self.table.isEmpty ? self.keys.firstIndex(of: key) : self.table[key]
        if let known {
            self.places[known] = place
            return
        }
        if !self.table.isEmpty {
            self.table[key] = self.keys.count
        } else if self.keys.count == Self.scanMax {
            for (number, key) in self.keys.enumerated() { self.table[key] = number }
            self.table[key] = self.keys.count
        }
        self.keys.append(key)
        self.places.append(place)
    }
}

/// The places of what is still open, in rising order.
struct OpenPlaces: Hashable, Sendable {
    private(set) var places: [Int] = []

    var isEmpty: Bool { self.places.isEmpty }

    /// Opens `place`, which is greater than all before.
    mutating func append(_ place: Int) { self.places.append(place) }

    /// Closes `place`, if it is open.
    mutating func remove(_ place: Int) {
        var low = 0
        var high = self.places.count
        while low < high {
            let middle = (low + high) / 2
            if self.places[middle] < place { low = middle + 1 } else { high = middle }
        }
        if low < self.places.count, self.places[low] == place { self.places.remove(at: low) }
    }
}
