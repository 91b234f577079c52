import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

@testable import Simulation

@Suite("Simulation")
struct SimulationTests {
    /// Every event of a simulation, site by site.
    private static func events(
        seed: UInt64,
        cases: Int = 120,
        days: Int = 40,
        changes: String? = nil
    ) throws -> [[ProposedEvent]] {
        let parameters = try SimulationParameters(changes: changes.map { Array($0.utf8) })
        var simulation = try Simulation(parameters, seed: seed, cases: cases, days: days)
        var events = Array(repeating: [ProposedEvent](), count: parameters.sites.count)
        while let day = simulation.next() {
            for (site, more) in day.events.enumerated() { events[site] += more }
        }
        return events
    }

    @Test(
        "The same seed makes the same events",
        arguments: Effort.some(of: [0, 1, 7, .max] as [UInt64])
    )
    func same(seed: UInt64) throws {
        let first = try Self.events(seed: seed)
        #expect(try Self.events(seed: seed) == first, "seed \(seed)")
        #expect(try Self.events(seed: seed &+ 1) != first, "seed \(seed)")
    }

    @Test(
        "No two events have one id, and each is one that a ledger takes",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func ids(seed: UInt64) throws {
        var ids: Set<EventID> = []
        for event in try Self.events(seed: seed).joined() {
            #expect(ids.insert(event.id).inserted, "seed \(seed): \(event.id)")
            #expect(event.isHistory)
            #expect(event.payload.limitBreaches.isEmpty, "seed \(seed): \(event.payload)")
            #expect(throws: Never.self, "seed \(seed)") { try event.draft().validate() }
            let allows = event.payload.type?.allows(subjectKind: event.subject.kind) ?? false
            #expect(allows, "seed \(seed): \(event.payload.typeName) of \(event.subject)")
        }
    }

    @Test(
        "Events of each site come in order of time, within the days",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func order(seed: UInt64) throws {
        let start = try SimulationParameters().start
        let end = start.adding(microseconds: 40 * 86_400_000_000)
        for events in try Self.events(seed: seed) {
            #expect(!events.isEmpty)
            for (event, next) in zip(events, events.dropFirst()) {
                #expect(event.occurred <= next.occurred, "seed \(seed): \(next.id)")
            }
            for event in events {
                #expect(start <= event.occurred && event.occurred < end, "seed \(seed)")
            }
        }
    }

    @Test(
        "Every case opens before anything else, and closes last but for what may follow",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func openBeforeClose(seed: UInt64) throws {
        var opened: Set<Subject> = []
        var episodes: [Subject: Int] = [:]
        for event in Self.merged(try Self.events(seed: seed)) where event.subject.isCase {
            switch event.payload {
            case .caseOpened:
                #expect(opened.insert(event.subject).inserted, "seed \(seed): \(event.subject)")
                episodes[event.subject] = 1
            case .caseReopened:
                #expect(episodes[event.subject] == 0, "seed \(seed): \(event.subject)")
                episodes[event.subject] = 1
            case .caseResolved:
                #expect(episodes[event.subject] == 1, "seed \(seed): \(event.subject)")
                episodes[event.subject] = 0
            case .caseClosed:
                #expect(episodes[event.subject] == 0, "seed \(seed): \(event.subject)")
            default:
                #expect(opened.contains(event.subject), "seed \(seed): \(event.subject)")
            }
        }
        #expect(opened.count >= 120)
    }

    @Test(
        "Contacts start, are answered and end in order, and references point to what there is",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func references(seed: UInt64) throws {
        var events: Set<EventID> = []
        var started: Set<Subject> = []
        var ended: Set<Subject> = []
        var offers: Set<String> = []
        var promises: Set<String> = []
        for event in Self.merged(try Self.events(seed: seed)) {
            events.insert(event.id)
            if event.subject.kind == "contact", case .contactStarted = event.payload {
                #expect(started.insert(event.subject).inserted, "seed \(seed)")
            } else if event.subject.kind == "contact" {
                #expect(started.contains(event.subject), "seed \(seed): \(event.payload)")
            }
            switch event.payload {
            case .contactEnded: #expect(ended.insert(event.subject).inserted, "seed \(seed)")
            case .contactAnswered: #expect(!ended.contains(event.subject), "seed \(seed)")
            case .contactWrappedUp: #expect(ended.contains(event.subject), "seed \(seed)")
            case .handoffOffered: offers.insert(event.handoffID ?? "")
            case .handoffAccepted, .handoffDeclined:
                #expect(offers.remove(event.handoffID ?? "") != nil, "seed \(seed)")
            case .commitmentMade(let promise): promises.insert(promise.commitmentID)
            case .commitmentSettled(let settled):
                #expect(promises.remove(settled.commitmentID) != nil, "seed \(seed)")
            case .stepTried(let step):
                if let repeated = step.repeatOf {
                    #expect(events.contains(repeated), "seed \(seed)")
                    #expect(step.repeatReason != .notStated, "seed \(seed)")
                }
            case .caseResolved(let resolved):
                if let step = resolved.workingStepEventID {
                    #expect(events.contains(step), "seed \(seed)")
                }
            default: break
            }
        }
    }

    @Test("The story of the essays is in it: what goes wrong goes wrong somewhere")
    func counts() throws {
        let events = Self.merged(try Self.events(seed: 4, cases: 1_500, days: 120))
        var types: [String: Int] = [:]
        var restated = 0
        var repeated = 0
        var noFault = 0
        var handoffs: Set<HandoffKind> = []
        for event in events {
            if case .handoffOffered(let offer) = event.payload { handoffs.insert(offer.kind) }
            types[event.payload.typeName, default: 0] += 1
            if case .issueStated(let issue) = event.payload, issue.isRestatement { restated += 1 }
            if case .stepTried(let step) = event.payload, step.repeatOf != nil { repeated += 1 }
            if case .returnRecorded(let back) = event.payload, back.finding == .noFaultFound {
                noFault += 1
            }
        }
        #expect((1_500...1_600).contains(types["case.opened"] ?? 0))
        #expect((900...2_200).contains(types["case.closed"] ?? 0))
        #expect((1_500...6_000).contains(types["contact.started"] ?? 0))
        for type in [
            "selfService.ended", "handoff.offered", "handoff.accepted", "handoff.declined",
            "escalation.raised", "escalation.reportedBack", "commitment.made",
            "commitment.settled", "case.reopened", "remedy.decided", "return.recorded",
            "answer.published", "answer.linked", "feedback.received", "signal.raised",
            "agent.left", "agent.absent", "unitsInField.declared",
            "mention.observed", "offer.made", "script.defined", "case.linked",
        ] {
            #expect(types[type] ?? 0 > 0, "there is no \(type)")
        }
        #expect(types.count >= 45)
        #expect(restated > 200 && repeated > 200 && noFault > 0)
        #expect(handoffs.isSuperset(of: [.cold, .warm, .site, .shift, .vendor]))
        #expect((15.0...60.0).contains(Double(events.count) / 1_500))
    }

    @Test("What is ahead is kept, and not the past: days are told one at a time")
    func days() throws {
        let parameters = try SimulationParameters()
        var simulation = try Simulation(parameters, seed: 5, cases: 30, days: 10)
        for day in 0..<10 { #expect(simulation.next()?.number == day) }
        #expect(simulation.next() == nil)
    }

    @Test("Without cases there are only the sites")
    func noCases() throws {
        let types = Set(
            try Self.events(seed: 1, cases: 0, days: 3).joined().map(\.payload.typeName)
        )
        #expect(types.contains("team.defined") && types.contains("agent.enrolled"))
        #expect(!types.contains("case.opened"))
    }

    /// All sites' events in order of time.
    private static func merged(_ sites: [[ProposedEvent]]) -> [ProposedEvent] {
        sites.joined().sorted { ($0.occurred, $0.id) < ($1.occurred, $1.id) }
    }
}
