import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Opening a ledger", .temporaryDirectory)
struct OpeningTests {
    private var directory: String { TemporaryDirectoryTrait.current + "/ledger" }
    private var state: String { TemporaryDirectoryTrait.current + "/state" }

    private func make() throws {
        let name = try #require(SiteName("open.example/one"))
        let profile = SiteProfile(name: name, kind: .outsourced, company: "Acme")
        try Ledger.create(at: self.directory, state: self.state, site: profile).close()
    }

    /// One process opens a directory in one way at a time, until the last reference is gone.
    private func logCount() throws -> Int {
        let reading = try Ledger.open(at: self.directory, state: self.state, access: .readOnly)
        defer { reading.close() }
        return try reading.logs().count
    }

    @Test("A new ledger begins with its genesis and the site's registration")
    func begins() throws {
        try self.make()
        let ledger = try Ledger.open(at: self.directory, state: self.state, access: .readOnly)
        defer { ledger.close() }
        var types: [String] = []
        try ledger.forEachEvent { event in
            types.append(event.type)
            if case .siteRegistered(let site) = event.data {
                #expect(site.kind == .outsourced)
                #expect(site.operator == "Acme")
            }
            return true
        }
        #expect(types == ["log.began", "site.registered"])
    }

    @Test("A directory that is no ledger is refused")
    func notALedger() throws {
        #expect {
            _ = try Ledger.open(at: self.directory, state: self.state)
        } throws: { error in
            if case .notALedger = error as? LedgerError { true } else { false }
        }
    }

    @Test("A directory that holds a ledger is not made again")
    func twice() throws {
        try self.make()
        #expect {
            try self.make()
        } throws: { error in
            if case .alreadyExists = error as? LedgerError { true } else { false }
        }
    }

    @Test("Without its state a ledger reads, does not append, and goes on in a new incarnation")
    func withoutState() async throws {
        try self.make()
        try FileManager.default.removeItem(atPath: self.state)
        #expect(try self.logCount() == 1)
        let ledger = try Ledger.open(at: self.directory, state: self.state)
        let subject = try #require(Subject("case:1"))
        let agent = ActorSnapshot(actorID: "a", kind: .agent)
        var opening = CaseOpened()
        opening.initiation = .proactive
        let event = ledger.propose(.caseOpened(opening), about: subject, by: agent)
        await #expect {
            _ = try await ledger.append([event])
        } throws: { error in
            if case .suspect = error as? LedgerError { true } else { false }
        }
        ledger.close()
        let again = try Ledger.open(
            at: self.directory,
            state: self.state,
            onRestore: .newIncarnation
        )
        defer { again.close() }
        _ = try await again.append([event])
        #expect(try again.ownLog().incarnation == 2)
        var types: [String] = []
        try again.forEachEvent { event in
            types.append(event.type)
            return true
        }
        let begun = ["log.began", "site.registered"]
        #expect(types == begun + begun + ["case.opened"])
        #expect(try again.verify().isSound)
    }
}
