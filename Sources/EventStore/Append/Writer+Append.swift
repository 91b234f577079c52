internal import LMDB
internal import LedgerTypes

// Appending to the own log.
extension Writer {
    /// A batch that is committed but not yet answered.
    private struct Committed {
        let decisions: [AppendBatch.Decision]
        let staged: TailEntries
        let tail: LogTail
        let transaction: UInt64
        let nextArrival: UInt64
        let eventCount: Int
    }

    /// Appends `requests` in one commit; one answer each, in order.
    func append(_ requests: [AppendRequest]) -> [AppendOutcome] {
        guard !requests.isEmpty else { return [] }
        if let suspicion = self.suspicion {
            return requests.map { _ in .failed(suspicion) }
        }
        do throws(EventStoreError) {
            try self.index.waitForRoom()
            return self.answers(try self.commit(requests))
        } catch {
            guard error.isPanic else { return requests.map { _ in .failed(error) } }
            return self.answersAfterPanic(requests, error)
        }
    }

    private func commit(_ requests: [AppendRequest]) throws(EventStoreError) -> Committed {
        try self.write { (transaction) throws(EventStoreError) in
            let nextArrival = try self.refresh(transaction)
            let tail = try self.currentTail(transaction)
            // The batch holds the only reference, so that nothing is copied.
            self.tail = nil
            // Read once: verification compares the stamps with the commit clock.
            let now = self.configuration.clock()
            return try self.index.withWriterIndex(&transaction) {
                (transaction, index) throws(EventStoreError) in
                var batch = AppendBatch(
                    tail: tail,
                    nextArrival: nextArrival,
                    now: now,
                    tables: self.tables,
                    configuration: self.configuration,
                    crew: self.crew
                )
                var decisions: [AppendBatch.Decision] = []
                decisions.reserveCapacity(requests.count)
                for request in requests {
                    decisions.append(try batch.process(request, &index, &transaction))
                }
                let eventCount = Int(batch.place.index - batch.first.index)
                if eventCount > 0 {
                    try batch.finishTail(&transaction)
                    try batch.putLabels(&transaction)
                    try self.putCommitClock(first: nextArrival, now: now, &transaction)
                }
                return Committed(
                    decisions: decisions,
                    staged: index.staged,
                    tail: batch.tail,
                    transaction: transaction.identifier,
                    nextArrival: batch.place.arrival,
                    eventCount: eventCount
                )
            }
        }
    }

    private func answers(_ committed: Committed) -> [AppendOutcome] {
        let tail = committed.tail
        if committed.eventCount > 0 {
            self.tail = tail
            self.committed(committed.transaction, nextArrival: committed.nextArrival)
            self.count(events: committed.eventCount)
            self.index.committed(committed.staged, transaction: committed.transaction)
        } else {
            // Nothing was written, so the transaction's number is still free.
            self.forget()
        }
        let position = Position(log: tail.id, size: tail.size, root: tail.root)
        return committed.decisions.map { decision in
            switch decision {
            case .decided(let outcome):
                return outcome
            case .staged(let firstIndex, let count, let leaves):
                let addresses = (0..<UInt64(count)).map {
                    EventAddress(log: tail.id, index: firstIndex + $0)
                }
                return .appended(addresses, position, leaves: leaves)
            }
        }
    }

    /// The answers to a batch whose commit LMDB could not finish: what the event ids tell once the
    /// files are open again and a commit has worked.
    private func answersAfterPanic(
        _ requests: [AppendRequest],
        _ failure: EventStoreError
    ) -> [AppendOutcome] {
        do throws(EventStoreError) {
            try self.recover()
            // What is held now, was held before or has just been committed: the retry rule tells
            // them apart from what is not, and appends nothing new.
            return try self.write { (transaction) throws(EventStoreError) in
                _ = try self.refresh(transaction)
                let tail = try self.currentTail(transaction)
                return try self.index.withWriterIndex(&transaction) {
                    (transaction, index) throws(EventStoreError) in
                    let batch = AppendBatch(
                        tail: tail,
                        nextArrival: try transaction.arrivalsHeld(self.tables),
                        now: self.configuration.clock(),
                        tables: self.tables,
                        configuration: self.configuration,
                        crew: self.crew
                    )
                    var outcomes: [AppendOutcome] = []
                    for request in requests {
                        let found = try batch.retry(request, index, transaction)
                        outcomes.append(found ?? .failed(failure))
                    }
                    return outcomes
                }
            }
        } catch {
            return requests.map { _ in .failed(.outcomeUnknown) }
        }
    }
}

extension EventStoreError {
    /// Whether the outcome of a commit is open and the files have to be opened again.
    var isPanic: Bool {
        guard case .storage(let error) = self else { return false }
        return LMDBError(rawValue: error.code).requiresReopen
    }
}
