import LedgerTesting

/// A small history of a support desk as CSV, and the mapping that reads it.
enum DeskHistory {
    /// The mapping.
    static let mapping = """
        {
          "caseledgerMapping": "1",
          "source": "desk",
          "format": "csv",
          "case": "number",
          "time": { "column": "updated", "format": "yyyy-MM-dd HH:mm", "zone": "UTC" },
          "order": "file",
          "nulls": ["", "?"],
          "status": {
            "columns": ["state"],
            "values": [
              { "when": ["New"], "status": "open" },
              { "when": ["Active"], "status": "inProgress" },
              { "when": ["Waiting"], "status": "waiting", "waitingOn": "customer" },
              { "when": ["Resolved"], "status": "resolved" },
              { "when": ["Closed"], "status": "closed" }
            ],
            "subStatus": "state"
          },
          "team": "team",
          "agent": { "column": "agent", "identities": "pseudonyms" },
          "priority": "priority",
          "carries": ["custody", "status", "waits"]
        }
        """

    /// The header of the rows.
    static let header = "number,state,team,agent,updated,priority,notes\n"

    /// One case that goes to and fro and is reopened, and one that is still open.
    static let rows =
        header + """
            D1,New,First line,ada,2025-03-01 08:00,2,"the customer says: ""no dial tone\"""
            D1,Active,First line,ada,2025-03-01 08:10,2,
            D2,New,First line,ben,2025-03-01 08:30,3,"line one
            line two"
            D1,Active,Network,cyd,2025-03-01 09:00,2,asked for the port
            D1,Waiting,Network,cyd,2025-03-01 09:05,2,
            D1,Active,First line,ada,2025-03-02 09:05,2,
            D1,Resolved,First line,ada,2025-03-02 10:00,2,
            D1,Active,First line,ben,2025-03-03 10:00,2,still dead
            D1,Resolved,First line,ben,2025-03-03 12:00,2,
            D1,Closed,First line,ben,2025-03-08 12:00,2,
            D2,Active,Network,?,2025-03-01 08:45,3,müde

            """

    /// `count` rows in cases of about eight, made of `seed`.
    static func rows(_ count: Int, seed: UInt64) -> String {
        var random = SeededRandom(seed: seed)
        var text = Self.header
        let states = ["New", "Active", "Active", "Waiting", "Resolved", "Active", "Closed"]
        for row in 0..<count {
            let number = Int.random(in: 0..<max(count / 8, 1), using: &random)
            let state = states.randomElement(using: &random) ?? "New"
            let team = ["First line", "Network", "Field"].randomElement(using: &random) ?? ""
            let agent = ["ada", "ben", "cyd", "dee", "?"].randomElement(using: &random) ?? ""
            let day = 1 + row * 27 / count
            text +=
                "D\(number),\(state),\(team),\(agent),2025-04-\(day < 10 ? "0" : "")\(day) "
                + "10:\(10 + row % 50),3,row \(row)\n"
        }
        return text
    }
}

extension Program {
    /// Makes the ledger `name` and writes the mapping and the small history beside it.
    func makeDesk(_ name: String = "desk") throws {
        try self.makeLedger(name)
        try self.write(DeskHistory.mapping, to: "mapping.json")
        try self.write(DeskHistory.rows, to: "rows.csv")
    }
}
