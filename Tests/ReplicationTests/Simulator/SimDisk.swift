import LedgerTesting
import LedgerTypes
import Merkle

@testable import Replication

/// What lies in a simulated ledger's directory. A value, so that a copy is a backup.
struct SimDisk {
    var logs: [LogID: FakeLog] = [:]
    /// The log that is appended to.
    var ownLog = LogID(rawValue: 0)
    /// The token of the newest opening.
    var token: UInt64 = 0
    var pins: [SiteName: [UInt8]] = [:]
    /// Logs that take nothing more.
    var frozen: Set<LogID> = []
    /// Two signed histories of one log.
    var evidence: [LogID: ForkEvidence] = [:]
    /// Branches of own logs that turned out not to be the first seen.
    var quarantine: [LogID: [FakeLog]] = [:]

    var locals: [LocalLog] {
        self.logs.values.map { log in
            let local = log.local
            return LocalLog(
                position: local.position,
                genesis: local.genesis,
                writer: local.writer,
                note: local.note,
                provable: local.provable,
                isFrozen: self.frozen.contains(local.id)
            )
        }
    }

    /// The ids of every event held, quarantine included.
    var events: Set<UInt128> {
        var events: Set<UInt128> = []
        for log in Array(self.logs.values) + self.quarantine.values.joined() {
            for leaf in log.leaves { if let id = SimEvent.id(leaf) { events.insert(id) } }
        }
        return events
    }
}

/// What lies under STATE: it is neither in the directory nor in its backups.
struct SimState {
    struct Anchor {
        var size: UInt64
        var root: Digest
        var previous: UInt64
        var next: UInt64
    }

    var logKeys: [LogID: SigningKey] = [:]
    var anchors: [LogID: Anchor] = [:]
    /// Tells one life of this directory from another, for the test's own books.
    var lineage: Int
}

/// Leaves of the simulation: the event's id can be found again.
enum SimEvent {
    static func leaf(_ number: UInt64, random: inout SeededRandom) -> [UInt8] {
        guard let subject = Subject("case:\(number % 5)") else { return [] }
        let draft = EventDraft(
            id: EventID(rawValue: UInt128(number) | 0x7000_8000 << 64),
            type: "case.observed",
            subject: subject,
            occurred: Timestamp(microseconds: Int64(number)),
            actor: ActorSnapshot(actorID: "agent", kind: .notStated)
        )
        var leaf = Leaf.encode(draft)
        // The same event in another place is another leaf.
        let stamp = Stamp(
            recorded: HybridTime(rawValue: random.next() >> 1),
            order: Timestamp(microseconds: Int64(number)),
            labelSequences: [LabelSequence(sequence: number, previous: number)]
        )
        Leaf.append(stamp, to: &leaf)
        return leaf
    }

    static func id(_ leaf: [UInt8]) -> UInt128? { (try? LeafKeys(leaf: leaf.span))?.id.rawValue }
}
