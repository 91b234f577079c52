import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

@Suite("Rows of a service's own", .temporaryDirectory)
struct CaseProjectionTests {
    private static func create(_ name: String = "one") throws -> Ledger {
        try Ledger.create(
            at: TemporaryDirectoryTrait.current + "/" + name,
            state: TemporaryDirectoryTrait.current + "/state",
            site: SiteProfile(name: #require(SiteName("rows.example/\(name)")))
        )
    }

    private static func openAgain(_ access: Ledger.Access = .readWrite) throws -> Ledger {
        try Ledger.open(
            at: TemporaryDirectoryTrait.current + "/one",
            state: TemporaryDirectoryTrait.current + "/state",
            access: access
        )
    }

    private static func desk(_ ledger: Ledger) -> Desk {
        ledger.desk(of: ActorSnapshot(actorID: "ivy", kind: .agent))
    }

    /// Opens a case of a customer, and resolves and reopens it so many times.
    private static func comeBack(
        _ ledger: Ledger,
        _ customer: String,
        times: Int
    ) async throws -> Subject {
        let caseID = ledger.makeCaseID()
        try await Self.desk(ledger).decide(
            caseID,
            .open(customerID: customer, initiation: .proactive)
        )
        for _ in 0..<times {
            try await Self.desk(ledger).decide(caseID, .resolve(.fixed, notes: "cable"))
            try await Self.desk(ledger).decide(caseID, .reopen(.notFixed))
        }
        return caseID
    }

    @Test("They are complete at once, kept or not, here and for who may not write")
    func complete() async throws {
        let ledger = try Self.create()
        _ = try await Self.comeBack(ledger, "cust-a", times: 2)
        #expect(try comebacks(of: "cust-a", in: ledger) == 2)
        try ledger.keep(comebacks)
        let other = try await Self.comeBack(ledger, "cust-a", times: 1)
        _ = try await Self.comeBack(ledger, "cust-b", times: 0)
        #expect(try comebacks(of: "cust-a", in: ledger) == 3)
        #expect(try comebacks(of: "cust-b", in: ledger) == 0)
        #expect(try ledger.row(of: other, in: comebacks) == "1")
        var folded = 0
        try ledger.catchUp(comebacks) { folded = $0 }
        #expect(folded >= 0)
        ledger.close()
        let reader = try Self.openAgain(.readOnly)
        defer { reader.close() }
        #expect(try comebacks(of: "cust-a", in: reader) == 3)
        #expect(try reader.unreadableCases(in: comebacks).isEmpty)
    }

    @Test("Another version's rows are made anew, and another name's under the same number")
    func versions() async throws {
        let ledger = try Self.create()
        defer { ledger.close() }
        let caseID = try await Self.comeBack(ledger, "cust-a", times: 1)
        func make(_ name: String, _ version: UInt32) -> CaseProjection {
            CaseProjection(number: 7, name: name, version: version) { state in
                CaseRow("\(name) \(version): \(state.facts.reopens)")
            }
        }
        try ledger.catchUp(make("first", 1))
        #expect(try ledger.row(of: caseID, in: make("first", 1)) == "first 1: 1")
        ledger.close()
        for (name, version) in [("first", UInt32(2)), ("second", 2)] {
            let again = try Self.openAgain()
            defer { again.close() }
            try again.catchUp(make(name, version))
            #expect(try again.row(of: caseID, in: make(name, version)) == "\(name) \(version): 1")
        }
    }

    @Test("What another site brings counts")
    func others() async throws {
        let here = try Self.create()
        let there = try Self.create("two")
        defer {
            here.close()
            there.close()
        }
        try here.keep(comebacks)
        _ = try await Self.comeBack(there, "cust-a", times: 2)
        #expect(try comebacks(of: "cust-a", in: here) == 0)
        _ = try await here.sync(with: there)
        #expect(try comebacks(of: "cust-a", in: here) == 2)
    }

    /// The article's code is the code that is compiled here.
    @Test("The article shows what these tests compile, in under 30 lines")
    func article() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let path = "Sources/CaseLedger/CaseLedger.docc/KeepRowsOfYourOwn.md"
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        let code = try String(
            contentsOf: here.appending(path: "Tutorial/Comebacks.swift"),
            encoding: .utf8
        )
        #expect(text.contains("```swift\n\(code)```\n"))
        #expect(code.split(separator: "\n").count < 30)
    }
}
