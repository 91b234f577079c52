/// Every maximum of bundles beside those of sessions, by name (docs/SYNC.md, "Bundles").
package enum BundleLimits {
    /// The most bytes of a manifest or a vector, signature included.
    package static let noteBytesMax = 1 << 20
    /// The most logs in a manifest or a vector.
    package static let logsMax = SyncLimits.logsMax
    /// The most parts of a set.
    package static let partsMax: UInt32 = 999
    /// The fewest bytes that a part may be limited to.
    package static let partBytesMin: UInt64 = 64 << 10
}
