import LedgerTesting
import Testing

@Suite(
    "Full disks",
    .temporaryDirectory,
    .enabled(if: Program.path != nil, "\(Program.absence)")
)
struct FullDiskTests {
    @Test("An import that finds no more room says so, and goes on when there is some")
    func importing() throws {
        let program = Program()
        try program.makeDesk()
        try program.write(DeskHistory.rows(4_000, seed: 21), to: "many.csv")
        let command = "import many.csv --mapping mapping.json --ledger desk"
        // No file may grow past 900 KiB: as good as a full disk, for this process only.
        let limited = try program.shell("ulimit -f 900; caseledger \(command)")
        #expect(limited.code == 74, "\(limited.code): \(limited.error)")
        #expect(limited.error.contains("next:"), "\(limited.error)")
        #expect(limited.error.contains("run the same command again"), "\(limited.error)")
        #expect(try program.run("verify", "--ledger", "desk").code == 0)

        let whole = try program.shell("caseledger \(command) --json")
        #expect(whole.code == 0, "\(whole.error)")
        #expect(whole.text.contains("\"rows\":4000"))
        #expect(try program.run("verify", "--ledger", "desk").code == 0)
    }
}
