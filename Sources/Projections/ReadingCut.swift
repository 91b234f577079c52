package import LedgerTypes

/// What of a ledger is read: everything, or what there was at an earlier moment (C6).
package struct ReadingCut: Hashable, Sendable {
    /// Only what arrived here before this arrival number is read.
    package let arrivalsEnd: UInt64
    /// Only what had happened by then is read; `nil` for no limit.
    package let occurredEnd: Timestamp?

    /// Everything that is there, also what comes meanwhile.
    package static let everything = ReadingCut()

    /// Creates a cut.
    package init(arrivalsEnd: UInt64 = .max, occurredEnd: Timestamp? = nil) {
        self.arrivalsEnd = arrivalsEnd
        self.occurredEnd = occurredEnd
    }

    /// Whether something that happened at `occurred` and has this arrival number is read.
    package func includes(arrival: UInt64, occurred: Timestamp) -> Bool {
        guard arrival < self.arrivalsEnd else { return false }
        return self.occurredEnd.map { occurred <= $0 } ?? true
    }
}
