package import CaseDomain
package import EventStore
internal import LedgerTypes

/// A read model of a service's own: a text for each case, and what it is found by.
package final class CaseRows: Sendable {
    /// What a case comes to; `nil` for nothing. Pure: the state alone decides.
    package typealias Fold =
        @Sendable (CaseState) -> (value: String, keys: [String])?

    private let number: UInt8
    private let name: String
    private let version: UInt32
    private let fold: Fold
    private let units = UnitFold()

    /// Creates the read model; `number` is that of its tables, for ever.
    package init(number: UInt8, name: String, version: UInt32, fold: @escaping Fold) {
        self.number = number
        self.name = name
        self.version = version
        self.fold = fold
    }

    /// What a case is found by.
    package static func key(_ text: String) -> LookupKey { LookupKey(kind: 1, text: text) }

    /// The read model as the store keeps it.
    package var projection: Projection {
        Projection(
            number: self.number,
            name: self.name,
            version: self.version,
            // Another name's rows under the same number are made again.
            salt: self.name.utf8.reduce(0xCBF2_9CE4_8422_2325) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01B3
            },
            kinds: ["case"],
            governing: Self.governing,
            unit: Self.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                try self.fold(units, snapshot)
            }
        )
    }

    /// What decides how every case is judged.
    private static let governing = [
        EventType.policyDefined, .teamDefined, .scriptDefined,
    ].map(\.rawValue)

    private static func unit(_ subject: Subject) -> Subject? {
        UnitFold.unit(of: subject, ["case"])
    }

    private func fold(
        _ units: [Subject],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [FoldedUnit] {
        let context = try self.units.context(snapshot)
        let reader = CaseReader()
        var actors = ActorPool()
        return try UnitFold.fold(units) { (unit) throws(EventStoreError) in
            self.rows(try reader.hold(unit, context, snapshot, &actors))
        }
    }

    private func rows(_ held: HeldCase) -> UnitRows? {
        guard held.state.eventCount > 0, let made = self.fold(held.state) else {
            // A case without a row still has to be looked at again when its contacts change.
            let sources = self.sources(of: held)
            return sources.isEmpty ? nil : UnitRows(value: [0], lookups: [], sources: sources)
        }
        return UnitRows(
            value: [1] + Array(made.value.utf8),
            lookups: made.keys.map(Self.key),
            sources: self.sources(of: held)
        )
    }

    private func sources(of held: HeldCase) -> [Subject] {
        held.basis.keys.filter { $0 != held.caseID && Self.unit($0) != held.caseID }
    }

    /// The text of a row; `nil` for a case that has none, or could not be folded.
    package static func text(_ rows: UnitRows) -> String? {
        guard !rows.isFailed, rows.value.first == 1 else { return nil }
        return String(decoding: rows.value.dropFirst(), as: UTF8.self)
    }
}
