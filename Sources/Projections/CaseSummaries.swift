package import CaseDomain
package import EventStore
package import LedgerTypes

/// The read model of lists over many cases: a row for each case and each customer, found by owner,
/// by customer, by identifier and, while a case is open, as such.
///
/// Two units depend on nothing but the log and, for the identifiers, on the keys that are here.
package final class CaseSummaries: Sendable {
    /// Hashes an identifier under the operator's key; always the same 16 bytes for the same one.
    package typealias Blinder = @Sendable (SearchTerm) -> [UInt8]

    /// What a unit is found by.
    package enum Lookup {
        /// The open cases on a worklist; "" is nobody's.
        package static func owner(_ id: String) -> LookupKey { LookupKey(kind: 1, text: id) }
        /// The cases of a customer.
        package static func customer(_ id: String) -> LookupKey { LookupKey(kind: 2, text: id) }
        /// Every open case.
        package static var open: LookupKey { LookupKey(kind: 3) }
        /// The cases and customers with an identifier, hashed.
        package static func identifier(_ hash: [UInt8]) -> LookupKey {
            LookupKey(kind: 4, hash)
        }
        /// The customers who say that they are also another.
        package static func linked(_ id: String) -> LookupKey { LookupKey(kind: 5, text: id) }
    }

    /// The number of its tables (docs/FORMAT.md).
    static let number: UInt8 = 1
    /// The version of its rows: another fold that gives other rows needs another one.
    static let version: UInt32 = 2

    private let openText: CaseReader.TextOpener?
    private let blind: Blinder?
    private let units = UnitFold()

    /// Creates the read model. Without `openText` and `blind` nothing is found by identifiers;
    /// `salt` tells keys apart, so that rows made under others are made again.
    package init(openText: CaseReader.TextOpener?, blind: Blinder?, salt: UInt64) {
        self.openText = openText
        self.blind = blind
        self.salt = salt
    }

    private let salt: UInt64

    /// The read model as the store keeps it.
    package var projection: Projection {
        Projection(
            number: Self.number,
            name: "cases",
            version: Self.version,
            salt: self.salt,
            kinds: ["case", "customer"],
            unit: Self.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                try self.fold(units, snapshot)
            }
        )
    }

    /// Cases and customers are units of their own; what is filed under a case belongs to it.
    private static func unit(_ subject: Subject) -> Subject? {
        UnitFold.unit(of: subject, ["case", "customer"])
    }

    private func fold(
        _ units: [Subject],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [FoldedUnit] {
        let context = try self.units.context(snapshot)
        var actors = ActorPool()
        return try UnitFold.fold(units) { (unit) throws(EventStoreError) in
            unit.isCase
                ? try self.caseRows(unit, context, snapshot, &actors)
                : try self.customerRows(unit, snapshot, &actors)
        }
    }

    private func caseRows(
        _ unit: Subject,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> UnitRows? {
        guard try snapshot.version(of: unit) > 0 else { return nil }
        let held = try CaseReader().hold(unit, context, snapshot, &actors)
        return try self.rows(of: held, context, snapshot, &actors)
    }

    /// The rows of a case that was read and folded, texts withheld.
    func rows(
        of held: HeldCase,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> UnitRows {
        let unit = held.caseID
        let summary = held.state.summary
        var lookups: [LookupKey] = []
        if summary.state == .open {
            lookups.append(Lookup.open)
            lookups += summary.listedWith.map(Lookup.owner)
        }
        if let customer = summary.customerID { lookups.append(Lookup.customer(customer)) }
        lookups += try self.identifiers(of: held, context, snapshot, &actors)
        return UnitRows(
            value: summary.clearBytes,
            lookups: lookups,
            // What is filed under the case itself belongs to it anyway.
            sources: held.basis.keys.filter { $0 != unit && Self.unit($0) != unit }
        )
    }

    /// What the case is found by: serial number and outside references, as far as their texts are
    /// open here.
    private func identifiers(
        of held: HeldCase,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> [LookupKey] {
        guard let blind = self.blind, self.openText != nil else { return [] }
        let reader = CaseReader(openText: self.openText)
        var terms: [SearchTerm] = []
        if held.state.hasChangedTexts {
            // What was redacted is withheld in a state, and what was corrected is read as such.
            let state = try reader.hold(held.caseID, context, snapshot, &actors).state
            terms = state.serial.value.map { [SearchTerm(.serial, $0)] }?.compactMap { $0 } ?? []
            return terms.map { Lookup.identifier(blind($0)) }
        }
        for address in held.state.openings {
            guard
                let clear = try Self.opening(address, CaseReader(), snapshot, &actors),
                clear.externalRefs.isPresent || clear.product?.serial.isPresent ?? false,
                let opening = try Self.opening(address, reader, snapshot, &actors)
            else { continue }
            terms += [opening.product?.serial.value].compactMap { $0 }.compactMap {
                SearchTerm(.serial, $0)
            }
            terms += (opening.externalRefs.value ?? []).compactMap { SearchTerm(.reference, $0) }
        }
        return terms.map { Lookup.identifier(blind($0)) }
    }

    private static func opening(
        _ address: EventAddress,
        _ reader: CaseReader,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> CaseOpened? {
        let event = try reader.event(at: address, snapshot, &actors)
        return if case .caseOpened(let opening) = event?.payload { opening } else { nil }
    }

    func customerRows(
        _ unit: Subject,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> UnitRows? {
        let reader = CaseReader(openText: self.blind == nil ? nil : self.openText)
        var state = CustomerState(unit.id)
        var ids: Set<EventID> = []
        try snapshot.forEachEvent(of: unit) { (stored, leaf) throws(EventStoreError) in
            let event = try reader.event(stored, leaf, of: unit, snapshot, &actors)
            // A copy of an event in another log counts once (C1).
            if ids.insert(event.id).inserted { state.evolve(event) }
            return true
        }
        guard state.summary.events > 0 else { return nil }
        var lookups = state.summary.linkedIDs.map(Lookup.linked)
        if let blind = self.blind {
            lookups += state.searchTerms.map { Lookup.identifier(blind($0)) }
        }
        return UnitRows(value: state.summary.clearBytes, lookups: lookups, sources: [])
    }
}

extension CaseReader {
    /// The event at `address`, its text opened where that is possible; `nil` if it is not held.
    package func event(
        at address: EventAddress,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> CaseEvent? {
        var actors = ActorPool()
        return try self.event(at: address, snapshot, &actors)
    }

    func event(
        at address: EventAddress,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> CaseEvent? {
        guard let arrival = try snapshot.arrival(at: address),
            let leaf = try snapshot.leaf(arrival: arrival)
        else { return nil }
        // The place in the story is read from the leaf.
        let stored = StoredEvent(
            address: address,
            arrival: arrival,
            order: Timestamp(microseconds: 0)
        )
        return try self.event(stored, leaf, of: nil, snapshot, &actors)
    }
}

extension UnitRows {
    /// The case that the row is about; `nil` if it could not be folded.
    package var caseSummary: CaseSummary? {
        self.isFailed ? nil : try? CaseSummary(clear: self.value)
    }

    /// The customer that the row is about; `nil` if it could not be folded.
    package var customerSummary: CustomerSummary? {
        self.isFailed ? nil : try? CustomerSummary(clear: self.value)
    }
}
