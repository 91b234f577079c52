import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Backup and restore", .temporaryDirectory)
struct BackupStories {
    private let here = Machine("here")
    private var backup: String { TemporaryDirectoryTrait.current + "/backup" }

    @Test("A restored backup goes on as a new incarnation and fetches what came later")
    func restore() async throws {
        let one = try self.here.make()
        let two = try Machine("there").make()
        try await one.note("A", "B")
        let first = try await one.ledger.backup(to: self.backup)
        #expect(first.segment == 1)
        try await one.note("C")
        let second = try await one.ledger.backup(to: self.backup)
        #expect(second.segment == 2)
        #expect(second.leaves > first.leaves)
        #expect(second.bytes < first.bytes)
        #expect(try await one.ledger.backup(to: self.backup).segment == 0)
        #expect(try Ledger.verifyBackup(at: self.backup).logs == second.logs)
        try await one.note("D")
        _ = try await one.ledger.sync(with: two.ledger)
        let (ids, shown) = (try one.ids(), try one.shown())
        one.ledger.close()

        // The machine is lost with its STATE, but for the keys.
        let keys = TemporaryDirectoryTrait.current + "/keys"
        let machine = Machine("new", site: "here")
        let again = try self.here.open()
        _ = try await again.ledger.backup(to: self.backup + "-keys", keys: keys)
        again.ledger.close()
        let report = try Ledger.restore(
            self.backup,
            to: machine.path,
            state: machine.state,
            keys: keys
        )
        #expect(report.logs == second.logs)
        #expect(report.canReadTexts)
        #expect(report.current.contains("/e2-"))
        let restored = try machine.open()
        defer { restored.ledger.close() }
        #expect(try restored.ledger.verify().isSound)
        try await restored.note("E")
        _ = try await restored.ledger.sync(with: two.ledger)
        #expect(try await restored.ledger.sync(with: two.ledger).inStep)
        #expect(try restored.ids().isSuperset(of: ids))
        #expect(try restored.ledger.verify().isSound)
        #expect(try restored.ledger.examine().isWell)
        #expect(!shown.isEmpty)
    }

    @Test("A backup taken while others append holds the ledger as it stood at one moment")
    func whileAppending() async throws {
        let one = try self.here.make()
        defer { one.ledger.close() }
        for number in 0..<20 { try await one.note("A\(number)") }
        async let appending: Void = {
            for number in 0..<40 { try await one.note("B\(number)") }
        }()
        var leaves: UInt64 = 0
        for _ in 0..<5 {
            let report = try await one.ledger.backup(to: self.backup)
            #expect(report.leaves >= leaves)
            leaves = report.leaves
            #expect(try Ledger.verifyBackup(at: self.backup).leaves == leaves)
        }
        try await appending
        let last = try await one.ledger.backup(to: self.backup)
        let machine = Machine("new", site: "here")
        let restored = try Ledger.restore(self.backup, to: machine.path, state: machine.state)
        #expect(restored.logs == last.logs)
        #expect(!restored.canReadTexts)
    }

    @Test("A changed byte of a backup is found", arguments: [20, 400, -20])
    func changed(place: Int) async throws {
        let one = try self.here.make()
        try await one.note("A", "B")
        _ = try await one.ledger.backup(to: self.backup)
        one.ledger.close()
        let path = self.backup + "/segments/00000001.seg"
        var data = try Data(contentsOf: URL(filePath: path))
        data[place < 0 ? data.count + place : place] ^= 1
        try data.write(to: URL(filePath: path))
        #expect(throws: LedgerError.self) { try Ledger.verifyBackup(at: self.backup) }
        let machine = Machine("new", site: "here")
        #expect(throws: LedgerError.self) {
            try Ledger.restore(self.backup, to: machine.path, state: machine.state)
        }
    }

    @Test("A backup of another history is left alone")
    func otherHistory() async throws {
        let one = try self.here.make()
        let two = try Machine("there").make()
        _ = try await one.ledger.backup(to: self.backup)
        let error = await #expect(throws: LedgerError.self) {
            try await two.ledger.backup(to: self.backup)
        }
        guard case .otherHistory? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        one.ledger.close()
        two.ledger.close()
    }

    @Test("A drill proves that the backup would save the ledger")
    func drill() async throws {
        let one = try self.here.make()
        defer { one.ledger.close() }
        try await one.note("A", "B")
        let scratch = TemporaryDirectoryTrait.current + "/scratch"
        let report = try await one.ledger.drill(self.backup, scratch: scratch)
        #expect(report.isGood, "\(report.problem ?? "")")
        #expect(try await !one.isStopped())
    }
}
