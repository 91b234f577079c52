public import LedgerTypes

/// What a new ledger says of the site that owns it.
public struct SiteProfile: Hashable, Sendable {
    /// The site's name; written into the genesis.
    public var name: SiteName
    /// What sort of site it is; written into `site.registered`.
    public var kind: SiteKind
    /// The company that runs it, for an outsourced centre.
    public var company: String?
    /// The IANA name of the site's time zone.
    public var timeZone: String

    /// Describes a site.
    public init(
        name: SiteName,
        kind: SiteKind = .inHouse,
        company: String? = nil,
        timeZone: String = "UTC"
    ) {
        self.name = name
        self.kind = kind
        self.company = company
        self.timeZone = timeZone
    }
}
