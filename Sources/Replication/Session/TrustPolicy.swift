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

    /// Binds `site` to `key` if it is not bound yet.
    mutating func pin(_ site: SiteName, key: [UInt8]) -> [Directive] {
        guard site != self.site, self.pins[site] == nil else { return [] }
        self.pins[site] = key
        return [.pin(site, key: key)]
    }
}
