internal import CaseLedger
internal import LedgerTypes
internal import Replication
internal import SyncTransport

// Peers that we go to.
extension SyncService {
    /// A task that goes to one peer, and where it goes.
    private struct Visit {
        let address: String
        let task: Task<Void, Never>
    }

    /// Goes to every peer that has an address, and looks at the table of peers from time to time.
    func visitPeers() async {
        var visits: [String: Visit] = [:]
        while !Task.isCancelled {
            let peers = (try? self.ledger.peers()) ?? []
            for (site, visit) in visits
            where !peers.contains(where: { $0.site == site && $0.address == visit.address }) {
                visit.task.cancel()
                visits[site] = nil
            }
            for peer in peers where visits[peer.site] == nil {
                guard let address = PeerAddress(peer.address), address != .none else { continue }
                // Not a child of this task: it may have to end alone. Cancelled with it below.
                visits[peer.site] = Visit(
                    address: peer.address,
                    task: Task { await self.visit(peer, at: address) }
                )
            }
            guard (try? await Task.sleep(for: self.configuration.reload)) != nil else { break }
        }
        for visit in visits.values { visit.task.cancel() }
        for visit in visits.values { await visit.task.value }
    }

    /// Stays in touch with one peer until the task is cancelled.
    private func visit(_ peer: Peer, at address: PeerAddress) async {
        var failures = 0
        var random = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            if await self.state.isConnected(peer.site) {
                // It came by itself.
                _ = try? await Task.sleep(for: self.configuration.reload)
                continue
            }
            let end = await self.go(to: peer, at: address)
            guard !Task.isCancelled, await !self.state.isStopping else { return }
            failures = end.failure == nil ? 0 : failures + 1
            var wait = self.configuration.backoff.wait(failures: failures, using: &random)
            if case .directory = address, end.failure == nil { wait = self.configuration.quiet }
            if let failure = end.failure {
                let outcome = end.outcome ?? RoundOutcome(failed: failure, after: nil, held: nil)
                let next = self.ledger.now.adding(microseconds: Int64(wait / .microseconds(1)))
                await self.state.note(outcome, of: peer.site, next: next)
                self.note("peer.failed", .warning) {
                    $0.peer = peer.site
                    $0.remote = peer.address
                    $0.detail = "\(ErrorText.words(for: failure)); next \(next.rfc3339)"
                }
            }
            _ = try? await Task.sleep(for: wait)
        }
    }

    /// Goes to a peer and stays as long as the connection does.
    private func go(to peer: Peer, at address: PeerAddress) async -> End {
        if case .directory(let directory) = address {
            return End(peer: peer.site, failure: await self.sync(peer, with: directory))
        }
        guard let site = SiteName(peer.site) else { return End() }
        let link: PeerLink
        do {
            let taken: PeerLink.Taken
            if let key = peer.keyBytes {
                taken = .key(key)
            } else if self.configuration.trustFirstUse {
                taken = .any
            } else {
                throw LedgerError.untrusted(site: peer.site, byPeer: false)
            }
            link = try await PeerLink.open(
                address,
                of: self.ledger,
                taking: taken,
                environment: self.configuration.environment,
                limits: self.configuration.limits
            )
        } catch {
            return End(peer: peer.site, failure: error)
        }
        let stream = link.stream
        guard let number = await self.state.connect(close: { await stream.close() }) else {
            _ = await link.finish()
            return End(peer: peer.site)
        }
        await self.state.identify(number, as: peer.site)
        self.note("peer.reached") {
            $0.peer = peer.site
            $0.remote = peer.address
        }
        let end = await withTaskCancellationHandler {
            await self.converse(
                over: stream,
                number,
                answering: false,
                expecting: site,
                key: link.key
            )
        } onCancel: {
            Task { await stream.close() }
        }
        await self.state.disconnect(number)
        _ = await link.finish()
        self.note("peer.left", end.failure == nil ? .info : .warning) {
            $0.peer = peer.site
            $0.remote = peer.address
            $0.detail = end.failure.map { ErrorText.words(for: $0) }
        }
        return end
    }

    /// One round with a peer on this machine, by its directory.
    private func sync(_ peer: Peer, with directory: String) async -> (any Error)? {
        do {
            let other = try self.openDirectory(directory)
            defer { other.close() }
            guard try other.siteKey().site == peer.site else {
                throw LedgerError.otherKey(site: peer.site)
            }
            let summary = try await self.ledger.sync(with: other)
            await self.state.note(RoundOutcome(summary), of: peer.site)
            return nil
        } catch {
            return error
        }
    }
}
