import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// A site on a machine of its own: ledger and STATE, which can both be put back.
struct Machine {
    let name: String
    let path: String
    let state: String

    init(_ name: String, site: String? = nil) {
        self.name = site ?? name
        self.path = TemporaryDirectoryTrait.current + "/" + name
        self.state = TemporaryDirectoryTrait.current + "/" + name + "-state"
    }

    init(_ name: String, sharingStateOf other: Machine) {
        self.name = other.name
        self.path = TemporaryDirectoryTrait.current + "/" + name
        self.state = other.state
    }

    func make() throws -> Site {
        let profile = SiteProfile(
            name: try #require(SiteName("story.example/\(self.name)")),
            kind: .inHouse
        )
        let ledger = try Ledger.create(at: self.path, state: self.state, site: profile)
        return Site(ledger: ledger, path: self.path)
    }

    func open(_ onRestore: Ledger.RestorePolicy = .refuse) throws -> Site {
        let ledger = try Ledger.open(at: self.path, state: self.state, onRestore: onRestore)
        return Site(ledger: ledger, path: self.path)
    }

    /// Copies `paths` of this machine to `label`.
    func copy(_ from: String, to label: String) throws {
        let target = TemporaryDirectoryTrait.current + "/" + label
        try? FileManager.default.removeItem(atPath: target)
        try FileManager.default.copyItem(atPath: from, toPath: target)
    }

    /// Puts the copy `label` back in the place of `path`.
    func putBack(_ label: String, as path: String) throws {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(
            atPath: TemporaryDirectoryTrait.current + "/" + label,
            toPath: path
        )
    }
}

extension Site {
    /// Something happens here: one event in each of the cases.
    func note(_ cases: String...) async throws {
        let rows = cases.map { "\($0),New,T1,a,2026-01-02 10:00,one,\"about \($0)\"" }
        try await self.importCSV(([SupportHistory.header] + rows).joined(separator: "\n") + "\n")
    }

    /// The ids of every event that is held.
    func ids() throws -> Set<String> {
        var ids: Set<String> = []
        try self.ledger.forEachEvent { event in
            if let id = event.id { ids.insert(id) }
            return true
        }
        return ids
    }

    /// Whether appends are refused because this copy is suspect.
    func isStopped() async throws -> Bool {
        do {
            try await self.note("STOPPED")
            return false
        } catch let error as LedgerError {
            guard case .suspect = error else { throw error }
            return true
        }
    }
}

@Suite("Restores, clones and forks", .temporaryDirectory)
struct SafetyStories {
    private let here = Machine("here")
    private let there = Machine("there")

    /// Everything that either held is at both, they are in step, and both verify.
    private func agree(_ one: Site, _ two: Site, with ids: Set<String>) async throws {
        _ = try await one.ledger.sync(with: two.ledger)
        let report = try await one.ledger.sync(with: two.ledger)
        #expect(report.inStep, "\(report.problem ?? "no problem is named")")
        #expect(report.digest == report.peerDigest)
        #expect(try ids.subtracting(one.ids()).isEmpty)
        #expect(try ids.subtracting(two.ids()).isEmpty)
        #expect(try one.shown() == two.shown())
        for site in [one, two] {
            let verdict = try site.ledger.verify()
            #expect(verdict.isSound, "\(verdict.findings)")
        }
        #expect(try one.ledger.examine().isWell)
    }

    @Test("An old copy of the directory stops, begins anew, and gets the lost events back")
    func wholeDirectory() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        try await one.note("A", "B")
        _ = try await one.ledger.sync(with: two.ledger)
        one.ledger.close()
        try self.here.copy(self.here.path, to: "old")
        let later = try self.here.open()
        try await later.note("C", "D")
        _ = try await later.ledger.sync(with: two.ledger)
        let ids = try later.ids()
        later.ledger.close()

        try self.here.putBack("old", as: self.here.path)
        let restored = try self.here.open()
        #expect(try await restored.isStopped())
        let health = try restored.ledger.examine()
        #expect(health.findings.first?.severity == .trouble)
        #expect(health.next == "sync OTHER --on-restore new-incarnation")
        restored.ledger.close()
        let anew = try self.here.open(.newIncarnation)
        defer { anew.ledger.close() }
        try await anew.note("E")
        try await self.agree(anew, two, with: ids.union(try anew.ids()))
    }

    @Test("An old log under a new index, and an old index over a new log, do no harm")
    func partOfDirectory() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        try await one.note("A")
        _ = try await one.ledger.sync(with: two.ledger)
        _ = try one.shown()
        one.ledger.close()
        try self.here.copy(self.here.path + "/log", to: "old-log")
        try self.here.copy(self.here.path + "/views", to: "old-views")
        let later = try self.here.open()
        try await later.note("A2", "B")
        _ = try await later.ledger.sync(with: two.ledger)
        let (ids, shown) = (try later.ids(), try later.shown())
        later.ledger.close()

        try self.here.putBack("old-views", as: self.here.path + "/views")
        let indexed = try self.here.open()
        #expect(try indexed.shown() == shown)
        #expect(try indexed.ledger.examine().isWell)
        indexed.ledger.close()

        try self.here.putBack("old-log", as: self.here.path + "/log")
        let restored = try self.here.open()
        #expect(try await restored.isStopped())
        restored.ledger.close()
        let anew = try self.here.open(.newIncarnation)
        defer { anew.ledger.close() }
        try await self.agree(anew, two, with: ids)
    }

    @Test("A lost or an old key store stops the log; what it never signed is appended again")
    func keyStore() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        try await one.note("A")
        _ = try await one.ledger.sync(with: two.ledger)
        one.ledger.close()
        try self.here.copy(self.here.state, to: "old-state")
        let later = try self.here.open()
        try await later.note("B", "C")
        let ids = try later.ids()
        later.ledger.close()
        let again = try self.here.open()
        again.ledger.close()

        try self.here.putBack("old-state", as: self.here.state)
        let stopped = try self.here.open()
        #expect(try await stopped.isStopped())
        stopped.ledger.close()
        let anew = try self.here.open(.newIncarnation)
        _ = try await anew.ledger.sync(with: two.ledger)
        let health = try anew.ledger.examine()
        #expect(health.next == "fork resolve --all")
        #expect(health.findings.contains { $0.subject == "unsigned" })
        anew.ledger.close()
        let resolution = try await Ledger.resolveForks(
            at: self.here.path,
            state: self.here.state,
            .all
        )
        #expect(resolution.branches.map(\.left) == [0])
        let resolved = try self.here.open()
        defer { resolved.ledger.close() }
        try await self.agree(resolved, two, with: ids)
    }

    @Test("A machine that went back with its anchor learns it from a peer, and gets its tail back")
    func reverted() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        try await one.note("A")
        _ = try await one.ledger.sync(with: two.ledger)
        one.ledger.close()
        try self.here.copy(self.here.path, to: "old")
        try self.here.copy(self.here.state, to: "old-state")
        let later = try self.here.open()
        try await later.note("B", "C")
        _ = try await later.ledger.sync(with: two.ledger)
        let ids = try later.ids()
        later.ledger.close()

        try self.here.putBack("old", as: self.here.path)
        try self.here.putBack("old-state", as: self.here.state)
        let back = try self.here.open()
        #expect(try back.ledger.examine().isWell)
        let report = try await back.ledger.sync(with: two.ledger)
        #expect(!report.inStep)
        #expect(try await back.isStopped())
        #expect(try back.ledger.forks().map(\.kind) == [.reverted])
        #expect(try back.ledger.examine().findings.first?.severity == .trouble)
        back.ledger.close()
        let anew = try self.here.open(.newIncarnation)
        defer { anew.ledger.close() }
        try await anew.note("D")
        try await self.agree(anew, two, with: ids.union(try anew.ids()))
    }

    @Test(
        "Other events under the same indexes stop the log; both branches' events are kept",
        arguments: [1, 3, 6]
    )
    func divergent(count: Int) async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        try await one.note("A")
        _ = try await one.ledger.sync(with: two.ledger)
        one.ledger.close()
        try self.here.copy(self.here.path, to: "old")
        try self.here.copy(self.here.state, to: "old-state")
        let later = try self.here.open()
        try await later.note("B", "C", "D")
        _ = try await later.ledger.sync(with: two.ledger)
        var ids = try later.ids()
        later.ledger.close()

        try self.here.putBack("old", as: self.here.path)
        try self.here.putBack("old-state", as: self.here.state)
        let back = try self.here.open()
        for number in 0..<count { try await back.note("X\(number)") }
        ids.formUnion(try back.ids())
        #expect(try await !back.ledger.sync(with: two.ledger).inStep)
        #expect(try await back.isStopped())
        back.ledger.close()

        let anew = try self.here.open(.newIncarnation)
        _ = try await anew.ledger.sync(with: two.ledger)
        let fork = try #require(try anew.ledger.forks().first)
        #expect(fork.kind == .divergent)
        #expect(fork.index != nil)
        #expect(try anew.ledger.examine().next == "fork resolve --all")
        anew.ledger.close()
        let resolution = try await Ledger.resolveForks(
            at: self.here.path,
            state: self.here.state,
            .all
        )
        #expect(resolution.branches.count == 1)
        #expect(resolution.branches.first?.left == 0)
        let resolved = try self.here.open()
        defer { resolved.ledger.close() }
        try await self.agree(resolved, two, with: ids)
        #expect(try resolved.ledger.forks().allSatisfy(\.isResolved))
        #expect(try resolved.ledger.examine().findings.contains { $0.subject == "set aside" })
    }

    @Test("Nothing of a branch is chosen by itself, and what was left can be kept later")
    func choice() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        _ = try await one.ledger.sync(with: two.ledger)
        try await one.note("A", "B")
        let ids = try one.ids()
        one.ledger.close()
        try FileManager.default.removeItem(atPath: self.here.state)
        let path = self.here.path
        let none = try await Ledger.resolveForks(at: path, state: self.here.state, .none)
        #expect(none.branches.map(\.appended) == [0])
        let left = try #require(none.branches.first?.left)
        #expect(left > 0)
        let kept = try await Ledger.resolveForks(at: path, state: self.here.state, .all)
        #expect(kept.branches.map(\.appended) == [left])
        let again = try await Ledger.resolveForks(at: path, state: self.here.state, .all)
        #expect(again.branches.map(\.appended) == [0])
        #expect(again.branches.map(\.held) == [left])
        let resolved = try self.here.open()
        defer { resolved.ledger.close() }
        #expect(try resolved.ids().isSuperset(of: ids))
        #expect(try resolved.ledger.verify().isSound)
    }

    @Test("Of two live clones with STATE of their own the second to meet a peer stops")
    func clones() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        try await one.note("A")
        _ = try await one.ledger.sync(with: two.ledger)
        one.ledger.close()
        let clone = Machine("clone", site: "here")
        try self.here.copy(self.here.path, to: "clone")
        try self.here.copy(self.here.state, to: "clone-state")
        let first = try self.here.open()
        let second = try clone.open()
        try await first.note("B", "C")
        try await second.note("D")
        let ids = try first.ids().union(second.ids())
        #expect(try await first.ledger.sync(with: two.ledger).inStep)
        #expect(try await !second.ledger.sync(with: two.ledger).inStep)
        #expect(try await second.isStopped())
        #expect(try await !first.isStopped())
        second.ledger.close()
        let anew = try clone.open(.newIncarnation)
        _ = try await anew.ledger.sync(with: two.ledger)
        anew.ledger.close()
        _ = try await Ledger.resolveForks(at: clone.path, state: clone.state, .all)
        let resolved = try clone.open()
        defer { resolved.ledger.close() }
        defer { first.ledger.close() }
        _ = try await resolved.ledger.sync(with: two.ledger)
        _ = try await first.ledger.sync(with: two.ledger)
        try await self.agree(resolved, two, with: ids)
        try await self.agree(first, two, with: ids)
    }

    @Test("A clone that wrote more stops the other one as well, once it goes on")
    func longerClone() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        one.ledger.close()
        let clone = Machine("clone", site: "here")
        try self.here.copy(self.here.path, to: "clone")
        try self.here.copy(self.here.state, to: "clone-state")
        let first = try self.here.open()
        defer { first.ledger.close() }
        let second = try clone.open()
        defer { second.ledger.close() }
        try await first.note("A")
        #expect(try await first.ledger.sync(with: two.ledger).inStep)
        try await second.note("B", "C", "D")
        #expect(try await !second.ledger.sync(with: two.ledger).inStep)
        #expect(try await second.isStopped())
        try await first.note("E")
        #expect(try await !first.ledger.sync(with: two.ledger).inStep)
        #expect(try await first.isStopped())
        #expect(try two.ledger.examine().findings.contains { $0.subject == "fork" })
    }

    @Test("Of two live clones that share STATE only one can sign; the other one stops")
    func clonesWithOneState() async throws {
        let one = try self.here.make()
        let two = try self.there.make()
        try await one.note("A")
        _ = try await one.ledger.sync(with: two.ledger)
        one.ledger.close()
        let clone = Machine("clone", sharingStateOf: self.here)
        try self.here.copy(self.here.path, to: "clone")
        let first = try self.here.open()
        defer { first.ledger.close() }
        // The clone's token is the one before: the anchor still knows it.
        let second = try clone.open()
        try await first.note("B")
        try await second.note("D", "E")
        let ids = try first.ids().union(second.ids())
        _ = try await second.ledger.sync(with: two.ledger)
        #expect(try await !second.isStopped())
        #expect(try await !first.ledger.sync(with: two.ledger).inStep)
        #expect(try await first.isStopped())
        #expect(try await second.ledger.sync(with: two.ledger).inStep)
        second.ledger.close()
        #expect(try two.ids().isSuperset(of: second.ids()))
        #expect(ids.count > 0)
    }
}
