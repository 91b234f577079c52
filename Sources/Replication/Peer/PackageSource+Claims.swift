internal import EventStore
internal import LedgerTypes

extension PackageSource {
    /// The logs as the peer is to see them: one with rotten leaves ends before the first of them.
    func claims(
        _ logs: [LogState],
        damages: Set<Damage>,
        shown: [Position]
    ) throws(EventStoreError) -> [LocalLog] {
        let forks = try self.store.forkRecords()
        var claims: [LocalLog] = []
        for log in logs {
            let rotten = damages.lazy.filter { $0.log == log.id }.compactMap(\.index)
            guard let first = rotten.min() else {
                let isShown = shown.contains { $0.log == log.id }
                let claim = LocalLog(log, known: forks, isShown: isShown)
                if let claim { claims.append(claim) }
                continue
            }
            let size = max(first & ~0xFF, 1)
            let root = try self.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.root(log, size: size)
            }
            claims.append(LocalLog(log, endingAfterLeaves: size, root: root))
        }
        return claims
    }
}
