internal import EventStore
package import LedgerTypes
package import Replication
internal import Synchronization

/// What a scan of every stored byte found.
public struct ScrubReport: Hashable, Sendable, Encodable {
    /// Something that is rotten.
    public struct Damage: Hashable, Sendable, Encodable {
        /// Where: an event's address, or a row of hashes.
        public let place: String
        /// `leaf`, `section` or `hashes`.
        public let kind: String
    }

    /// Leaves that were hashed.
    public let leaves: UInt64
    /// Sections that were hashed.
    public let sections: UInt64
    /// Bytes that were read.
    public let bytes: UInt64
    /// What was found, at most 1,000.
    public let damages: [Damage]
    /// How much was found.
    public let count: UInt64
    /// What was put right since, at most 1,000.
    public var repaired: [Damage] = []
    /// How much was put right.
    public var repairedCount: UInt64 = 0

    /// Whether nothing is left to be put right.
    public var isSound: Bool { self.repairedCount >= self.count }
}

extension Ledger {
    /// Rehashes every leaf, section and row of hashes. Changes nothing; appends go on meanwhile.
    ///
    /// - Parameter pace: gets the bytes read so far, often, and may wait: so a scan can be kept
    ///   from using more than its share of the device.
    /// - Returns: what is rotten.
    /// - Throws: errors of storage.
    public func scrub(
        _ pace: (_ bytes: UInt64) -> Void = { _ in }
    ) throws(LedgerError) -> ScrubReport {
        let report = try self.findDamage(pace)
        return ScrubReport(report, by: try self.origins())
    }

    /// Finds what is rotten, makes rows of hashes again, and asks `peer`, another ledger of the
    /// same operator, for leaves and sections, each with its proof.
    /// ``sync(with:sharingKeys:progress:)`` comes afterwards.
    ///
    /// - Parameters:
    ///   - peer: the ledger to fetch from, open for writing.
    ///   - pace: as in ``scrub(_:)``.
    /// - Returns: what was found, and what of it was put right.
    /// - Throws: ``LedgerError/peer(detail:isRetryable:)`` and errors of storage.
    public func repair(
        from peer: Ledger,
        _ pace: (_ bytes: UInt64) -> Void = { _ in }
    ) async throws(LedgerError) -> ScrubReport {
        try await self.repair(peer: peer.store.siteName.rawValue, pace) {
            (options) async throws(SyncError) in
            try await SyncPeer.repairLocally(self.store, from: peer.store, options)
        }
    }

    /// The same over a stream; its session ends with it.
    package func repair(
        over stream: ByteStream,
        expecting site: SiteName? = nil,
        transportKey: [UInt8]? = nil,
        trustFirstUse: Bool = false,
        _ pace: (_ bytes: UInt64) -> Void = { _ in }
    ) async throws(LedgerError) -> ScrubReport {
        try await self.repair(peer: nil, pace) { (options) async throws(SyncError) in
            var options = options
            options.policy = trustFirstUse ? .trustFirstUse : .pinned
            options.expectedPeer = site
            options.transportKey = transportKey
            _ = try await SyncPeer(self.store).run(over: stream, as: .initiator, options)
        }
    }

    private func repair(
        peer: String?,
        _ pace: (_ bytes: UInt64) -> Void,
        _ session: (SyncPeer.Options) async throws(SyncError) -> Void
    ) async throws(LedgerError) -> ScrubReport {
        let found = try self.findDamage(pace)
        let origins = try self.origins()
        var report = ScrubReport(found, by: origins)
        guard !found.damages.isEmpty else { return report }
        let repaired = Mutex<[EventStore::Damage]>([])
        try await self.repairHashes(of: found, repaired)
        let rest = found.damages.filter { $0.index != nil }
        if !rest.isEmpty {
            var options = SyncPeer.Options(policy: .sameOperator)
            options.damages = Set(rest)
            options.repaired = { damages in repaired.withLock { $0 += damages } }
            do throws(SyncError) {
                try await session(options)
            } catch {
                throw .peer(detail: error.description, isRetryable: error.isRetryable)
            }
            // Rows of hashes over leaves that were rotten before.
            try await self.repairHashes(of: found, repaired)
        }
        let list = repaired.withLock { $0 }
        let all = list.filter { found.damages.contains($0) }
        report.repaired = all.prefix(1_000).map { ScrubReport.Damage($0, by: origins) }
        report.repairedCount = UInt64(Set(all).count)
        return report
    }

    private func repairHashes(
        of found: DamageReport,
        _ repaired: borrowing Mutex<[EventStore::Damage]>
    ) async throws(LedgerError) {
        let known = repaired.withLock { $0 }
        let rows = found.damages.filter { $0.index == nil && !known.contains($0) }
        guard !rows.isEmpty else { return }
        do throws(EventStoreError) {
            let done = try await self.store.repairTiles(rows)
            repaired.withLock { $0 += done }
        } catch .damaged {
            // The leaves below are rotten too: they come first.
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func findDamage(_ pace: (UInt64) -> Void) throws(LedgerError) -> DamageReport {
        do throws(EventStoreError) {
            return try self.store.findDamage(pace)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func origins() throws(LedgerError) -> [LogID: String] {
        try self.reading { (snapshot) throws(EventStoreError) in
            var origins: [LogID: String] = [:]
            for log in try snapshot.logs() { origins[log.id] = log.origin }
            return origins
        }
    }
}

extension ScrubReport {
    fileprivate init(_ report: DamageReport, by origins: [LogID: String]) {
        self.init(
            leaves: report.leaves,
            sections: report.sections,
            bytes: report.bytes,
            damages: report.damages.prefix(1_000).map { Damage($0, by: origins) },
            count: report.count
        )
    }
}

extension ScrubReport.Damage {
    fileprivate init(_ damage: EventStore::Damage, by origins: [LogID: String]) {
        let log = origins[damage.log] ?? damage.log.hex
        switch damage {
        case .leaf(let address): self.init(place: "\(log)/\(address.index)", kind: "leaf")
        case .section(let address, let slot):
            self.init(place: "\(log)/\(address.index) section \(slot)", kind: "section")
        case .tile(_, let level, let number):
            self.init(place: "\(log) tile \(level)/\(number)", kind: "hashes")
        }
    }
}
