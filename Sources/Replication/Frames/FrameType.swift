/// The frames of CLSP/1 (docs/SYNC.md, "Frames").
package enum FrameType: UInt8, Hashable, Sendable, CaseIterable {
    case hello = 1
    case vector = 2
    case intervals = 3
    case checkpoint = 4
    case package = 5
    case blob = 6
    case acknowledgement = 7
    case fork = 8
    case keys = 9
    case done = 10
    case authentication = 11
    case part = 12
    case base = 13
    case end = 14
    case error = 15
    case scope = 16
    case selection = 17

    /// Whether a body of this type may be compressed. What is read before the peer is known may
    /// not, so nothing is inflated for a stranger.
    package var mayBeCompressed: Bool {
        switch self {
        case .hello, .authentication, .base, .end, .error: false
        default: true
        }
    }

    /// Whether it stands in bundles alone; a session does not know it.
    package var isForBundles: Bool { self == .base || self == .end }
}
