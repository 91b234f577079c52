package import CaseLedger

/// The journal of syncs: one JSON object a line, each the whole state of one peer, so that the last
/// line about a peer tells everything.
///
/// Any thread, and several processes.
package struct SyncJournal: Sendable {
    /// Why the journal could not be written or read; a sync never fails for it.
    package typealias Failure = JournalFile.Failure

    private let file: JournalFile

    /// The file.
    package var path: String { self.file.path }

    /// The journal in `folder`, which must exist before anything is written.
    package init(folder: String, bytesMax: Int = JournalFile.bytesMax) {
        self.file = JournalFile(folder: folder, name: "syncs", bytesMax: bytesMax)
    }

    /// The newest state of every peer that the journal knows.
    package func read() throws(Failure) -> [String: PeerState] {
        var states: [String: PeerState] = [:]
        for state in try self.file.read(PeerState.self) { states[state.peer] = state }
        return states
    }

    /// Appends `state`.
    package func write(_ state: PeerState) throws(Failure) { try self.file.append(state) }
}
