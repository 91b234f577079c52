internal import EventStore
internal import LedgerTypes
internal import Synchronization

/// What the folds of all read models have in common.
final class UnitFold: Sendable {
    private let known = Mutex<FoldContext?>(nil)

    /// What a fold needs beside a unit's events: read once, and again when something has come to
    /// it.
    func context(_ snapshot: borrowing Snapshot) throws(EventStoreError) -> FoldContext {
        let context = try FoldContext(snapshot, known: self.known.withLock { $0 })
        self.known.withLock { $0 = context }
        return context
    }

    /// What `rows` makes of each unit. One damaged unit stops nothing: it is listed as such.
    static func fold(
        _ units: [Subject],
        _ rows: (Subject) throws(EventStoreError) -> UnitRows?
    ) throws(EventStoreError) -> [FoldedUnit] {
        var folded: [FoldedUnit] = []
        folded.reserveCapacity(units.count)
        for unit in units {
            do throws(EventStoreError) {
                folded.append(FoldedUnit(unit, try rows(unit)))
            } catch {
                guard case .damaged(let table, let row) = error else { throw error }
                let rows = UnitRows(failure: "a row of \(table) is damaged: \(row)")
                folded.append(FoldedUnit(unit, rows))
            }
        }
        return folded
    }

    /// The unit that an event about `subject` belongs to: subjects of `kinds` are units of their
    /// own, and what is filed under a case belongs to it.
    static func unit(of subject: Subject, _ kinds: [String]) -> Subject? {
        let kind = subject.kind
        if kinds.contains(kind) { return subject }
        return kind == Attachment.kind ? Subject(kind: "case", id: subject.id) : nil
    }
}
