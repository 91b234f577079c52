internal import EventStore
internal import LedgerTypes

// What is known of two histories of one log.
extension Conversation {
    /// Keeps the evidence. Only a log whose own key contradicts itself takes nothing more.
    func keep(_ evidence: ForkEvidence) async throws(SyncError) {
        let isOwn = self.session.logs[evidence.log]?.writer == .formerIncarnation
        guard evidence.isConclusive || isOwn else { return }
        let record = ForkRecord(
            log: evidence.log,
            kind: .divergent,
            found: self.store.configuration.clock(),
            peer: self.session.peerHello?.site,
            held: evidence.held,
            shown: evidence.shown,
            oldSize: evidence.oldSize,
            proof: evidence.proof
        )
        // Where a former log of this site differs is found out leaf by leaf in the next session.
        guard isOwn else { return try await self.freeze(evidence.log, record) }
        do throws(EventStoreError) {
            try await self.store.note(record)
        } catch {
            throw .store(error)
        }
    }

    func record(_ log: LogID, _ evidence: OwnLogEvidence) -> ForkRecord {
        ForkRecord(
            log: log,
            kind: evidence.isReverted ? .reverted : .divergent,
            found: self.store.configuration.clock(),
            peer: self.session.peerHello?.site,
            held: self.session.logs[log]?.note ?? [],
            shown: evidence.note,
            oldSize: evidence.oldSize,
            proof: evidence.proof
        )
    }

    func freeze(_ log: LogID, _ record: ForkRecord) async throws(SyncError) {
        do throws(EventStoreError) {
            try await self.store.freeze(log, record)
        } catch {
            throw .store(error)
        }
    }
}
