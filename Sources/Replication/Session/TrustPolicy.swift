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
