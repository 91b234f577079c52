package import EventStore
internal import LedgerTypes

/// Reads a bundle from first to last byte, in one pass and in little memory: checks it, and takes
/// its packages into a ledger if there is one.
///
/// On the caller's task. Give it the file's bytes in order with ``take(_:)`` until ``isOver``, then
/// call ``finish()``. Whole packages of a file that was cut or damaged are kept.
package struct BundleReader {
    /// What applying a bundle is to do.
    package struct Options: Sendable {
        /// Whose keys are taken.
        package var policy: TrustPolicy
        /// Told how many leaves were verified so far, and of how many.
        package var progress: @Sendable (UInt64, UInt64) -> Void = { _, _ in }

        /// Creates options.
        package init(policy: TrustPolicy = .pinned) { self.policy = policy }
    }

    private let store: EventStore?
    private let source: PackageSource?
    private let options: Options
    private var trusted: TrustedKeys?
    private var decoder = BundleDecoder()
    private var intake: BundleIntake?
    private var pending = CommitGroup()
    private var ending: BundleReport.Ending?
    private var frameCount: UInt64 = 0
    /// Where each log stood before.
    private var before: [LogID: UInt64] = [:]
    private var kept: [LogID: UInt64] = [:]
    private var sites: [LogID: SiteName] = [:]

    /// Only checks.
    package init(checkingOnly options: Options = Options()) {
        self.store = nil
        self.source = nil
        self.options = options
    }

    /// Takes what it reads into `store`.
    package init(into store: EventStore, _ options: Options) throws(BundleError) {
        self.store = store
        self.source = PackageSource(store)
        self.options = options
        do throws(EventStoreError) {
            self.trusted = TrustedKeys(
                site: store.siteName,
                siteKey: try store.siteKey(),
                policy: options.policy,
                pins: try store.pins(),
                held: try store.geneses()
            )
        } catch {
            throw .sync(.store(error))
        }
    }

    /// Whether further bytes would not be looked at.
    package var isOver: Bool { if case .damaged? = self.ending { true } else { false } }

    /// Takes the next bytes of the file.
    package mutating func take(_ bytes: [UInt8]) async throws(BundleError) {
        guard !self.isOver else { return }
        self.decoder.append(bytes)
        do throws(BundleError) {
            while let item = try self.decoder.next() { try await self.take(item) }
        } catch {
            guard case .sync(let problem) = error, self.intake != nil, !problem.isOfStore else {
                throw error
            }
            // What came before is good; nothing behind can be believed.
            self.ending = .damaged(problem)
        }
        do throws(SyncError) {
            try await self.commit()
        } catch {
            throw .sync(error)
        }
    }

    private mutating func take(_ item: BundleDecoder.Item) async throws(BundleError) {
        switch item {
        case .manifest(let manifest): try await self.begin(manifest)
        case .frame(let frame):
            let held = self.heldLogs
            do throws(SyncError) {
                let directives = try self.intake?.take(frame, held: held) ?? []
                self.frameCount += 1
                for directive in directives { try await self.perform(directive) }
            } catch {
                throw .sync(error)
            }
        case .end(let end): self.ending = end.goesOn ? .goesOn : .complete
        }
    }

    private mutating func begin(_ manifest: BundleManifest) async throws(BundleError) {
        var intake = try BundleIntake(manifest, trusted: self.trusted, held: self.heldLogs)
        let directives = intake.pinSender()
        self.intake = intake
        do throws(SyncError) {
            for entry in manifest.entries {
                self.before[entry.log] = try self.heldLogs.log(entry.log)?.position.size ?? 0
            }
            for directive in directives { try await self.perform(directive) }
        } catch {
            throw .sync(error)
        }
    }

    private mutating func perform(_ directive: Directive) async throws(SyncError) {
        switch directive {
        case .commit(let package):
            if let genesis = package.genesis { self.sites[package.log] = genesis.site }
            self.options.progress(self.verifiedCount, self.intake?.manifest.leafCount ?? 0)
            guard self.store != nil else { return }
            self.pending.append(package)
            if self.pending.isFull { try await self.commit() }
        case .pin(let site, let key):
            do throws(EventStoreError) {
                try await self.store?.pin(site, key: key)
            } catch {
                throw .store(error)
            }
        case .suspectOwnLog(let log, _): try await self.freeze(log)
        case .freeze(let evidence) where evidence.isConclusive:
            try await self.freeze(evidence.log)
        default: break
        }
    }

    private func freeze(_ log: LogID) async throws(SyncError) {
        do throws(EventStoreError) {
            try await self.store?.freeze(log)
        } catch {
            throw .store(error)
        }
    }

    private mutating func commit() async throws(SyncError) {
        guard let store = self.store, !self.pending.isEmpty else { return }
        for outcome in try await self.pending.commit(to: store) {
            switch outcome {
            case .kept(let position): self.kept[position.log] = position.size
            case .refused(let log, let error): self.intake?.refused(log, error)
            }
        }
    }

    private var verifiedCount: UInt64 {
        guard let intake = self.intake else { return 0 }
        return intake.manifest.entries.reduce(0) { $0 + intake.reached($1.log) - $1.old.size }
    }

    private var heldLogs: HeldLogs {
        guard let source = self.source else { return .nothing }
        return HeldLogs(
            log: { (id) throws(SyncError) in try source.log(id) },
            root: { (id, size) throws(SyncError) in try source.root(id, size: size) }
        )
    }

    /// Says what came of it. Everything that was taken in is durable.
    ///
    /// - Throws: if not even a manifest was read.
    package mutating func finish() throws(BundleError) -> BundleReport {
        guard let intake = self.intake else {
            guard self.decoder.byteCount > 0 || self.decoder.hasRest else { throw .notABundle }
            throw .truncatedManifest
        }
        let logs = intake.manifest.entries.map { entry in
            let before = self.before[entry.log] ?? 0
            let after = self.kept[entry.log] ?? before
            return BundleReport.Log(
                entry: entry,
                site: self.sites[entry.log],
                reached: intake.reached(entry.log),
                added: max(after, before) - before,
                problem: intake.problems[entry.log]
            )
        }
        var ending = self.ending ?? .truncated
        // An END before everything was there would be a lie of the sender.
        if ending == .complete, !intake.gaps.isEmpty { ending = .damaged(.unexpected(.end)) }
        do throws(SyncError) {
            return BundleReport(
                manifest: intake.manifest,
                ending: ending,
                byteCount: self.decoder.byteCount,
                frameCount: self.frameCount,
                logs: logs,
                gaps: intake.gaps,
                stateDigest: try self.source.map { (source) throws(SyncError) in
                    StateDigest.over(try source.positions())
                }
            )
        } catch {
            throw .sync(error)
        }
    }
}

extension SyncError {
    /// Whether this side's store failed, and not what was read.
    fileprivate var isOfStore: Bool { if case .storage = self { true } else { false } }
}
