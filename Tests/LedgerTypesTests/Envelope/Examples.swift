import LedgerTypes
import Testing

/// The leaves and geneses whose bytes are frozen in these tests.
enum Examples {
    static let log = LogID(rawValue: 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10)
    static let digest = Digest(
        words: 0x1111_1111_1111_1111,
        0x2222_2222_2222_2222,
        0x3333_3333_3333_3333,
        0x4444_4444_4444_4444
    )
    static let section = SectionReference(
        kind: "row",
        digest: Examples.digest,
        keyID: KeyID(rawValue: 0xA0A1_A2A3_A4A5_A6A7_A8A9_AAAB_ACAD_AEAF),
        commitment: Array(0xC0...0xCF),
        paddedLength: 496
    )

    /// No more than an event must have.
    static func minimalDraft() throws -> EventDraft {
        EventDraft(
            id: try #require(EventID("0127f1a2-3c4d-7abc-8def-0123456789ab")),
            type: "case.opened",
            subject: try #require(Subject("case:1")),
            occurred: Timestamp(microseconds: 0),
            actor: ActorSnapshot(actorID: "crm", kind: .system)
        )
    }

    /// Every field of the envelope.
    static func fullDraft() throws -> EventDraft {
        EventDraft(
            id: try #require(EventID("0127f1a2-3c4d-7abc-8def-0123456789ab")),
            type: "case.observed",
            schemaVersion: 300,
            subject: try #require(Subject("case:1-364285768")),
            occurred: Timestamp(microseconds: -1_270_047_582_000_001),
            isHistory: true,
            actor: Self.fullActor,
            onBehalfOf: "super-1",
            contactID: "contact-7",
            handoffID: "handoff-é",
            escalationID: "escalation-9",
            causation: EventID(rawValue: 0xFFFF_FFFF_FFFF_7FFF_BFFF_FFFF_FFFF_FFFF),
            labels: [Label(name: "queue", value: "Dfx"), Label(name: "brand", value: "日本")],
            classification: .confidential,
            regulations: ["gdpr", "ccpa"],
            sections: [
                Self.section,
                SectionReference(
                    kind: "header",
                    digest: Self.digest,
                    keyID: KeyID(rawValue: 1),
                    commitment: Array(0...15),
                    paddedLength: 16_711_680
                ),
            ],
            body: EventBody(field: EventBody.customField, bytes: [0x00, 0xFF, 0x80])
        )
    }

    static let fullActor = ActorSnapshot(
        actorID: "Siebel",
        kind: .agent,
        role: "holder",
        tier: "2nd",
        team: "V5 3rd",
        siteID: "support.example/site/berlin",
        siteKind: .outsourced,
        programme: "rotation",
        tenureDays: 4_294_967_295,
        skills: ["router", "dsl"],
        authorityLimit: .init(amountMinor: -12_345, currency: "EUR")
    )

    static let fullStamp = Stamp(
        recorded: HybridTime(rawValue: 0x0127_F1A2_3C4D_0007),
        order: Timestamp(microseconds: 1_270_047_582_000_001),
        seen: [
            EventAddress(log: Examples.log, index: 18_446_744_073_709_551_615),
            EventAddress(log: LogID(rawValue: .max), index: 127),
        ],
        was: FormerPlace(
            address: EventAddress(log: Examples.log, index: 128),
            recorded: HybridTime(rawValue: 1)
        ),
        labelSequences: [
            LabelSequence(sequence: 5, previous: 4_000),
            LabelSequence(sequence: 16_384, previous: 1),
            LabelSequence(sequence: 2, previous: 3),
        ]
    )

    static let minimalStamp = Stamp(
        recorded: HybridTime(rawValue: 1 << 16),
        order: Timestamp(microseconds: 0),
        labelSequences: [LabelSequence(sequence: 0, previous: 0)]
    )

    /// The stamped leaf of `draft`.
    static func leaf(_ draft: EventDraft, _ stamp: Stamp) -> [UInt8] {
        var leaf = Leaf.encode(draft)
        Leaf.append(stamp, to: &leaf)
        return leaf
    }

    /// The first genesis of a site; its signature is no real one.
    static func genesis() throws -> Genesis {
        var genesis = Genesis(
            site: try #require(SiteName("support.example/site/berlin")),
            siteKey: [UInt8](repeating: 0x51, count: 32),
            logKey: [UInt8](repeating: 0x10, count: 32),
            incarnation: 1,
            nonce: Array(0..<16),
            reason: .new,
            parent: nil,
            recorded: HybridTime(rawValue: 0x0127_F1A2_3C4D_0000)
        )
        genesis.signature = [UInt8](repeating: 0x5A, count: 64)
        return genesis
    }

    /// A later genesis of a site that changed its key.
    static func laterGenesis() throws -> Genesis {
        var genesis = try Self.genesis()
        genesis.incarnation = 130
        genesis.reason = .rekey
        genesis.parent = Position(log: Self.log, size: 65_537, root: Self.digest)
        genesis.predecessorSignature = [UInt8](repeating: 0x0D, count: 64)
        return genesis
    }
}
