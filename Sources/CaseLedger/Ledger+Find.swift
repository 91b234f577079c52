public import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections
internal import Sealing

/// What to look for.
public enum FindQuery: Hashable, Sendable {
    /// A telephone number, written in any of the usual ways.
    case phone(String)
    /// A mail address.
    case mail(String)
    /// A product's serial number.
    case serial(String)
    /// The name of a case or a customer in another system; also the id of a case itself.
    case reference(String)
    /// A customer, by pseudonym or by the operator's own id.
    case customer(String)
}

/// What was found.
public struct FindResult: Hashable, Sendable, Encodable {
    /// A customer who was found.
    public struct Customer: Hashable, Sendable, Encodable {
        /// The pseudonym.
        public let customerID: String
        /// The name, open where this site has the key.
        public let name: Sealed<String>
        /// How many cases they have.
        public let cases: Int
        /// How many of these are open.
        public let openCases: Int
    }

    /// Whether the whole identifier was found; false where only the end of a telephone number was.
    public var isExact = true
    /// Customers, by id.
    public var customers: [Customer] = []
    /// Cases: those found themselves and those of the customers; open ones first, the newest first.
    public var cases: [CaseItem] = []

    /// Whether nothing was found.
    public var isEmpty: Bool { self.customers.isEmpty && self.cases.isEmpty }
}

extension Ledger {
    /// Looks for customers and cases.
    ///
    /// Telephone numbers, mail addresses, serial numbers and outside references stand in no index;
    /// keyed hashes of them do (docs/FORMAT.md). What this site had no key for is not found here.
    /// Costs what there is to be shown, however large the ledger.
    ///
    /// - Throws: ``LedgerError/permission(path:)`` where the pseudonym key is not here, and
    ///   ``LedgerError/invalidEvent(_:what:)`` for text that is no such identifier.
    public func find(by query: FindQuery) throws(LedgerError) -> FindResult {
        switch query {
        case .customer(let id):
            let ids = [id, self.customerID(of: id)].compactMap { $0 }
            return try self.listing { (snapshot, reading) throws(EventStoreError) in
                try self.found(customers: ids, cases: [], snapshot, reading)
            }
        case .phone(let text):
            var result = try self.find(.phone, text)
            guard result.isEmpty, SearchTerm(.phoneEnd, text) != nil else { return result }
            result = try self.find(.phoneEnd, text)
            result.isExact = result.isEmpty
            return result
        case .mail(let text): return try self.find(.mail, text)
        case .serial(let text): return try self.find(.serial, text)
        case .reference(let text): return try self.find(.reference, text)
        }
    }

    private func find(_ kind: SearchKind, _ text: String) throws(LedgerError) -> FindResult {
        guard let term = SearchTerm(kind, text) else {
            throw .invalidEvent(nil, what: "\"\(text)\" is no \(kind.words)")
        }
        guard let pseudonyms = self.pseudonyms else {
            throw .permission(path: "the pseudonym key in the state directory")
        }
        let hash = pseudonyms.blindIndex(kind: term.kind.name, form: term.form)
        return try self.listing { (snapshot, reading) throws(EventStoreError) in
            let units = try snapshot.units(CaseSummaries.Lookup.identifier(hash), reading)
            var cases = units.filter(\.isCase)
            // A case's own id is a reference as well: imports keep the other system's.
            if kind == .reference, let own = Subject(kind: "case", id: text), !cases.contains(own) {
                cases.append(own)
            }
            let customers = units.filter { $0.kind == "customer" }.map(\.id)
            return try self.found(customers: customers, cases: cases, snapshot, reading)
        }
    }

    private func found(
        customers: [String],
        cases: [Subject],
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> FindResult {
        var result = FindResult()
        var summaries: [String: CaseSummary] = [:]
        for unit in cases {
            guard let summary = try snapshot.rows(of: unit, reading)?.caseSummary else { continue }
            summaries[summary.caseID] = summary
        }
        var ids: [String] = []
        for customer in customers {
            for id in try self.ids(ofPerson: customer, snapshot, reading) where !ids.contains(id) {
                ids.append(id)
            }
        }
        for id in ids.sorted() {
            let own = try self.summaries(CaseSummaries.Lookup.customer(id), snapshot, reading)
            let unit = Subject(kind: "customer", id: id)
            let isKnown =
                try unit.flatMap { unit throws(EventStoreError) in
                    try snapshot.rows(of: unit, reading)
                } != nil
            guard isKnown || !own.isEmpty else { continue }
            for summary in own { summaries[summary.caseID] = summary }
            result.customers.append(
                FindResult.Customer(
                    customerID: id,
                    name: try self.name(of: id, snapshot, reading),
                    cases: own.count,
                    openCases: own.count { $0.state == .open }
                )
            )
        }
        let sorted = summaries.values.sorted(by: CaseSummary.isListed)
        for summary in sorted { result.cases.append(try self.item(summary, snapshot)) }
        return result
    }
}

extension SearchKind {
    fileprivate var words: String {
        switch self {
        case .phone, .phoneEnd: "telephone number"
        case .mail: "mail address"
        case .serial: "serial number"
        case .reference, .notStated: "reference"
        }
    }
}
