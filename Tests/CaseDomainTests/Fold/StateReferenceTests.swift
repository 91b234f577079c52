import LedgerTypes
import Testing

@testable import CaseDomain

/// What holds a state, or parts of it, behind a reference still behaves as a value.
@Suite("States behind references")
struct StateReferenceTests {
    private func event(_ index: UInt64) throws -> CaseEvent {
        var opened = CaseOpened()
        opened.initiation = .proactive
        opened.customerID = "customer-\(index)"
        return CaseEvent(
            id: EventID(rawValue: UInt128(index) + 1),
            address: EventAddress(log: LogID(rawValue: 1), index: index),
            subject: try #require(Subject("case:1")),
            occurred: Timestamp(microseconds: Int64(index)),
            order: Timestamp(microseconds: Int64(index)),
            recorded: HybridTime(rawValue: index << 16),
            isHistory: true,
            actor: ActorSnapshot(actorID: "anna", kind: .agent),
            payload: .caseOpened(opened)
        )
    }

    @Test("What one holder takes in, another does not see")
    func copies() throws {
        var one = StateReference(.initial(try #require(Subject("case:1"))))
        one.evolve(try self.event(1))
        var other = one
        #expect(other == one)
        other.evolve(try self.event(2))
        #expect(one.eventCount == 1)
        #expect(other.eventCount == 2)
        #expect(other != one)
        one.state.policy.graceSeconds = 7
        #expect(one.state.policy.graceSeconds == 7)
        #expect(other.state.policy.graceSeconds == 0)
    }

    @Test("What is asked of a reference is what its state says")
    func answers() throws {
        var held = StateReference(.initial(try #require(Subject("case:1"))))
        for index in 1...3 { held.evolve(try self.event(UInt64(index))) }
        let state = held.state
        #expect(held.customer == state.customer)
        #expect(held.customer != nil)
        #expect(held.addresses == state.addresses)
        #expect(held.needsFold == state.needsFold)
        #expect(held.facts == state.facts)
        #expect(held.holds(EventID(rawValue: 2)))
        #expect(!held.holds(EventID(rawValue: 9)))
        let time = Timestamp(microseconds: 10)
        #expect(held.view(at: time) == state.view(at: time))
    }

    @Test("A part that was never written equals one that is blank, and copies part ways")
    func parts() {
        var one = Rare<KnowledgeState>()
        var other = Rare<KnowledgeState>()
        #expect(one.wrappedValue == .blank)
        one.wrappedValue.signalPlaces.set("s", 1)
        #expect(one != other)
        other = one
        other.wrappedValue.signalPlaces.set("s", 2)
        #expect(one.wrappedValue.signalPlaces["s"] == 1)
        #expect(other.wrappedValue.signalPlaces["s"] == 2)
        var blank = Rare<KnowledgeState>()
        blank.wrappedValue = .blank
        #expect(blank == Rare<KnowledgeState>())
        #expect(blank.hashValue == Rare<KnowledgeState>().hashValue)
    }

    @Test("A shared value is equal by what it says, and changing a copy changes nothing else")
    func shared() {
        let one = Shared([1, 2])
        var other = Shared([1, 2])
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        other.value.append(3)
        #expect(one.value == [1, 2])
        #expect(other.value == [1, 2, 3])
        #expect(one != other)
    }
}
