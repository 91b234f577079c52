internal import LMDB
internal import LedgerTypes

/// What a unit adds to sums, one behind the other; a key may stand in it more than once.
package struct SumList: Sendable {
    private(set) var keys = KeyList()
    private var values: [Int64] = []
    /// Where the numbers under each key end.
    private var ends: [UInt32] = []

    /// Creates a list that adds nothing.
    package init() {}

    /// How many keys there are.
    var count: Int { self.ends.count }

    /// Adds numbers under a key of 1 to 200 bytes.
    package mutating func append(_ values: Span<Int64>, under key: Span<UInt8>) {
        precondition((1...LookupKey.bytesMax).contains(key.count), "a sum's key is too long")
        precondition((1...UnitSum.valuesMax).contains(values.count))
        self.keys.append(key)
        for place in 0..<values.count { self.values.append(values[place]) }
        self.ends.append(UInt32(truncatingIfNeeded: self.values.count))
    }

    /// The numbers under a key.
    func values(_ place: Int) -> ArraySlice<Int64> {
        self.values[(place == 0 ? 0 : Int(self.ends[place - 1]))..<Int(self.ends[place])]
    }
}

/// Changes of sums, gathered so that each row is read and written once.
///
/// A table by hash, open at the next free slot, over keys and numbers in one buffer each: a batch
/// of the metric store changes some ten thousand sums two hundred thousand times.
struct SumChanges: Sendable {
    private var keys = KeyList()
    private var values: [Int128] = []
    /// Where the numbers under each key begin, and after the last where the next would.
    private var starts: [Int] = [0]
    /// The place of a key + 1, by hash; 0 where there is none.
    private var slots = [UInt32](repeating: 0, count: 64)

    /// Puts what a unit adds in, or takes it out.
    mutating func add(_ sums: SumList, sign: Int128) {
        for place in 0..<sums.count {
            let key = sums.keys.bytes.span.extracting(sums.keys.range(place))
            self.add(sums.values(place), under: key, sign: sign)
        }
    }

    private mutating func add(_ added: ArraySlice<Int64>, under key: Span<UInt8>, sign: Int128) {
        var slot = self.slot(of: key)
        if self.slots[slot] == 0 {
            if (self.keys.count + 1) * 2 > self.slots.count {
                self.grow()
                slot = self.slot(of: key)
            }
            self.keys.append(key)
            self.slots[slot] = UInt32(truncatingIfNeeded: self.keys.count)
            for value in added { self.values.append(sign * Int128(value)) }
            self.starts.append(self.values.count)
            return
        }
        let known = Int(self.slots[slot]) - 1
        let start = self.starts[known]
        precondition(
            self.starts[known + 1] - start == added.count,
            "sums of one key differ in length"
        )
        for (place, value) in added.enumerated() {
            self.values[start + place] += sign * Int128(value)
        }
    }

    /// Where a key stands, or would.
    private func slot(of key: Span<UInt8>) -> Int {
        // FNV-1a; keys are few enough that only equal ones meet often.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<key.count { hash = (hash ^ UInt64(key[index])) &* 0x100_0000_01B3 }
        let mask = self.slots.count - 1
        var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
        while self.slots[slot] > 0 {
            let range = self.keys.range(Int(self.slots[slot]) - 1)
            if self.keys.bytes.span.extracting(range).equals(key) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        self.slots = [UInt32](repeating: 0, count: self.slots.count * 2)
        for place in 0..<self.keys.count {
            let slot = self.slot(of: self.keys.bytes.span.extracting(self.keys.range(place)))
            self.slots[slot] = UInt32(truncatingIfNeeded: place + 1)
        }
    }

    /// The changes by key, in order, without those that came to nothing.
    var sorted: [(key: [UInt8], values: [Int128])] {
        (0..<self.keys.count).map { place in
            (self.keys[place], Array(self.values[self.starts[place]..<self.starts[place + 1]]))
        }
        .filter { $0.1.contains { $0 != 0 } }
        .sorted { $0.0.span.precedes($1.0.span) }
    }

    /// `values` after the change under `key`; `nil` if nothing is left.
    static func applied(_ change: [Int128], to values: [Int128]?) -> [Int128]? {
        let count = max(change.count, values?.count ?? 0)
        let sums = (0..<count).map { place in
            (place < change.count ? change[place] : 0)
                + (values.map { place < $0.count ? $0[place] : 0 } ?? 0)
        }
        return sums.contains { $0 != 0 } ? sums : nil
    }

    /// Writes the changes into `table`.
    func write(_ transaction: inout WriteTransaction, _ table: Table) throws(LMDBError) {
        // In order of the keys, so that pages are touched once.
        for (key, change) in self.sorted {
            var old: [Int128]?
            if let row = try transaction.value(for: key.span, in: table) {
                guard let values = SumRow.values(row) else { throw .corrupted }
                old = values
            }
            if let sums = Self.applied(change, to: old) {
                let row = SumRow.bytes(sums)
                try transaction.putNext(row.span, for: key.span, in: table)
            } else {
                _ = try transaction.delete(key.span, in: table)
            }
        }
    }
}
