public import LedgerTypes

/// `case.observed`: how a foreign system said things stood; one audit row, nothing relative in it.
///
/// Team, tier, agent, site, priority and product are the source's own words. The row itself is in
/// the section `row`.
public struct CaseObserved: EventMessage {
    /// The source.
    public var sourceSystem = ""
    /// The status.
    public var status = ObservedStatus.notStated
    /// The source's own word for the status, where it says more.
    public var subStatus: String?
    /// For whom the case waits.
    public var waitingOn: WaitingOn?
    /// The team that holds the case.
    public var team: String?
    /// The team's tier.
    public var tier: String?
    /// The agent that holds the case.
    public var agent: String?
    /// The source's site, not the writing one.
    public var site: String?
    /// The source's own verdict on the service level.
    public var slaMet: Bool?
    /// The priority.
    public var priority: String?
    /// The product.
    public var product: String?
    /// The channel.
    public var channel: Channel?
    /// SHA-256 of the header record that names the columns of a CSV row; `nil` for other rows.
    public var headerDigest: Digest?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.sourceSystem, 1, "sourceSystem")
        try visitor.field(&self.status, 2, "status")
        try visitor.field(&self.subStatus, 3, "subStatus")
        try visitor.field(&self.waitingOn, 4, "waitingOn")
        try visitor.field(&self.team, 5, "team")
        try visitor.field(&self.tier, 6, "tier")
        try visitor.field(&self.agent, 7, "agent")
        try visitor.field(&self.site, 8, "site")
        try visitor.field(&self.slaMet, 9, "slaMet")
        try visitor.field(&self.priority, 10, "priority")
        try visitor.field(&self.product, 11, "product")
        try visitor.field(&self.channel, 12, "channel")
        try visitor.field(&self.headerDigest, 13, "headerDigest")
    }
}
