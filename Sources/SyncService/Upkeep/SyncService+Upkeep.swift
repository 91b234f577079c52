internal import CaseLedger
internal import LedgerTypes
internal import SyncTransport
internal import Synchronization

// Looking after the stored bytes: everything weekly, hashes daily, and what is rotten is fetched
// from whichever peer is reached (SYNC.md 5).
extension SyncService {
    /// Looks whenever it is due, until the task is cancelled. When that is the journal tells, so
    /// that a service which is started often looks no more often.
    func lookAfterBytes() async {
        guard (try? await Task.sleep(for: self.configuration.upkeep.settle)) != nil else { return }
        while !Task.isCancelled {
            let next = Self.nextLook(
                self.ledger.scrubs(),
                now: self.ledger.now,
                self.configuration.upkeep
            )
            guard let next else { return }
            if next.wait > .zero {
                // Clocks are set: an hour is slept at most.
                _ = try? await Task.sleep(for: min(next.wait, .seconds(3_600)))
            } else {
                await self.look(next.scope)
            }
        }
    }

    /// What is to be looked at next, and how long that can wait; `nil` if nothing ever is.
    static func nextLook(
        _ notes: [ScrubNote],
        now: Timestamp,
        _ upkeep: Configuration.Upkeep
    ) -> (scope: Ledger.ScrubScope, wait: Duration)? {
        func wait(_ every: Duration, since note: ScrubNote?) -> Duration {
            guard let ended = note?.ended else { return .zero }
            // A note of the future is one of a clock that was wrong.
            let age = Duration.microseconds(max(0, now.microseconds(since: ended)))
            return max(.zero, every - age)
        }
        // Only what rehashed everything, or at least every leaf, counts as a look.
        let looks = notes.filter { $0.bytes > 0 }
        let whole = upkeep.scrubEvery.map { wait($0, since: looks.last(where: \.isWhole)) }
        let hashes = upkeep.deepEvery.map { wait($0, since: looks.last) }
        switch (whole, hashes) {
        case (let whole?, let hashes?):
            return whole <= hashes ? (.everything, whole) : (.hashes, hashes)
        case (let whole?, nil): return (.everything, whole)
        case (nil, let hashes?): return (.hashes, hashes)
        case (nil, nil): return nil
        }
    }

    /// One look, at the rate that is allowed.
    private func look(_ scope: Ledger.ScrubScope) async {
        let pace = ScanPace(bytesPerSecond: self.configuration.upkeep.bytesPerSecond)
        let closers = Mutex<[@Sendable () async -> Void]>([])
        let sources = self.sources { close in closers.withLock { $0.append(close) } }
        do throws(LedgerError) {
            let report = try await self.ledger.repair(from: sources, scope) { bytes in
                await pace.wait(after: bytes)
            }
            self.note("scrub", report.isSound ? .info : .warning) {
                $0.detail =
                    "\(report.leaves) leaves, \(report.bytes) bytes rehashed; "
                    + "\(report.count) rows rotten, \(report.repairedCount) put right"
            }
        } catch {
            if !Task.isCancelled {
                self.note("scrub", .error) { $0.detail = ErrorText.words(for: error) }
            }
            // What failed is tried again with the next hour.
            _ = try? await Task.sleep(for: .seconds(3_600))
        }
        for close in closers.withLock({ $0 }) { await close() }
    }

    /// The peers that have an address. `opened` gets what closes each of those that were gone to.
    private func sources(
        _ opened: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void
    ) -> [RepairSource] {
        var sources: [RepairSource] = []
        for peer in (try? self.ledger.peers()) ?? [] {
            guard let address = PeerAddress(peer.address), address != .none,
                let site = SiteName(peer.site), let key = peer.keyBytes
            else { continue }
            if case .directory(let directory) = address {
                if let other = try? self.openDirectory(directory) {
                    opened { other.close() }
                    sources.append(.ledger(other))
                }
                continue
            }
            sources.append(
                .stream(of: site, trustFirstUse: false) {
                    let link = try await PeerLink.open(
                        address,
                        of: self.ledger,
                        taking: .key(key),
                        environment: self.configuration.environment,
                        limits: self.configuration.limits
                    )
                    opened { _ = await link.finish() }
                    return (link.stream, link.key)
                }
            )
        }
        return sources
    }
}
