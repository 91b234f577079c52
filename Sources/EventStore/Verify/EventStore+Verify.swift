internal import LMDB
internal import LedgerTypes

extension EventStore {
    /// Verifies all of `log/` from its bytes, then the index against it. Any thread but the store's
    /// own; appends go on meanwhile.
    ///
    /// - Parameters:
    ///   - scope: how much is looked at.
    ///   - progress: gets leaves done and leaves held, once for each snapshot.
    /// - Returns: what was checked and what does not agree.
    /// - Throws: errors of storage, and the first row that is too damaged to go on.
    package func verify(
        _ scope: VerificationScope = .everything,
        progress: (_ done: UInt64, _ held: UInt64) -> Void = { _, _ in }
    ) throws(EventStoreError) -> VerificationReport {
        var report = try self.verifyLog(scope, progress: progress)
        guard scope == .everything else { return report }
        do throws(EventStoreError) {
            let check = try self.checkIndex()
            report.indexRows += check.events
            for problem in check.problems { report.add("views", "\(problem)") }
        } catch .damaged(let table, let row) {
            // What the log itself was found to be wrong is not lost.
            report.add("\(table) \(row)", "the index cannot be compared with it")
        }
        return report
    }

    /// Verifies all of `log/` from its bytes: leaves, sections, tiles, roots, heads, runs,
    /// checkpoints, commit clock, labels, keys and names, and compares the log that is appended to
    /// with its anchor, where that can be read.
    package func verifyLog(
        _ scope: VerificationScope = .everything,
        progress: (_ done: UInt64, _ held: UInt64) -> Void = { _, _ in }
    ) throws(EventStoreError) -> VerificationReport {
        var verification = LogVerification(
            tables: self.tables,
            scope: scope,
            anchor: try self.currentAnchor()
        )
        var isDone = false
        while !isDone {
            isDone = try self.log.read { (transaction) throws(EventStoreError) in
                try verification.step(transaction)
            }
            progress(verification.report.leaves, verification.held)
        }
        return verification.report
    }

    /// The anchor of the log that is appended to. Read before any snapshot, so that it never says
    /// more than a snapshot holds.
    private func currentAnchor() throws(EventStoreError) -> (log: LogID, anchor: Anchor)? {
        let log = try self.log.read { (transaction) throws(EventStoreError) in
            try transaction.currentLog(self.tables).flatMap { (number) throws(EventStoreError) in
                try transaction.logID(number, self.tables)
            }
        }
        guard let log, let anchor = try? self.site.log(log).anchor() else { return nil }
        return (log, anchor)
    }
}
