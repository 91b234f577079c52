internal import EventStore
internal import LedgerTypes
internal import Merkle

/// The events of the benchmark of the store: 20 a case, six in twenty with one section, leaves and
/// sections as long as those of the ledger's own workload.
struct StoreWorkload: Sendable {
    static let otherType = Array("bench.other".utf8)

    private static let sealedPlaces: Set<Int> = [2, 5, 8, 12, 15, 17]

    private let sectionBytes: Int
    private let text: [UInt8]
    private let sectionText: [UInt8]

    init(leafBytes: Int, sectionBytes: Int) {
        self.sectionBytes = sectionBytes
        // What the envelope and the stamps of these events take, section references included.
        let rest = max(leafBytes - LeafShare.envelope, 1)
        self.text = (0..<rest).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        self.sectionText = (0..<sectionBytes).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ 3) }
    }

    private enum LeafShare {
        static let envelope = 196
    }

    /// The case of event `number`.
    func subject(ofEvent number: Int) -> Subject {
        guard let subject = Subject("case:bench-\(number / 20)") else {
            preconditionFailure("the number of a case makes a subject")
        }
        return subject
    }

    /// The id of event `number`: the bits of a UUIDv7 in the order of the numbers, as live events
    /// have them, the rest scattered.
    func id(_ number: Int) -> EventID {
        var mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        mixed ^= mixed >> 29
        mixed &*= 0xBF58_476D_1CE4_E5B9
        let milliseconds = UInt128(1_700_000_000_000 + UInt64(number) / 8)
        let low = UInt128(2) << 62 | UInt128(mixed >> 2)
        return EventID(rawValue: milliseconds << 80 | 7 << 76 | low)
    }

    /// Event `number`, ready to be appended.
    func event(_ number: Int, _ now: Timestamp) -> PreparedEvent {
        var sections: [[UInt8]] = []
        var references: [SectionReference] = []
        if Self.sealedPlaces.contains(number % 20) {
            var section = self.sectionText
            section[0] = UInt8(truncatingIfNeeded: number)
            sections.append(section)
            references.append(
                SectionReference(
                    kind: "text",
                    digest: Digest.sha256(domain: "cl/section/1", section),
                    keyID: KeyID(rawValue: UInt128(number / 80)),
                    commitment: Array(section[..<16]),
                    paddedLength: UInt32(section.count)
                )
            )
        }
        return PreparedEvent(
            draft: EventDraft(
                id: self.id(number),
                type: "message.recorded",
                subject: self.subject(ofEvent: number),
                occurred: now,
                actor: ActorSnapshot(actorID: "berlin-agent-042", kind: .agent),
                labels: [Label(name: "source", value: "desk.example/tickets/queue-network")],
                sections: references,
                body: EventBody(field: 100, bytes: self.text)
            ),
            sections: sections
        )
    }
}
