import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Events from leaves")
struct LeafDecodingTests {
    private static let address = EventAddress(log: LogID(rawValue: 7), index: 3)

    /// The leaf read at once, and read by way of its envelope.
    private func bothWays(
        _ leaf: [UInt8],
        _ actors: inout ActorPool,
        subject: Subject? = nil
    ) throws -> (direct: CaseEvent, throughEnvelope: CaseEvent) {
        let direct = try CaseEvent.read(
            try LeafFields(leaf: leaf.span),
            of: leaf.span,
            at: Self.address,
            subject: subject,
            actors: &actors
        )
        return (direct, try CaseEvent(try EventEnvelope(leaf: leaf.span), at: Self.address))
    }

    @Test(
        "Every type reads the same at once and through its envelope",
        arguments: EventType.allCases
    )
    func everyType(type: EventType) throws {
        var actors = ActorPool()
        var maker = RandomDraft(seed: 11)
        var draft = maker.next()
        draft.type = type.rawValue
        draft.body = Examples.payload(type).body
        var leaf = Leaf.encode(draft)
        Leaf.append(maker.stamp(labels: draft.labels.count), to: &leaf)
        let read = try self.bothWays(leaf, &actors, subject: draft.subject)
        #expect(read.direct == read.throughEnvelope)
        #expect(read.direct.payload.type == type)
    }

    @Test("Random leaves read the same both ways, actors met before included", arguments: 0..<8)
    func random(seed: UInt64) throws {
        var actors = ActorPool()
        var maker = RandomDraft(seed: seed)
        var drafts = (0..<40).map { _ in maker.next() }
        // The same people act again.
        for place in 20..<40 { drafts[place].actor = drafts[place - 20].actor }
        let other = try #require(Subject("case:another"))
        for draft in drafts {
            var leaf = Leaf.encode(draft)
            Leaf.append(maker.stamp(labels: draft.labels.count), to: &leaf)
            let expected = leaf.count.isMultiple(of: 2) ? draft.subject : other
            // A random body is rarely the message of its type.
            guard (try? CaseEvent(try EventEnvelope(leaf: leaf.span), at: Self.address)) != nil
            else {
                #expect(throws: WireError.self) {
                    _ = try CaseEvent(leaf: leaf.span, at: Self.address)
                }
                continue
            }
            let read = try self.bothWays(leaf, &actors, subject: expected)
            #expect(read.direct == read.throughEnvelope, "seed \(seed)")
        }
    }

    @Test("A type in the body of another is kept as unknown")
    func foreignBody() throws {
        var maker = RandomDraft(seed: 3)
        var draft = maker.next()
        draft.type = EventType.caseOpened.rawValue
        draft.body = Examples.payload(.caseClosed).body
        var leaf = Leaf.encode(draft)
        Leaf.append(maker.stamp(labels: draft.labels.count), to: &leaf)
        let event = try CaseEvent(leaf: leaf.span, at: Self.address)
        #expect(event.payload == .unknown(type: draft.type, body: draft.body))
    }
}
