internal import EventStore
public import LedgerTypes

/// Two histories of one log, or the end of a former log that nobody else holds.
public struct ForkSummary: Hashable, Sendable, Encodable {
    /// What it is.
    public enum Kind: String, Hashable, Sendable, Encodable {
        /// The machine went back: this copy was the beginning of what its key had signed.
        case reverted
        /// Two histories go different ways.
        case divergent
        /// A former log of this site ends with events that were never signed.
        case unsigned
    }

    /// 32 hexadecimal digits.
    public let log: String
    /// The log's name in checkpoints.
    public let origin: String
    /// The site that writes the log.
    public let site: String
    /// What it is.
    public let kind: Kind
    /// Whether the log is one of this site's own.
    public let isOwn: Bool
    /// When it was found; `nil` for what nobody found yet.
    public let found: String?
    /// The site that showed the other history.
    public let peer: String?
    /// The first index at which the histories differ; `nil` while it is not known.
    public let index: UInt64?
    /// How many events stand here from there on.
    public let events: UInt64
    /// Whether it is over.
    public let isResolved: Bool
}

/// An event that stands in a branch which nobody else holds.
public struct BranchEvent: Hashable, Sendable, Encodable {
    /// Its index in the log.
    public let index: UInt64
    /// Its id.
    public let id: String
    /// Its type.
    public let type: String
    /// What it is about.
    public let subject: String
    /// When it happened.
    public let occurred: String
}

/// Which events of a branch are appended again.
public enum ForkChoice: Hashable, Sendable {
    /// All of them.
    case all
    /// None of them.
    case none
    /// These.
    case keep([EventID])
}

/// How forks were resolved.
public struct ForkResolution: Hashable, Sendable, Encodable {
    /// One branch that was set aside.
    public struct Branch: Hashable, Sendable, Encodable {
        /// 32 hexadecimal digits.
        public let log: String
        /// The index of its first leaf.
        public let index: UInt64
        /// Where it is kept.
        public let path: String
        /// Events that were appended again.
        public var appended = 0
        /// Events that are held elsewhere already.
        public var held = 0
        /// Events that were left in the branch.
        public var left = 0
    }

    /// The branches, those that were set aside before included.
    public var branches: [Branch] = []
}

extension Ledger {
    /// Every fork that is known, and every former log of this site with an end that nobody else
    /// holds; by log.
    public func forks() throws(LedgerError) -> [ForkSummary] {
        do throws(EventStoreError) {
            let records = try self.store.forkRecords()
            let (logs, back) = try self.store.read { (snapshot) throws(EventStoreError) in
                let logs = try snapshot.logs()
                return (logs, try Self.cameBack(records, logs, snapshot))
            }
            var forks: [ForkSummary] = []
            for log in logs {
                let record = records.first { $0.log == log.id }
                if let record {
                    forks.append(ForkSummary(record, log, isBack: back.contains(log.id)))
                }
                if let end = Self.unsignedEnd(of: log, record) { forks.append(end) }
            }
            // A log that was left out whole comes back with the next sync.
            for record in records where !logs.contains(where: { $0.id == record.log }) {
                forks.append(ForkSummary(record, nil, isBack: false))
            }
            return forks
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The logs that hold by now what was shown: there is one history of them.
    private static func cameBack(
        _ records: [ForkRecord],
        _ logs: [LogState],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Set<LogID> {
        var back: Set<LogID> = []
        for record in records {
            guard let log = logs.first(where: { $0.id == record.log }),
                let shown = record.shownPosition, shown.size <= log.position.size,
                try snapshot.root(log, size: shown.size) == shown.root
            else { continue }
            back.insert(log.id)
        }
        return back
    }

    /// The end of a former log of this site past its newest checkpoint: its key is not used any
    /// more, so nobody can prove it, and nobody will ever be sent it.
    private static func unsignedEnd(of log: LogState, _ record: ForkRecord?) -> ForkSummary? {
        guard log.isOwn, !log.isCurrent else { return nil }
        if let record, !record.isResolved, record.kind == .divergent { return nil }
        let signed = max(log.signedSize, 1)
        guard log.position.size > signed else { return nil }
        return ForkSummary(
            log: log.id.hex,
            origin: log.origin,
            site: log.site.rawValue,
            kind: .unsigned,
            isOwn: true,
            found: nil,
            peer: nil,
            index: signed,
            events: log.position.size - signed,
            isResolved: false
        )
    }

    /// The events of a branch that is still in its log, at most `max`.
    public func events(of fork: ForkSummary, max: Int) throws(LedgerError) -> [BranchEvent] {
        guard let log = LogID(hex: fork.log), let index = fork.index, !fork.isResolved else {
            return []
        }
        return try self.reading { (snapshot) throws(EventStoreError) in
            var events: [BranchEvent] = []
            try snapshot.forEachLeaf(inLog: log, from: index) {
                (place, leaf) throws(EventStoreError) in
                if let envelope = try? EventEnvelope(leaf: leaf) {
                    events.append(BranchEvent(envelope.draft, at: place.address.index))
                }
                return events.count < max
            }
            return events
        }
    }

    /// Ends every fork that can be ended: sets each branch aside that others do not hold, under
    /// `quarantine/` in the ledger's directory, and appends the chosen events of this site's own
    /// branches again in its current log, each with the place it had (`was`). What others hold of
    /// the logs comes with the next sync. Run again, it goes on where it was cut.
    ///
    /// Nobody else may have the ledger open. A log that may not be appended to begins a new
    /// incarnation first.
    ///
    /// - Parameters:
    ///   - path: the ledger's directory.
    ///   - state: where its secrets lie.
    ///   - choice: which events are appended again; nothing is chosen by itself.
    ///   - only: only forks of this log.
    ///   - clock: tells the time; the system's clock if not given.
    /// - Returns: what became of each branch.
    /// - Throws: ``LedgerError/forkPlaceUnknown(_:peer:)`` where a sync has to find out first where
    ///   the histories part, and errors of storage.
    public static func resolveForks(
        at path: String,
        state: String,
        _ choice: ForkChoice,
        log only: LogID? = nil,
        clock: (@Sendable () -> Timestamp)? = nil
    ) async throws(LedgerError) -> ForkResolution {
        let first = try Self.open(at: path, state: state, onRestore: .newIncarnation, clock: clock)
        let configuration = first.store.configuration
        let cuts: [(log: LogID, start: UInt64)]
        do throws(LedgerError) {
            if first.store.suspicion != nil { try await first.beginIncarnation() }
            cuts = try first.cuts(only)
        } catch {
            first.close()
            throw error
        }
        first.close()
        do throws(EventStoreError) {
            for cut in cuts {
                _ = try EventStore.setAside(cut.log, from: cut.start, configuration)
            }
        } catch {
            throw LedgerError(error, path: path)
        }
        let ledger = try Self.open(at: path, state: state, onRestore: .newIncarnation, clock: clock)
        defer { ledger.close() }
        return try await ledger.appendAgain(choice, only)
    }

    /// Begins this site's next log, which goes on from the one that may not be appended to.
    func beginIncarnation() async throws(LedgerError) {
        do throws(EventStoreError) {
            _ = try await self.store.beginIncarnation(.restore)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func cuts(_ only: LogID?) throws(LedgerError) -> [(log: LogID, start: UInt64)] {
        var cuts: [(log: LogID, start: UInt64)] = []
        for fork in try self.forks() where !fork.isResolved && fork.kind != .reverted {
            guard let log = LogID(hex: fork.log), only == nil || only == log,
                !cuts.contains(where: { $0.log == log })
            else { continue }
            guard fork.isOwn else {
                // Another site's log comes again as a whole: from whom, its operators decide.
                if only == log { cuts.append((log, 0)) }
                continue
            }
            guard let index = fork.index else {
                throw .forkPlaceUnknown(log, peer: fork.peer)
            }
            cuts.append((log, index))
        }
        return cuts
    }
}

// Appending the events of a branch again.
extension Ledger {
    private static var requestsMax: Int { 256 }

    private func appendAgain(
        _ choice: ForkChoice,
        _ only: LogID?
    ) async throws(LedgerError) -> ForkResolution {
        var resolution = ForkResolution()
        do throws(EventStoreError) {
            let own = try self.store.read { (snapshot) throws(EventStoreError) in
                Set(try snapshot.logs().filter(\.isOwn).map(\.id))
            }
            for branch in try EventStore.setAsideBranches(self.path)
            where only == nil || only == branch.log {
                var result = ForkResolution.Branch(
                    log: branch.log.hex,
                    index: branch.start,
                    path: branch.path
                )
                if own.contains(branch.log) {
                    let events = try self.chosen(branch, choice, &result)
                    for start in stride(from: 0, to: events.count, by: Self.requestsMax) {
                        let end = min(start + Self.requestsMax, events.count)
                        try await self.append(Array(events[start..<end]), &result)
                    }
                }
                resolution.branches.append(result)
            }
            return resolution
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func chosen(
        _ branch: SetAsideBranch,
        _ choice: ForkChoice,
        _ result: inout ForkResolution.Branch
    ) throws(EventStoreError) -> [PreparedEvent] {
        var events: [PreparedEvent] = []
        var left = 0
        try EventStore.forEachLeaf(
            of: branch,
            mapBytes: self.store.configuration.mapBytes
        ) { (index, leaf, sections) throws(EventStoreError) in
            guard let envelope = try? EventEnvelope(leaf: leaf.span) else { return }
            let isChosen =
                switch choice {
                case .all: true
                case .none: false
                case .keep(let ids): ids.contains(envelope.draft.id)
                }
            let address = EventAddress(log: branch.log, index: index)
            guard isChosen,
                let event = PreparedEvent(again: envelope, leaf, sections, from: address)
            else {
                left += 1
                return
            }
            events.append(event)
        }
        result.left = left
        return events
    }

    private func append(
        _ events: [PreparedEvent],
        _ result: inout ForkResolution.Branch
    ) async throws(EventStoreError) {
        let outcomes = await self.store.append(events.map { AppendRequest(events: [$0]) })
        for outcome in outcomes {
            switch outcome {
            case .appended: result.appended += 1
            case .alreadyAppended: result.held += 1
            // Held elsewhere with other content: that one was there first.
            case .failed(.idReused): result.held += 1
            case .failed(let error): throw error
            case .conflict, .refused: result.left += 1
            }
        }
    }
}

extension PreparedEvent {
    /// The event of a leaf that stood at `address`, to be appended again; `nil` if its sections are
    /// not here.
    fileprivate init?(
        again envelope: EventEnvelope,
        _ leaf: [UInt8],
        _ sections: [[UInt8]],
        from address: EventAddress
    ) {
        guard sections.count == envelope.draft.sections.count else { return nil }
        // What the writer added is cut off, so that fields of a newer version stay.
        var stamp: [UInt8] = []
        Leaf.append(envelope.stamp, to: &stamp)
        let isWhole = leaf.suffix(stamp.count).elementsEqual(stamp)
        self.init(
            draft: envelope.draft,
            callerPart: isWhole ? Array(leaf.dropLast(stamp.count)) : nil,
            sections: sections,
            order: envelope.stamp.order,
            was: FormerPlace(address: address, recorded: envelope.stamp.recorded)
        )
    }
}

extension BranchEvent {
    fileprivate init(_ draft: EventDraft, at index: UInt64) {
        self.init(
            index: index,
            id: draft.id.description,
            type: draft.type,
            subject: draft.subject.rawValue,
            occurred: draft.occurred.rfc3339
        )
    }
}

extension ForkSummary {
    fileprivate init(_ record: ForkRecord, _ log: LogState?, isBack: Bool) {
        let size = log?.position.size ?? 0
        let kind: Kind =
            switch record.kind {
            case .reverted: .reverted
            case .divergent: .divergent
            case .unsigned: .unsigned
            }
        self.init(
            log: record.log.hex,
            origin: log?.origin ?? record.log.hex,
            site: log?.site.rawValue ?? "",
            kind: kind,
            isOwn: log?.isOwn ?? false,
            found: record.found.rfc3339,
            peer: record.peer?.rawValue,
            index: record.forkIndex,
            events: record.forkIndex.map { size - min(size, $0) } ?? 0,
            isResolved: record.isResolved || isBack
        )
    }
}
