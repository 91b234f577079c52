import Foundation
import LedgerTesting
import Testing

@Suite("Simulate", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct SimulateTests {
    private let program = Program()

    @Test("A history of several sites is made of a seed")
    func transcript() throws {
        var transcript = Transcript(self.program)
        try transcript.run("simulate", "--seed", "7", "--cases", "12", "--days", "12", "--sync")
        try transcript.run("simulate", "--seed", "7", "--cases", "12", "--days", "12", "--json")
        try transcript.run("cases", "--ledger", "berlin", "--facts")
        try transcript.run("verify", "--ledger", "manila")
        try transcript.run("simulate", "--days", "40000")
        try transcript.run("simulate", "--days", "20000")
        try transcript.run("simulate", "--ledger", "berlin")
        try transcript.check("simulate")
    }

    @Test("What is printed is a file that can be given")
    func parameters() throws {
        let printed = try self.program.run("simulate", "--print-parameters")
        #expect(printed.code == 0)
        try self.program.write(printed.output, to: "all.json")
        let again = try self.program.run(
            "simulate",
            "--parameters",
            "all.json",
            "--print-parameters"
        )
        #expect(again.text == printed.text)
        try self.program.write(#"{"behaviour":{"escalate":1}}"#, to: "bad.json")
        let bad = try self.program.run("simulate", "--parameters", "bad.json")
        #expect(bad.code == 78)
        #expect(bad.error.contains("behaviour.escalate"))
    }
}
