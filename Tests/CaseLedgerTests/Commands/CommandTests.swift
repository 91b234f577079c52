import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Commands decide on a case as it stands", .temporaryDirectory)
struct CommandTests {
    @Test("The common contact takes three calls: start, what is done in the case, end")
    func threeCalls() async throws {
        let office = try Office()
        let caseID = office.ledger.makeCaseID()
        let call = try await office.anna.startContact(.phone, waitSeconds: 40)
        try await call.decide(
            caseID,
            .open(title: "No calls", product: Product("X2", serial: "S-1"), category: "network"),
            .recordStatement("no calls since Monday", facts: ["model": "X2"]),
            .recordStep("restart", .worked),
            .resolve(.fixed, confirmed: .yes, firstContact: true)
        )
        office.clock.pass(minutes: 5)
        try await call.endContact(by: .customer, wrapSeconds: 30, summary: "restarted")
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.header.state == .resolved)
        #expect(view.header.owner?.value == "anna")
        #expect(view.header.holder?.value.site == "commands.example/office")
        let contact = try #require(view.path.contacts.first)
        #expect(contact.answers.map(\.waitSeconds) == [40])
        #expect(contact.segments.map(\.talkSeconds) == [270])
        #expect(contact.wrapUps.map(\.wrapSeconds) == [30])
        #expect(view.path.episodes.map(\.resolutionKind) == [.fixed])
        #expect(view.integrity.flags.isEmpty)
    }

    @Test("A contact that begins before its case may concern two cases")
    func twoCases() async throws {
        let office = try Office()
        let cases = [office.ledger.makeCaseID(), office.ledger.makeCaseID()]
        let call = try await office.anna.startContact(.phone)
        for caseID in cases { try await call.decide(caseID, .open(title: "one of two")) }
        try await call.endContact()
        for caseID in cases {
            let view = try office.ledger.caseView(of: caseID)
            #expect(view.path.contacts.map(\.contactID) == [call.contactID])
            #expect(view.path.contacts.map(\.isStarted) == [true])
            #expect(view.path.contacts.first?.endedBy != nil)
            #expect(view.integrity.flags.isEmpty)
        }
    }

    @Test("A second agent in the same contact has its part, and the times add up")
    func segments() async throws {
        let office = try Office()
        let caseID = office.ledger.makeCaseID()
        let call = try await office.anna.startContact(.phone)
        try await call.decide(caseID, .open(title: "No calls"))
        office.clock.pass(minutes: 10)
        let bert = office.bert.on(contactID: try #require(call.contactID))
        try await bert.answerContact(waitSeconds: 0)
        office.clock.pass(minutes: 7)
        try await bert.endContact(holdSeconds: 60)
        let contact = try #require(
            office.ledger.caseView(of: caseID).path.contacts.first
        )
        #expect(contact.segments.map(\.agentID) == ["anna", "bert"])
        #expect(contact.segments.map(\.talkSeconds) == [600, 360])
        #expect(contact.segments.map(\.holdSeconds) == [0, 60])
        #expect(contact.wrapUps.count == 1)
    }

    @Test("Every command's broken rules come back together, and nothing is written")
    func together() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(
            caseID,
            .recordStep("restart", .failed),
            .promise(.callback, by: office.clock.later(days: 1), commitmentID: "one"),
            .promise(.update, by: office.clock.later(days: 2), commitmentID: "two")
        )
        let version = try office.ledger.version(of: caseID)
        let broken = await office.broken {
            try await office.anna.decide(
                caseID,
                .recordStep("restart", .failed),
                .keepPromise(),
                .resolve(.fixed)
            )
        }
        // Which of two promises, the repeated step, what worked, and a promise twice.
        #expect(broken == [.malformed, .l15, .l2, .l4, .l4])
        #expect(try office.ledger.version(of: caseID) == version)
    }

    @Test("A decision whose key is held is not made again: the same answer, nothing written")
    func retry() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let key = office.ledger.makeEventID()
        let promise = CaseCommand.promise(.callback, by: office.clock.later(days: 1))
        let first = try await office.anna.decide(caseID, promise, .note("promised"), id: key)
        try await office.anna.decide(caseID, .keepPromise())
        let again = try await office.anna.decide(caseID, promise, .note("promised"), id: key)
        #expect(again.isRepeat)
        #expect(!first.isRepeat)
        #expect(again.ids == first.ids)
        #expect(again.addresses == first.addresses)
        #expect(again.made == first.made)
        #expect(first.made == first.ids.map(\.description))
    }

    @Test("What the ledger adds belongs to the repeat as well")
    func retryWithCompanion() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(
            caseID,
            .resolve(.fixed, notes: "restarted"),
            .close(.confirmed)
        )
        let key = office.ledger.makeEventID()
        let first = try await office.anna.decide(caseID, .reopen(.notFixed), id: key)
        let again = try await office.anna.decide(caseID, .reopen(.notFixed), id: key)
        #expect(first.ids.count == 2)
        #expect(again.ids == first.ids)
        #expect(again.addresses == first.addresses)
        #expect(try office.ledger.caseView(of: caseID).header.owner?.value == "anna")
    }

    @Test("Commands that propose nothing write nothing")
    func nothing() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let receipt = try await office.anna.decide(caseID) { (_, _) in }
        #expect(receipt.ids.isEmpty)
        #expect(!receipt.isRepeat)
    }

    @Test("A closure decides on the case with its texts open, and is run again on a conflict")
    func closure() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        try await office.anna.decide(caseID, .recordStatement("beeps", facts: ["model": "X2"]))
        // Ten desks count at once: each adds one to what it finds, so none may be lost.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await office.anna.decide(caseID) { (state, proposals) in
                        #expect(state.knownFacts.first?.value.value == "X2")
                        var step = StepTried()
                        step.stepID = "count-\(state.triedSteps.count)"
                        step.result = .worked
                        proposals.add(.stepTried(step))
                    }
                }
            }
            try await group.waitForAll()
        }
        let steps = try office.ledger.caseView(of: caseID).steps.tried
        #expect(steps.compactMap(\.stepID) == (0..<10).map { "count-\($0)" })
    }

    @Test("A closure's own refusal comes back as a broken rule")
    func ownRefusal() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let broken = await office.broken {
            try await office.anna.decide(caseID) { (_, proposals) throws(RuleViolations) in
                throw proposals.refusal(.l2, "not on a Monday", remedy: "wait")
            }
        }
        #expect(broken == [.l2])
    }

    /// A type of the caller's own.
    private struct DroneSent: Codable, Hashable {
        var battery: Int
        var route: [String]
    }

    @Test("Texts of the caller's own types are sealed, read by who has the key, and redacted")
    func ownTexts() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let drone = DroneSent(battery: 80, route: [])
        let texts = ["pilot": "Ada Byron", "note": "rings twice"]
        let payload = try EventPayload.custom("acme.drone.sent", drone, sealed: texts)
        let receipt = try await office.anna.decide(caseID, .record(payload))
        func found(_ ledger: Ledger) throws -> [[String: String]?] {
            try ledger.fold(caseID, into: []) { (found, event) in
                guard event.payload.typeName == "acme.drone.sent" else { return }
                #expect(event.payload.custom("acme.drone.sent", as: DroneSent.self) == drone)
                found.append(event.payload.customTexts("acme.drone.sent"))
            }
        }
        #expect(try found(office.ledger) == [texts])
        // Nothing of it stands in the clear.
        var exported = ""
        let other = try Ledger.create(
            at: TemporaryDirectoryTrait.current + "/other",
            state: TemporaryDirectoryTrait.current + "/other-state",
            site: SiteProfile(name: #require(SiteName("commands.example/other")))
        )
        defer { other.close() }
        _ = try await other.sync(with: office.ledger)
        #expect(try found(other) == [nil])
        _ = try other.exportCloudEvents(of: caseID) { bytes in
            exported += String(decoding: bytes, as: UTF8.self)
        }
        #expect(exported.contains("\"$sealed\":true"))
        #expect(!exported.contains("Ada Byron"))
        exported = ""
        _ = try office.ledger.exportCloudEvents(of: caseID) { bytes in
            exported += String(decoding: bytes, as: UTF8.self)
        }
        #expect(exported.contains("\"$sealed\":{\"note\":\"rings twice\",\"pilot\":\"Ada Byron\"}"))
        // One of them is redacted, then all.
        let sent = try #require(receipt.ids.first)
        for (fields, left) in [(["pilot"], ["note": "rings twice"]), ([], nil)]
            as [([String], [String: String]?)]
        {
            var redaction = RecordRedacted()
            redaction.targetEventID = sent
            redaction.fields = fields
            redaction.legalBasis = "GDPR 17"
            try await office.anna.decide(caseID, .record(.recordRedacted(redaction)))
            #expect(try found(office.ledger) == [left])
        }
        // What is too long is refused, and nothing is lost.
        let long = String(repeating: "a", count: 65_537)
        let tooLong = try EventPayload.custom("acme.drone.sent", drone, sealed: ["note": long])
        let broken = await office.broken {
            try await office.anna.decide(caseID, .record(tooLong))
        }
        #expect(broken == [.malformed])
    }

    @Test("An event of the caller's own type travels beside the core ones, and other sites keep it")
    func ownType() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let drone = DroneSent(battery: 80, route: ["depot", "customer"])
        let payload = try EventPayload.custom("acme.drone.sent", drone)
        try await office.anna.decide(caseID, .record(payload))
        let view = try office.ledger.caseView(of: caseID)
        #expect(view.integrity.unknownTypes.map(\.type) == ["acme.drone.sent"])
        let other = try Ledger.create(
            at: TemporaryDirectoryTrait.current + "/other",
            state: TemporaryDirectoryTrait.current + "/other-state",
            site: SiteProfile(name: #require(SiteName("commands.example/other")))
        )
        _ = try await other.sync(with: office.ledger)
        for ledger in [office.ledger, other] {
            let drones = try ledger.fold(caseID, into: [DroneSent]()) { (drones, event) in
                if let drone = event.payload.custom("acme.drone.sent", as: DroneSent.self) {
                    drones.append(drone)
                }
            }
            #expect(drones == [drone])
        }
    }

    @Test("What another language wrote as a CloudEvent is read as a type of one's own, and back")
    func ownTypeAsCloudEvent() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        let line = """
            {"specversion": "1.0", "id": "7", "source": "/drones", "type": "acme.drone.sent",
             "subject": "\(caseID)", "time": "\(office.clock.now.rfc3339)",
             "data": {"battery": 80, "route": ["depot"]}}
            """
        _ = try await office.ledger.append(jsonLine: Array(line.utf8))
        let drones = try office.ledger.fold(caseID, into: [DroneSent]()) { (drones, event) in
            if let drone = event.payload.custom("acme.drone.sent", as: DroneSent.self) {
                drones.append(drone)
            }
        }
        #expect(drones == [DroneSent(battery: 80, route: ["depot"])])
        let payload = try EventPayload.custom("acme.drone.sent", DroneSent(battery: 70, route: []))
        try await office.anna.decide(caseID, .record(payload))
        var exported: [UInt8] = []
        _ = try office.ledger.exportCloudEvents(of: caseID, write: { exported += $0 })
        let text = String(decoding: exported, as: UTF8.self)
        #expect(text.contains(#""battery":80"#))
        #expect(text.contains(#""battery":70"#))
    }

    @Test("A type of one's own has a name of its own", arguments: ["case.opened", "drone", "a..b"])
    func ownName(name: String) throws {
        #expect {
            _ = try EventPayload.custom(name, 1)
        } throws: { error in
            if case .invalidEvent = error as? LedgerError { true } else { false }
        }
    }

    @Test("A fold of one's own reads what is to be read: corrected, and without what was redacted")
    func ownFold() async throws {
        let office = try Office()
        let caseID = try await office.opened("Mister Miller has no calls")
        let opening = try #require(office.ledger.caseView(of: caseID).events.first?.event)
        try await office.anna.decide(caseID, .correct(opening, "severity", to: "1"))
        try await office.lea.decide(
            caseID,
            .redact(opening, fields: ["title"], legalBasis: "GDPR 17", requestedBy: "customer")
        )
        var types: [String] = []
        let read = try office.ledger.fold(caseID, into: CaseOpened()) { (read, event) in
            types.append(event.typeName)
            if case .caseOpened(let opening) = event.payload { read = opening }
        }
        #expect(types == ["case.opened", "owner.assigned", "record.corrected", "record.redacted"])
        #expect(read.severity == 1)
        #expect(read.title.isPresent)
        #expect(read.title.value == nil)
        #expect(throws: LedgerError.self) {
            try office.ledger.fold(office.ledger.makeCaseID(), into: 0) { (_, _) in }
        }
    }

    @Test("A desk acts for another person, with labels, and all of its events say so")
    func onBehalf() async throws {
        let office = try Office()
        let caseID = try await office.opened()
        var desk = office.anna.acting(onBehalfOf: "lea")
        desk.labels = [Label(name: "queue", value: "vip")]
        try await desk.decide(caseID, .note("for lea"))
        var labels: [String: String]?
        try office.ledger.forEachEvent(of: caseID) { event in
            labels = event.labels
            return true
        }
        #expect(labels?["queue"] == "vip")
    }
}
