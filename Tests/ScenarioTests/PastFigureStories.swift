import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("How lists and figures stood", .temporaryDirectory)
struct PastFigureStories {
    /// Everything that is printed of a moment, as text.
    private static func printed(_ ledger: Ledger, in past: PastMoment) throws -> [String] {
        var query = MetricQuery(by: [.team])
        query.metrics = []
        let figures = try ledger.metrics(query, in: past)
        let overview = try ledger.metricsAtCut(in: past)
        var lines = [try Self.json(figures.page), try Self.json(overview.figures)]
        for logs in [figures.logs, overview.logs, try ledger.logs(in: past)] {
            lines.append(Self.text(logs))
        }
        try ledger.forEachCaseFacts(in: past) { facts in
            lines.append(try Self.json(facts))
            let state = try ledger.caseState(of: facts.caseID, in: past)
            lines.append(try Self.json(state.view(at: past.time)))
            lines.append("\(try ledger.version(of: facts.caseID, in: past)) events")
            return true
        }
        for table in LedgerTable.allCases {
            _ = try ledger.query(table, as: .csv, in: past) { bytes in
                lines.append(String(decoding: bytes, as: UTF8.self))
            }
        }
        lines.append(
            String(decoding: try ledger.htmlReport(ledgerName: "L", in: past), as: UTF8.self)
        )
        func take(_ bytes: [UInt8]) { lines.append(String(decoding: bytes, as: UTF8.self)) }
        _ = try ledger.exportXES(in: past, write: take)
        _ = try ledger.exportOCEL(in: past, write: take)
        _ = try ledger.exportCloudEvents(in: past, write: take)
        for item in try ledger.worklist(of: nil, in: past) { lines.append(try Self.json(item)) }
        return lines
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func text(_ logs: [LogSummary]) -> String {
        logs.sorted { $0.id < $1.id }
            .map { "\($0.id.hex) \($0.position.size) \($0.position.root.hex)" }
            .joined(separator: "\n")
    }

    /// Some days of work on a few cases at two sites that now and then hear of each other.
    private static func work(
        _ offices: [StoryOffice],
        _ commands: inout RandomCommands,
        rounds: Int
    ) async throws {
        for _ in 0..<rounds {
            let office = offices[commands.below(offices.count)]
            let desk = office.desk("agent \(commands.below(3))", team: "team \(commands.below(2))")
            office.clock.pass(minutes: Int64(1 + commands.below(120)))
            let cases = try Self.cases(office.ledger)
            do {
                if cases.count < 4 {
                    try await desk.decide(
                        office.ledger.makeCaseID(),
                        .open(title: "hub", initiation: .proactive)
                    )
                } else {
                    try await desk.decide(cases[commands.below(cases.count)], commands.next())
                }
            } catch LedgerError.refused {
                // Commands in no sensible order are often refused.
            }
            if commands.below(9) == 0 {
                _ = try await offices[0].ledger.sync(with: offices[1].ledger)
            }
        }
    }

    private static func cases(_ ledger: Ledger) throws -> [Subject] {
        var cases: [Subject] = []
        try ledger.forEachCase { id in
            cases.append(id)
            return true
        }
        return cases
    }

    /// What would be lost without it: a number that a contract was settled by, and that nobody can
    /// print again.
    @Test("What was known at a time is printed for ever in the same bytes", arguments: [1, 2])
    func forever(seed: UInt64) async throws {
        let clock = TestClock()
        let berlin = try StoryOffice("berlin", clock: clock)
        let manila = try StoryOffice("manila", .outsourced, clock: clock)
        var commands = RandomCommands(seed: seed, clock: clock)
        try await Self.work([berlin, manila], &commands, rounds: 40)
        let then = clock.now
        let past = PastMoment.asKnown(then)
        let before = try Self.printed(berlin.ledger, in: past)
        // The present as it was printed then.
        let present = try berlin.ledger.metrics(MetricQuery(by: [.team]))
        #expect(before[0] == (try Self.json(present.page)), "seed \(seed)")
        #expect(before[2] == Self.text(present.logs), "seed \(seed)")
        let asOf = try Self.printed(berlin.ledger, in: .asOf(then))

        clock.pass(minutes: 1)
        try await Self.work([berlin, manila], &commands, rounds: 40)
        #expect(try Self.printed(berlin.ledger, in: past) == before, "later, seed \(seed)")
        // Events of Manila that Berlin had not heard of then.
        _ = try await berlin.ledger.sync(with: manila.ledger)
        #expect(try Self.printed(berlin.ledger, in: past) == before, "synced, seed \(seed)")
        _ = try await Self.late(berlin, at: then)
        #expect(try Self.printed(berlin.ledger, in: past) == before, "late, seed \(seed)")
        #expect(try Self.printed(berlin.ledger, in: .asOf(then)) != asOf, "seed \(seed)")

        let path = berlin.ledger.path
        berlin.ledger.close()
        try FileManager.default.removeItem(atPath: path + "/views")
        let rebuilt = try Ledger.open(at: path, state: path + "-state", clock: { clock.now })
        try rebuilt.catchUp()
        try rebuilt.catchUpMetrics()
        #expect(try Self.printed(rebuilt, in: past) == before, "rebuilt, seed \(seed)")
        rebuilt.close()

        // A backup that is put back without the secrets of the machine begins a new incarnation.
        try FileManager.default.copyItem(atPath: path, toPath: path + "-copy")
        try FileManager.default.copyItem(atPath: path + "-state", toPath: path + "-copy-state")
        for item in try FileManager.default.contentsOfDirectory(atPath: path + "-copy-state") {
            let folder = path + "-copy-state/" + item
            try? FileManager.default.removeItem(atPath: folder + "/anchor")
            try? FileManager.default.removeItem(atPath: folder + "/log.key")
        }
        let restored = try Ledger.open(
            at: path + "-copy",
            state: path + "-copy-state",
            onRestore: .newIncarnation,
            clock: { clock.now }
        )
        defer { restored.close() }
        #expect(try restored.ownLog().incarnation == 2)
        #expect(try Self.printed(restored, in: past) == before, "restored, seed \(seed)")
    }

    /// Something that happened before `time`, and is written down only now.
    private static func late(_ office: StoryOffice, at time: Timestamp) async throws {
        var opening = CaseOpened()
        opening.initiation = .proactive
        let subject = try #require(Subject(kind: "case", id: "late"))
        var event = office.ledger.propose(
            .caseOpened(opening),
            about: subject,
            by: ActorSnapshot(actorID: "ivy", kind: .agent)
        )
        event.occurred = time.adding(microseconds: -3_600_000_000)
        event.isHistory = true
        _ = try await office.ledger.append([event])
    }

    @Test("As of a time, figures and lists have what had happened, however late it was heard of")
    func asOf() async throws {
        let clock = TestClock()
        let berlin = try StoryOffice("berlin", clock: clock)
        let manila = try StoryOffice("manila", clock: clock)
        let early = berlin.ledger.makeCaseID()
        try await berlin.desk("ivy").decide(early, .open(initiation: .proactive), .claim())
        clock.pass(hours: 1)
        let unheard = manila.ledger.makeCaseID()
        try await manila.desk("omar").decide(unheard, .open(initiation: .proactive), .claim())
        clock.pass(hours: 1)
        let then = clock.now
        clock.pass(hours: 1)
        try await berlin.desk("ivy").decide(early, .resolve(.fixed, notes: "new cable"))
        _ = try await berlin.ledger.sync(with: manila.ledger)

        func backlog(_ past: PastMoment) throws -> Int64? {
            try berlin.ledger.metrics(MetricQuery(metrics: [MetricID(13)]), in: past)
                .page.figure(MetricID(13), "open")?.total?.n
        }
        #expect(try backlog(.asOf(then)) == 2)
        #expect(try backlog(.asKnown(then)) == 1)
        #expect(try backlog(.asOf(clock.now)) == 1)
        #expect(try berlin.ledger.worklist(of: "ivy", in: .asOf(then)).map(\.entry.case) == [early])
        let all = try berlin.ledger.worklist(of: nil, in: .asOf(then))
        #expect(Set(all.map(\.entry.case)) == [early, unheard])
        #expect(try berlin.ledger.worklist(of: "omar", in: .asKnown(then)).isEmpty)
        #expect(try berlin.ledger.worklist(of: "ivy", in: .asOf(clock.now)).isEmpty)
        var cases: [Subject] = []
        try berlin.ledger.forEachCase(in: .asKnown(then)) { id in
            cases.append(id)
            return true
        }
        #expect(cases == [early])
        // As of the last thing that happened, the figures are those of now.
        let present = try berlin.ledger.metrics(MetricQuery(by: [.site])).page
        let last = try #require(present.asOf)
        let past = try berlin.ledger.metrics(MetricQuery(by: [.site]), in: .asOf(last))
        #expect(past.page == present)
        #expect(past.logs == (try berlin.ledger.logs()))
    }

    @Test("An export of the past has what had happened, or was held, and what it is called then")
    func exports() async throws {
        let clock = TestClock()
        let berlin = try StoryOffice("berlin", clock: clock)
        let manila = try StoryOffice("manila", clock: clock)
        let early = berlin.ledger.makeCaseID()
        try await berlin.desk("ivy").decide(early, .open(initiation: .proactive), .claim())
        let unheard = manila.ledger.makeCaseID()
        try await manila.desk("omar").decide(unheard, .open(initiation: .proactive), .claim())
        clock.pass(hours: 1)
        let then = clock.now
        clock.pass(hours: 1)
        try await berlin.desk("ivy").decide(early, .resolve(.fixed, notes: "new cable"))
        _ = try await berlin.ledger.sync(with: manila.ledger)

        func exported(_ past: PastMoment?) throws -> [String] {
            var files = ["", "", ""]
            _ = try berlin.ledger.exportXES(in: past) { bytes in
                files[0] += String(decoding: bytes, as: UTF8.self)
            }
            _ = try berlin.ledger.exportOCEL(in: past) { bytes in
                files[1] += String(decoding: bytes, as: UTF8.self)
            }
            _ = try berlin.ledger.exportCloudEvents(in: past) { bytes in
                files[2] += String(decoding: bytes, as: UTF8.self)
            }
            return files
        }
        for file in try exported(.asKnown(then)) {
            #expect(file.contains(early.id))
            #expect(!file.contains(unheard.id))
            #expect(!file.contains("case.resolved"))
        }
        for file in try exported(.asOf(then)) {
            #expect(file.contains(early.id))
            #expect(file.contains(unheard.id))
            #expect(!file.contains("case.resolved"))
        }
        for file in try exported(nil) { #expect(file.contains("case.resolved")) }
        #expect(try exported(.asOf(clock.now)) == exported(nil))
        let page = try berlin.ledger.htmlReport(ledgerName: "L", in: .asKnown(then))
        let text = String(decoding: page, as: UTF8.self)
        #expect(text.contains("1 case"))
        #expect(text.contains("what was held here by \(then.rfc3339)"))
    }
}
