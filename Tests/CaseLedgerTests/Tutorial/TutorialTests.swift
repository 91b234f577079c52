import CaseDomain
import CaseLedger
import Foundation
import LedgerTesting
import LedgerTypes
import Testing

/// The tutorial's code is HelpDesk.swift, cut into the blocks of the article.
@Suite("The tutorial", .temporaryDirectory)
struct TutorialTests {
    @Test("The article's code is the code that is compiled here")
    func sameCode() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let article = try String(
            contentsOf: root.appending(
                path: "Sources/CaseLedger/CaseLedger.docc/BuildASmallService.md"
            ),
            encoding: .utf8
        )
        let code = try String(contentsOf: here.appending(path: "HelpDesk.swift"), encoding: .utf8)
        let blocks = Self.blocks(of: article)
        #expect(blocks.count >= 8)
        #expect(blocks.joined(separator: "\n\n") + "\n" == code)
    }

    private static func blocks(of article: String) -> [String] {
        var blocks: [String] = []
        var block: [Substring]?
        for line in article.split(separator: "\n", omittingEmptySubsequences: false) {
            switch (line, block) {
            case ("```swift", _): block = []
            case ("```", let lines?):
                blocks.append(lines.joined(separator: "\n"))
                block = nil
            default: block?.append(line)
            }
        }
        return blocks
    }

    @Test("The service that it builds takes a call, asks, calls back and resolves")
    func service() async throws {
        let directory = TemporaryDirectoryTrait.current
        let helpDesk = try HelpDesk(
            directory: directory + "/ledger",
            secrets: directory + "/secrets"
        )
        let anna = helpDesk.firstLine("anna")
        let call = try await anna.startContact(.phone, waitSeconds: 12)
        let caseID = try await helpDesk.openCase(call, words: "It stays cold", model: "K-2")
        #expect(try await helpDesk.tried("other socket", .failed, in: caseID, at: call) == .written)
        #expect(
            try await helpDesk.tried("other socket", .failed, in: caseID, at: call)
                == .refused(because: [.l15])
        )
        try await helpDesk.askWorkshop("Is the fuse known to fail?", in: caseID, at: call)
        try await call.endContact()

        let max = helpDesk.workshop("max")
        try await max.decide(caseID, .reportBack(.workaround, findings: "Press the button twice"))
        try await helpDesk.sendCourier(CourierSent(grams: 900), for: caseID, at: max)
        try await helpDesk.sendCourier(CourierSent(grams: 100), for: caseID, at: max)
        #expect(try helpDesk.gramsCarried(for: caseID) == 1_000)
        try await helpDesk.remind("be kind", in: caseID, at: anna)
        try await helpDesk.callBack(caseID, from: anna, saying: "Press the button twice, please.")

        #expect(try helpDesk.briefing(of: caseID).contains { $0.hasPrefix("It stays cold") })
        #expect(try await helpDesk.nextResolved(from: 0) == caseID.rawValue)
        let view = try helpDesk.ledger.caseView(of: caseID)
        #expect(view.header.state == .resolved)
        #expect(view.commitments.map(\.standing) == [.kept])
        #expect(view.messages.notes.map(\.text.value) == ["be kind"])
        #expect(view.integrity.flags.isEmpty)

        // Opened a second time it is the same ledger.
        let again = try HelpDesk(directory: directory + "/ledger", secrets: directory + "/secrets")
        #expect(try again.ledger.version(of: caseID) == helpDesk.ledger.version(of: caseID))
    }
}
