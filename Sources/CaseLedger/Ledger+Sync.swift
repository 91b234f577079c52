internal import EventStore
package import LedgerTypes
package import Replication
internal import Sealing

extension Ledger {
    /// Brings this ledger and another of this machine into step, both ways.
    ///
    /// The other directory counts as the same operator: keys it shows are pinned on first contact.
    /// Nothing is kept that is not proven against a signed checkpoint. A cut loses nothing that was
    /// committed; run it again. Cancelling the task does not stop it.
    ///
    /// - Parameters:
    ///   - peer: the other ledger, open for writing.
    ///   - sharingKeys: whether each side also gets the keys of the texts that it holds and cannot
    ///     open, as far as the other has them.
    ///   - progress: gets the leaves moved so far.
    /// - Returns: how the sync ended, on this side.
    /// - Throws: ``LedgerError/peer(detail:isRetryable:)`` and errors of storage.
    public func sync(
        with peer: Ledger,
        sharingKeys: Bool = false,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(LedgerError) -> SyncSummary {
        let report: SyncReport
        do throws(SyncError) {
            let own = sharingKeys ? self.keys : nil
            let keys = own.flatMap { own in peer.keys.map { (own, $0) } }
            (report, _) = try await SyncPeer.syncLocally(self.store, peer.store, keys: keys) {
                progress(Int(clamping: $0.received + $0.sent))
            }
        } catch {
            throw LedgerError(error, own: self.store.siteName)
        }
        if sharingKeys {
            try self.useGivenKeys()
            try peer.useGivenKeys()
        }
        return SyncSummary(report)
    }

    /// Brings this ledger and the one at the far end of `stream` into step, both ways. Cancelling
    /// the task does not stop it; closing the stream does.
    ///
    /// - Parameters:
    ///   - stream: any ordered byte stream.
    ///   - answering: whether the far end began.
    ///   - site: the site that must be at the far end; `nil` when any known one may.
    ///   - transportKey: the key that the stream's own security has proven to be the far end's.
    ///   - trustFirstUse: whether keys that are not pinned yet are pinned now.
    ///   - keySharing: with which peers the keys of sealed texts are shared, both ways. A site that
    ///     is pinned on first use gets none.
    ///   - progress: gets how far the session is.
    /// - Returns: how the sync ended, on this side.
    /// - Throws: ``LedgerError/untrusted(site:byPeer:)``, ``LedgerError/peer(detail:isRetryable:)``
    ///   and errors of storage.
    package func sync(
        over stream: ByteStream,
        answering: Bool = false,
        expecting site: SiteName? = nil,
        transportKey: [UInt8]? = nil,
        trustFirstUse: Bool = false,
        keySharing: KeySharing = .none,
        progress: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(LedgerError) -> SyncSummary {
        var options = self.options(expecting: site, transportKey, trustFirstUse, keySharing)
        options.progress = progress
        let report: SyncReport
        do throws(SyncError) {
            report = try await SyncPeer(self.store).run(
                over: stream,
                as: answering ? .responder : .initiator,
                options
            )
        } catch {
            throw LedgerError(error, own: self.store.siteName)
        }
        if keySharing != .none { try self.useGivenKeys() }
        return SyncSummary(report)
    }

    /// Brings this ledger and the one at the far end of `stream` into step and, if the far end
    /// follows as well, keeps them so: another round whenever either grew. Closing the stream ends
    /// it; between two rounds that is no error.
    ///
    /// - Parameters:
    ///   - stream: any ordered byte stream.
    ///   - answering: whether the far end began.
    ///   - site: the site that must be at the far end; `nil` when any known one may.
    ///   - transportKey: the key that the stream's own security has proven to be the far end's.
    ///   - trustFirstUse: whether keys that are not pinned yet are pinned now.
    ///   - keySharing: with which peers the keys of sealed texts are shared, both ways.
    ///   - nudges: each asks for a round whether or not there is news.
    ///   - progress: gets how far the round is.
    ///   - afterRound: gets what each round came to, and says whether to go on.
    /// - Returns: how the last round ended, on this side.
    /// - Throws: ``LedgerError/untrusted(site:byPeer:)``, ``LedgerError/peer(detail:isRetryable:)``
    ///   and errors of storage.
    package func follow(
        over stream: ByteStream,
        answering: Bool = false,
        expecting site: SiteName? = nil,
        transportKey: [UInt8]? = nil,
        trustFirstUse: Bool = false,
        keySharing: KeySharing = .none,
        nudges: AsyncStream<Void>,
        progress: @escaping @Sendable (SyncProgress) -> Void = { _ in },
        afterRound: @escaping @Sendable (SyncSummary) async -> Bool = { _ in true }
    ) async throws(LedgerError) -> SyncSummary {
        var options = self.options(expecting: site, transportKey, trustFirstUse, keySharing)
        options.progress = progress
        do throws(SyncError) {
            let report = try await SyncPeer(self.store).follow(
                over: stream,
                as: answering ? .responder : .initiator,
                options,
                nudges: nudges
            ) { report in
                // Where it fails the next round has it again.
                if report.keys.received > 0 { try? self.useGivenKeys() }
                return await afterRound(SyncSummary(report))
            }
            return SyncSummary(report)
        } catch {
            throw LedgerError(error, own: self.store.siteName)
        }
    }

    /// What a session over a stream is to do.
    private func options(
        expecting site: SiteName?,
        _ transportKey: [UInt8]?,
        _ trustFirstUse: Bool,
        _ keySharing: KeySharing
    ) -> SyncPeer.Options {
        var options = SyncPeer.Options(
            policy: trustFirstUse ? .trustFirstUse : .pinned,
            expectedPeer: site
        )
        options.transportKey = transportKey
        options.keySharing = keySharing
        options.keys = self.keys
        return options
    }

    /// The secret of the site's key, for the security of streams. Never leaves the process.
    package func siteSeed() throws(LedgerError) -> [UInt8] {
        do throws(EventStoreError) {
            return try self.store.siteSeed()
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// How the site's key came to be what it is, oldest change first, for the security of streams:
    /// former key ‖ its signature each.
    package func keyChanges() throws(LedgerError) -> [[UInt8]] {
        do throws(EventStoreError) {
            return try self.store.keySuccessions().map(\.bytes)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The folder of this site in the state directory, where the journal of syncs lies.
    package func siteFolder() throws(LedgerError) -> String {
        do throws(EventStoreError) {
            return try Self.siteFolder(of: self.store)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// The folder of the site that `store` belongs to. It keeps its name when the key changes.
    static func siteFolder(of store: EventStore) throws(EventStoreError) -> String {
        KeyEncryptionKeys.folder(
            state: store.configuration.stateDirectory,
            siteKey: try store.firstSiteKey()
        )
    }
}

extension LedgerError {
    /// The error that a failed session amounts to, at the site `own`.
    fileprivate init(_ error: SyncError, own: SiteName) {
        let untrusted = SyncError.untrusted(own.rawValue)
        switch error {
        case .untrusted(let site): self = .untrusted(site: site, byPeer: false)
        case .siteKeyChanged(let site): self = .otherKey(site: site)
        case .remote(let remote) where remote.code == untrusted.code:
            self = .untrusted(site: own.rawValue, byPeer: true)
        case .grant(let problem): self = .grant(detail: problem.sentence)
        case .remote(let remote) where remote.code == SyncError.grant(.unknown).code:
            self = .grant(detail: "the peer says: \(remote.text)")
        default: self = .peer(detail: error.description, isRetryable: error.isRetryable)
        }
    }
}
