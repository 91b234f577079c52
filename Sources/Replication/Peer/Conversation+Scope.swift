internal import EventStore
internal import LedgerTypes
internal import Merkle

// What a partner gets, and what it keeps.
extension Conversation {
    /// The grants of this site. One that cannot be read ends every session: it may be about the
    /// peer.
    static func grants(of store: EventStore) throws(EventStoreError) -> [GrantRecord] {
        do throws(SyncError) {
            return try GrantRecord.all(in: store)
        } catch {
            throw .damaged(table: "meta", row: "grant/")
        }
    }

    /// Signs what the log has of the scope, and finds the leaves that the partner lacks.
    mutating func answer(_ request: ScopeRequest) async throws(SyncError) -> [Directive] {
        let log = request.target.log
        let (head, origin, indexes) = try self.source.scope(request)
        let note: [UInt8]
        do throws(EventStoreError) {
            note = try await self.store.sign(head.text(origin: origin), as: log)
        } catch {
            throw .store(error)
        }
        let builder = PartBuilder(
            target: request.target,
            heldSize: request.heldSize,
            indexes: indexes
        )
        self.source.scopes[log] = (builder, request.grant.sections)
        return self.session.sendScope(request, head: note, leafCount: indexes.count)
    }

    /// Keeps why a part of a log is held, with nothing new of it.
    func keep(_ share: [UInt8], of log: LogID) async throws(SyncError) {
        do throws(EventStoreError) {
            _ = try await self.store.receive([
                PartialBatch(log: log, entries: [], gaps: [], goesOn: false, share: share)
            ])
        } catch {
            throw .store(error)
        }
    }

    /// Those of `ids` that the peer may have: under a grant the keys of sections that go along.
    func allowed(_ ids: [KeyID]) throws(SyncError) -> [KeyID] {
        guard case .home(let record) = self.session.scope.scope else { return ids }
        let allowed = try self.source.keys(under: record.grant)
        return ids.filter(allowed.contains)
    }
}

extension PackageSource {
    /// What the log has of a grant's scope, its origin, and which of those leaves the partner
    /// lacks, rising.
    func scope(
        _ request: ScopeRequest
    ) throws(SyncError) -> (head: ScopeHead, origin: String, indexes: [UInt64]) {
        try self.store.read { (snapshot) throws(SyncError) in
            let log = try snapshot.held(request.target.log)
            var entries: [ScopeHead.Entry] = []
            // Leaf 0 names the log's keys: every copy has it.
            var indexes: Set<UInt64> = request.heldSize == 0 ? [0] : []
            do throws(EventStoreError) {
                for label in request.grant.labels {
                    let size = request.target.size
                    guard let newest = try snapshot.newest(label, in: log, size: size) else {
                        continue
                    }
                    entries.append(ScopeHead.Entry(label: label, newest: newest))
                    var next: LabelPlace? = newest
                    let held = request.labels[label]
                    while let place = next, held.map({ place.index > $0.index }) ?? true {
                        indexes.insert(place.index)
                        next = try snapshot.before(place, label, in: log)
                    }
                }
            } catch {
                throw .store(error)
            }
            let head = ScopeHead(
                grant: request.grant.id,
                position: request.target,
                entries: entries
            )
            return (head, log.origin, indexes.sorted())
        }
    }

    /// The next PART of what a partner is sent of a log, and whether it is the last.
    mutating func part(_ id: LogID) throws(SyncError) -> (part: OutgoingPart, isLast: Bool) {
        guard let scope = self.scopes[id] else { throw .damaged(id) }
        var builder = scope.builder
        let sections = scope.sections
        let part = try self.store.read { (snapshot) throws(SyncError) in
            let log = try snapshot.held(id)
            return try builder.next(
                leaf: { (index) throws(SyncError) in
                    try snapshot.leaf(log, index, sections)
                },
                node: { (level, index) throws(SyncError) in
                    try snapshot.hash(log, level: level, index: index)
                }
            )
        }
        self.scopes[id] = (builder, sections)
        return (part, builder.isDone)
    }

    /// The keys of the sections that go along under a grant.
    func keys(under grant: Grant) throws(SyncError) -> Set<KeyID> {
        try self.store.read { (snapshot) throws(SyncError) in
            do throws(EventStoreError) {
                guard let log = try snapshot.logs().first(where: \.isCurrent) else { return [] }
                var keys: Set<KeyID> = []
                for label in grant.labels {
                    let size = log.position.size
                    var next = try snapshot.newest(label, in: log, size: size)
                    while let place = next {
                        let address = EventAddress(log: log.id, index: place.index)
                        if let leaf = try snapshot.leaf(at: address) {
                            let references = (try? Leaf.sections(leaf)) ?? []
                            for reference in references where grant.sections.allow(reference.kind) {
                                keys.insert(reference.keyID)
                            }
                        }
                        next = try snapshot.before(place, label, in: log)
                    }
                }
                return keys
            } catch {
                throw .store(error)
            }
        }
    }
}

extension Snapshot {
    /// A stored leaf with those of its sections that go along.
    fileprivate borrowing func leaf(
        _ log: LogState,
        _ index: UInt64,
        _ sections: Grant.Sections
    ) throws(SyncError) -> PackageBuilder.StoredLeaf {
        let address = EventAddress(log: log.id, index: index)
        let found: (bytes: [UInt8], arrival: UInt64)?
        do throws(EventStoreError) {
            if let arrival = try self.arrival(at: address),
                let leaf = try self.leaf(arrival: arrival)
            {
                found = ([UInt8](copying: leaf), arrival)
            } else {
                found = nil
            }
        } catch {
            throw .store(error)
        }
        guard let found else { throw .damaged(log.id) }
        let order = Timestamp(microseconds: 0)
        let place = StoredLeaf(
            StoredEvent(address: address, arrival: found.arrival, order: order)
        )
        return try PackageBuilder.StoredLeaf(found.bytes) {
            (slot, reference) throws(SyncError) in
            guard sections.allow(reference.kind) else { return .withheld }
            return try self.held(log, place, slot: slot, reference)
        }
    }
}
