import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Lists over cases", .temporaryDirectory)
struct ListsTests {
    private static var directory: String { TemporaryDirectoryTrait.current + "/ledger" }
    private static var state: String { TemporaryDirectoryTrait.current + "/state" }
    private let actor = ActorSnapshot(actorID: "anna", kind: .agent, team: "first line")

    private func create() throws -> Ledger {
        let name = try #require(SiteName("lists.example/one"))
        return try Ledger.create(
            at: Self.directory,
            state: Self.state,
            site: SiteProfile(name: name, kind: .inHouse)
        )
    }

    private func open(_ access: Ledger.Access, state: String? = nil) throws -> Ledger {
        try Ledger.open(at: Self.directory, state: state ?? Self.state, access: access)
    }

    private func make<Message: EventMessage>(_ change: (inout Message) -> Void) -> Message {
        var message = Message()
        change(&message)
        return message
    }

    /// Appends what happens to `subject`, one after the other.
    private func tell(
        _ ledger: Ledger,
        _ subject: String,
        _ payloads: EventPayload...
    ) async throws {
        let subject = try #require(Subject(subject))
        for payload in payloads {
            _ = try await ledger.append([ledger.propose(payload, about: subject, by: self.actor)])
        }
    }

    /// A case of `customer`, owned by `owner`.
    private func openCase(
        _ ledger: Ledger,
        _ id: String,
        owner: String = "anna",
        customer: String? = nil,
        severity: UInt32 = 3
    ) async throws {
        let opened: CaseOpened = self.make {
            $0.customerID = customer
            $0.title = .open("the \(id) is broken")
            $0.initiation = .system
            $0.severity = severity
            $0.product = self.make { (product: inout Product) in
                product.id = "router"
                product.serial = .open("sn-\(id)-77")
            }
            $0.externalRefs = .open(["DESK-\(id)"])
        }
        let assigned: OwnerAssigned = self.make {
            $0.ownerID = owner
            $0.how = .claimed
        }
        try await self.tell(ledger, "case:\(id)", .caseOpened(opened), .ownerAssigned(assigned))
    }

    private func describe(_ ledger: Ledger, _ customer: String) async throws {
        let described: CustomerDescribed = self.make {
            $0.name = .open("Erika Mustermann")
            $0.contactPoints = .open(["+49 (0)30 123 456-78", "Erika@Example.org", "@erika"])
            $0.language = "de"
        }
        try await self.tell(ledger, "customer:\(customer)", .customerDescribed(described))
    }

    @Test("A worklist is in the order of its ranks, with title, next action and customer")
    func worklist() async throws {
        let ledger = try self.create()
        defer { ledger.close() }
        let customer = try #require(ledger.customerID(of: "K-17"))
        try await self.describe(ledger, customer)
        try await self.openCase(ledger, "old", customer: customer)
        try await self.openCase(ledger, "bad", severity: 1)
        try await self.openCase(ledger, "other", owner: "bert")
        let due = ledger.now.adding(microseconds: 3_600_000_000)
        let promise: CommitmentMade = self.make {
            $0.commitmentID = "call"
            $0.kind = .callback
            $0.dueAt = due
        }
        try await self.openCase(ledger, "late")
        try await self.tell(ledger, "case:late", .commitmentMade(promise))
        let now = try ledger.worklist(of: "anna")
        #expect(now.map(\.entry.case.id) == ["bad", "old", "late"])
        #expect(now.map(\.entry.rank) == [1, 2, 3])
        #expect(now[1].item.title == .open("the old is broken"))
        #expect(now[1].customerName == .open("Erika Mustermann"))
        let tomorrow = ledger.now.adding(microseconds: 86_400_000_000)
        let later = try ledger.worklist(of: "anna", at: tomorrow)
        #expect(later.map(\.entry.case.id) == ["late", "bad", "old"])
        #expect(later[0].entry.overdueSince == due)
        #expect(try ledger.worklists().map(\.entry.case.id) == ["bad", "old", "late", "other"])
        #expect(try ledger.worklist(of: "nobody at all").isEmpty)
        #expect(try ledger.unreadableCases().isEmpty)
    }

    @Test("What is resolved leaves the list, and what nobody owns stands on its own")
    func unowned() async throws {
        let ledger = try self.create()
        defer { ledger.close() }
        try await self.openCase(ledger, "a")
        try await self.openCase(ledger, "b")
        let release: OwnerReleased = self.make { $0.reason = .agentLeft }
        try await self.tell(ledger, "case:a", .ownerReleased(release))
        #expect(try ledger.worklist(of: "anna").map(\.entry.case.id) == ["b"])
        #expect(try ledger.worklist(of: "").map(\.entry.case.id) == ["a"])
        let resolved: CaseResolved = self.make {
            $0.resolutionKind = .fixed
            $0.notes = .open("restarted")
        }
        try await self.tell(ledger, "case:b", .caseResolved(resolved))
        #expect(try ledger.worklist(of: "anna").isEmpty)
        #expect(try ledger.worklists().map(\.entry.case.id) == ["a"])
    }

    @Test("A customer is found by everything that was said of them, however it is written")
    func find() async throws {
        let ledger = try self.create()
        defer { ledger.close() }
        let customer = try #require(ledger.customerID(of: "K-17"))
        try await self.describe(ledger, customer)
        try await self.openCase(ledger, "C1", customer: customer)
        try await self.openCase(ledger, "C2")
        let queries: [FindQuery] = [
            .phone("0049 30 12345678"), .phone("+49 30/123 456 78"), .mail(" erika@example.ORG"),
            .mail("mailto:erika@example.org"), .reference("@Erika"), .customer("K-17"),
            .customer(customer),
        ]
        for query in queries {
            let found = try ledger.find(by: query)
            #expect(found.customers.map(\.customerID) == [customer], "\(query)")
            #expect(found.customers.first?.name == .open("Erika Mustermann"), "\(query)")
            #expect(found.cases.map(\.summary.caseID) == ["C1"], "\(query)")
            #expect(found.isExact, "\(query)")
        }
        let end = try ledger.find(by: .phone("030 12345678"))
        #expect(end.customers.map(\.customerID) == [customer])
        #expect(!end.isExact)
        for query in [FindQuery.serial("SN c2 77"), .reference("desk-c2"), .reference("C2")] {
            let found = try ledger.find(by: query)
            #expect(found.cases.map(\.summary.caseID) == ["C2"], "\(query)")
            #expect(found.customers.isEmpty)
        }
        #expect(try ledger.find(by: .phone("+49 30 99999999")).isEmpty)
        #expect(try ledger.find(by: .customer("K-18")).isEmpty)
        #expect(throws: LedgerError.self) { try ledger.find(by: .phone("call me")) }
        #expect(throws: LedgerError.self) { try ledger.find(by: .mail("erika")) }
        #expect(throws: LedgerError.self) { try ledger.find(by: .serial(" - ")) }
    }

    @Test("Identifiers are found after views/ was deleted, and no text of theirs is in it")
    func rebuilt() async throws {
        do {
            let ledger = try self.create()
            defer { ledger.close() }
            let customer = try #require(ledger.customerID(of: "K-17"))
            try await self.describe(ledger, customer)
            try await self.openCase(ledger, "C1", customer: customer)
            try ledger.catchUp()
        }
        let views = Self.directory + "/views"
        let stored = try Data(contentsOf: URL(filePath: views + "/data.mdb"))
        for text in ["Mustermann", "rika@", "12345678", "sn-C1", "SNC177", "DESK", "broken"] {
            #expect(stored.range(of: Data(text.utf8)) == nil, "\(text) is in views/")
        }
        try FileManager.default.removeItem(atPath: views)
        for access in [Ledger.Access.readOnly, .readWrite] {
            let ledger = try self.open(access)
            defer { ledger.close() }
            #expect(try ledger.find(by: .serial("snc177")).cases.count == 1)
            #expect(try ledger.find(by: .mail("erika@example.org")).customers.count == 1)
        }
    }

    @Test("Without the keys there are pseudonyms, and nothing is found by identifiers")
    func withoutKeys() async throws {
        let customer: String
        do {
            let ledger = try self.create()
            defer { ledger.close() }
            customer = try #require(ledger.customerID(of: "K-17"))
            try await self.describe(ledger, customer)
            try await self.openCase(ledger, "C1", customer: customer)
        }
        let ledger = try self.open(.readOnly, state: TemporaryDirectoryTrait.current + "/none")
        defer { ledger.close() }
        let list = try ledger.worklist(of: "anna")
        #expect(list.map(\.item.title) == [.withheld])
        #expect(list.map(\.customerName) == [.withheld])
        let view = try ledger.customer(customer)
        #expect(view.name == .withheld)
        #expect(view.openCases.map(\.summary.caseID) == ["C1"])
        #expect(ledger.customerID(of: "K-17") == nil)
        #expect(throws: LedgerError.self) { try ledger.find(by: .serial("sn-C1-77")) }
        #expect(try ledger.find(by: .customer(customer)).cases.count == 1)
    }

    @Test("A customer across cases and ids: open and past, what is owed, what came again")
    func customer() async throws {
        let ledger = try self.create()
        defer { ledger.close() }
        try await self.describe(ledger, "first")
        let linked: CustomerLinked = self.make { $0.otherCustomerID = "first" }
        try await self.tell(ledger, "customer:second", .customerLinked(linked))
        try await self.openCase(ledger, "C1", customer: "first")
        try await self.openCase(ledger, "C2", customer: "second")
        let resolved: CaseResolved = self.make {
            $0.resolutionKind = .fixed
            $0.notes = .open("restarted")
        }
        for (number, caseID) in ["C1", "C2"].enumerated() {
            let started: ContactStarted = self.make {
                $0.direction = .inbound
                $0.channel = .phone
            }
            let attached: ContactAttached = self.make { $0.caseID = caseID }
            let answered: ContactAnswered = self.make { $0.agentID = "anna" }
            try await self.tell(
                ledger,
                "contact:K\(number)",
                .contactStarted(started),
                .contactAttached(attached),
                .contactAnswered(answered)
            )
        }
        try await self.tell(ledger, "case:C1", .caseResolved(resolved))
        let due = ledger.now.adding(microseconds: 60_000_000)
        let promise: CommitmentMade = self.make {
            $0.commitmentID = "call"
            $0.kind = .callback
            $0.dueAt = due
            $0.text = .open("ring back")
        }
        try await self.tell(ledger, "case:C2", .commitmentMade(promise))
        for id in ["first", "second"] {
            let view = try ledger.customer(id)
            #expect(view.linkedIDs == [id == "first" ? "second" : "first"])
            #expect(view.name == .open("Erika Mustermann"))
            #expect(view.language == "de")
            #expect(view.openCases.map(\.summary.caseID) == ["C2"])
            #expect(view.pastCases.map(\.summary.caseID) == ["C1"])
            #expect(view.owed.map(\.promise.text) == [.open("ring back")])
            #expect(view.contacts.map(\.contact.contactID) == ["K1", "K0"])
            #expect(view.repeats.map(\.contactID) == ["K0"])
            #expect(view.repeats.map(\.followedBy) == ["K1"])
        }
        #expect(throws: LedgerError.self) { try ledger.customer("third") }
    }

    @Test("What is redacted shows in no list, also where its key still is")
    func redacted() async throws {
        let ledger = try self.create()
        defer { ledger.close() }
        try await self.openCase(ledger, "C1")
        var opening: EventID?
        let subject = try #require(Subject("case:C1"))
        try ledger.forEachEvent(of: subject) { event in
            opening = event.id.flatMap(EventID.init)
            return false
        }
        let redaction: RecordRedacted = self.make {
            $0.targetEventID = opening
            $0.legalBasis = "Art. 17"
            $0.requestedBy = "customer"
        }
        try await self.tell(ledger, "case:C1", .recordRedacted(redaction))
        #expect(try ledger.worklist(of: "anna").map(\.item.title) == [.withheld])
        #expect(try ledger.find(by: .serial("sn-C1-77")).isEmpty)
        #expect(try ledger.find(by: .reference("DESK-C1")).isEmpty)
    }

    @Test("Live streams go on with what arrives, and end with their task")
    func live() async throws {
        let ledger = try self.create()
        defer { ledger.close() }
        let task = Task { () throws -> [String] in
            var subjects: [String] = []
            for try await event in ledger.events(live: .beginning) {
                subjects.append(event.subject ?? "")
                if subjects.count == 4 { break }
            }
            return subjects
        }
        let lists = Task { () throws -> [Int] in
            var counts: [Int] = []
            for try await list in ledger.worklists(live: "anna") {
                counts.append(list.count)
                if list.count == 1 { break }
            }
            return counts
        }
        try await self.openCase(ledger, "C1")
        #expect(try await task.value.suffix(2) == ["case:C1", "case:C1"])
        #expect(try await lists.value.last == 1)
        let endless = Task { () throws -> Int in
            var count = 0
            for try await _ in ledger.events(live: .now) { count += 1 }
            return count
        }
        endless.cancel()
        #expect(try await endless.value == 0)
    }
}
