import CaseDomain
import EventStore
import LedgerTesting
import LedgerTypes
import Testing

@testable import CaseLedger

/// What a site can read of another one's cases.
@Suite("Keys shared between ledgers", .temporaryDirectory)
struct KeySharingTests {
    private let agent = ActorSnapshot(actorID: "anna", kind: .agent, tier: "t1", team: "one")
    private let berlin: Ledger
    private let manila: Ledger

    init() throws {
        func create(_ name: String) throws -> Ledger {
            let folder = TemporaryDirectoryTrait.current
            return try Ledger.create(
                at: "\(folder)/\(name)",
                state: "\(folder)/state-\(name)",
                site: SiteProfile(name: #require(SiteName("keys.example/\(name)"))),
                pseudonymKey: [UInt8](repeating: 5, count: 32)
            )
        }
        self.berlin = try create("berlin")
        self.manila = try create("manila")
    }

    /// A case of a customer at Berlin, with a serial number and a name.
    private func tell() async throws -> Subject {
        let customer = try #require(self.berlin.customerID(of: "K-17"))
        var described = CustomerDescribed()
        described.name = .open("Erika Mustermann")
        described.contactPoints = .open(["erika@example.org"])
        var opened = CaseOpened()
        opened.customerID = customer
        opened.title = .open("no picture")
        opened.initiation = .system
        var product = Product()
        product.id = "screen"
        product.serial = .open("SN-4711")
        opened.product = product
        let caseID = self.berlin.makeCaseID()
        let person = try #require(Subject(kind: "customer", id: customer))
        let berlin = self.berlin
        _ = try await berlin.append([
            berlin.propose(.customerDescribed(described), about: person, by: self.agent)
        ])
        _ = try await berlin.append([
            berlin.propose(.caseOpened(opened), about: caseID, by: self.agent)
        ])
        return caseID
    }

    @Test("Texts open and cases are found by them once the keys have come, and not before")
    func found() async throws {
        defer {
            self.berlin.close()
            self.manila.close()
        }
        _ = try await self.tell()
        let first = try await self.manila.sync(with: self.berlin)
        #expect(first.inStep && first.keysReceived == 0)
        #expect(try self.manila.worklists()[0].item.title == .withheld)
        #expect(try self.manila.find(by: .serial("sn-4711")).isEmpty)
        #expect(try self.manila.find(by: .mail("Erika@example.org")).isEmpty)
        let before = self.manila.now
        let second = try await self.manila.sync(with: self.berlin, sharingKeys: true)
        #expect(second.inStep && second.keysReceived == 1 && second.keysGiven == 0)
        #expect(try self.manila.worklists()[0].item.title == .open("no picture"))
        #expect(try self.manila.find(by: .serial("sn-4711")).cases.count == 1)
        #expect(try self.manila.find(by: .mail("Erika@example.org")).customers.count == 1)
        // What was known before the keys came reads as it did then.
        let known = try self.manila.worklist(of: nil, in: .asKnown(before))
        #expect(known.map(\.item.title) == [.withheld])
        let now = try self.manila.worklist(of: nil, in: .asKnown(self.manila.now))
        #expect(now.map(\.item.title) == [.open("no picture")])
        let third = try await self.manila.sync(with: self.berlin, sharingKeys: true)
        #expect(third.inStep && third.keysReceived == 0)
    }

    @Test("What is lacked is looked for anew in a log that was restored")
    func restored() async throws {
        let folder = TemporaryDirectoryTrait.current
        _ = try await self.tell()
        _ = try await self.manila.sync(with: self.berlin)
        try await self.manila.store.noteLackedKeys()
        func lacked(_ ledger: Ledger) throws -> Int {
            try ledger.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.lackedKeys(max: 9).count
            }
        }
        #expect(try lacked(self.manila) == 1)
        _ = try await self.manila.backup(to: folder + "/backup", keys: folder + "/keys")
        self.manila.close()
        let (path, state) = (folder + "/restored", folder + "/state-restored")
        _ = try Ledger.restore(folder + "/backup", to: path, state: state, keys: folder + "/keys")
        let restored = try Ledger.open(at: path, state: state)
        defer {
            restored.close()
            self.berlin.close()
        }
        // Rows that count arrivals hold only for the log that they were counted in.
        #expect(try lacked(restored) == 0)
        let report = try await restored.sync(with: self.berlin, sharingKeys: true)
        #expect(report.keysReceived == 1)
    }
}
