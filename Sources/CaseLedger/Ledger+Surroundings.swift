public import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

/// What stands around a case at this site: its place in its owner's list, the customer's other
/// cases, and what other sites know of it. No part of the case's view, which is the same
/// everywhere.
public struct CaseSurroundings: Hashable, Sendable, Encodable {
    /// Its place in the owner's list, from 1; `nil` if it has none, as while it waits on others.
    public var rank: Int?
    /// How many cases are on that list.
    public var listed: Int
    /// How many cases the owner's site lets one person own, where it says so (`maxOwned`).
    public var ownedMax: Int64?
    /// The customer's name, open where this site has the key.
    public var customerName: Sealed<String>
    /// The customer's other cases: open ones first, the newest first.
    public var otherCases: [CaseItem]
    /// The other sites that wrote about the case or are asked to take it over, by name.
    public var sites: [SiteHeard]
}

extension Ledger {
    /// How many units may have to be folded for ``surroundings(of:at:)``.
    private static var surroundingUnitsMax: Int { 64 }

    /// What stands around a case at this site; `nil` where finding out would take long, since lists
    /// were not brought up to date (``catchUp()``).
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - time: the time at which debts are overdue, now if not given.
    /// - Returns: rank and other cases; nothing in it for a case that nothing is known of.
    /// - Throws: errors of storage.
    public func surroundings(
        of caseID: Subject,
        at time: Timestamp? = nil
    ) throws(LedgerError) -> CaseSurroundings? {
        let time = time ?? self.now
        do throws(EventStoreError) {
            return try self.store.read(
                self.summaries.projection,
                completing: Self.surroundingUnitsMax
            ) { (snapshot, reading) throws(EventStoreError) in
                try self.surroundings(of: caseID, at: time, snapshot, reading)
            }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func surroundings(
        of caseID: Subject,
        at time: Timestamp,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> CaseSurroundings {
        var around = CaseSurroundings(
            listed: 0,
            customerName: .absent,
            otherCases: [],
            sites: []
        )
        guard let own = try snapshot.rows(of: caseID, reading)?.caseSummary else { return around }
        if own.state == .open, let owner = own.ownerID ?? own.lastOwnerID {
            let list = try self.summaries(CaseSummaries.Lookup.owner(owner), snapshot, reading)
                .flatMap { $0.worklistEntries(at: time) }.filter { $0.ownerID == owner }
            around.listed = list.count
            around.rank = WorklistEntry.ranked(list).first { $0.case == caseID }?.rank
            let policy = try self.context(snapshot).book.policy(
                of: self.store.siteName.rawValue,
                at: time
            )
            around.ownedMax = policy.ownedMax
        }
        let context = try self.context(snapshot)
        let state = try self.views.current(caseID, self.reader, context, snapshot).state
        around.sites = try snapshot.sitesHeard(
            of: caseID,
            offeredTo: state.sitesAsked,
            here: self.store.siteName
        )
        guard let customer = own.customerID else { return around }
        around.customerName = try self.name(of: customer, snapshot, reading)
        var others: [CaseSummary] = []
        for id in try self.ids(ofPerson: customer, snapshot, reading) {
            others += try self.summaries(CaseSummaries.Lookup.customer(id), snapshot, reading)
                .filter { $0.caseID != own.caseID }
        }
        for summary in others.sorted(by: CaseSummary.isListed) {
            around.otherCases.append(try self.item(summary, snapshot))
        }
        return around
    }

    /// The case with everything that an auditor follows up: every event with the hash of its leaf,
    /// as `verify` computes it.
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - time: the time at which it stands, now if not given.
    /// - Returns: view and hashes.
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if nothing is known of it.
    public func auditorView(
        of caseID: Subject,
        at time: Timestamp? = nil
    ) throws(LedgerError) -> AuditorView {
        try self.auditorView(self.caseView(of: caseID, at: time))
    }

    /// The same of a view that is at hand, such as an earlier one.
    public func auditorView(_ view: CaseView) throws(LedgerError) -> AuditorView {
        let hashes = try self.reading { (snapshot) throws(EventStoreError) in
            var hashes: [EventAddress: Digest] = [:]
            for line in view.events {
                guard let leaf = try snapshot.leaf(at: line.address) else { continue }
                hashes[line.address] = LeafHash.of(leaf)
            }
            return hashes
        }
        return view.auditor { hashes[$0] }
    }
}

extension CaseSummary {
    /// Whether `one` stands before `other` in lists of cases: open ones first, then the one where
    /// something happened last, then by id.
    static func isListed(_ one: CaseSummary, before other: CaseSummary) -> Bool {
        let isOpen = one.state == .open
        if isOpen != (other.state == .open) { return isOpen }
        if one.lastAt != other.lastAt { return other.lastAt < one.lastAt }
        return one.caseID.utf8.lexicographicallyPrecedes(other.caseID.utf8)
    }
}
