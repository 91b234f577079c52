internal import EventStore
internal import LedgerTypes

// Former logs of this site, and what is rotten here.
extension CommitGroup {
    /// Puts right what is rotten here and came along; where the package ends.
    static func repair(
        _ package: VerifiedPackage,
        in store: EventStore,
        _ context: Context
    ) async throws(EventStoreError) -> Position {
        let damages = context.damages.filter { damage in
            guard damage.log == package.log, let index = damage.index else { return false }
            return (package.start..<package.end).contains(index)
        }
        let (repaired, position) = try await store.repair(ForeignBatch(package), damages)
        if !repaired.isEmpty { context.repaired(repaired) }
        return position
    }

    /// What of a former log of this site has been compared with the peer's so far: this copy may
    /// have a tail of its own behind it.
    static func proven(
        _ position: Position,
        by packages: [VerifiedPackage],
        in store: EventStore
    ) throws(EventStoreError) -> Position {
        let ends = packages.lazy.filter { $0.log == position.log }.map(\.end)
        guard let end = ends.max(), end < position.size else { return position }
        return try store.read { (snapshot) throws(EventStoreError) in
            guard let log = try snapshot.log(position.log), log.isOwn else { return position }
            return Position(log: log.id, size: end, root: try snapshot.root(log, size: end))
        }
    }

    /// A verified leaf differs from the one held at `address`. Of a former log of this site that is
    /// kept: the session before may not have known the place.
    static func note(
        _ address: EventAddress,
        _ packages: [VerifiedPackage],
        in store: EventStore,
        _ context: Context
    ) async {
        let logs = try? store.read { (snapshot) throws(EventStoreError) in
            try snapshot.logs()
        }
        guard let log = logs?.first(where: { $0.id == address.log }), log.isOwn, !log.isCurrent
        else { return }
        // A failure to keep it is no reason to end the session: the next one finds it again.
        try? await store.note(
            ForkRecord(
                log: log.id,
                kind: .divergent,
                found: store.configuration.clock(),
                peer: context.peer,
                held: log.checkpoint ?? [],
                shown: packages.first { $0.log == log.id }?.note ?? [],
                forkIndex: address.index
            )
        )
    }
}
