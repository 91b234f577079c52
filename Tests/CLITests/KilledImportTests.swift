import Glibc
import LedgerTesting
import Testing

@Suite(
    "Killed imports",
    .temporaryDirectory,
    .enabled(if: Program.path != nil, "\(Program.absence)")
)
struct KilledImportTests {
    @Test(
        "An import that is killed again and again ends as one that never was",
        arguments: Effort.some(of: [11, 12] as [UInt64])
    )
    func killed(seed: UInt64) throws {
        let program = Program()
        try program.makeDesk("whole")
        try program.makeLedger("killed")
        try program.write(DeskHistory.rows(6_000, seed: seed), to: "many.csv")
        let arguments = ["import", "many.csv", "--mapping", "mapping.json", "--ledger"]
        #expect(try program.run(arguments + ["whole"]).code == 0)
        var random = SeededRandom(seed: seed)
        var kills = 0
        for _ in 0..<6 {
            let running = try program.start(arguments + ["killed"])
            usleep(UInt32.random(in: 20_000...600_000, using: &random))
            running.kill()
            if try running.finish().isKilled { kills += 1 }
        }
        #expect(kills > 0, "seed \(seed): every import was done before its kill")
        let last = try program.run(arguments + ["killed", "--json"])
        #expect(last.code == 0, "seed \(seed): \(last.error)")
        #expect(last.text.contains("\"rows\":6000"))
        for command in ["cases --facts --json", "metrics --json | sed 's/.*\"figures\"//'"] {
            let outputs = try ["whole", "killed"].map { ledger in
                let parts = command.split(separator: "|", maxSplits: 1).map(String.init)
                let rest = parts.count > 1 ? " |\(parts[1])" : ""
                return try program.shell("caseledger \(parts[0]) --ledger \(ledger)\(rest)")
            }
            #expect(!outputs[0].output.isEmpty)
            #expect(outputs[0].output == outputs[1].output, "seed \(seed): \(command)")
        }
        for caseID in ["D7", "D70", "D700"] {
            let views = try ["whole", "killed"].map { try program.view(of: caseID, in: $0) }
            #expect(views[0] == views[1], "seed \(seed): \(caseID)")
        }
        #expect(try program.run("verify", "--ledger", "killed").code == 0)
    }
}
