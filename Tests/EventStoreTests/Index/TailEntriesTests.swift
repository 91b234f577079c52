import LedgerTesting
import LedgerTypes
import Testing

@testable import EventStore

@Suite("Tail of the index")
struct TailEntriesTests {
    /// The tail as a plain list.
    private struct Model {
        var start: UInt64 = 0
        var end: UInt64 = 0
        var events: [IndexedEvent] = []

        mutating func prune(below bound: UInt64) {
            self.start = max(self.start, bound)
            self.end = max(self.end, bound)
            self.events.removeAll { $0.arrival < bound }
        }

        mutating func truncate(downTo bound: UInt64) {
            self.end = min(self.end, bound)
            self.events.removeAll { $0.arrival >= bound }
        }

        func summary(_ subject: SubjectKey, from lower: UInt64) -> SubjectSummary {
            var summary = SubjectSummary()
            for event in self.events where event.arrival >= lower {
                if event.subject == subject || event.crossReference == subject {
                    summary.note(event.entry)
                }
            }
            return summary
        }
    }

    @Test(
        "Whatever is appended, pruned and taken back, look-ups agree with a plain list",
        arguments: 0..<40 as Range<UInt64>
    )
    func agreesWithModel(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var tail = TailEntries()
        var model = Model()
        var indexes: [UInt64] = [0, 0, 0]
        let subjects = (0..<6).map { SubjectKey(Array("case:\($0)".utf8).span) }
        for step in 0..<600 {
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let bound = UInt64.random(in: model.start...model.end + 2, using: &random)
                tail.prune(below: bound)
                model.prune(below: bound)
            case 1 where model.end > model.start:
                let bound = UInt64.random(in: model.start...model.end, using: &random)
                tail.truncate(downTo: bound)
                model.truncate(downTo: bound)
            case 2:
                // A genesis.
                tail.advance(to: model.end + 1)
                model.end += 1
            default:
                let log = Int.random(in: 0..<3, using: &random)
                guard let subject = subjects[Int.random(in: 0..<6, using: &random)] else { return }
                let isCrossed = Int.random(in: 0..<3, using: &random) == 0
                let event = IndexedEvent(
                    arrival: model.end,
                    logNumber: UInt32(log),
                    index: indexes[log],
                    id: LogFixture.id(Int.random(in: 0..<200, using: &random)),
                    order: Timestamp(microseconds: Int64.random(in: 0..<50, using: &random)),
                    subject: subject,
                    crossReference: isCrossed
                        ? subjects[Int.random(in: 0..<6, using: &random)] : nil
                )
                indexes[log] += 1
                tail.append(event)
                model.events.append(event)
                model.end += 1
            }
            if step.isMultiple(of: 20) { Self.compare(tail, model, subjects, &random) }
        }
    }

    private static func compare(
        _ tail: TailEntries,
        _ model: Model,
        _ subjects: [SubjectKey?],
        _ random: inout SeededRandom
    ) {
        #expect(tail.start == model.start)
        #expect(tail.end == model.end)
        let lower = UInt64.random(in: model.start...model.end, using: &random)
        let upper = UInt64.random(in: lower...model.end, using: &random)
        let within = model.events.filter { (lower..<upper).contains($0.arrival) }
        #expect(tail.events(from: lower, to: upper, countMax: .max) == within)
        for case let subject? in subjects {
            let expected = within.filter {
                $0.subject == subject || $0.crossReference == subject
            }
            #expect(tail.entries(of: subject, in: lower..<upper) == expected.map(\.entry))
            #expect(tail.count(of: subject, in: lower..<upper) == UInt64(expected.count))
            // What is pruned is in `views/` as well, so the tail may know more than the model.
            var summary = SubjectSummary()
            tail.add(subject: subject, from: lower, to: &summary)
            let plain = model.summary(subject, from: lower)
            #expect(summary.version == plain.version)
            if let newest = plain.newestOrder, let found = summary.newestOrder {
                #expect(found >= newest)
            }
            for newest in plain.newestByLog {
                let found = summary.newestByLog.first { $0.logNumber == newest.logNumber }
                #expect(found?.index == newest.index)
            }
        }
        for number in 0..<200 {
            let id = LogFixture.id(number)
            // Only the first arrival of an id that the tail has ever held is promised.
            guard let first = model.events.first(where: { $0.id == id }) else {
                #expect(tail.find(id, in: model.start..<model.end) == nil)
                continue
            }
            let found = tail.find(id, in: model.start..<model.end)
            #expect(found == nil || found == first.arrival || (found ?? 0) > first.arrival)
        }
    }

    @Test(
        "What is staged apart and added is as if it had been appended",
        arguments: 0..<20 as Range<UInt64>
    )
    func staged(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (plain, joined) = (TailEntries(), TailEntries())
        let subjects = (0..<5).map { SubjectKey(Array("case:\($0)".utf8).span) }
        var arrival: UInt64 = 0
        for _ in 0..<40 {
            var staged = TailEntries(start: arrival)
            for _ in 0..<Int.random(in: 0..<30, using: &random) {
                let subject = try #require(subjects[Int.random(in: 0..<5, using: &random)])
                let isCrossed = Int.random(in: 0..<4, using: &random) == 0
                let event = IndexedEvent(
                    arrival: arrival,
                    logNumber: UInt32.random(in: 0..<3, using: &random),
                    index: arrival,
                    id: LogFixture.id(Int.random(in: 0..<300, using: &random)),
                    order: Timestamp(microseconds: Int64.random(in: 0..<50, using: &random)),
                    subject: subject,
                    crossReference: isCrossed
                        ? subjects[Int.random(in: 0..<5, using: &random)] : nil
                )
                plain.append(event)
                staged.append(event)
                arrival += 1
            }
            joined.append(contentsOf: staged)
            if Int.random(in: 0..<4, using: &random) == 0 {
                let bound = UInt64.random(in: plain.start...arrival, using: &random)
                plain.prune(below: bound)
                joined.prune(below: bound)
            }
            let window = plain.start..<arrival
            #expect(joined.start == plain.start && joined.end == plain.end)
            #expect(
                joined.events(from: window.lowerBound, to: arrival, countMax: .max)
                    == plain.events(from: window.lowerBound, to: arrival, countMax: .max)
            )
            for number in 0..<300 {
                let id = LogFixture.id(number)
                #expect(joined.find(id, in: window) == plain.find(id, in: window))
            }
            for case let subject? in subjects {
                let entries = joined.entries(of: subject, in: window)
                #expect(entries == plain.entries(of: subject, in: window))
            }
        }
    }

    @Test("Taking back what was staged leaves no trace of it")
    func truncateLeavesNoTrace() throws {
        let subject = SubjectKey(try #require(Subject("case:a")))
        var tail = TailEntries(start: 5)
        let event = { (arrival: UInt64, order: Int64) in
            IndexedEvent(
                arrival: arrival,
                logNumber: 0,
                index: arrival,
                id: LogFixture.id(Int(arrival)),
                order: Timestamp(microseconds: order),
                subject: subject
            )
        }
        tail.append(event(5, 10))
        tail.append(event(6, 99))
        tail.truncate(downTo: 6)
        var summary = SubjectSummary()
        tail.add(subject: subject, from: 5, to: &summary)
        #expect(summary.version == 1)
        #expect(summary.newestOrder == Timestamp(microseconds: 10))
        #expect(tail.find(LogFixture.id(6), in: 5..<7) == nil)
        tail.append(event(6, 7))
        #expect(tail.find(LogFixture.id(6), in: 5..<7) == 6)
    }
}
