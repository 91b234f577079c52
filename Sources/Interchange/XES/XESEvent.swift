/// One event of an XES log, with what surrounds it.
struct XESEvent: Hashable, Sendable {
    /// The event's attributes, in file order.
    let attributes: [SourceAttribute]
    /// The attributes of its trace; `nil` for an event outside of a trace.
    let trace: [SourceAttribute]?
    /// Whether no event of its trace came before it.
    let isFirstOfTrace: Bool
    /// The line on which it begins, from 1.
    let line: Int
    /// Roughly the bytes of its attributes.
    let bytes: Int
}
