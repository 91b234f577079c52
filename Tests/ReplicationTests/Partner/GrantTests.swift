import LedgerTesting
import LedgerTypes
import Merkle
import Testing

@testable import Replication

@Suite("Grants and scope heads")
struct GrantTests {
    private static let log = LabelledLog()

    private static func grant(
        number: UInt64 = 3,
        from: Int64 = 5,
        until: Int64? = 9,
        sections: Grant.Sections = .kinds(["text", "row"]),
        labels: [Label]
    ) -> Grant? {
        Grant(
            home: Grant.Party(site: LabelledLog.site, key: Self.log.siteKey.publicKey),
            partner: Grant.Party(
                site: LabelledLog.partnerSite,
                key: LabelledLog.partnerKey.publicKey
            ),
            number: number,
            from: Timestamp(microseconds: from),
            until: until.map { Timestamp(microseconds: $0) },
            direction: .out,
            sections: sections,
            labels: labels
        )
    }

    private static let odd = Label(name: "queue", value: "100 % ü\n")

    private static func note(_ grant: Grant) -> [UInt8] {
        grant.note { Self.log.siteKey.sign($0) }
    }

    /// The text of a note, changed and signed again.
    private static func signed(_ grant: Grant, _ old: String, _ new: String) throws -> [UInt8] {
        let note = Self.note(grant)
        let text = try SignedNote(parsing: note.span).text
        let parts = text.components(of: old)
        try #require(parts.count == 2)
        let name = try #require(KeyName(LabelledLog.site.rawValue))
        let changed = parts.joined(separator: new)
        let signature = NoteSigner(name: name, key: Self.log.siteKey).sign(Array(changed.utf8))
        return SignedNote(text: changed, signatures: [signature]).bytes
    }

    @Test("A grant comes back from its note as it was")
    func roundTrip() throws {
        for sections in [Grant.Sections.all, .kinds([]), .kinds(["text", "row"])] {
            let grant = try #require(Self.grant(sections: sections, labels: [Self.odd]))
            #expect(try Grant(note: Self.note(grant)) == grant)
        }
        let open = try #require(Self.grant(until: nil, labels: [Self.odd]))
        #expect(try Grant(note: Self.note(open)) == open)
        #expect(open.id != Self.grant(labels: [Self.odd])?.id)
    }

    @Test("A grant has its frozen text and id")
    func golden() throws {
        let subject = Label(name: "subject", value: "case:7")
        let grant = try #require(Self.grant(labels: [subject, Self.odd, subject]))
        let text = String(decoding: Self.note(grant), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        try #require(lines.count == 13)
        #expect(lines[0] == "caseledger grant 1")
        #expect(
            lines[1]
                == "site a.example/site/berlin+e0d4807c+"
                + "Af0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"
        )
        #expect(lines[2].hasPrefix("for b.example/site/manila+"))
        #expect(
            Array(lines[3...9]) == [
                "number 3", "from 5", "until 9", "direction out", "sections row text",
                "label queue 100%20%25%20ü%0A", "label subject case:7",
            ]
        )
        #expect(grant.id.hex == "ed17952571b4344cc7a34ff0cd6c9ac3")
    }

    @Test("A grant without labels, of malformed labels or kinds, or that ends first, is none")
    func unfit() {
        let fine = Label(name: "queue", value: "q")
        #expect(Self.grant(labels: []) == nil)
        #expect(Self.grant(labels: [Label(name: "", value: "q")]) == nil)
        #expect(Self.grant(labels: [Label(name: "queue", value: "")]) == nil)
        #expect(Self.grant(labels: [Label(name: "subject", value: "no subject")]) == nil)
        let long = String(repeating: "x", count: 301)
        #expect(Self.grant(labels: [Label(name: "queue", value: long)]) == nil)
        let many = (0...Grant.labelsMax).map { Label(name: "queue", value: "\($0)") }
        #expect(Self.grant(labels: many) == nil)
        #expect(Self.grant(labels: Array(many.dropLast())) != nil)
        #expect(Self.grant(sections: .kinds(["two words"]), labels: [fine]) == nil)
        #expect(Self.grant(sections: .kinds(["all"]), labels: [fine]) == nil)
        #expect(Self.grant(until: 5, labels: [fine]) == nil)
        #expect(Self.grant(number: 0, labels: [fine]) == nil)
    }

    @Test("A note that another key signed is refused, and one that says the same in other words")
    func refusals() throws {
        let grant = try #require(Self.grant(labels: [Label(name: "queue", value: "q")]))
        let other = grant.note { LabelledLog.partnerKey.sign($0) }
        #expect(throws: SyncError.grant(.badSignature)) { try Grant(note: other) }
        for (old, new) in [
            ("number 3", "number 03"), ("sections row text", "sections text row"),
            ("label queue q", "label queue %71"), ("label queue q", "label queue q\nlabel queue q"),
            ("label queue q\n", ""), ("until 9", "until 4"), ("direction out", "direction in"),
            ("from 5", "from -5"), ("caseledger grant 1", "caseledger grant 2"),
        ] {
            let note = try Self.signed(grant, old, new)
            #expect(throws: SyncError.grant(.malformed), "\(new)") { try Grant(note: note) }
        }
        #expect(throws: SyncError.grant(.malformed)) { try Grant(note: []) }
    }

    @Test("A grant counts from its beginning and until before its end")
    func times() throws {
        let grant = try #require(Self.grant(labels: [Self.odd]))
        #expect(grant.problem(at: Timestamp(microseconds: 4)) == .notYet)
        #expect(grant.problem(at: Timestamp(microseconds: 5)) == nil)
        #expect(grant.problem(at: Timestamp(microseconds: 8)) == nil)
        #expect(grant.problem(at: Timestamp(microseconds: 9)) == .expired)
    }

    @Test("All sections include every kind; some include fewer")
    func sections() {
        let text = Grant.Sections.kinds(["text"])
        let both = Grant.Sections.kinds(["row", "text"])
        #expect(Grant.Sections.all.includes(both) && both.includes(text) && text.includes(text))
        #expect(!text.includes(both) && !both.includes(.all) && both.includes(.kinds([])))
        #expect(text.allow("text") && !text.allow("row") && Grant.Sections.all.allow("pii"))
    }

    @Test("A scope head comes back from its note, has its frozen text, and is the log's alone")
    func head() throws {
        var log = Self.log
        var random = SeededRandom(seed: 3)
        for number in 0..<4 {
            log.append("case:\(number % 2)", [Label(name: "queue", value: "q 1")], &random)
        }
        let labels = [
            Label(name: "queue", value: "q 1"), Label(name: "queue", value: "none"),
            Label(name: "subject", value: "case:1"),
        ]
        let grant = try log.grant(labels)
        let head = log.head(grant)
        #expect(head.entries.count == 2)
        #expect(try ScopeHead(note: log.note(head), of: log.id, genesis: log.genesis) == head)
        let origin = "a.example/site/berlin/e1-\(log.id.hex.prefix(8))"
        #expect(
            head.text(origin: origin)
                == """
                caseledger scope 1
                log \(origin)
                grant \(grant.id.hex)
                at \(log.id.hex) 5 \(log.position.root.hex)
                label queue q%201 3 4
                label subject case:1 1 4

                """
        )
        let other = LabelledLog(seed: 8)
        #expect(throws: SyncError.badScopeHead(log.id)) {
            try ScopeHead(note: other.note(head), of: log.id, genesis: log.genesis)
        }
        #expect(throws: SyncError.badScopeHead(other.id)) {
            try ScopeHead(note: log.note(head), of: other.id, genesis: other.genesis)
        }
        var note = log.note(head)
        note[60] ^= 1
        #expect(throws: SyncError.badScopeHead(log.id)) {
            try ScopeHead(note: note, of: log.id, genesis: log.genesis)
        }
    }
}

extension String {
    fileprivate func components(of separator: String) -> [String] {
        guard let range = self.firstRange(of: separator) else { return [self] }
        return [String(self[..<range.lowerBound]), String(self[range.upperBound...])]
    }
}
