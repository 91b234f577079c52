internal import EventStore
internal import LedgerTypes
internal import Projections

// Keys that came from other sites.
extension Ledger {
    /// How many given keys are taken into account at once.
    private static let givenKeysMax = 1_024

    /// Makes again what was made of sealed texts whose keys have come since: lists and what they
    /// are found by. What was looked at before is read anew.
    ///
    /// Begins where it was cut off; blocks the calling thread while rows are made.
    func useGivenKeys() async throws(LedgerError) {
        do throws(EventStoreError) {
            while true {
                let given = try self.store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.givenKeys(max: Self.givenKeysMax)
                }
                guard !given.isEmpty else { return }
                self.views.removeAll()
                let owners = Set(given.map(\.owner))
                let projection = self.summaries.projection
                let units = try self.store.read(projection) {
                    (snapshot, reading) throws(EventStoreError) in
                    var units = owners.filter { $0.isCase || $0.isOf(kind: "customer") }
                    for owner in owners where owner.isOf(kind: "customer") {
                        let cases = CaseSummaries.Lookup.customer(owner.id)
                        units.formUnion(try snapshot.units(cases, reading))
                    }
                    return units
                }
                try self.store.refold(units, in: projection)
                try await self.store.settleGivenKeys(given)
            }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}
