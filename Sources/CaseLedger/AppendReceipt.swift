public import LedgerTypes

/// The answer to an append that is durable.
public struct AppendReceipt: Hashable, Sendable {
    /// The events' ids, in order; an event that the ledger added stands after the one it belongs
    /// to.
    public let ids: [EventID]
    /// Where they stand, in the same order.
    public let addresses: [EventAddress]
    /// Where the log stood after the commit; `nil` for a repeat.
    public let position: Position?

    /// Whether the same events were held already, so that nothing was written.
    public var isRepeat: Bool { self.position == nil }
}
