package import CaseLedger

/// Why a history cannot be simulated.
package enum SimulationError: Error, Sendable {
    /// There cannot be so many cases or days.
    case count(String)
    /// The parameters do not fit.
    case parameters(String)
    /// The ledgers are not those of the sites.
    case ledgers(String)
    /// The last day would be later than now.
    case ahead(days: Int)
    /// A ledger did not take the events.
    case ledger(LedgerError)
}
