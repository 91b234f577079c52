internal import EventStore
internal import LedgerTypes
internal import Projections
internal import Sealing

/// What became of the keys of texts whose key-encryption keys were lost.
public struct KeyRecovery: Hashable, Sendable, Encodable {
    /// Keys of customers that nothing here opens any more; peers that have them give them back.
    public let lost: Int
    /// Keys that open.
    public let usable: Int
    /// The epoch that keys are wrapped in from now on.
    public let epoch: UInt32
    /// Whether a key-encryption key was made now.
    public let isNew: Bool
}

extension Ledger {
    /// Makes a new key-encryption key where those that the keys of customers are wrapped under are
    /// lost, so that peers can give the keys back: ``sync(with:sharingKeys:progress:)``. Nothing is
    /// removed: if a copy of the lost ones is found, it may still be put back.
    ///
    /// The ledger is opened and closed; open it again afterwards.
    ///
    /// - Parameters:
    ///   - path: the ledger's directory.
    ///   - state: where its secrets lie.
    ///   - pseudonymKey: the operator's pseudonym key, if it is lost as well.
    /// - Returns: what is lost, and what was made.
    /// - Throws: ``LedgerError/malformedFile(path:)`` and errors of the file system.
    public static func recoverKeys(
        at path: String,
        state: String,
        pseudonymKey: [UInt8]? = nil
    ) async throws(LedgerError) -> KeyRecovery {
        let ledger = try Self.open(at: path, state: state)
        defer { ledger.close() }
        let folder = try ledger.siteFolder()
        do throws(SealingError) {
            if let pseudonymKey {
                guard let key = PseudonymKey(contents: pseudonymKey) else {
                    throw .malformedFile(path: "the pseudonym key")
                }
                _ = try key.store(in: folder, random: SystemRandom.bytes)
            }
        } catch {
            throw LedgerError(error.storeError(path: folder), path: path)
        }
        let before = try ledger.countKeys()
        var recovery = KeyRecovery(
            lost: before.lost,
            usable: before.usable,
            epoch: 0,
            isNew: false
        )
        do throws(SealingError) {
            if let keks = try? KeyEncryptionKeys(folder: folder), before.lost == 0 {
                recovery = KeyRecovery(
                    lost: 0,
                    usable: before.usable,
                    epoch: keks.currentEpoch,
                    isNew: false
                )
            } else {
                let keks = try KeyEncryptionKeys.begin(
                    after: { (body) throws(SealingError) in
                        do throws(EventStoreError) {
                            try ledger.store.read { (snapshot) throws(EventStoreError) in
                                try snapshot.forEachKey { row in
                                    body(row)
                                    return true
                                }
                            }
                        } catch {
                            throw .store(error)
                        }
                    },
                    folder: folder,
                    random: SystemRandom.bytes
                )
                recovery = KeyRecovery(
                    lost: before.lost,
                    usable: before.usable,
                    epoch: keks.currentEpoch,
                    isNew: true
                )
            }
        } catch {
            throw LedgerError(error.storeError(path: folder), path: path)
        }
        do throws(EventStoreError) {
            try await ledger.store.lookForKeysAnew()
        } catch {
            throw LedgerError(error, path: path)
        }
        return recovery
    }

    /// How many wrapped keys nothing here opens, and how many are usable.
    func countKeys() throws(LedgerError) -> (lost: Int, usable: Int) {
        try self.reading { (snapshot) throws(EventStoreError) in
            var counts = (lost: 0, usable: 0)
            try snapshot.forEachKey { row in
                if self.keys?.isUsable(row) ?? false {
                    counts.usable += 1
                } else {
                    counts.lost += 1
                }
                return true
            }
            return counts
        }
    }
}

// Keys that came from other sites.
extension Ledger {
    /// How many given keys are taken into account at once.
    private static let givenKeysMax = 1_024

    /// Makes again what was made of sealed texts whose keys have come since: lists and what they
    /// are found by. What was looked at before is read anew.
    ///
    /// Begins where it was cut off, also when the ledger is opened again; blocks the calling thread
    /// while rows are made.
    func useGivenKeys() throws(LedgerError) {
        do throws(EventStoreError) {
            while true {
                let given = try self.store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.givenKeys(max: Self.givenKeysMax)
                }
                guard !given.isEmpty else { return }
                self.views.removeAll()
                let owners = Set(given.map(\.owner))
                let projection = self.summaries.projection
                let units = try self.store.read(projection) {
                    (snapshot, reading) throws(EventStoreError) in
                    var units = owners.filter { $0.isCase || $0.isOf(kind: "customer") }
                    for owner in owners where owner.isOf(kind: "customer") {
                        let cases = CaseSummaries.Lookup.customer(owner.id)
                        units.formUnion(try snapshot.units(cases, reading))
                    }
                    return units
                }
                try self.store.refold(units, in: projection)
                try self.store.settleGivenKeys(given)
            }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }
}
