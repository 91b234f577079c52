package import LedgerTypes
internal import Merkle

/// What a ledger holds already, as a bundle that goes on from there asks.
package struct HeldLogs {
    /// A log as it stands; `nil` if it is not held.
    package let log: (LogID) throws(SyncError) -> LocalLog?
    /// The root that a log had at a size; `nil` if it is shorter.
    package let root: (LogID, UInt64) throws(SyncError) -> Digest?

    /// Creates the two questions.
    package init(
        log: @escaping (LogID) throws(SyncError) -> LocalLog?,
        root: @escaping (LogID, UInt64) throws(SyncError) -> Digest?
    ) {
        self.log = log
        self.root = root
    }

    /// Nothing is held: a bundle is checked by itself.
    package static var nothing: HeldLogs {
        HeldLogs(
            log: { (_) throws(SyncError) in nil },
            root: { (_, _) throws(SyncError) in nil }
        )
    }
}

/// What is believed of a bundle's manifest and frames, and why: with a ledger that takes them in,
/// or by themselves.
///
/// Pure: the logs of the ledger come through ``HeldLogs``. Each log's frames go through the same
/// ``Incoming`` as a session's; where a session asks for hashes and genesis, BASE brings them, and
/// the packages' proofs show that they are right.
///
/// Invariants: nothing is handed out but what a proof leads to a checkpoint that the log's own key
/// signed; a log that is refused leaves the others alone.
package struct BundleIntake: Sendable {
    /// Leaves that the bundle was to bring and did not.
    package struct Gap: Hashable, Sendable {
        /// The log.
        package let log: LogID
        /// The first index that is missing.
        package let start: UInt64
        /// The index after the last.
        package let end: UInt64
    }

    /// What was read of the manifest.
    package let manifest: BundleManifest
    /// Logs that are left alone, and why.
    package private(set) var problems: [LogID: SyncError] = [:]

    /// Whose keys are taken; `nil` without a ledger.
    private var trusted: TrustedKeys?
    private var incoming: [LogID: Incoming] = [:]
    private var bases: [LogID: (genesis: Genesis, hashes: [Digest])] = [:]
    private var blobs = PendingBlobs()
    /// Logs that this ledger wrote itself and holds as far as the bundle goes.
    private var ownLogs: Set<LogID> = []

    /// Begins with a manifest, which a ledger takes only if it is for it, from a site that it
    /// knows, and goes on from what it holds. Without `trusted` it is only checked.
    init(
        _ manifest: BundleManifest,
        trusted: TrustedKeys?,
        held: HeldLogs
    ) throws(BundleError) {
        self.manifest = manifest
        self.trusted = trusted
        guard let trusted else { return }
        if let recipient = manifest.recipient, recipient != trusted.site {
            throw .otherRecipient(recipient)
        }
        do throws(SyncError) {
            // A bundle may be older than its site's newest key.
            if !trusted.knows(manifest.site, key: manifest.siteKey) {
                try trusted.admit(manifest.site, key: manifest.siteKey)
            }
            try self.compare(held)
        } catch {
            switch error {
            case .untrusted(let name): throw .untrusted(name)
            case .siteKeyChanged(let name): throw .siteKeyChanged(name)
            default: throw .sync(error)
            }
        }
        try self.requirePrerequisites(held)
    }

    /// Binds the name of the site that made the bundle, if it is new here.
    mutating func pinSender() -> [Directive] {
        self.trusted?.pin(self.manifest.site, key: self.manifest.siteKey) ?? []
    }

    /// Leaves alone what holds another history where the bundle begins.
    private mutating func compare(_ held: HeldLogs) throws(SyncError) {
        for entry in self.manifest.entries where entry.old.size > 0 {
            // Of a log that this ledger writes, its own key alone is believed: see `judge`.
            guard let log = try held.log(entry.log), log.writer != .thisLedger,
                let root = try held.root(entry.log, entry.old.size)
            else { continue }
            if root != entry.old.root { self.problems[entry.log] = .forked(entry.log) }
        }
    }

    private func requirePrerequisites(_ held: HeldLogs) throws(BundleError) {
        var missing: [BundleError.Prerequisite] = []
        do throws(SyncError) {
            for entry in self.manifest.entries where entry.old.size > 0 {
                let log = try held.log(entry.log)
                let size = log?.position.size ?? 0
                guard size < entry.old.size, log?.writer != .thisLedger else { continue }
                missing.append(BundleError.Prerequisite(position: entry.old, held: size))
            }
        } catch {
            throw .sync(error)
        }
        guard missing.isEmpty else { throw .missing(missing) }
    }

    /// Takes the next frame. After a throw nothing behind it can be believed.
    mutating func take(_ frame: Frame, held: HeldLogs) throws(SyncError) -> [Directive] {
        switch frame.type {
        case .base:
            try self.take(try BundleBase(frame))
            return []
        case .checkpoint: return try self.take(try CheckpointMessage(frame), held)
        case .blob:
            try self.blobs.take(try Blob(frame))
            return []
        case .package: return try self.take(try Package(frame))
        default: throw .unexpected(frame.type)
        }
    }

    private mutating func take(_ base: BundleBase) throws(SyncError) {
        guard let entry = self.manifest.entry(base.log), entry.old.size > 0,
            self.bases[base.log] == nil
        else { throw .unexpected(.base) }
        guard base.hashes.count == Int(entry.old.size % UInt64(SyncLimits.entriesMax)) else {
            throw .malformed(.base, offset: 0)
        }
        let genesis = try LogIdentity.genesis(base.genesis, of: base.log)
        self.bases[base.log] = (genesis, base.hashes)
    }

    private mutating func take(
        _ message: CheckpointMessage,
        _ held: HeldLogs
    ) throws(SyncError) -> [Directive] {
        let id = message.log
        guard let entry = self.manifest.entry(id), self.incoming[id] == nil,
            (self.bases[id] == nil) == (entry.old.size == 0)
        else { throw .unexpected(.checkpoint) }
        let genesis: Genesis
        if let base = self.bases[id] {
            genesis = base.genesis
        } else {
            genesis = try LogIdentity.genesis(message.genesis, of: id)
        }
        var incoming = Incoming(old: entry.old, expected: entry.new.size)
        let isConsistent = try incoming.take(message, genesis: genesis)
        guard !isConsistent || incoming.target == entry.new else { throw .badCheckpoint(id) }
        incoming.take(leafHashes: self.bases[id]?.hashes ?? [])
        self.incoming[id] = incoming
        guard self.problems[id] == nil else { return [] }
        if self.trusted == nil {
            // What leads nowhere is no bundle; a fork is for a ledger to see.
            guard isConsistent else { throw .badProof(id) }
            return []
        }
        return try self.admit(message, genesis, isConsistent: isConsistent, held)
    }

    /// Whether the ledger takes the log's packages.
    private mutating func admit(
        _ message: CheckpointMessage,
        _ genesis: Genesis,
        isConsistent: Bool,
        _ held: HeldLogs
    ) throws(SyncError) -> [Directive] {
        let id = message.log
        guard let log = try held.log(id) else {
            do throws(SyncError) {
                try self.trusted?.admit(genesis, of: id)
                self.trusted?.held[id] = genesis
                return self.trusted?.pin(genesis) ?? []
            } catch {
                self.problems[id] = error
                return []
            }
        }
        let checkpoint = try LogIdentity.checkpoint(message.note, of: id, genesis: genesis)
        let root = try held.root(id, checkpoint.size)
        if log.writer == .thisLedger {
            // What its own key signed and it does not hold: a restored copy, or a clone.
            guard root != checkpoint.root else {
                self.ownLogs.insert(id)
                return []
            }
            self.problems[id] = .forked(id)
            let evidence = OwnLogEvidence(
                note: message.note,
                oldSize: message.oldSize,
                proof: message.proof,
                isReverted: isConsistent && root == nil
            )
            return [.suspectOwnLog(id, evidence)]
        }
        let isKnown = root == nil || root == checkpoint.root
        guard isConsistent, isKnown else {
            self.problems[id] = .forked(id)
            let evidence = ForkEvidence(
                of: log,
                shown: message.note,
                oldSize: message.oldSize,
                proof: message.proof
            )
            return [.freeze(evidence)]
        }
        if log.isFrozen { self.problems[id] = .closed(id) }
        return []
    }

    private mutating func take(_ package: Package) throws(SyncError) -> [Directive] {
        let log = package.log
        defer { self.blobs.removeAll() }
        guard var incoming = self.incoming[log] else { throw .unexpected(.package) }
        // A log with a problem is passed over, though not without a look at its order.
        guard self.problems[log] == nil else { return [] }
        let verified = try incoming.take(package, blobs: self.blobs)
        self.incoming[log] = incoming
        return self.ownLogs.contains(log) ? [] : [.commit(verified)]
    }

    /// A log that the store refused.
    mutating func refused(_ log: LogID, _ error: SyncError) { self.problems[log] = error }

    /// The size up to which a log was verified.
    func reached(_ log: LogID) -> UInt64 {
        self.incoming[log]?.next ?? self.manifest.entry(log)?.old.size ?? 0
    }

    /// What did not come, of logs that are not left alone.
    package var gaps: [Gap] {
        self.manifest.entries.compactMap { entry in
            let reached = self.reached(entry.log)
            guard self.problems[entry.log] == nil, reached < entry.new.size else { return nil }
            return Gap(log: entry.log, start: reached, end: entry.new.size)
        }
    }
}
