import CaseDomain
import Foundation
import LedgerTypes
import Testing

@testable import Interchange

@Suite("Report page")
struct ReportPageTests {
    private static let hostile = "</title><script>alert('x')</script>\" onload=\"y\u{202E}&\u{1}"

    private func html(_ report: ReportDocument) -> String {
        String(decoding: ReportPage.bytes(of: report), as: UTF8.self)
    }

    /// Every sort of block, with `text` wherever words stand.
    private func report(_ text: String) -> ReportDocument {
        let values = [
            ReportValue(text, 3, text), ReportValue("b", nil, "–"), ReportValue("c", 1, "1"),
        ]
        var report = ReportDocument(title: text, subtitle: text)
        report.sections = [
            ReportSection(
                id: "one",
                title: text,
                lead: text,
                blocks: [
                    .figures([
                        ReportFigure(
                            text,
                            "7.5 days",
                            details: [text],
                            definition: "def-M-12",
                            cases: text,
                            isSmall: true
                        )
                    ]),
                    .columns(
                        ReportColumns(text, values, marks: [ReportColumns.ReportMark(0.5, text)])
                    ),
                    .bars(ReportBars(text, values)),
                    .map(
                        ReportMap(
                            text,
                            [
                                ReportMap.Pair(from: text, to: "b", count: 3),
                                ReportMap.Pair(from: "b", to: text, count: 1),
                            ]
                        )
                    ),
                    .matrix(
                        ReportMatrix(
                            text,
                            rowName: text,
                            columns: [text],
                            rows: [ReportMatrix.Row(text, [ReportValue("", 2, text)])]
                        )
                    ),
                    .table(
                        ReportTable(
                            text,
                            columns: [text, "n"],
                            rows: [
                                [.text(text), .number(text)],
                                [.term(text, id: text), .command(text)],
                            ]
                        )
                    ),
                    .note(text),
                ]
            )
        ]
        return report
    }

    @Test("A page with every sort of block as it was reviewed")
    func golden() throws {
        let found = ReportPage.bytes(of: self.report("A & B"))
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Export/Golden/report.html")
        if ProcessInfo.processInfo.environment["CASELEDGER_REGENERATE"] != nil {
            try Data(found).write(to: file)
        }
        #expect(try Data(found) == Data(contentsOf: file))
    }

    @Test("Whatever a text holds, it stays text")
    func escaping() {
        let page = self.html(self.report(Self.hostile))
        #expect(!page.contains("<script"))
        #expect(!page.contains("\" onload"))
        #expect(!page.contains("\u{202E}") && !page.contains("\u{1}"))
        #expect(page.contains("&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)"))
        // The elements are those of a harmless text.
        func elements(_ page: String) -> [Substring] { page.matches(of: /<[a-z\/][^>]*/).map(\.0) }
        let harmless = elements(self.html(self.report("harmless"))).map { $0.prefix { $0 != " " } }
        #expect(elements(page).map { $0.prefix { $0 != " " } } == harmless)
    }

    @Test("The page needs nothing from anywhere, and runs nothing")
    func selfContained() {
        let page = self.html(self.report("text"))
        for word in ["http://", "https://", "src=", "url(", "@import", "<script", "<link"] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("prefers-color-scheme: dark") && page.contains("@media print"))
    }

    /// The report with the definition of M-12.
    private func reportWithDefinition(_ text: String) -> ReportDocument {
        var report = self.report(text)
        report.sections.append(
            ReportSection(
                id: "d",
                title: "d",
                lead: "",
                blocks: [
                    .table(ReportTable("", columns: ["m"], rows: [[.term("M-12", id: "def-M-12")]]))
                ]
            )
        )
        return report
    }

    @Test("Links lead to what is on the page")
    func links() {
        let page = self.html(self.reportWithDefinition("text"))
        for link in page.matches(of: /href="#([^"]*)"/) {
            #expect(page.contains("id=\"\(link.1)\""), "\(link.1)")
        }
    }

    @Test("The number of a metric in a caption leads to its definition, where there is one")
    func definitions() {
        let page = self.html(self.reportWithDefinition("Time (M-12) & M-13"))
        let linked = "Time (<a href=\"#def-m-12\">M-12</a>) &amp; M-13"
        for element in ["figcaption", "caption", "p class=\"lead\""] {
            #expect(page.contains("<\(element)>\(linked)</"), "\(element)")
        }
        // What a ledger says is left alone.
        #expect(page.contains("<td>Time (M-12) &amp; M-13</td>"))
    }

    @Test(
        "Names of ours stand as words",
        arguments: [
            ("internalTeam", "internal team"), ("site", "site"), ("", "not stated"),
            ("2025-03", "2025-03"),
        ]
    )
    func words(name: String, words: String) {
        #expect(ReportText.words(name) == words)
    }

    @Test("Charts without values, and with one, draw nothing odd", arguments: [0, 1, 40])
    func edges(count: Int) {
        let values = (0..<count).map { ReportValue("\($0)", Double($0), "\($0)") }
        var report = ReportDocument(title: "t", subtitle: "s")
        let pairs = (0..<count).map { ReportMap.Pair(from: "a\($0)", to: "b", count: $0 + 1) }
        report.sections = [
            ReportSection(
                id: "x",
                title: "x",
                lead: "",
                blocks: [
                    .columns(ReportColumns("c", values)), .bars(ReportBars("b", values)),
                    .map(ReportMap("m", pairs)),
                ]
            )
        ]
        let page = self.html(report)
        #expect(!page.contains("nan") && !page.contains("inf"))
    }

    @Test(
        "Numbers have few digits and units that fit",
        arguments: [
            (0.0, "0 s"), (119, "119 s"), (150, "3 min"), (7_200, "2.0 h"), (652_245, "7.5 days"),
            (1e9, "31.7 years"), (-90, "-90 s"), (.infinity, "–"),
        ]
    )
    func numbers(seconds: Double, text: String) {
        #expect(ReportText.seconds(seconds) == text)
    }

    @Test("Thousands have commas")
    func thousands() {
        #expect(
            [0, 999, 1_000, -65_533, 1_234_567].map(ReportText.whole)
                == ["0", "999", "1,000", "-65,533", "1,234,567"]
        )
        #expect(
            ReportText.fixed(1_234.005, 2) == "1,234.01"
                || ReportText.fixed(1_234.005, 2) == "1,234.00"
        )
        #expect(ReportText.fixed(-0.04, 1) == "0.0")
        #expect(ReportText.share(0.572) == "57.2 %")
    }
}
