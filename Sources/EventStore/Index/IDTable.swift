internal import LedgerTypes

/// Numbers of rows, found by the ids that these rows have: a hash table with open addressing.
///
/// Holds no ids itself: whoever asks tells whether a row has the id, and whether it is still there.
/// Nothing is taken out; the table is made again when it is full.
struct IDTable: Sendable {
    /// Row numbers plus one; 0 where there is none. A power of two, at least twice `count`.
    private var places: [Int]
    private var count = 0

    /// An empty table with room for `count` rows.
    init(for count: Int = 0) {
        var size = 16
        while size < 2 * count { size *= 2 }
        self.places = Array(repeating: 0, count: size)
    }

    /// Whether there is no room for another row.
    var isFull: Bool { 2 * (self.count + 1) > self.places.count }

    /// The row that was inserted first of those that have `id`.
    func find(_ id: EventID, _ holds: (Int) -> Bool) -> Int? {
        var place = self.place(of: id)
        while self.places[place] > 0 {
            let row = self.places[place] - 1
            if holds(row) { return row }
            place = (place + 1) & (self.places.count - 1)
        }
        return nil
    }

    /// Adds `row`, which has `id`. There must be room.
    mutating func insert(_ id: EventID, _ row: Int) {
        precondition(!self.isFull)
        var place = self.place(of: id)
        while self.places[place] > 0 { place = (place + 1) & (self.places.count - 1) }
        self.places[place] = row + 1
        self.count += 1
    }

    private func place(of id: EventID) -> Int {
        let low = UInt64(truncatingIfNeeded: id.rawValue)
        let high = UInt64(truncatingIfNeeded: id.rawValue >> 64)
        let product = (low ^ Self.seeds.0).multipliedFullWidth(by: high ^ Self.seeds.1)
        return Int(truncatingIfNeeded: product.high ^ product.low) & (self.places.count - 1)
    }

    /// Other ones in each process, as `Hasher` has them, so that nobody can choose ids that fall on
    /// one place.
    private static let seeds: (UInt64, UInt64) = (Self.seed(1), Self.seed(2))

    private static func seed(_ number: Int) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(number)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
