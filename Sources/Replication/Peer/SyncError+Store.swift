package import EventStore
internal import LedgerTypes

extension SyncError: EventStoreFailure {
    /// What a failure of the store means for a session.
    package static func store(_ error: EventStoreError) -> SyncError {
        switch error {
        case .fork(let address, _, _): .forked(address.log)
        case .frozen(let log), .suspect(let log, _), .heldInPart(let log), .heldWhole(let log):
            .closed(log)
        case .genesisRefused(let log): .badGenesis(log, .badSignature)
        case .siteKeyMismatch(let site): .siteKeyChanged(site.rawValue)
        case .malformedLeaf(let address): .badPackage(address.log, index: address.index)
        case .sectionMismatch(let address, _): .badPackage(address.log, index: address.index)
        case .diskFull: .storage("no space left on the device", isRetryable: true)
        case .overloaded, .outcomeUnknown: .storage("\(error)", isRetryable: true)
        default: .storage("\(error)", isRetryable: false)
        }
    }

    /// Whether a refused commit concerns only the log it was for, so that others go on.
    var isAboutOneLog: Bool {
        switch self {
        case .forked, .closed, .badGenesis, .siteKeyChanged, .badPackage: true
        default: false
        }
    }
}
