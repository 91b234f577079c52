internal import EventStore
internal import LedgerTypes

/// Whose keys a session takes (docs/SYNC.md, "Trust").
///
/// Under every policy a site's name that is bound to a key stays bound to it.
package enum TrustPolicy: Hashable, Sendable {
    /// Another directory of the same operator: new keys, also of sites whose logs are relayed, are
    /// pinned on first contact, and the peer may carry this site's own key.
    case sameOperator
    /// Only keys that are pinned already, also for logs that are relayed.
    case pinned
    /// A stream whose far end the operator vouches for: new keys are pinned on first contact.
    case trustFirstUse

    /// Whether a name without a key may be bound to one now.
    var pinsNewKeys: Bool { self != .pinned }
}

/// The keys that names are bound to, and whether further ones may be.
struct TrustedKeys: Sendable {
    /// This site.
    let site: SiteName
    /// Its key.
    let siteKey: [UInt8]
    /// Whose keys are taken.
    let policy: TrustPolicy
    /// The keys that other names are bound to.
    var pins: [SiteName: [UInt8]]
    /// The genesis of every log that is held, or comes and was believed.
    var held: [LogID: Genesis] = [:]

    /// Throws unless `site` is bound to `key`, or may be.
    func admit(_ site: SiteName, key: [UInt8]) throws(SyncError) {
        if site == self.site {
            guard key == self.siteKey else { throw .siteKeyChanged(site.rawValue) }
            return
        }
        if let pinned = self.pins[site] {
            guard pinned == key else { throw .siteKeyChanged(site.rawValue) }
            return
        }
        guard self.policy.pinsNewKeys else { throw .untrusted(site.rawValue) }
    }

    /// Throws unless `site` is bound to `key`, or may be, or `successions` lead there from the key
    /// that it is bound to.
    func admit(
        _ site: SiteName,
        key: [UInt8],
        by successions: [KeySuccession]
    ) throws(SyncError) {
        if let pinned = self.pins[site], pinned != key, site != self.site,
            successions.formerKeys(of: key).contains(pinned)
        {
            return
        }
        try self.admit(site, key: key)
    }

    /// Throws unless a log that `genesis` began is its site's: by the key that the name is bound
    /// to, by the next one, which that key named, or by an earlier one, if a log of the key goes on
    /// from this one.
    func admit(_ genesis: Genesis, of log: LogID) throws(SyncError) {
        let site = genesis.site
        guard let known = site == self.site ? self.siteKey : self.pins[site],
            known != genesis.siteKey
        else { return try self.admit(site, key: genesis.siteKey) }
        if KeyAncestry.includes(log, of: site, under: known, in: self.held) { return }
        guard site != self.site, genesis.succeeds(known) else {
            throw .siteKeyChanged(site.rawValue)
        }
    }

    /// Whether something that carries `key` was signed by `site`, now or before it changed its key.
    func knows(_ site: SiteName, key: [UInt8]) -> Bool {
        self.pins[site] == key || self.held.values.contains { $0.site == site && $0.siteKey == key }
    }

    /// Binds the site's name to the key of a log that was admitted, if it has none, or to a newer
    /// one than that log's. The store changes the key with leaf 0.
    mutating func pin(_ genesis: Genesis) -> [Directive] {
        guard genesis.site != self.site else { return [] }
        guard let known = self.pins[genesis.site] else {
            return self.pin(genesis.site, key: genesis.siteKey)
        }
        if genesis.succeeds(known) { self.pins[genesis.site] = genesis.siteKey }
        return []
    }

    /// Binds `site` to `key`, to which `successions` lead if it is bound to another.
    mutating func pin(
        _ site: SiteName,
        key: [UInt8],
        by successions: [KeySuccession]
    ) -> [Directive] {
        guard let known = self.pins[site], known != key, site != self.site else {
            return self.pin(site, key: key)
        }
        self.pins[site] = key
        return [.rebind(site, key: key, successions)]
    }

    /// Binds `site` to `key` if it is not bound yet.
    mutating func pin(_ site: SiteName, key: [UInt8]) -> [Directive] {
        guard site != self.site, self.pins[site] == nil else { return [] }
        self.pins[site] = key
        return [.pin(site, key: key)]
    }
}
