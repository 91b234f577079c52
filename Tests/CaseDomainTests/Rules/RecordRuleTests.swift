import CaseDomain
import LedgerTypes
import Testing

@Suite("Corrections and redactions")
struct RecordRuleTests {
    static func correct(
        _ target: EventID?,
        _ field: String,
        to value: String? = nil,
        text: String? = nil
    ) -> EventPayload {
        .recordCorrected(
            Examples.make {
                $0.targetEventID = target
                $0.field = field
                $0.newValue = value
                if let text { $0.newText = .open(text) }
            }
        )
    }

    static func redact(
        _ target: EventID?,
        fields: [String] = [],
        customer: String? = nil
    ) -> EventPayload {
        .recordRedacted(
            Examples.make {
                $0.targetEventID = target
                $0.customerID = customer
                $0.fields = fields
                $0.legalBasis = "GDPR Art. 17"
            }
        )
    }

    @Test("L23: only an event of the case, a field of its type and a value that fits are corrected")
    func refused() throws {
        let story = try Story.opened()
        let opening = story.events[2].id
        #expect(story.rules(Self.correct(nil, "category"), at: 5) == .refused([.l23]))
        #expect(
            story.rules(Self.correct(EventID(rawValue: 9), "category", to: "x"), at: 5)
                == .refused([.l23])
        )
        #expect(story.rules(Self.correct(opening, "colour", to: "x"), at: 5) == .refused([.l23]))
        #expect(
            story.rules(Self.correct(opening, "severity", to: "bad"), at: 5) == .refused([.l23])
        )
        #expect(
            story.rules(Self.correct(opening, "title", to: "clear"), at: 5) == .refused([.l23])
        )
        #expect(
            story.rules(Self.correct(opening, "category", text: "sealed"), at: 5)
                == .refused([.l23])
        )
        #expect(story.rules(Self.correct(opening, "product.lot", to: "L9"), at: 5) == .accepted)
        #expect(story.rules(Self.correct(opening, "title", text: "better"), at: 5) == .accepted)
    }

    @Test("A correction changes what is read; both values stay, and one after close is late")
    func corrected() throws {
        var story = try Story.opened()
        let opening = story.events[2].id
        story.tell(Self.correct(opening, "category", to: "dsl"), at: 5)
        story.resolve(at: 6)
        story.tell(.caseClosed(Examples.make { $0.reason = .confirmed }), at: 7)
        story.tell(Self.correct(opening, "category", to: "fibre"), at: 8)
        story.tell(Self.correct(story.events[4].id, "customerConfirmed", to: "yes"), at: 9)
        let view = story.view()
        #expect(view.header.category?.value == "fibre")
        let lines = view.records.corrections
        #expect(lines.map(\.old.value) == ["network", "dsl", nil])
        #expect(lines.map(\.new.value) == ["dsl", "fibre", "yes"])
        #expect(lines.map(\.isLate) == [false, true, true])
        #expect(lines.map(\.isApplied) == [true, true, false])
        let before = CaseState.folding(Array(story.events.prefix(4)), of: story.caseID)
        #expect(before.view(at: Story.minute(4)).header.category?.value == "network")
    }

    @Test("Every sort of field can be corrected, and unset")
    func kinds() throws {
        var story = try Story.opened()
        let opening = story.events[2].id
        let changes: [(String, String?)] = [
            ("severity", "2"), ("ticketType", "incident"), ("product.complexity", "complex"),
            ("product.id", "X7"), ("purchaseDate", "2023-10-01"), ("firstContactID", nil),
        ]
        for (field, value) in changes {
            story.tell(Self.correct(opening, field, to: value), at: 5)
        }
        story.tell(
            Self.correct(story.events[1].id, "waitSeconds", to: "12.5"),
            at: 5
        )
        let view = story.view()
        #expect(!view.records.corrections.contains { !$0.isApplied })
        #expect(view.header.severity?.value == 2)
        #expect(view.header.ticketType?.value == .incident)
        #expect(view.header.product?.value.id == "X7")
        #expect(view.header.product?.value.complexity == .complex)
        #expect(view.header.purchaseDate?.value == CalendarDate("2023-10-01"))
        #expect(view.path.contacts.first?.answers.first?.waitSeconds == 12.5)
        #expect(view.records.corrections[5].old.value == "k")
    }

    @Test("L24: a redaction names what, by which law, and sealed fields only")
    func redactionRefused() throws {
        let story = try Story.opened()
        let opening = story.events[2].id
        #expect(story.rules(Self.redact(nil), at: 5) == .refused([.l24]))
        #expect(story.rules(Self.redact(EventID(rawValue: 9)), at: 5) == .refused([.l24]))
        #expect(
            story.rules(Self.redact(opening, fields: ["category"]), at: 5) == .refused([.l24])
        )
        #expect(
            story.rules(Self.redact(opening, fields: ["colour"]), at: 5) == .refused([.l24])
        )
        #expect(
            story.rules(Self.redact(opening, fields: ["title", "externalRefs"]), at: 5)
                == .accepted
        )
        #expect(story.rules(Self.redact(nil, customer: "cust"), at: 5) == .accepted)
        #expect(
            story.rules(.recordRedacted(Examples.make { $0.customerID = "cust" }), at: 5)
                == .refused([.l24])
        )
    }

    @Test("A hold forbids erasing until it is lifted")
    func hold() throws {
        var story = try Story.opened()
        story.tell(.holdPlaced(Examples.make { $0.legalBasis = "litigation" }), at: 5)
        let redaction = Self.redact(nil, customer: "cust")
        #expect(story.rules(redaction, at: 6) == .refused([.l24]))
        story.tell(.holdLifted(HoldLifted()), at: 7)
        var held = RulePolicy.defaults
        held.customersOnHold = ["cust"]
        #expect(story.rules(redaction, at: 8, policy: held) == .refused([.l24]))
        #expect(story.rules(redaction, at: 8) == .accepted)
        #expect(story.view().records.holds.first?.liftedBy != nil)
    }

    private static func told() throws -> Story {
        var story = try Story.opened()
        try story.write(UnderstandingRuleTests.stated(["model": "X7"]), at: 5, contact: "k")
        story.tell(
            .messageRecorded(
                Examples.make {
                    $0.messageID = "m"
                    $0.visibility = .public
                    $0.body = .open("dear Mrs Secret")
                }
            ),
            at: 6
        )
        try story.write(UnderstandingRuleTests.step("reboot"), at: 7)
        story.tell(Story.offer(), at: 8, handoff: "h")
        story.resolve(at: 9)
        return story
    }

    @Test("L24: after a redaction every number is as it was, and no text is open")
    func numbers() throws {
        var story = try Self.told()
        let before = story.view()
        let facts = story.state.facts
        story.tell(Self.redact(nil, customer: "cust"), at: 20)
        let after = story.view()
        let json = try PayloadJSONTests.encode(after)
        for text in ["X7", "Secret", "it drops", "new cable", "drops at night"] {
            #expect(try PayloadJSONTests.encode(before).contains(text))
            #expect(!json.contains(text), "\(text)")
        }
        #expect(after.understanding.facts.map(\.value) == [.withheld])
        #expect(after.understanding.explanations == before.understanding.explanations)
        #expect(after.path.handoffs.first?.context?.summary == .withheld)
        #expect(story.state.facts == facts)
        #expect(after.integrity.flags == before.integrity.flags)
    }

    @Test("C5: a redaction wins over what another site wrote without knowing of it")
    func parallel() throws {
        var story = try Self.told()
        story.tell(Self.redact(nil, customer: "cust"), at: 20)
        let blind = story.tell(
            .messageRecorded(
                Examples.make {
                    $0.visibility = .public
                    $0.body = .open("dear Mrs Secret, again")
                }
            ),
            at: 21,
            log: Story.manila,
            blind: true
        )
        story.tell(
            .messageRecorded(
                Examples.make {
                    $0.visibility = .public
                    $0.body = .open("dear customer")
                }
            ),
            at: 22
        )
        let view = story.view()
        #expect(view.messages.told.map(\.text.value) == [nil, nil, "dear customer"])
        #expect(view.integrity.conflicts.filter { $0.rule == .c5 }.map(\.event) == [blind.id])
    }

    @Test("A redacted field shows neither its old nor its corrected text")
    func correctedAndRedacted() throws {
        var story = try Story.opened()
        let wrapUp = story.tell(
            .contactWrappedUp(Examples.make { $0.summary = .open("Mrs Secret") }),
            at: 5,
            contact: "k"
        )
        story.tell(Self.correct(wrapUp.id, "summary", text: "Mr Secret"), at: 6)
        #expect(try PayloadJSONTests.encode(story.view()).contains("Mr Secret"))
        story.tell(Self.redact(wrapUp.id, fields: ["summary"]), at: 7)
        let json = try PayloadJSONTests.encode(story.view())
        #expect(!json.contains("Secret"))
        let line = try #require(story.view().records.corrections.first)
        #expect(line.old == .withheld)
        #expect(line.new == .withheld)
    }
}
