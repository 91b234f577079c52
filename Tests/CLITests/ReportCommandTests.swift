import Foundation
import LedgerTesting
import Testing

@Suite("Report", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct ReportCommandTests {
    private let program = Program()

    @Test("The page has the figures, the cases behind them and the cut, twice the same bytes")
    func page() throws {
        try self.program.makeDesk()
        let imported = try self.program.run(
            "import",
            "rows.csv",
            "--ledger",
            "desk",
            "--mapping",
            "mapping.json"
        )
        try #require(imported.code == 0, "\(imported.error)")
        let arguments = ["metrics", "--ledger", "desk", "--format", "html"]
        let run = try self.program.run(arguments + ["--output", "report.html"])
        #expect(run.code == 0, "\(run.error)")
        #expect(run.output.isEmpty && run.error.isEmpty)
        let page = try self.program.read("report.html")
        for text in [
            "2 cases", "caseledger show D2 --ledger desk", "Between teams: 3 handovers",
            "def-m-12", "no data: needs", "test.example/desk",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        for link in page.matches(of: /href="#([^"]*)"/) {
            #expect(page.contains("id=\"\(link.1)\""), "\(link.1)")
        }
        #expect(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"))
        #expect(try self.program.run(arguments).text == page)
    }

    @Test("An empty ledger has a page as well")
    func empty() throws {
        try self.program.makeLedger()
        let run = try self.program.run("metrics", "--ledger", "desk", "--format", "html")
        #expect(run.code == 0, "\(run.error)")
        #expect(run.text.contains("no data"))
    }

    @Test("What does not go with a page is refused")
    func refusals() throws {
        try self.program.makeLedger()
        let cases: [([String], Int32)] = [
            (["M-12", "--format", "html"], 64), (["--by", "site", "--format", "html"], 64),
            (["--list", "--format", "html"], 64), (["--output", "a.html"], 64),
            (["--format", "html", "--output", "no/such/a.html"], 73),
        ]
        for (arguments, code) in cases {
            let run = try self.program.run(["metrics", "--ledger", "desk"] + arguments)
            #expect(run.code == code, "\(arguments): \(run.error)")
        }
    }
}
