public import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

/// A case on a worklist.
public struct WorklistItem: Hashable, Sendable {
    /// Its place in the list, and what that is made of.
    public let entry: WorklistEntry
    /// The case.
    public let item: CaseItem
    /// The customer's name, open where this site has the key.
    public let customerName: Sealed<String>
}

extension WorklistItem: Encodable {
    private enum Keys: String, CodingKey { case entry, item, customerName }

    /// Writes what there is: a case without a customer has no name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(self.entry, forKey: .entry)
        try container.encode(self.item, forKey: .item)
        if self.customerName.isPresent {
            try container.encode(self.customerName, forKey: .customerName)
        }
    }
}

extension Ledger {
    /// One owner's cases in the order in which to work on them (DOMAIN.md 3.1): overdue debts by
    /// due time, then severity 1, then those owned for longest; cases that wait on others come
    /// last, without a rank. An owner of "" gives the open cases that nobody owns.
    ///
    /// Costs what the list is long, however large the ledger. A case at which two sites assigned
    /// owners in parallel is on both lists.
    ///
    /// - Parameters:
    ///   - ownerID: the owner's pseudonym.
    ///   - time: the time at which debts are overdue, now if not given.
    /// - Returns: the list; empty for somebody who owns nothing, whoever that is.
    /// - Throws: errors of storage.
    public func worklist(
        of ownerID: String,
        at time: Timestamp? = nil
    ) throws(LedgerError) -> [WorklistItem] {
        try self.worklist(CaseSummaries.Lookup.owner(ownerID), at: time ?? self.now) {
            $0.ownerID == ownerID
        }
    }

    /// The worklists of everybody, one after the other in the order of their ids; the cases that
    /// nobody owns come first. Costs what there are open cases.
    public func worklists(at time: Timestamp? = nil) throws(LedgerError) -> [WorklistItem] {
        try self.worklist(CaseSummaries.Lookup.open, at: time ?? self.now) { _ in true }
    }

    /// One owner's worklist, or with no owner everybody's, as it was seen from `past`: debts are
    /// overdue at that moment, unless another time is given.
    ///
    /// No lists are kept of the past: every case is folded, which takes as long as the history is.
    /// `progress` gets the cases done so far.
    ///
    /// - Throws: errors of storage.
    public func worklist(
        of ownerID: String?,
        in past: PastMoment,
        at time: Timestamp? = nil,
        progress: (Int) -> Void = { _ in }
    ) throws -> [WorklistItem] {
        let cut = try self.cut(past).reading
        let time = time ?? past.time
        return try self.throwingLedgerErrors {
            var summaries: [(summary: CaseSummary, entries: [WorklistEntry])] = []
            var count = 0
            try CaseReplay(self.store, reader: CaseReader(cut: cut)).forEachCase { state in
                let summary = state.summary
                let entries = summary.worklistEntries(at: time).filter { entry in
                    ownerID.map { entry.ownerID == $0 } ?? true
                }
                if !entries.isEmpty { summaries.append((summary, entries)) }
                count += 1
                if count.isMultiple(of: 1_000) { progress(count) }
                return true
            }
            return try self.store.read { (snapshot) throws(EventStoreError) in
                var items: [Subject: WorklistItem] = [:]
                for (summary, entries) in summaries {
                    guard let entry = entries.first else { continue }
                    let state = try self.state(of: entry.case, past, cut, snapshot)
                    items[entry.case] = WorklistItem(
                        entry: entry,
                        item: CaseItem(
                            summary: summary,
                            title: state.titleText,
                            nextAction: state.nextActionText
                        ),
                        customerName: try self.name(
                            of: summary.customerID,
                            past,
                            cut,
                            snapshot
                        )
                    )
                }
                return Self.ranked(summaries.flatMap(\.entries), items)
            }
        }
    }

    /// The name that a customer had by then, open where this site has the key.
    private func name(
        of customerID: String?,
        _ past: PastMoment,
        _ cut: ReadingCut,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Sealed<String> {
        guard let customerID, let customer = Subject(kind: "customer", id: customerID) else {
            return .absent
        }
        let reader = CaseReader(openText: self.textOpener(in: past), cut: cut)
        var actors = ActorPool()
        var name = Sealed<String>.absent
        try snapshot.forEachEvent(of: customer) { (stored, leaf) throws(EventStoreError) in
            let event = try reader.event(stored, leaf, of: customer, snapshot, &actors)
            if case .customerDescribed(let described) = event.payload,
                cut.includes(arrival: stored.arrival, occurred: event.occurred)
            {
                name = described.name
            }
            return true
        }
        return name
    }

    /// The lists of all owners, each in order.
    private static func ranked(
        _ entries: [WorklistEntry],
        _ items: [Subject: WorklistItem]
    ) -> [WorklistItem] {
        let lists = Dictionary(grouping: entries, by: \.ownerID).sorted {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }
        return lists.flatMap { WorklistEntry.ranked($0.value) }.compactMap { entry in
            items[entry.case].map {
                WorklistItem(entry: entry, item: $0.item, customerName: $0.customerName)
            }
        }
    }

    private func worklist(
        _ key: LookupKey,
        at time: Timestamp,
        where isListed: (WorklistEntry) -> Bool
    ) throws(LedgerError) -> [WorklistItem] {
        try self.listing { (snapshot, reading) throws(EventStoreError) in
            var entries: [WorklistEntry] = []
            var items: [Subject: WorklistItem] = [:]
            var names: [String: Sealed<String>] = [:]
            for summary in try self.summaries(key, snapshot, reading) {
                let listed = summary.worklistEntries(at: time).filter(isListed)
                guard let first = listed.first else { continue }
                entries += listed
                var name = Sealed<String>.absent
                if let customer = summary.customerID {
                    if let known = names[customer] {
                        name = known
                    } else {
                        name = try self.name(of: customer, snapshot, reading)
                        names[customer] = name
                    }
                }
                items[first.case] = WorklistItem(
                    entry: first,
                    item: try self.item(summary, snapshot),
                    customerName: name
                )
            }
            return Self.ranked(entries, items)
        }
    }
}
