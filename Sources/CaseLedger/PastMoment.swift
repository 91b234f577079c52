internal import EventStore
public import LedgerTypes
internal import Projections

/// An earlier moment from which a ledger is looked at. What was redacted since stays hidden.
public enum PastMoment: Hashable, Sendable {
    /// What had happened by then, of all that is known now: events that came later from other sites
    /// as well.
    case asOf(Timestamp)
    /// What this site held by then, by its commit clock, and nothing that came later, whenever that
    /// had happened. What is printed of it stays the same for ever.
    case asKnown(Timestamp)

    /// The moment.
    public var time: Timestamp {
        switch self {
        case .asOf(let time), .asKnown(let time): time
        }
    }
}

extension Ledger {
    /// Every log as it is read from `past`: as of a time all that is held now; as known at a time
    /// what was held by then.
    ///
    /// - Throws: errors of storage.
    public func logs(in past: PastMoment) throws(LedgerError) -> [LogSummary] {
        try self.cut(past).logs
    }

    /// How many events of `subject` were held then (``PastMoment/asKnown(_:)``) or are held now and
    /// had happened by then, over all logs.
    ///
    /// - Throws: errors of storage.
    public func version(
        of subject: Subject,
        in past: PastMoment
    ) throws(LedgerError) -> UInt64 {
        try self.reading { (snapshot) throws(EventStoreError) in
            let cut = try snapshot.cut(past)
            var count: UInt64 = 0
            try snapshot.forEachEvent(of: subject) { (stored, leaf) throws(EventStoreError) in
                if let keys = try? LeafKeys(leaf: leaf),
                    cut.includes(arrival: stored.arrival, occurred: keys.occurred)
                {
                    count += 1
                }
                return true
            }
            return count
        }
    }

    /// What is read of the past, and where the logs stand in it. What arrives after the call is not
    /// in the cut, so that a long report is of one moment.
    func cut(_ past: PastMoment?) throws(LedgerError) -> (reading: ReadingCut, logs: [LogSummary]) {
        try self.reading { (snapshot) throws(EventStoreError) in
            let cut = try snapshot.cut(past)
            return (cut, try snapshot.logs(before: cut.arrivalsEnd).map(LogSummary.init))
        }
    }
}

extension Snapshot {
    /// What is read of the past; of the present everything that is held now.
    borrowing func cut(_ past: PastMoment?) throws(EventStoreError) -> ReadingCut {
        switch past {
        case .asOf(let time): ReadingCut(arrivalsEnd: self.arrivals, occurredEnd: time)
        case .asKnown(let time): ReadingCut(arrivalsEnd: try self.arrivals(heldAt: time))
        case nil: ReadingCut(arrivalsEnd: self.arrivals)
        }
    }
}
