import CaseDomain
import CaseLedger
import LedgerTypes

/// Cases that were reopened, found by their customer.
let comebacks = CaseProjection(number: 1, name: "comebacks", version: 1) { state in
    guard state.facts.reopens > 0, let customer = state.customer else { return nil }
    return CaseRow("\(state.facts.reopens)", keys: [customer])
}

/// How often cases of `customer` were reopened.
func comebacks(of customer: String, in ledger: Ledger) throws -> Int {
    try ledger.rows(of: comebacks, under: customer).compactMap { Int($0.value) }.reduce(0, +)
}
