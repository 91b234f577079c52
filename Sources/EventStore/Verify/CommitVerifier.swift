internal import LMDB
internal import LedgerTypes

/// Compares the commit clock with what the leaves tell of the commits that wrote them.
///
/// A commit of own leaves stamps them from one reading of the clock, which is also what the row of
/// the commit holds. So `recorded` rises by exactly one inside it; where it rises by more, or where
/// leaves of a peer begin or end, a commit began and must have its row. A genesis is committed
/// alone. Two commits within one millisecond, and two of leaves from peers, look like one.
struct CommitVerifier {
    /// An arrival that some commit begins with.
    private struct Begin {
        let arrival: UInt64
        /// The reading of the clock, where `recorded` shows it.
        let milliseconds: UInt64?
    }

    /// Since the last comparison.
    private var begins: [Begin] = []
    private var previous: (place: LeafPlace, isWrittenHere: Bool)?
    /// `recorded` of the newest own leaf; `nil` if it could not be read.
    private var own: HybridTime?
    private var lastRow: (arrival: UInt64, time: Timestamp)?
    /// Rows before this arrival were compared.
    private var compared: UInt64 = 0

    /// Goes on with the next leaf in order of arrival.
    mutating func append(_ place: LeafPlace, _ recorded: HybridTime?, isWrittenHere: Bool) {
        defer {
            self.previous = (place, isWrittenHere)
            if isWrittenHere { self.own = recorded }
        }
        guard isWrittenHere else {
            // A peer's leaves share a commit with other peers' leaves, never with own ones.
            if self.previous?.isWrittenHere != false {
                self.begins.append(Begin(arrival: place.arrival, milliseconds: nil))
            }
            return
        }
        guard place.index > 0 else {
            self.begins.append(Begin(arrival: place.arrival, milliseconds: nil))
            return
        }
        guard let own = self.own, let recorded else { return }
        let isNext = recorded.rawValue == own.rawValue &+ 1
        if isNext, place.index > 1, self.previous?.isWrittenHere == true { return }
        self.begins.append(
            Begin(
                arrival: place.arrival,
                milliseconds: !isNext && recorded.counter == 0 ? recorded.milliseconds : nil
            )
        )
    }

    /// Compares the rows up to `end` with the leaves so far, which are all before it; with `nil`,
    /// all rows that are left, of which none may be past the `held` leaves. Returns what is wrong.
    mutating func compare(
        upTo end: UInt64?,
        held: UInt64,
        _ transaction: borrowing ReadTransaction,
        _ tables: LogTables
    ) throws(EventStoreError) -> [String] {
        var findings: [String] = []
        var missing = self.begins[...]
        let bound = [UInt8](copying: Key.arrival(self.compared).span)
        do throws(LMDBError) {
            try transaction.forEach(in: tables.commits, from: bound) {
                (key, row) throws(LMDBError) in
                guard key.count == 8, row.count == 8 else {
                    findings.append("the row \(key.hex) is malformed")
                    return true
                }
                let arrival = key.bigEndianWord(at: 0)
                if let end, arrival >= end { return false }
                while let begin = missing.first, begin.arrival < arrival {
                    findings.append("the commit of arrival \(begin.arrival) is missing")
                    missing.removeFirst()
                }
                let begin = missing.first.flatMap { $0.arrival == arrival ? $0 : nil }
                if begin != nil { missing.removeFirst() }
                if arrival >= held { findings.append("arrival \(arrival) is not held") }
                let time = Timestamp(microseconds: Int64(bitPattern: row.bigEndianWord(at: 0)))
                self.check(arrival, time, begin?.milliseconds, &findings)
                return true
            }
        } catch {
            throw .storage(error)
        }
        for begin in missing {
            findings.append("the commit of arrival \(begin.arrival) is missing")
        }
        self.begins.removeAll(keepingCapacity: true)
        self.compared = end ?? held
        return findings
    }

    /// The clock never goes back, and is what the leaves of the commit were stamped from, unless
    /// it is held at the row before because the local clock was set back.
    private mutating func check(
        _ arrival: UInt64,
        _ time: Timestamp,
        _ milliseconds: UInt64?,
        _ findings: inout [String]
    ) {
        if let last = self.lastRow, time < last.time {
            findings.append("the commit of arrival \(arrival) is before the one before it")
        } else if let milliseconds {
            let shown = HybridTime(after: HybridTime(rawValue: 0), now: time).milliseconds
            let isHeldBack = shown > milliseconds && time == self.lastRow?.time
            if shown != milliseconds && !isHeldBack {
                findings.append(
                    "the commit of arrival \(arrival) is not when its leaf says"
                        + Self.distance(from: milliseconds, to: shown)
                )
            }
        }
        self.lastRow = (arrival, time)
    }

    /// How far a row is from its leaf, and what that may be: programs from before the first release
    /// read the clock again at the end of a commit. Their rows are findings all the same, as a row
    /// that was moved by as much looks no different, and nothing else protects it.
    private static func distance(from milliseconds: UInt64, to shown: UInt64) -> String {
        guard shown > milliseconds else { return ": it is \(milliseconds - shown) ms before it" }
        let distance = shown - milliseconds
        guard distance <= self.commitMillisecondsMax else {
            return ": it is \(distance) ms after it"
        }
        return ": it is \(distance) ms after it, as programs from before the first release left it"
    }

    /// No commit of those programs took longer than this from its first stamp to its end.
    private static var commitMillisecondsMax: UInt64 { 1_000 }
}
