internal import EventStore
internal import LedgerTypes

// Rounds: one session after the other on the same stream (docs/SYNC.md, "Following").
extension Conversation {
    /// Talks round after round until the stream ends between two, until `afterRound` says that it
    /// is enough, or for one round if the peer does not follow. Returns what the last one came to.
    mutating func follow(
        _ inbox: FollowInbox,
        _ afterRound: @Sendable (SyncReport) async -> Bool
    ) async throws(SyncError) -> SyncReport {
        var wakes = inbox.makeIterator()
        try await self.perform(try self.session.start())
        while true {
            let report = try await self.finishRound(inbox, &wakes)
            guard await afterRound(report), self.session.isFollowing,
                try await self.awaitRound(after: report, inbox, &wakes)
            else { return report }
        }
    }

    private mutating func finishRound(
        _ inbox: FollowInbox,
        _ wakes: inout AsyncStream<FollowInbox.Wake>.Iterator
    ) async throws(SyncError) -> SyncReport {
        while true {
            try await self.takeFrames()
            if let report = self.report { return report }
            inbox.wantBytes()
            guard let wake = await wakes.next(isolation: #isolation) else { throw .streamEnded }
            inbox.took(wake)
            // News that comes meanwhile is noticed after the round.
            guard case .bytes(let result) = wake else { continue }
            let bytes = try result.get()
            guard !bytes.isEmpty else { throw .streamEnded }
            self.decoder.append(bytes)
        }
    }

    /// Waits for a reason for another round and begins it; false at the end of the stream.
    private mutating func awaitRound(
        after last: SyncReport,
        _ inbox: FollowInbox,
        _ wakes: inout AsyncStream<FollowInbox.Wake>.Iterator
    ) async throws(SyncError) -> Bool {
        while true {
            if let frame = try self.decoder.next() {
                try await self.beginRound(with: last.peer, speaking: false)
                try await self.perform(try self.session.receive(frame))
                return true
            }
            if try self.hasNews(since: last) {
                try await self.beginRound(with: last.peer, speaking: true)
                return true
            }
            inbox.wantBytes()
            guard let wake = await wakes.next(isolation: #isolation) else { return false }
            inbox.took(wake)
            switch wake {
            case .bytes(let result):
                let bytes = try result.get()
                guard !bytes.isEmpty else { return false }
                self.decoder.append(bytes)
            case .growth: break
            case .due:
                try await self.beginRound(with: last.peer, speaking: true)
                return true
            }
        }
    }

    /// Whether this side holds anything else than when the last round ended.
    private func hasNews(since last: SyncReport) throws(SyncError) -> Bool {
        do throws(EventStoreError) {
            let logs = try self.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.logs()
            }
            // What a peer may see of them: a former log ends with its newest checkpoint.
            let shown = self.session.peerHello?.views ?? []
            let claims = try PackageSource(self.store).claims(logs, damages: [], shown: shown)
            return self.session.digest(ofAll: claims) != last.digest
        } catch {
            throw .store(error)
        }
    }
}
