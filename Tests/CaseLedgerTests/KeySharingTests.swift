import CaseDomain
import EventStore
import Foundation
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

    @Test("A site that lost what its keys are wrapped under gets them back from a peer")
    func recovered() async throws {
        let folder = TemporaryDirectoryTrait.current
        let (path, state) = (folder + "/berlin", folder + "/state-berlin")
        _ = try await self.tell()
        _ = try await self.manila.sync(with: self.berlin, sharingKeys: true)
        let secrets = try self.berlin.siteFolder()
        let before = self.berlin.now
        self.berlin.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: secrets)
        where name.hasPrefix("kek-") {
            try FileManager.default.moveItem(
                atPath: "\(secrets)/\(name)",
                toPath: "\(folder)/\(name)"
            )
        }
        func title(_ ledger: Ledger) throws -> Sealed<String>? {
            try ledger.worklist(of: nil, in: .asKnown(before)).first?.item.title
        }
        let lost = try Ledger.open(at: path, state: state)
        #expect(try title(lost) == .withheld)
        #expect(try lost.examine().next == "site recover-keys")
        lost.close()

        let recovery = try await Ledger.recoverKeys(at: path, state: state)
        #expect(recovery.isNew && recovery.epoch == 2)
        #expect(recovery.lost == 1 && recovery.usable == 0)
        let again = try Ledger.open(at: path, state: state)
        #expect(try again.countKeys().lost == 1)
        #expect(try again.examine().next == "sync OTHER --share-keys")
        // What is sealed meanwhile has a key of its own.
        var described = CustomerDescribed()
        described.name = .open("Erika Muster")
        let customer = try #require(again.customerID(of: "K-17"))
        let person = try #require(Subject(kind: "customer", id: customer))
        _ = try await again.append([
            again.propose(.customerDescribed(described), about: person, by: self.agent)
        ])
        #expect(try again.countKeys() == (lost: 1, usable: 1))
        let report = try await again.sync(with: self.manila, sharingKeys: true)
        #expect(report.inStep && report.keysReceived == 1)
        #expect(try again.countKeys() == (lost: 0, usable: 2))
        // It was here all the time, as far as anybody asks.
        #expect(try title(again) == .open("no picture"))
        #expect(try again.worklists()[0].item.title == .open("no picture"))
        #expect(try again.examine().findings.allSatisfy { $0.subject != "keys" })
        #expect(try again.verify().isSound)
        again.close()
        self.manila.close()
        let idle = try await Ledger.recoverKeys(at: path, state: state)
        #expect(!idle.isNew && idle.epoch == 2 && idle.lost == 0)
    }

    @Test("Keys that came before a kill are made use of at the next opening")
    func settled() async throws {
        let folder = TemporaryDirectoryTrait.current
        let (path, state) = (folder + "/manila", folder + "/state-manila")
        _ = try await self.tell()
        _ = try await self.manila.sync(with: self.berlin)
        #expect(try self.manila.worklists()[0].item.title == .withheld)
        self.manila.close()
        // As if the key came, and the process was killed before lists were made again.
        try FileManager.default.copyItem(atPath: path, toPath: path + "-before")
        let sharing = try Ledger.open(at: path, state: state)
        _ = try await sharing.sync(with: self.berlin, sharingKeys: true)
        let rows = try sharing.store.read { (snapshot) throws(EventStoreError) in
            var rows: [KeyRow] = []
            try snapshot.forEachKey { row in
                rows.append(row)
                return true
            }
            return rows
        }
        sharing.close()
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: path + "-before", toPath: path)
        let killed = try Ledger.open(at: path, state: state)
        try await killed.store.keepGivenKeys(rows)
        #expect(try killed.find(by: .serial("sn-4711")).isEmpty)
        killed.close()
        let opened = try Ledger.open(at: path, state: state)
        defer {
            opened.close()
            self.berlin.close()
        }
        #expect(try opened.find(by: .serial("sn-4711")).cases.count == 1)
        let left = try opened.store.read { (snapshot) throws(EventStoreError) in
            try snapshot.givenKeys(max: 9)
        }
        #expect(left.isEmpty)
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
