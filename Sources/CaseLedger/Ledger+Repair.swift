internal import EventStore
package import LedgerTypes
package import Replication
internal import Synchronization

/// What a scan of stored bytes found.
public struct ScrubReport: Hashable, Sendable, Encodable {
    /// Something that is rotten.
    public struct Damage: Hashable, Sendable, Codable {
        /// Where: an event's address, or a row of a table.
        public let place: String
        /// `leaf`, `section`, `hashes`, `runs`, `head`, `label`, `genesis` or `part`.
        public let kind: String
    }

    /// Leaves that were hashed.
    public let leaves: UInt64
    /// Sections that were hashed.
    public let sections: UInt64
    /// Bytes that were read.
    public let bytes: UInt64
    /// What was found, at most 1,000.
    public internal(set) var damages: [Damage]
    /// How much was found.
    public internal(set) var count: UInt64
    /// What was put right since, at most 1,000.
    public internal(set) var repaired: [Damage] = []
    /// How much was put right.
    public internal(set) var repairedCount: UInt64 = 0
    /// Whether the journal tells of it: in a ledger that is open for reading its state directory
    /// may be closed to the reader.
    public internal(set) var isJournalled = false

    /// Whether nothing is left to be put right.
    public var isSound: Bool { self.repairedCount >= self.count }
}

extension Ledger {
    /// How much of a ledger a scan looks at.
    public enum ScrubScope: Hashable, Sendable {
        /// Leaves and hashes: what proves the history.
        case hashes
        /// Everything.
        case everything
    }

    /// Rehashes every leaf, section and row of hashes. Changes nothing but the journal; appends go
    /// on meanwhile.
    ///
    /// - Parameters:
    ///   - scope: how much is looked at.
    ///   - pace: gets the bytes read so far, often, and may wait: so a scan can be kept from using
    ///     more than its share of the device.
    /// - Returns: what is rotten.
    /// - Throws: errors of storage.
    public func scrub(
        _ scope: ScrubScope = .everything,
        _ pace: (_ bytes: UInt64) async -> Void = { _ in }
    ) async throws(LedgerError) -> ScrubReport {
        let found = try await self.findDamage(scope, pace)
        var report = ScrubReport(found, by: try self.origins())
        self.note(&report, .scrub, scope)
        return report
    }

    /// Finds what is rotten and makes again what follows from other rows of this ledger: rows of
    /// hashes, heads, runs, labels, and geneses from their copies.
    ///
    /// - Parameters:
    ///   - scope: how much is looked at.
    ///   - pace: as in ``scrub(_:_:)``.
    /// - Returns: what was found, and what of it was put right.
    /// - Throws: errors of storage.
    public func repair(
        _ scope: ScrubScope = .everything,
        _ pace: (_ bytes: UInt64) async -> Void = { _ in }
    ) async throws(LedgerError) -> ScrubReport {
        try await self.repair(from: [], scope, pace)
    }

    /// Makes rows again without which a ledger does not open: heads, runs, and geneses from their
    /// copies. The journal tells of it.
    ///
    /// - Parameters:
    ///   - path: the ledger's directory.
    ///   - state: where its secrets and its journal lie.
    /// - Returns: what was found, and what of it was put right.
    /// - Throws: ``LedgerError/damaged(table:row:)`` where too much is rotten to tell, and errors
    ///   of storage.
    public static func mend(at path: String, state: String) throws(LedgerError) -> ScrubReport {
        do throws(EventStoreError) {
            let configuration = Self.configuration(path, state, isReadOnly: false)
            let (found, mended) = try EventStore.mendRows(configuration)
            var all = DamageReport()
            for damage in found { all.add(damage) }
            var report = ScrubReport(all, by: [:])
            report.take(mended, by: [:])
            guard !found.isEmpty,
                let ledger = try? Self.open(at: path, state: state, access: .readOnly)
            else { return report }
            defer { ledger.close() }
            ledger.note(&report, .mend, .everything)
            return report
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Sets aside what is held of logs in part, if some of it is rotten: it comes again, with its
    /// proof, at the next sync with its home site. The whole `log/` as it was stays under
    /// `quarantine/`. Nobody may have the ledger open.
    ///
    /// - Parameters:
    ///   - path: the ledger's directory.
    ///   - state: where its secrets lie.
    /// - Returns: the origins of the logs of which a part was rotten.
    /// - Throws: errors of storage.
    public static func setRottenPartsAside(
        at path: String,
        state: String
    ) async throws(LedgerError) -> [String] {
        let ledger = try Self.open(at: path, state: state, access: .readOnly)
        let configuration = Self.configuration(path, state, isReadOnly: false)
        do throws(EventStoreError) {
            let rotten = try await ledger.rottenParts()
            ledger.close()
            // Setting one aside leaves all of them out.
            if let first = rotten.first {
                _ = try EventStore.setAside(first.id, from: 0, configuration)
            }
            return rotten.map(\.origin).sorted()
        } catch {
            ledger.close()
            throw LedgerError(error, path: path)
        }
    }

    private func rottenParts() async throws(EventStoreError) -> [LogState] {
        let parts = try self.store.read { (snapshot) throws(EventStoreError) in
            try snapshot.logs().filter(\.isPartial)
        }
        guard !parts.isEmpty else { return [] }
        let rotten = Set(try await self.store.findDamage().damages.map(\.log))
        return parts.filter { rotten.contains($0.id) }
    }

    /// Finds what is rotten, makes again what follows from other rows, and asks `peer`, another
    /// ledger of the same operator, for the leaves and sections that are left, each with its proof.
    /// ``sync(with:sharingKeys:progress:)`` comes afterwards.
    ///
    /// - Parameters:
    ///   - peer: the ledger to fetch from, open for writing.
    ///   - scope: how much is looked at.
    ///   - pace: as in ``scrub(_:_:)``.
    /// - Returns: what was found, and what of it was put right.
    /// - Throws: ``LedgerError/peer(detail:isRetryable:)`` and errors of storage.
    public func repair(
        from peer: Ledger,
        _ scope: ScrubScope = .everything,
        _ pace: (_ bytes: UInt64) async -> Void = { _ in }
    ) async throws(LedgerError) -> ScrubReport {
        try await self.repair(from: [.ledger(peer)], scope, pace)
    }

    /// The same from several peers, one after the other, until nothing is left. Nobody is gone to
    /// unless something has to be fetched.
    package func repair(
        from sources: [RepairSource],
        _ scope: ScrubScope = .everything,
        _ pace: (_ bytes: UInt64) async -> Void = { _ in }
    ) async throws(LedgerError) -> ScrubReport {
        let kind = sources.isEmpty ? ScrubNote.Kind.mend : .deep
        var found = try await self.findDamage(scope, pace)
        var report = ScrubReport(found, by: try self.origins())
        guard !found.damages.isEmpty else {
            self.note(&report, kind, scope)
            return report
        }
        var done: Set<EventStore::Damage> = []
        if found.damages.contains(where: \.isMendedHere) {
            done.formUnion(try await self.mendRows(found.damages))
            // What they hid shows now.
            let later = try await self.findDamage(scope, pace)
            for damage in later.damages where !found.damages.contains(damage) {
                found.add(damage)
            }
        }
        done.formUnion(try await self.repairHashes(of: found, except: done))
        let fetched = await self.fetch(found, except: done, from: sources)
        if !fetched.repaired.isEmpty {
            done.formUnion(fetched.repaired)
            // Rows over leaves that were rotten before.
            done.formUnion(try await self.repairHashes(of: found, except: done))
            let rows = found.damages.filter { $0.isMendedHere && !done.contains($0) }
            if !rows.isEmpty { done.formUnion(try await self.mendRows(rows)) }
        }
        let origins = try self.origins()
        let others = done.filter { !found.damages.contains($0) }
        report.damages = (found.damages + others).prefix(1_000).map {
            ScrubReport.Damage($0, by: origins)
        }
        report.count = found.count + UInt64(others.count)
        report.take(Array(done), by: origins)
        self.note(&report, kind, scope, peer: fetched.peer)
        if let failure = fetched.failure, !report.isSound { throw failure }
        return report
    }

    /// What came of asking peers.
    private struct Fetched {
        var repaired: Set<EventStore::Damage> = []
        /// The last one that something came from.
        var peer: String?
        /// Why the last one failed, if it did.
        var failure: LedgerError?
    }

    /// Asks one peer after the other for leaves and sections, each with its proof.
    private func fetch(
        _ found: DamageReport,
        except known: Set<EventStore::Damage>,
        from sources: [RepairSource]
    ) async -> Fetched {
        var result = Fetched()
        for source in sources {
            let left = Set(found.damages).subtracting(known).subtracting(result.repaired)
            guard left.contains(where: { $0.index != nil }) else { break }
            let fetched = Mutex<Set<EventStore::Damage>>([])
            var options = SyncPeer.Options(policy: .sameOperator)
            options.damages = left
            options.repaired = { damages in fetched.withLock { $0.formUnion(damages) } }
            do {
                try await source.session(self.store, options)
            } catch let error as SyncError {
                result.failure = .peer(
                    detail: error.description,
                    isRetryable: error.isRetryable
                )
            } catch let error as LedgerError {
                result.failure = error
            } catch {
                result.failure = .peer(detail: "the peer was not reached", isRetryable: true)
            }
            let repaired = fetched.withLock { $0 }
            guard !repaired.isEmpty else { continue }
            result.repaired.formUnion(repaired)
            result.peer = source.site ?? result.peer
        }
        return result
    }

    private func mendRows(
        _ damages: [EventStore::Damage]
    ) async throws(LedgerError) -> [EventStore::Damage] {
        do throws(EventStoreError) {
            return try await self.store.mendRows(damages)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func repairHashes(
        of found: DamageReport,
        except known: Set<EventStore::Damage>
    ) async throws(LedgerError) -> [EventStore::Damage] {
        let rows = found.damages.filter { damage in
            guard case .tile = damage else { return false }
            return !known.contains(damage)
        }
        guard !rows.isEmpty else { return [] }
        do throws(EventStoreError) {
            return try await self.store.repairTiles(rows)
        } catch .damaged {
            // The leaves below are rotten too: they come first.
            return []
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func findDamage(
        _ scope: ScrubScope,
        _ pace: (UInt64) async -> Void
    ) async throws(LedgerError) -> DamageReport {
        do throws(EventStoreError) {
            return try await self.store.findDamage(scope == .hashes ? .tree : .everything, pace)
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

/// A peer that rotten leaves and sections are fetched from.
package struct RepairSource: Sendable {
    /// Its site, where that is known.
    let site: String?
    fileprivate let session: @Sendable (EventStore, SyncPeer.Options) async throws -> Void

    /// Another ledger of the same operator, open for writing.
    package static func ledger(_ peer: Ledger) -> RepairSource {
        let store = peer.store
        return RepairSource(site: store.siteName.rawValue) { own, options in
            try await SyncPeer.repairLocally(own, from: store, options)
        }
    }

    /// Whoever answers on a stream, which is opened when it is needed; `key` is what the transport
    /// has proven.
    package static func stream(
        of site: SiteName?,
        trustFirstUse: Bool,
        connect: @escaping @Sendable () async throws -> (stream: ByteStream, key: [UInt8]?)
    ) -> RepairSource {
        RepairSource(site: site?.rawValue) { own, options in
            let (stream, key) = try await connect()
            var options = options
            options.policy = trustFirstUse ? .trustFirstUse : .pinned
            options.expectedPeer = site
            options.transportKey = key
            _ = try await SyncPeer(own).run(over: stream, as: .initiator, options)
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

extension ScrubReport {
    /// Takes in what was put right.
    fileprivate mutating func take(_ done: [EventStore::Damage], by origins: [LogID: String]) {
        self.repairedCount = UInt64(done.count)
        self.repaired = done.map { Damage($0, by: origins) }
            .sorted { ($0.place, $0.kind) < ($1.place, $1.kind) }
        self.repaired = Array(self.repaired.prefix(1_000))
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
        case .runs: self.init(place: "runs of \(log)", kind: "runs")
        case .head: self.init(place: "head of \(log)", kind: "head")
        case .genesisCopy: self.init(place: "copy of \(log)/0", kind: "genesis")
        case .part: self.init(place: log, kind: "part")
        case .label(_, let key):
            self.init(place: "\(log) label \(Array(key.dropFirst(4)).hex)", kind: "label")
        }
    }
}
