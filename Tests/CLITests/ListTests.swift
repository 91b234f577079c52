import Foundation
import LedgerTesting
import Testing

@Suite("Lists", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct ListTests {
    private let program = Program()
    private let now = "2026-03-05T12:00:00Z"

    /// A desk with two owners, a customer with two cases, and a case that nobody owns.
    private func makeDesk() throws {
        try self.program.write(String(repeating: "5a", count: 32) + "\n", to: "shared.key")
        let made = try self.program.run(
            "init",
            "desk",
            "--site",
            "test.example/desk",
            "--pseudonym-key",
            "shared.key"
        )
        try #require(made.code == 0, "\(made.error)")
        let answers = try self.program.run(
            ["append", "--ledger", "desk", "--history"],
            input: Array(Self.events.utf8)
        )
        try #require(answers.code == 0, "\(answers.text)\(answers.error)")
    }

    private static func event(
        _ minute: Int,
        _ type: String,
        _ subject: String,
        _ data: String,
        actor: String = "ada"
    ) -> String {
        let time =
            "2026-03-0\(1 + minute / 1_440)T\(Self.two(minute / 60 % 24)):"
            + "\(Self.two(minute % 60)):00Z"
        return """
            {"type":"\(type)","subject":"\(subject)","time":"\(time)","data":\(data),\
            "actor":{"actorID":"\(actor)","kind":"agent","team":"First line"}}
            """
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static let events: String = {
        let opened = """
            {"customerID":"K17","title":"No dial tone","initiation":"system","severity":3,\
            "product":{"id":"router","serial":"SN 4711-A"},"externalRefs":["JIRA-12"]}
            """
        let second = """
            {"customerID":"K17","title":"The invoice is wrong","initiation":"system","severity":1}
            """
        let described = """
            {"name":"Erika Mustermann","contactPoints":["+49 30 123 456-78","erika@example.org"],\
            "language":"de","preferredChannel":"phone"}
            """
        let promise = """
            {"commitmentID":"p1","kind":"callback","promisedBy":"ada",\
            "dueAt":"2026-03-04T09:00:00Z","text":"ring back with a date"}
            """
        let mine = #"{"ownerID":"ada","how":"claimed"}"#
        let bens = #"{"ownerID":"ben","how":"given"}"#
        let call = #"{"direction":"inbound","channel":"phone"}"#
        let answer = #"{"agentID":"ada","waitSeconds":42}"#
        return [
            Self.event(0, "customer.described", "customer:K17", described),
            Self.event(1, "case.opened", "case:C1", opened),
            Self.event(2, "owner.assigned", "case:C1", mine),
            Self.event(3, "contact.started", "contact:T1", call),
            Self.event(4, "contact.attached", "contact:T1", #"{"caseID":"C1"}"#),
            Self.event(5, "contact.answered", "contact:T1", answer),
            Self.event(6, "commitment.made", "case:C1", promise),
            Self.event(60, "case.opened", "case:C2", second),
            Self.event(61, "owner.assigned", "case:C2", mine),
            Self.event(
                90,
                "case.opened",
                "case:C3",
                #"{"title":"A question","initiation":"system"}"#
            ),
            Self.event(91, "owner.assigned", "case:C3", mine),
            Self.event(92, "case.waitChanged", "case:C3", #"{"waitingOn":"vendor"}"#),
            Self.event(
                120,
                "case.opened",
                "case:C4",
                #"{"title":"Ben's one","initiation":"system"}"#
            ),
            Self.event(121, "owner.assigned", "case:C4", bens, actor: "ben"),
            Self.event(
                150,
                "case.opened",
                "case:C5",
                #"{"title":"Nobody's one","initiation":"system"}"#
            ),
            Self.event(1_500, "contact.started", "contact:T2", call),
            Self.event(1_501, "contact.attached", "contact:T2", #"{"caseID":"C1"}"#),
            Self.event(1_502, "contact.answered", "contact:T2", answer),
        ].joined(separator: "\n") + "\n"
    }()

    @Test("Worklists, customers, and what is found")
    func lists() throws {
        try self.makeDesk()
        var transcript = Transcript(self.program)
        try transcript.run("worklist", "ada", "--ledger", "desk", "--now", self.now)
        try transcript.run("worklist", "--ledger", "desk", "--now", self.now)
        try transcript.run("worklist", "--unowned", "--ledger", "desk", "--now", self.now)
        try transcript.run("worklist", "zoe", "--ledger", "desk", "--now", self.now)
        try transcript.run("worklist", "zoe", "--unowned", "--ledger", "desk")
        try transcript.run("worklist", "ben", "--ledger", "desk", "--now", self.now, "--json")
        try transcript.run("customer", "K17", "--ledger", "desk", "--now", self.now)
        try transcript.run("customer", "K18", "--ledger", "desk")
        try transcript.run("find", "030 12345678", "--ledger", "desk", "--now", self.now)
        try transcript.run("find", "Erika@Example.org", "--ledger", "desk", "--now", self.now)
        try transcript.run("find", "sn4711a", "--ledger", "desk", "--now", self.now)
        try transcript.run("find", "--reference", "jira-12", "--ledger", "desk", "--json")
        try transcript.run("find", "--mail", "nobody", "--ledger", "desk")
        try transcript.run("find", "no such thing", "--ledger", "desk")
        try transcript.run("find", "--ledger", "desk")
        try transcript.run("show", "C1", "--ledger", "desk", "--now", self.now)
        try transcript.check("lists")
    }

    @Test("An auditor sees every event with its place and leaf hash")
    func auditor() throws {
        try self.makeDesk()
        var transcript = Transcript(self.program)
        try transcript.run(
            "show",
            "C3",
            "--ledger",
            "desk",
            "--variant",
            "auditor",
            "--now",
            self.now
        )
        try transcript.check("auditor")
        let shown = try self.program.run(
            "show",
            "C3",
            "--ledger",
            "desk",
            "--variant",
            "auditor",
            "--json"
        )
        let log = try self.program.run("log", "--ledger", "desk", "--case", "C3", "--json")
        let parsed = try JSONSerialization.jsonObject(with: Data(shown.output))
        let view = try #require(parsed as? [String: Any])
        let events = try #require(view["events"] as? [[String: Any]])
        #expect(events.count == 3)
        for event in events {
            let hash = try #require(event["leafHash"] as? String)
            #expect(log.text.contains(hash))
        }
    }

    @Test("Another site's keys: pseudonyms, no names, and nothing found by phone")
    func withoutKeys() throws {
        try self.makeDesk()
        let state = ["--state", self.program.directory + "/none"]
        let list = try self.program.run(
            ["worklist", "ada", "--ledger", "desk", "--now", self.now] + state
        )
        #expect(list.code == 0)
        #expect(list.text.contains("C1"))
        #expect(list.text.contains("customer K17"))
        #expect(!list.text.contains("Erika"))
        #expect(!list.text.contains("dial tone"))
        let find = try self.program.run(
            ["find", "--phone", "+493012345678"] + state + [
                "--ledger", "desk",
            ]
        )
        #expect(find.code == 77, "\(find.error)")
    }

    @Test("Watching goes on with what arrives")
    func watch() throws {
        try self.makeDesk()
        let events = try self.program.start(
            ["watch", "--ledger", "desk", "--type", "message.recorded", "--count", "1", "--json"]
        )
        let list = try self.program.start(
            ["watch", "--ledger", "desk", "--owner", "ben", "--count", "2"]
        )
        let line =
            #"{"type":"message.recorded","subject":"case:C4","data":{"messageID":"m","#
            + #""author":"agent","visibility":"internal","body":"a note"}}"#
        // Whoever watches has to have begun; then one message is enough.
        var runs = 0
        while events.isRunning || list.isRunning, runs < 100 {
            _ = try self.program.run(["append", "--ledger", "desk"], input: Array(line.utf8))
            Thread.sleep(forTimeInterval: 0.2)
            runs += 1
        }
        let seen = try events.finish()
        #expect(seen.code == 0)
        #expect(seen.lines.count == 1)
        #expect(seen.text.contains("a note"))
        let lists = try list.finish()
        #expect(lists.code == 0)
        #expect(lists.lines.count { $0.contains("ben · 1 open case") } == 2)
    }
}
