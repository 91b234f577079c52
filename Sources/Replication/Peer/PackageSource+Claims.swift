internal import EventStore
internal import LedgerTypes
internal import Merkle

extension PackageSource {
    /// The logs as the peer is to see them: one with rotten leaves ends before the first of them,
    /// and says which it wants.
    func claims(
        _ logs: [LogState],
        damages: Set<Damage>,
        shown: [Position]
    ) throws(EventStoreError) -> [LocalLog] {
        let forks = try self.store.forkRecords()
        var claims: [LocalLog] = []
        for log in logs {
            let rotten = damages.lazy.filter { $0.log == log.id }.compactMap(\.index)
            if log.isPartial {
                var claim = LocalLog(log)
                let state = try self.store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.partialState(log)
                }
                claim.part = LocalPart(state)
                claims.append(claim)
                continue
            }
            guard let first = rotten.min() else {
                let isShown = shown.contains { $0.log == log.id }
                let claim = LocalLog(log, known: forks, isShown: isShown)
                if let claim { claims.append(claim) }
                continue
            }
            var claim = try self.claim(log, before: first)
            claim.repair = LocalLog.Repair(
                selection: Selection(log: log.id, indexes: rotten),
                whole: log.position
            )
            claims.append(claim)
        }
        return claims
    }

    /// A log up to the tile of its first rotten leaf, or its leaf 0 alone if the hashes before it
    /// are rotten as well.
    private func claim(
        _ log: LogState,
        before first: UInt64
    ) throws(EventStoreError) -> LocalLog {
        let size = max(first & ~0xFF, 1)
        do throws(EventStoreError) {
            let root = try self.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.root(log, size: size)
            }
            return LocalLog(log, endingAfterLeaves: size, root: root)
        } catch .damaged {
            let root = MerkleHash.leaf(log.genesis.leaf.span)
            return LocalLog(log, endingAfterLeaves: 1, root: root)
        }
    }
}
