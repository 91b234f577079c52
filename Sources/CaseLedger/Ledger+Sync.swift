internal import EventStore
internal import LedgerTypes
package import Replication

extension Ledger {
    /// Brings this ledger and another of this machine into step, both ways.
    ///
    /// The other directory counts as the same operator: keys it shows are pinned on first contact.
    /// Nothing is kept that is not proven against a signed checkpoint. A cut loses nothing that was
    /// committed; run it again. Cancelling the task does not stop it.
    ///
    /// - Parameters:
    ///   - peer: the other ledger, open for writing.
    ///   - progress: gets the leaves moved so far.
    /// - Returns: how the sync ended, on this side.
    /// - Throws: ``LedgerError/peer(detail:isRetryable:)`` and errors of storage.
    public func sync(
        with peer: Ledger,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(LedgerError) -> SyncSummary {
        do throws(SyncError) {
            let (report, _) = try await SyncPeer.syncLocally(self.store, peer.store) {
                progress(Int(clamping: $0.received + $0.sent))
            }
            return SyncSummary(report)
        } catch {
            throw LedgerError(error, own: self.store.siteName)
        }
    }

    /// Brings this ledger and the one at the far end of `stream` into step, both ways. Cancelling
    /// the task does not stop it; closing the stream does.
    ///
    /// - Parameters:
    ///   - stream: any ordered byte stream.
    ///   - answering: whether the far end began.
    ///   - trustFirstUse: whether keys that are not pinned yet are pinned now.
    ///   - progress: gets the leaves moved so far.
    /// - Returns: how the sync ended, on this side.
    /// - Throws: ``LedgerError/untrusted(site:byPeer:)``, ``LedgerError/peer(detail:isRetryable:)``
    ///   and errors of storage.
    package func sync(
        over stream: ByteStream,
        answering: Bool = false,
        trustFirstUse: Bool = false,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(LedgerError) -> SyncSummary {
        var options = SyncPeer.Options(policy: trustFirstUse ? .trustFirstUse : .pinned)
        options.progress = { progress(Int(clamping: $0.received + $0.sent)) }
        do throws(SyncError) {
            let report = try await SyncPeer(self.store).run(
                over: stream,
                as: answering ? .responder : .initiator,
                options
            )
            return SyncSummary(report)
        } catch {
            throw LedgerError(error, own: self.store.siteName)
        }
    }
}

extension LedgerError {
    /// The error that a failed session amounts to, at the site `own`.
    fileprivate init(_ error: SyncError, own: SiteName) {
        let untrusted = SyncError.untrusted(own.rawValue)
        switch error {
        case .untrusted(let site): self = .untrusted(site: site, byPeer: false)
        case .remote(let remote) where remote.code == untrusted.code:
            self = .untrusted(site: own.rawValue, byPeer: true)
        default: self = .peer(detail: error.description, isRetryable: error.isRetryable)
        }
    }
}
