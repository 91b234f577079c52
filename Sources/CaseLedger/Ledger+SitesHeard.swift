internal import CaseDomain
internal import EventStore
public import LedgerTypes

/// What another site knows of a case, as far as is known here.
public struct SiteHeard: Hashable, Sendable, Encodable {
    /// The site's name.
    public let site: String
    /// When it wrote, by its own clock, the newest event that is held here, about whatever it was;
    /// `nil` if nothing of it is held.
    public let lastHeard: Timestamp?
    /// How many of the case's events here it had not seen when it last wrote about the case. It may
    /// have got them since.
    public let unseen: Int
    /// Whether a part of what it writes is held here, under a grant; `nil` if all is.
    public let isHeldInPart: Bool?
}

extension Snapshot {
    /// The other sites that wrote about the case or have been offered it, by name.
    ///
    /// What a site had seen is stated in each event that it wrote about the case: of every other
    /// log, the newest index of the case that it held.
    borrowing func sitesHeard(
        of caseID: Subject,
        offeredTo places: [String],
        here: SiteName
    ) throws(EventStoreError) -> [SiteHeard] {
        var siteOfLog: [LogID: SiteName] = [:]
        var lastHeard: [String: Timestamp] = [:]
        var parts: Set<String> = []
        for log in try self.logs() where log.position.size > 0 {
            siteOfLog[log.id] = log.site
            if log.isPartial { parts.insert(log.site.rawValue) }
            let recorded = log.lastRecorded.timestamp
            let newest = lastHeard[log.site.rawValue] ?? recorded
            lastHeard[log.site.rawValue] = max(newest, recorded)
        }
        var events: [EventAddress] = []
        var known: [SiteName: [LogID: UInt64]] = [:]
        try self.forEachEvent(of: caseID) { (stored, leaf) throws(EventStoreError) in
            events.append(stored.address)
            guard let site = siteOfLog[stored.address.log], site != here else { return true }
            let seen = (try? LeafFields(leaf: leaf))?.seen ?? []
            for address in seen + [stored.address] {
                let index = known[site]?[address.log] ?? 0
                known[site, default: [:]][address.log] = max(index, address.index)
            }
            return true
        }
        let named = Set(known.keys.map(\.rawValue)).union(places)
        return named.subtracting([here.rawValue]).sorted().map { name in
            let site = SiteName(name)
            let held = site.flatMap { known[$0] } ?? [:]
            let unseen = events.count { event in
                siteOfLog[event.log] != site && held[event.log].map { $0 < event.index } ?? true
            }
            return SiteHeard(
                site: name,
                lastHeard: lastHeard[name],
                unseen: unseen,
                isHeldInPart: parts.contains(name) ? true : nil
            )
        }
    }
}
