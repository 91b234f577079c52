internal import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections
internal import Sealing

extension Ledger {
    /// A customer across cases.
    ///
    /// Costs what the customer has cases, however large the ledger.
    ///
    /// - Parameters:
    ///   - customerID: the pseudonym; ``customerID(of:)`` makes it of the operator's own id.
    ///   - time: the time at which promises stand, now if not given.
    /// - Returns: the customer, with everything that this site may read.
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if nothing is known of them.
    public func customer(
        _ customerID: String,
        at time: Timestamp? = nil
    ) throws(LedgerError) -> CustomerView {
        let time = time ?? self.now
        let found = try self.listing { (snapshot, reading) throws(EventStoreError) in
            let ids = try self.ids(ofPerson: customerID, snapshot, reading)
            var view = CustomerView(customerID, at: time)
            view.linkedIDs = ids.filter { $0 != customerID }.sorted()
            var isKnown = false
            // The customer's own description goes before those of their other ids.
            for id in ids {
                if try self.describe(id, &view, snapshot, reading) { isKnown = true }
            }
            var cases: [CaseSummary] = []
            for id in ids {
                cases += try self.summaries(CaseSummaries.Lookup.customer(id), snapshot, reading)
            }
            guard isKnown || !cases.isEmpty else { return nil as CustomerView? }
            cases.sort(by: CaseSummary.isListed)
            for summary in cases {
                let item = try self.item(summary, snapshot)
                if summary.state == .open {
                    view.openCases.append(item)
                } else {
                    view.pastCases.append(item)
                }
            }
            view.casesNotRead = max(0, cases.count - CustomerView.casesReadMax)
            let context = try self.context(snapshot)
            var views: [CaseView] = []
            for summary in cases.prefix(CustomerView.casesReadMax) {
                guard let subject = summary.subject else { continue }
                let held = try self.views.current(subject, self.reader, context, snapshot)
                views.append(held.state.view(at: time))
            }
            view.add(views)
            return view
        }
        guard let found else {
            guard let subject = Subject(kind: "customer", id: customerID) else {
                throw .invalidEvent(nil, what: "\"\(customerID)\" is not a customer's id")
            }
            throw .unknownSubject(subject)
        }
        return found
    }

    /// The pseudonym of a customer whom the operator knows as `externalID`: the same at every site
    /// that shares the pseudonym key. `nil` where that key is not here.
    public func customerID(of externalID: String) -> String? {
        self.pseudonyms?.pseudonym(noun: "customer", id: externalID)
    }

    /// The most ids that one person is taken to have.
    private static var linkedMax: Int { 64 }

    /// Every id of the person, as `customer.linked` says, either way; the one asked for first.
    func ids(
        ofPerson customerID: String,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> [String] {
        var ids = [customerID]
        var next = 0
        while next < ids.count, ids.count < Self.linkedMax {
            let id = ids[next]
            next += 1
            var linked: [String] = []
            if let unit = Subject(kind: "customer", id: id) {
                linked = try snapshot.rows(of: unit, reading)?.customerSummary?.linkedIDs ?? []
            }
            linked += try snapshot.units(CaseSummaries.Lookup.linked(id), reading).map(\.id)
            for other in linked where !ids.contains(other) { ids.append(other) }
        }
        return ids
    }

    /// The name of a customer, open where this site has the key.
    func name(
        of customerID: String,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> Sealed<String> {
        guard let unit = Subject(kind: "customer", id: customerID),
            let summary = try snapshot.rows(of: unit, reading)?.customerSummary
        else { return .absent }
        return try self.description(summary, snapshot)?.name ?? .absent
    }

    private func description(
        _ summary: CustomerSummary,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> CustomerDescribed? {
        guard
            case .customerDescribed(let described) = try self.payload(
                of: summary.describedBy,
                snapshot
            )
        else { return nil }
        return described
    }

    /// Adds what is not said yet; whether the customer has events of their own.
    private func describe(
        _ customerID: String,
        _ view: inout CustomerView,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> Bool {
        guard let unit = Subject(kind: "customer", id: customerID),
            let summary = try snapshot.rows(of: unit, reading)?.customerSummary
        else { return false }
        view.language = view.language ?? summary.language
        view.preferredChannel = view.preferredChannel ?? summary.preferredChannel
        view.timeZone = view.timeZone ?? summary.timeZone
        view.isErased = view.isErased || summary.erasedBy != nil
        if let described = try self.description(summary, snapshot) {
            if !view.name.isPresent { view.name = described.name }
            if !view.addressAs.isPresent { view.addressAs = described.addressAs }
            if !view.contactPoints.isPresent { view.contactPoints = described.contactPoints }
        }
        return true
    }
}

extension CustomerView {
    /// A customer of whom nothing is known yet.
    init(_ customerID: String, at time: Timestamp) {
        self.init(
            asOf: time,
            customerID: customerID,
            linkedIDs: [],
            name: .absent,
            addressAs: .absent,
            contactPoints: .absent,
            isErased: false,
            openCases: [],
            pastCases: [],
            owed: [],
            broken: [],
            contacts: [],
            repeats: [],
            feedback: [],
            explanations: 0,
            casesNotRead: 0
        )
    }
}
