internal import LedgerTypes

/// Merges the events of a subject from the index, which come by order and arrival, with those of
/// the tail into fold order, or into its reverse.
///
/// Holds the events of one order at a time. Pure.
struct EntryMerge {
    private let logs: [LogID]
    private let backwards: Bool
    /// Of the tail, in the order they are to be given.
    private var fresh: [IndexEntry]
    private var next = 0
    /// Of one order, from the index.
    private var group: [IndexEntry] = []

    /// Set if the tail names a log that is not there.
    private(set) var unknownLog: EventStoreError?

    /// Merges with the `fresh` events of the tail.
    init(_ fresh: [IndexEntry], _ logs: [LogID], backwards: Bool) {
        self.logs = logs
        self.backwards = backwards
        self.fresh = fresh
        if let stray = fresh.first(where: { $0.logNumber >= logs.count }) {
            self.unknownLog = stray.place.unknownLog
        } else if fresh.count > 1 {
            self.fresh = fresh.sorted { self.comes($0, before: $1) }
        }
    }

    private func comes(_ first: IndexEntry, before second: IndexEntry) -> Bool {
        self.backwards ? second.precedes(first, self.logs) : first.precedes(second, self.logs)
    }

    /// Takes `entry` if it has the order of the group.
    mutating func takes(_ entry: IndexEntry) -> Bool {
        if let first = self.group.first, first.order != entry.order { return false }
        self.group.append(entry)
        return true
    }

    /// Begins a group after a flush.
    mutating func begin(with entry: IndexEntry) {
        self.group.append(entry)
    }

    /// Gives the group, after everything of the tail that comes before it; returns whether to go
    /// on.
    mutating func flush<Failure: Error>(
        _ body: (IndexEntry) throws(Failure) -> Bool
    ) throws(Failure) -> Bool {
        if self.group.count > 1 {
            let sorted = self.group.sorted { self.comes($0, before: $1) }
            self.group = sorted
        }
        for entry in self.group {
            while self.next < self.fresh.count, self.comes(self.fresh[self.next], before: entry) {
                self.next += 1
                guard try body(self.fresh[self.next - 1]) else { return false }
            }
            guard try body(entry) else { return false }
        }
        self.group.removeAll(keepingCapacity: true)
        return true
    }

    /// Gives the rest of the tail.
    mutating func finish<Failure: Error>(
        _ body: (IndexEntry) throws(Failure) -> Bool
    ) throws(Failure) {
        while self.next < self.fresh.count {
            self.next += 1
            guard try body(self.fresh[self.next - 1]) else { return }
        }
    }
}

/// Merges the subjects of the tail with those of the index, both by their bytes.
///
/// Pure.
struct SubjectMerge {
    private let backwards: Bool
    private let fresh: [(subject: SubjectKey, count: UInt64)]
    private var next = 0

    /// Merges with the `fresh` subjects of the tail from `bound` on.
    init(
        _ fresh: [(subject: SubjectKey, count: UInt64)],
        from bound: [UInt8],
        _ backwards: Bool
    ) {
        self.backwards = backwards
        self.fresh =
            fresh
            .filter { row in
                backwards
                    ? !bound.lexicographicallyPrecedes(row.subject.bytes)
                    : !row.subject.bytes.lexicographicallyPrecedes(bound)
            }
            .sorted { Self.comes($0.subject, before: $1.subject, backwards) }
    }

    private static func comes(
        _ first: SubjectKey,
        before second: SubjectKey,
        _ backwards: Bool
    ) -> Bool {
        backwards
            ? second.bytes.lexicographicallyPrecedes(first.bytes)
            : first.bytes.lexicographicallyPrecedes(second.bytes)
    }

    /// Gives the subjects of the tail alone that come before `subject`, or all the rest; returns
    /// whether to go on.
    mutating func emit<Failure: Error>(
        before subject: SubjectKey?,
        _ body: (Subject, UInt64) throws(Failure) -> Bool
    ) throws(Failure) -> Bool {
        while self.next < self.fresh.count {
            let row = self.fresh[self.next]
            if let subject, !Self.comes(row.subject, before: subject, self.backwards) { break }
            self.next += 1
            guard let found = row.subject.subject else { continue }
            guard try body(found, row.count) else { return false }
        }
        return true
    }

    /// How many events the tail adds to `subject`, which comes next if it is in the tail.
    mutating func takeCount(of subject: SubjectKey) -> UInt64 {
        guard self.next < self.fresh.count, self.fresh[self.next].subject == subject else {
            return 0
        }
        self.next += 1
        return self.fresh[self.next - 1].count
    }
}
