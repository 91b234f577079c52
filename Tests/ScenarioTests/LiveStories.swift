import CaseDomain
import CaseLedger
import LedgerTesting
import LedgerTypes
import Testing

@Suite("A live case", .temporaryDirectory)
struct LiveStories {
    private let ada = ActorSnapshot(actorID: "ada", kind: .agent, team: "First line")
    private let ben = ActorSnapshot(actorID: "ben", kind: .specialist, team: "Network")

    private func opened(_ site: Site, _ subject: Subject) async throws {
        var opening = CaseOpened()
        opening.ticketType = .incident
        opening.initiation = .proactive
        opening.title = .open("No dial tone")
        let event = site.ledger.propose(.caseOpened(opening), about: subject, by: self.ada)
        _ = try await site.ledger.append([event], expecting: [subject: .new])
        var assignment = OwnerAssigned()
        assignment.ownerID = "ada"
        assignment.how = .claimed
        let owner = site.ledger.propose(.ownerAssigned(assignment), about: subject, by: self.ada)
        _ = try await site.ledger.append([owner])
    }

    @Test("Opened, owned, handed over with its context, resolved: the view tells it")
    func story() async throws {
        let site = try Site.make("desk")
        let subject = try #require(Subject("case:1"))
        try await self.opened(site, subject)
        var offer = HandoffOffered()
        offer.kind = .warm
        offer.reason = .skill
        var to = CustodyPlace()
        to.team = "Network"
        offer.to = to
        var context = HandoffContext()
        context.summary = .open("Line tested")
        context.nextAction = .open("Check the port")
        offer.context = context
        var offered = site.ledger.propose(.handoffOffered(offer), about: subject, by: self.ada)
        offered.handoffID = "h1"
        _ = try await site.ledger.append([offered])
        var acceptance = HandoffAccepted()
        acceptance.contextRead = true
        var accepted = site.ledger.propose(
            .handoffAccepted(acceptance),
            about: subject,
            by: self.ben
        )
        accepted.handoffID = "h1"
        _ = try await site.ledger.append([accepted])
        let view = try site.ledger.caseView(of: subject)
        #expect(view.header.owner?.value == "ada")
        #expect(view.header.holder?.value.agent == "ben")
        #expect(view.header.title?.value.value == "No dial tone")
        #expect(view.path.handoffs.map(\.outcome) == [.accepted])
        #expect(view.integrity.flags.isEmpty)
    }

    @Test("All broken rules come back at once, and nothing is written")
    func refused() async throws {
        let site = try Site.make("desk")
        let subject = try #require(Subject("case:2"))
        let resolve = site.ledger.propose(
            .caseResolved(CaseResolved()),
            about: subject,
            by: self.ada
        )
        await #expect {
            _ = try await site.ledger.append([resolve])
        } throws: { error in
            guard case .refused(let violations) = error as? LedgerError else { return false }
            return Set(violations.map(\.rule)).isSuperset(of: [.l1, .l2])
        }
        #expect(try site.ledger.version(of: subject) == 0)
    }

    @Test("The same event sent again is a repeat, also after the case went on")
    func retry() async throws {
        let site = try Site.make("desk")
        let subject = try #require(Subject("case:3"))
        var opening = CaseOpened()
        opening.initiation = .proactive
        opening.title = .open("Twice")
        let event = site.ledger.propose(.caseOpened(opening), about: subject, by: self.ada)
        let first = try await site.ledger.append([event])
        var message = MessageRecorded()
        message.messageID = "m1"
        message.visibility = .internal
        let note = site.ledger.propose(.messageRecorded(message), about: subject, by: self.ada)
        _ = try await site.ledger.append([note])
        let again = try await site.ledger.append([event])
        #expect(again.isRepeat)
        #expect(again.addresses == first.addresses)
        #expect(try site.ledger.version(of: subject) == 2)
        var other = event
        other.payload = .caseOpened(CaseOpened())
        await #expect(throws: LedgerError.self) { _ = try await site.ledger.append([other]) }
    }

    @Test("Of many who expect the same version, one wins and the others learn what came between")
    func conflict() async throws {
        let site = try Site.make("desk")
        let subject = try #require(Subject("case:4"))
        try await self.opened(site, subject)
        let won = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    var message = MessageRecorded()
                    message.messageID = "m\(number)"
                    message.visibility = .internal
                    let note = site.ledger.propose(
                        .messageRecorded(message),
                        about: subject,
                        by: self.ada
                    )
                    do {
                        _ = try await site.ledger.append(
                            [note],
                            expecting: [subject: .version(2)]
                        )
                        return true
                    } catch LedgerError.conflict(let conflicts) {
                        #expect(conflicts.first?.between.isEmpty == false)
                        return false
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(won == 1)
        #expect(try site.ledger.version(of: subject) == 3)
    }

    @Test("Following gives every event from the first on, in order of arrival")
    func following() async throws {
        let site = try Site.make("desk")
        let subject = try #require(Subject("case:5"))
        try await self.opened(site, subject)
        var seen: [String] = []
        for try await event in site.ledger.follow(from: 0) {
            seen.append(event.type)
            if seen.count == 4 { break }
        }
        #expect(seen == ["log.began", "site.registered", "case.opened", "owner.assigned"])
    }
}
