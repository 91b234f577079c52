import CaseDomain
import LedgerTesting
import LedgerTypes
import Testing

/// The schema must say the same as our code.
@Suite(
    "Body schema",
    .enabled(if: Protoc.isInstalled, "no protoc here: install protobuf-compiler to run these")
)
struct BodySchemaTests {
    @Test(
        "protoc reads every body, knows each field, and writes the same bytes",
        arguments: EventType.allCases
    )
    func bodies(type: EventType) throws {
        let body = try #require(Examples.payload(type).body)
        let parts = type.rawValue.split(separator: ".")
        let name = parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        let text = try Protoc.decode(body.bytes, as: name)
        // A field without a name in the schema is printed by its number.
        #expect(text.split(separator: "\n").filter { $0.contains(/^ *[0-9]/) }.isEmpty)
        #expect(try Protoc.encode(text, as: name) == body.bytes)
        var leaf = WireWriter()
        leaf.data(body.bytes, field: body.field)
        let whole = try Protoc.decode(leaf.bytes, as: "Leaf")
        #expect(!whole.contains(/(?m)^ *[0-9]/), "the leaf's field \(body.field) has no name")
    }

    @Test("protoc reads a sealed text and writes the same bytes")
    func sealedText() throws {
        let bytes = try #require(Examples.payload(.handoffOffered).sealedText).bytes
        let text = try Protoc.decode(bytes, as: "SealedText")
        #expect(text.contains(#"name: "context.expectation.what""#))
        #expect(try Protoc.encode(text, as: "SealedText") == bytes)
    }

    @Test("Every word of our vocabularies is in the schema under its number, and no other")
    func vocabularies() throws {
        let schema = try Protoc.schema()
        Self.compare(AnswerRelation.self, "ANSWER_RELATION", schema)
        Self.compare(ArticleAudience.self, "ARTICLE_AUDIENCE", schema)
        Self.compare(ArticleConfidence.self, "ARTICLE_CONFIDENCE", schema)
        Self.compare(ArticleGovernance.self, "ARTICLE_GOVERNANCE", schema)
        Self.compare(AssignmentMode.self, "ASSIGNMENT_MODE", schema)
        Self.compare(AttemptPlace.self, "ATTEMPT_PLACE", schema)
        Self.compare(Channel.self, "CHANNEL", schema)
        Self.compare(CloseReason.self, "CLOSE_REASON", schema)
        Self.compare(CommitmentKind.self, "COMMITMENT_KIND", schema)
        Self.compare(CommitmentOutcome.self, "COMMITMENT_OUTCOME", schema)
        Self.compare(CommitmentParty.self, "COMMITMENT_PARTY", schema)
        Self.compare(ContactOutcome.self, "CONTACT_OUTCOME", schema)
        Self.compare(CustomerConfirmed.self, "CUSTOMER_CONFIRMED", schema)
        Self.compare(CustomerExpertise.self, "CUSTOMER_EXPERTISE", schema)
        Self.compare(DeclineReason.self, "DECLINE_REASON", schema)
        Self.compare(Direction.self, "DIRECTION", schema)
        Self.compare(EndedBy.self, "ENDED_BY", schema)
        Self.compare(Entitlement.self, "ENTITLEMENT", schema)
        Self.compare(EscalationCloseReason.self, "ESCALATION_CLOSE_REASON", schema)
        Self.compare(EscalationKind.self, "ESCALATION_KIND", schema)
        Self.compare(EscalationReason.self, "ESCALATION_REASON", schema)
        Self.compare(FactChange.self, "FACT_CHANGE", schema)
        Self.compare(FactSource.self, "FACT_SOURCE", schema)
        Self.compare(FeedbackInstrument.self, "FEEDBACK_INSTRUMENT", schema)
        Self.compare(FeedbackTopic.self, "FEEDBACK_TOPIC", schema)
        Self.compare(HandoffKind.self, "HANDOFF_KIND", schema)
        Self.compare(HandoffReason.self, "HANDOFF_REASON", schema)
        Self.compare(IdentityCheck.self, "IDENTITY_CHECK", schema)
        Self.compare(Initiation.self, "INITIATION", schema)
        Self.compare(LinkRelation.self, "LINK_RELATION", schema)
        Self.compare(Mood.self, "MOOD", schema)
        Self.compare(ObservedStatus.self, "OBSERVED_STATUS", schema)
        Self.compare(Polarity.self, "POLARITY", schema)
        Self.compare(PolicyTopic.self, "POLICY_TOPIC", schema)
        Self.compare(PresenceState.self, "PRESENCE_STATE", schema)
        Self.compare(ProductComplexity.self, "PRODUCT_COMPLEXITY", schema)
        Self.compare(ReleaseReason.self, "RELEASE_REASON", schema)
        Self.compare(RemedyDecision.self, "REMEDY_DECISION", schema)
        Self.compare(RemedyKind.self, "REMEDY_KIND", schema)
        Self.compare(ReopenReason.self, "REOPEN_REASON", schema)
        Self.compare(RepeatReason.self, "REPEAT_REASON", schema)
        Self.compare(ReportOutcome.self, "REPORT_OUTCOME", schema)
        Self.compare(ResolutionKind.self, "RESOLUTION_KIND", schema)
        Self.compare(RestatementReason.self, "RESTATEMENT_REASON", schema)
        Self.compare(ReturnFinding.self, "RETURN_FINDING", schema)
        Self.compare(ReturnStage.self, "RETURN_STAGE", schema)
        Self.compare(RuleSeverity.self, "RULE_SEVERITY", schema)
        Self.compare(SLAMetric.self, "SLA_METRIC", schema)
        Self.compare(SaleOutcome.self, "SALE_OUTCOME", schema)
        Self.compare(SessionOutcome.self, "SESSION_OUTCOME", schema)
        Self.compare(SignalDecision.self, "SIGNAL_DECISION", schema)
        Self.compare(SignalKind.self, "SIGNAL_KIND", schema)
        Self.compare(StepMethod.self, "STEP_METHOD", schema)
        Self.compare(StepResult.self, "STEP_RESULT", schema)
        Self.compare(TicketType.self, "TICKET_TYPE", schema)
        Self.compare(Tier.self, "TIER", schema)
        Self.compare(Visibility.self, "VISIBILITY", schema)
        Self.compare(WaitingOn.self, "WAITING_ON", schema)
    }

    private static func compare<Word: Vocabulary>(
        _ words: Word.Type,
        _ prefix: String,
        _ schema: String
    ) {
        let words = SchemaWords(words, prefix: prefix, schema: schema)
        #expect(words.declared == words.ours)
    }
}
