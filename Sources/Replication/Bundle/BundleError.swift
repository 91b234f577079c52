package import LedgerTypes

/// Why a bundle, or a vector, is refused as a whole. What concerns one frame or one log in it is a
/// ``SyncError``.
package enum BundleError: Error, Hashable, Sendable {
    /// A log that has to be held before a bundle can be applied.
    package struct Prerequisite: Hashable, Sendable {
        /// Where the log has to stand at least.
        package let position: Position
        /// How many leaves of it are held.
        package let held: UInt64
    }

    /// The file does not begin as a bundle does.
    case notABundle
    /// The manifest has more bytes than a note may have.
    case manifestTooLong(UInt32)
    /// The manifest is no signed note, or its text is not one of a bundle.
    case malformedManifest
    /// The file ends before its manifest does, so that nothing can be said of the rest.
    case truncatedManifest
    /// The text is no signed vector.
    case malformedVector
    /// The key that it names did not sign it.
    case badSignature(SiteName)
    /// It was made for another site.
    case otherRecipient(SiteName)
    /// The key of the site that made it is not pinned and may not be pinned now.
    case untrusted(String)
    /// The site that made it is bound to another key here.
    case siteKeyChanged(String)
    /// It goes on from leaves that are not held here.
    case missing([Prerequisite])
    /// One package, with what goes before it, has more bytes than a part may have.
    case partTooSmall(bytesNeeded: UInt64)
    /// The store or a log failed.
    case sync(SyncError)
}

extension BundleError: CustomStringConvertible {
    /// What happened and what it touched, in one line.
    package var description: String {
        switch self {
        case .notABundle: "the file is not a bundle"
        case .manifestTooLong(let bytes): "the manifest has \(bytes) bytes"
        case .malformedManifest: "the manifest is malformed"
        case .truncatedManifest: "the file ends before its manifest does"
        case .malformedVector: "the file is not a signed vector"
        case .badSignature(let site): "the key of site \(site) did not sign it"
        case .otherRecipient(let site): "the bundle is for site \(site)"
        case .untrusted(let name): SyncError.untrusted(name).description
        case .siteKeyChanged(let name): SyncError.siteKeyChanged(name).description
        case .missing(let prerequisites):
            "the bundle goes on from leaves that are not held: "
                + prerequisites.map {
                    "log \($0.position.log.short) from \($0.position.size), held \($0.held)"
                }.joined(separator: "; ")
        case .partTooSmall(let bytes): "one package needs a part of \(bytes) bytes"
        case .sync(let error): error.description
        }
    }
}
