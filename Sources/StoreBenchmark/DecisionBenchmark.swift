public import CaseDomain
public import CaseLedger

/// What an append does before the writer gets it, by itself, for Benchmarks/.
public enum DecisionBenchmark {
    /// Decides, seals and encodes an append of `events`, about cases that were appended to lately,
    /// and appends nothing; false if more would have to be read.
    public static func prepares(_ events: [ProposedEvent], in ledger: Ledger) -> Bool {
        ledger.prepares(events)
    }
}
