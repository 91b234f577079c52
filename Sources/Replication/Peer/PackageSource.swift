internal import EventStore
internal import LedgerTypes
internal import Merkle

/// What a ledger has to send: checkpoints, proofs and packages out of its stored bytes. For
/// sessions and for bundles.
///
/// Each read is a snapshot of its own; logs only grow, so that they fit together.
struct PackageSource {
    let store: EventStore
    private var builders: [LogID: PackageBuilder] = [:]
    /// What partners are being sent of a log, and what may go along.
    var scopes: [LogID: (builder: PartBuilder, sections: Grant.Sections)] = [:]

    init(_ store: EventStore) { self.store = store }

    /// Every log as it stands, the own one with a checkpoint of exactly what is offered. A store
    /// that may not sign offers what it signed before.
    ///
    /// Of a log with `damages` less is claimed than is held. `shown` is what the peer's HELLO said
    /// that it holds of this site's logs.
    func offer(
        damages: Set<Damage> = [],
        shown: [Position] = []
    ) async throws(SyncError) -> [LocalLog] {
        let current: LogState?
        do throws(EventStoreError) {
            current = try await self.store.checkpoint()
        } catch {
            switch error {
            case .suspect, .readOnly: current = nil
            default: throw .store(error)
            }
        }
        do throws(EventStoreError) {
            let logs = try self.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.logs()
            }
            return try self.claims(
                logs.map { $0.id == current?.id ? current ?? $0 : $0 },
                damages: damages,
                shown: shown
            )
        } catch {
            throw .store(error)
        }
    }

    /// A log as it stands; `nil` if it is not held.
    func log(_ id: LogID) throws(SyncError) -> LocalLog? {
        try self.store.read { (snapshot) throws(SyncError) in
            do throws(EventStoreError) {
                return try snapshot.log(id).map { LocalLog($0) }
            } catch {
                throw .store(error)
            }
        }
    }

    /// Where every log stands that is held whole.
    func positions() throws(SyncError) -> [Position] {
        try self.store.read { (snapshot) throws(SyncError) in
            do throws(EventStoreError) {
                return try snapshot.logs().filter { !$0.isPartial }.map(\.position)
            } catch {
                throw .store(error)
            }
        }
    }

    /// The consistency proof between two sizes of a log, empty from 0, and the log's leaf 0.
    func checkpointProof(
        _ id: LogID,
        oldSize: UInt64,
        size: UInt64
    ) throws(SyncError) -> (proof: [Digest], genesis: [UInt8]) {
        try self.store.read { (snapshot) throws(SyncError) -> ([Digest], [UInt8]) in
            let log = try snapshot.held(id)
            guard oldSize > 0 else { return ([], log.genesis.leaf) }
            let proof = try MerkleTree.consistencyProof(from: oldSize, to: size) {
                (level, index) throws(SyncError) in
                try snapshot.hash(log, level: level, index: index)
            }
            return (proof, log.genesis.leaf)
        }
    }

    /// As many leaves as fit into the package that `request` asks for.
    mutating func package(_ request: PackageRequest) throws(SyncError) -> OutgoingPackage {
        var builder = self.builders[request.log] ?? PackageBuilder(log: request.log)
        let package = try self.store.read { (snapshot) throws(SyncError) in
            let log = try snapshot.held(request.log)
            return try builder.build(
                request,
                leaves: { (range, body) throws(SyncError) in
                    try snapshot.walk(log, range, body)
                },
                node: { (level, index) throws(SyncError) in
                    try snapshot.hash(log, level: level, index: index)
                }
            )
        }
        self.builders[request.log] = builder
        return package
    }

    /// The hashes of some leaves, all of which are held.
    func leafHashes(_ id: LogID, _ range: Range<UInt64>) throws(SyncError) -> [Digest] {
        try self.store.read { (snapshot) throws(SyncError) in
            let log = try snapshot.held(id)
            var hashes: [Digest] = []
            for index in range { hashes.append(try snapshot.hash(log, level: 0, index: index)) }
            return hashes
        }
    }

    /// The root that a log had at a size; `nil` if it is shorter.
    func root(_ id: LogID, size: UInt64) throws(SyncError) -> Digest? {
        try self.store.read { (snapshot) throws(SyncError) in
            do throws(EventStoreError) {
                guard let log = try snapshot.log(id), size <= log.position.size else {
                    return nil
                }
                return try snapshot.root(log, size: size)
            } catch {
                throw .store(error)
            }
        }
    }
}

extension Snapshot {
    borrowing func held(_ id: LogID) throws(SyncError) -> LogState {
        do throws(EventStoreError) {
            if let log = try self.log(id) { return log }
        } catch {
            throw .store(error)
        }
        throw .damaged(id)
    }

    borrowing func hash(
        _ log: LogState,
        level: Int,
        index: UInt64
    ) throws(SyncError) -> Digest {
        do throws(EventStoreError) {
            return try self.node(log, level: level, index: index)
        } catch {
            throw .store(error)
        }
    }

    /// Hands out the stored leaves of `range` with their sections until `body` returns false.
    fileprivate borrowing func walk(
        _ log: LogState,
        _ range: Range<UInt64>,
        _ body: (PackageBuilder.StoredLeaf) throws(SyncError) -> Bool
    ) throws(SyncError) {
        try self.forEachLeaf(inLog: log.id, from: range.lowerBound) {
            (place, leaf) throws(SyncError) in
            guard place.address.index < range.upperBound else { return false }
            let stored = try PackageBuilder.StoredLeaf([UInt8](copying: leaf)) {
                (slot, reference) throws(SyncError) in
                try self.held(log, place, slot: slot, reference)
            }
            return try body(stored)
        }
    }

    borrowing func held(
        _ log: LogState,
        _ place: StoredLeaf,
        slot: Int,
        _ reference: SectionReference
    ) throws(SyncError) -> VerifiedPackage.Section {
        do throws(EventStoreError) {
            if let bytes = try self.section(arrival: place.arrival, slot: UInt8(slot + 1)) {
                return .present(bytes)
            }
            switch try self.absence(of: reference.digest) {
            case .purged: return .purged
            case .withheld, .wanted: return .withheld
            // Not here, and no row says why.
            case nil: throw EventStoreError.damaged(table: "leaves", row: reference.digest.hex)
            }
        } catch {
            throw .store(error)
        }
    }
}
