import Foundation
import LedgerTesting
import Testing

/// Bits flip in the file of a ledger; the program finds them, puts them right, and says so.
@Suite("Repairs", .temporaryDirectory, .enabled(if: Program.path != nil, "\(Program.absence)"))
struct RepairTests {
    @Test("sync --deep fetches what is rotten, and doctor tells of it")
    func deep() throws {
        let program = try Self.inStep()
        let id = try Self.eventIDs(of: "berlin", program)[5]
        try Self.flip(id, in: "berlin", program)

        let scrub = try program.run("scrub", "--rate", "0", "--ledger", "berlin")
        #expect(scrub.code == 65)
        #expect(scrub.text.contains("  leaf test.example/desk/e1-"), "\(scrub.text)")
        let before = try program.run("doctor", "--ledger", "berlin")
        #expect(before.code == 78)
        #expect(before.text.contains("!! rot       "), "\(before.text)")
        #expect(before.text.contains("Next: caseledger sync OTHER --deep"), "\(before.text)")

        let deep = try program.run("sync", "manila", "--deep", "--ledger", "berlin")
        #expect(deep.code == 0, "\(deep.text)\(deep.error)")
        #expect(deep.text.contains("put right"), "\(deep.text)")
        #expect(deep.text.contains("In step."))
        let after = try program.run("doctor", "--ledger", "berlin")
        #expect(after.code == 0)
        #expect(after.text.contains("ok repairs   "), "\(after.text)")
        #expect(after.text.contains("ok scrub     every stored byte was last rehashed"))
        #expect(try program.run("verify", "--ledger", "berlin").code == 0)
        let again = try program.run("scrub", "--rate", "0", "--json", "--ledger", "berlin")
        #expect(again.code == 0)
        #expect(again.text.contains("\"isJournalled\":true"), "\(again.text)")
        let status = try program.run("status", "--json", "--ledger", "berlin")
        let told = try #require(status.lines.last)
        #expect(told.hasPrefix("{\"scrub\":{") && told.contains("\"rotten\":0"), "\(told)")
        let journals = try program.shell("cat state/*/scrubs.jsonl")
        #expect(journals.lines.count == 3, "\(journals.text)")
        #expect(journals.lines[1].contains("\"kind\":\"deep\""))
        #expect(journals.lines[1].contains("\"peer\":\"test.example/manila\""))
    }

    @Test("The same over a stream; nothing is fetched where nothing is rotten")
    func stream() throws {
        let program = try Self.inStep()
        let ids = try Self.eventIDs(of: "berlin", program)
        let serve = "\(Program.path ?? "") serve --stdio --trust-first-use --ledger manila"
        let arguments = [
            "sync", "--command", serve, "--trust-first-use", "--deep", "--ledger", "berlin",
        ]
        let sound = try program.run(arguments)
        #expect(sound.code == 0, "\(sound.error)")
        #expect(sound.text.contains(": 0 rotten, 0 put right."), "\(sound.text)")
        try Self.flip(ids[7], in: "berlin", program)
        let deep = try program.run(arguments)
        #expect(deep.code == 0, "\(deep.text)\(deep.error)")
        #expect(deep.text.contains("put right"), "\(deep.text)")
        #expect(try program.run("verify", "--ledger", "berlin").code == 0)
    }

    @Test("A ledger that no longer opens for a damaged head is mended without a peer")
    func head() throws {
        let program = try Self.inStep()
        let report = try program.run("sync", "manila", "--json", "--ledger", "berlin")
        let parsed = try JSONSerialization.jsonObject(with: Data(report.output))
        let logs = try #require((parsed as? [String: Any])?["logs"] as? [[String: Any]])
        // Where the size is a power of two, the root stands twice in the row.
        for log in logs {
            let size = try #require(log["size"] as? Int)
            guard size & (size - 1) != 0 else { continue }
            let root = try #require(log["root"] as? String)
            try Self.flip(Self.bytes(root), in: "berlin", program)
        }
        let doctor = try program.run("doctor", "--ledger", "berlin")
        #expect(doctor.code == 65)
        #expect(doctor.error.contains("a row of heads is damaged"), "\(doctor.error)")
        #expect(doctor.error.contains("caseledger scrub --repair"), "\(doctor.error)")
        let mend = try program.run("scrub", "--repair", "--rate", "0", "--ledger", "berlin")
        #expect(mend.code == 0, "\(mend.text)\(mend.error)")
        #expect(mend.text.contains(", put right"), "\(mend.text)")
        #expect(try program.run("doctor", "--ledger", "berlin").code == 0)
        #expect(try program.run("verify", "--ledger", "berlin").code == 0)
        #expect(try program.run("sync", "manila", "--ledger", "berlin").code == 0)
    }

    /// Two ledgers that hold the same.
    private static func inStep() throws -> Program {
        let program = Program()
        try program.makeDesk("berlin")
        try program.makeLedger("manila", site: "test.example/manila")
        let arguments = ["import", "rows.csv", "--ledger", "berlin", "--mapping", "mapping.json"]
        try #require(try program.run(arguments).code == 0)
        try #require(try program.run("sync", "manila", "--ledger", "berlin").code == 0)
        return program
    }

    /// The ids of a ledger's events, as bytes.
    private static func eventIDs(of ledger: String, _ program: Program) throws -> [[UInt8]] {
        let log = try program.run("log", "--json", "--ledger", ledger)
        return try log.lines.compactMap { line in
            let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let id = (parsed as? [String: Any])?["id"] as? String
            return id.map { Self.bytes($0.replacing("-", with: "")) }
        }
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8).map { UInt8(Int(String(UnicodeScalar($0)), radix: 16) ?? 0) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Flips a bit of every copy of `needle` in the data file of a ledger's `log/`.
    private static func flip(_ needle: [UInt8], in ledger: String, _ program: Program) throws {
        try BitRot.flip(needle, in: "\(program.directory)/\(ledger)/log/data.mdb")
    }
}
