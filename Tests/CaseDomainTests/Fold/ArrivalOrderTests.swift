import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Arrival order")
struct ArrivalOrderTests {
    @Test("Any order of arrival gives the same view, byte for byte", arguments: UInt64(1)...20)
    func sameView(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var story = try Story.opened()
        for step in 0..<40 {
            // Neighbours share a minute, so that ties are broken by log and index.
            let minute = Double(4 + step / 2)
            let type = EventType.allCases.randomElement(using: &random) ?? .caseObserved
            story.tell(
                Self.payload(type, &random),
                at: minute,
                by: Story.agent(["anna", "bert", "carl"].randomElement(using: &random) ?? ""),
                log: Bool.random(using: &random) ? Story.berlin : Story.manila,
                blind: Bool.random(using: &random),
                history: type == .caseObserved,
                contact: type.subjectKind == "contact" ? "k" : nil,
                handoff: type.rawValue.hasPrefix("handoff") ? "h\(step / 8)" : nil
            )
            if step.isMultiple(of: 9), var copy = story.events.last {
                copy.address = EventAddress(log: LogID(rawValue: 3), index: UInt64(step))
                story.events.append(copy)
            }
        }
        let expected = try PayloadJSONTests.encode(story.view())
        let facts = try PayloadJSONTests.encode(story.state.facts)
        for _ in 0..<5 {
            story.events.shuffle(using: &random)
            #expect(try PayloadJSONTests.encode(story.view()) == expected, "seed \(seed)")
            #expect(try PayloadJSONTests.encode(story.state.facts) == facts, "seed \(seed)")
        }
    }

    private static func payload(
        _ type: EventType,
        _ random: inout SeededRandom
    ) -> EventPayload {
        guard type == .caseObserved else { return Examples.payload(type) }
        var row = CaseObserved()
        row.status = ObservedStatus.allCases.randomElement(using: &random) ?? .open
        row.team = ["A", "B", nil].randomElement(using: &random) ?? nil
        row.agent = ["x", "y", nil].randomElement(using: &random) ?? nil
        return .caseObserved(row)
    }
}
