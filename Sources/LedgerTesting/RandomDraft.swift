public import LedgerTypes

/// Makes events for property tests: valid ones, with every field sometimes there and sometimes not.
public struct RandomDraft: Sendable {
    private var random: SeededRandom

    /// Starts the sequence of `seed`.
    public init(seed: UInt64) { self.random = SeededRandom(seed: seed) }

    /// The next draft; it passes `validate()`.
    public mutating func next() -> EventDraft {
        let random = self.random.bytes(10)
        let occurred = Timestamp(microseconds: self.moment())
        return EventDraft(
            id: EventID(unixMilliseconds: occurred.milliseconds, random: random.span),
            type: self.pick(["case.opened", "case.observed", "shop.v2.partRefitted"]),
            schemaVersion: .random(in: 1...3, using: &self.random),
            subject: self.subject(),
            occurred: occurred,
            isHistory: self.flip(),
            actor: self.actor(),
            onBehalfOf: self.maybe { $0.text() },
            contactID: self.maybe { $0.text() },
            handoffID: self.maybe { $0.text() },
            escalationID: self.maybe { $0.text() },
            causation: self.maybe { EventID(rawValue: .random(in: 0 ... .max, using: &$0.random)) },
            labels: (0..<self.count(4)).map { Label(name: "name\($0)", value: self.text()) },
            classification: self.pick(Classification.allCases),
            regulations: (0..<self.count(2)).map { _ in self.text() },
            sections: (0..<self.count(SectionReference.countMax)).map { self.section($0) },
            body: self.maybe { $0.body() }
        )
    }

    /// The next stamp, fit for a draft with `labels` labels.
    public mutating func stamp(labels: Int) -> Stamp {
        Stamp(
            recorded: HybridTime(rawValue: self.random.next()),
            order: Timestamp(microseconds: Int64(bitPattern: self.random.next())),
            seen: (0..<self.count(3)).map { _ in self.address() }.sorted(),
            was: self.maybe { maker in
                FormerPlace(
                    address: maker.address(),
                    recorded: HybridTime(rawValue: maker.random.next())
                )
            },
            labelSequences: (0...labels).map { _ in
                LabelSequence(sequence: self.number(), previous: self.number())
            }
        )
    }

    private mutating func actor() -> ActorSnapshot {
        ActorSnapshot(
            actorID: self.text(),
            kind: self.pick(ActorKind.allCases),
            role: self.maybe { $0.text() },
            tier: self.maybe { $0.text() },
            team: self.maybe { $0.text() },
            siteID: self.maybe { $0.text() },
            siteKind: self.pick(SiteKind.allCases),
            programme: self.maybe { $0.text() },
            tenureDays: self.maybe { UInt32(truncatingIfNeeded: $0.random.next()) },
            skills: (0..<self.count(3)).map { _ in self.text() },
            authorityLimit: self.maybe { maker in
                ActorSnapshot.AuthorityLimit(
                    amountMinor: Int64(bitPattern: maker.random.next()),
                    currency: "EUR"
                )
            }
        )
    }

    private mutating func section(_ index: Int) -> SectionReference {
        SectionReference(
            kind: "kind-\(index)",
            digest: Digest(words: self.random.next(), self.number(), 0, self.random.next()),
            keyID: KeyID(rawValue: .random(in: 0 ... .max, using: &self.random)),
            commitment: self.random.bytes(SectionReference.commitmentByteCount),
            paddedLength: self.pick([256, 496, 1_008, 2_000, 4_080, 8_160, 16_711_680])
        )
    }

    private mutating func body() -> EventBody {
        EventBody(
            field: .random(in: EventBody.fields, using: &self.random),
            bytes: self.random.bytes(self.count(300))
        )
    }

    private mutating func subject() -> Subject {
        let kind = self.pick(Subject.kinds)
        // The text is an id, so there is a subject.
        return Subject(kind: kind, id: self.text()) ?? self.subject()
    }

    private mutating func address() -> EventAddress {
        EventAddress(
            log: LogID(rawValue: .random(in: 0 ... .max, using: &self.random)),
            index: self.number()
        )
    }

    /// Any moment, the ends of the range more often than not.
    private mutating func moment() -> Int64 {
        let near = Int64.random(in: 0...2_000_000_000_000_000, using: &self.random)
        return self.pick([near, near, near, -near, .min, .max, 0, -1])
    }

    /// A number of any number of digits.
    private mutating func number() -> UInt64 {
        self.random.next() >> UInt64.random(in: 0...64, using: &self.random)
    }

    private mutating func text() -> String {
        let alphabet = Array("abcXYZ019-_/é日😀\u{301}:")
        let inner = (0..<self.count(40)).map { _ in self.pick(alphabet) }
        return "t" + String(inner)
    }

    private mutating func count(_ max: Int) -> Int { .random(in: 0...max, using: &self.random) }

    private mutating func flip() -> Bool { .random(using: &self.random) }

    private mutating func maybe<Value>(_ make: (inout RandomDraft) -> Value) -> Value? {
        self.flip() ? make(&self) : nil
    }

    private mutating func pick<Value>(_ choices: [Value]) -> Value {
        choices[self.count(choices.count - 1)]
    }
}
