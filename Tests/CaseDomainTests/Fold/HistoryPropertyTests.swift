import CaseDomain
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// Random histories, legal and illegal. `CASELEDGER_SEED` repeats one of them, and
/// `CASELEDGER_PROPERTY_EVENTS` says how many events to write over all seeds; where `CI` is set,
/// 100,000.
@Suite("Random histories")
struct HistoryPropertyTests {
    private static let environment = ProcessInfo.processInfo.environment

    static let seeds: [UInt64] = {
        if let seed = Self.environment["CASELEDGER_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...8)
    }()

    /// Events to be written for each seed.
    static let eventsEach: Int = {
        let all =
            Self.environment["CASELEDGER_PROPERTY_EVENTS"].flatMap { Int($0) }
            ?? (Self.environment["CI"] == nil ? 24_000 : 100_000)
        return max(all / 16, 1)
    }()

    static func hint(_ seed: UInt64, _ number: Int) -> Comment {
        """
        case \(number) of seed \(seed); repeat: \
        CASELEDGER_SEED=\(seed) swift test --filter HistoryPropertyTests
        """
    }

    private static func sites(
        _ seed: UInt64,
        _ number: Int,
        sites: Int,
        isLawless: Bool
    ) throws -> RandomSites {
        RandomSites(
            seed: seed &* 1_000_003 &+ UInt64(number),
            sites: sites,
            isLawless: isLawless,
            caseID: try #require(Subject("case:R-\(number)"))
        )
    }

    @Test("Any interleaving of two or three sites' logs gives the same view", arguments: seeds)
    func interleaving(seed: UInt64) throws {
        var written = 0
        var number = 0
        while written < Self.eventsEach {
            number += 1
            var story = try Self.sites(
                seed,
                number,
                sites: 2 + number % 2,
                isLawless: number.isMultiple(of: 2)
            )
            written += story.run(steps: 80)
            var random = SeededRandom(seed: seed &+ UInt64(number))
            var events = story.events
            let state = CaseState.folding(events, of: story.caseID)
            let time = Story.minute(5_000)
            let view = state.view(at: time)
            let isWritten = number.isMultiple(of: 10)
            let json = isWritten ? try PayloadJSONTests.encode(view) : ""
            for _ in 0..<2 {
                events.shuffle(using: &random)
                let again = CaseState.folding(events, of: story.caseID)
                #expect(again.view(at: time) == view, Self.hint(seed, number))
                #expect(again.facts == state.facts, Self.hint(seed, number))
                guard isWritten else { continue }
                #expect(
                    try PayloadJSONTests.encode(again.view(at: time)) == json,
                    Self.hint(seed, number)
                )
            }
            #expect(view.events.count == events.count, Self.hint(seed, number))
            #expect(view.briefing.count <= CaseView.briefingLinesMax)
            _ = state.worklistEntries(at: time)
            _ = view.customerCopy
        }
    }

    @Test("What a site accepted satisfies every rule again when it is replayed", arguments: seeds)
    func replay(seed: UInt64) throws {
        var written = 0
        var number = 0
        var refused: Set<RuleID> = []
        while written < Self.eventsEach {
            number += 1
            var story = try Self.sites(seed, number, sites: 1, isLawless: false)
            written += story.run(steps: 80)
            refused.formUnion(story.refused)
            let state = CaseState.folding(story.events, of: story.caseID)
            let noted: Set<RuleID> = [.clockInverted]
            for accepted in story.accepted {
                let replayed = state.flags.filter {
                    $0.event == accepted.event && !noted.contains($0.rule)
                }.map(\.rule).sorted()
                // What only holds for a whole append (L7, L8) is derived at the cut.
                let decided = accepted.flags.filter { $0.rule != .l7 && $0.rule != .l8 }
                    .map(\.rule).sorted()
                #expect(
                    replayed.filter { $0 != .l7 && $0 != .l8 } == decided,
                    Self.hint(seed, number)
                )
            }
            #expect(state.conflicts.isEmpty, Self.hint(seed, number))
        }
        // A run that refuses nothing would prove nothing.
        #expect(refused.count > 10, "only \(refused.count) rules refused something")
    }

    /// A trap here would make a case unreadable for ever.
    @Test("Clock values far off and the largest numbers are folded and shown")
    func extremes() throws {
        let ends: [Int64] = [.min, .min + 1, -1, 0, .max - 1, .max]
        for (number, end) in ends.enumerated() {
            var story = try Story.opened()
            let caseID = story.caseID
            var payloads = EventType.allCases.map(Examples.payload)
            payloads.append(
                .caseOpened(
                    Examples.make { $0.purchaseDate = CalendarDate(daysSince1970: end) }
                )
            )
            for payload in payloads {
                var event = story.tell(
                    payload,
                    at: 10,
                    contact: "k",
                    handoff: "h",
                    escalation: "e"
                )
                event.occurred = Timestamp(microseconds: end)
                story.events[story.events.count - 1] = event
            }
            var policies: [CaseEvent] = []
            for (place, what) in PolicyTopic.allCases.enumerated() {
                let value = number.isMultiple(of: 2) ? UInt64.max : 0
                policies.append(
                    try PolicyBookTests.policy(what, value: value, at: Double(place))
                )
            }
            let book = PolicyBook(policies, origins: PolicyBookTests.origins)
            let state = CaseState.folding(story.events, of: caseID, book: book)
            for other in ends {
                let time = Timestamp(microseconds: other)
                let view = state.view(at: time)
                #expect(view.briefing.count <= CaseView.briefingLinesMax)
                _ = state.worklistEntries(at: time)
                _ = try PayloadJSONTests.encode(view)
                for payload in payloads {
                    let proposed = ProposedEvent(
                        id: EventID(rawValue: 7),
                        subject: caseID,
                        occurred: time,
                        actor: Story.agent("anna"),
                        payload: payload
                    )
                    _ = try? state.decide([proposed], now: Timestamp(microseconds: end))
                }
            }
        }
    }

    @Test("A case of many events folds without a search per event")
    func manyEvents() throws {
        var events: [CaseEvent] = []
        let caseID = try #require(Subject("case:large"))
        var random = SeededRandom(seed: 1)
        for index in 0..<20_000 {
            let type = EventType.allCases[index % EventType.allCases.count]
            let number = index / EventType.allCases.count
            let contact = try #require(Subject("contact:k\(number)"))
            let isContact = type.subjectKind == "contact"
            events.append(
                CaseEvent(
                    id: EventID(rawValue: UInt128(index + 1)),
                    address: EventAddress(log: Story.berlin, index: UInt64(index)),
                    subject: isContact ? contact : caseID,
                    occurred: Story.minute(Double(index)),
                    order: Story.minute(Double(index)),
                    recorded: HybridTime(
                        after: HybridTime(rawValue: 0),
                        now: Story.minute(Double(index))
                    ),
                    isHistory: random.next().isMultiple(of: 2),
                    actor: Story.agent("agent \(number % 50)"),
                    contactID: "k\(number)",
                    handoffID: "h\(number)",
                    escalationID: "e\(number)",
                    payload: Examples.payload(type)
                )
            )
        }
        let state = CaseState.folding(events, of: caseID)
        #expect(state.eventCount == 20_000)
        #expect(state.view(at: Story.minute(30_000)).events.count == 20_000)
    }
}
