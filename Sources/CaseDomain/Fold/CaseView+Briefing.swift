public import LedgerTypes

/// What a line of a briefing is about.
public enum BriefingTopic: UInt32, Vocabulary {
    case notStated, header, journey, problem, known, tried, next, owed, told, feeling
}

/// A line of a briefing, and the event it came from.
public struct BriefingLine: Hashable, Sendable, Codable {
    /// What it is about.
    public var topic: BriefingTopic
    /// What it says; `…` stands for a text that is not open here.
    public var text: String
    /// Where it is known from.
    public var event: EventID?
}

extension CaseView {
    /// The most lines of a briefing.
    public static let briefingLinesMax = 25

    /// What the receiver of a warm handoff must know, in at most 25 lines: who the customer is to
    /// us, what the problem is, what not to ask, what not to try, what is owed.
    public var briefing: [BriefingLine] {
        var lines = self.headLines
        lines += self.knownLines
        lines += self.triedLines
        lines += self.nextLines
        lines += self.toldLines
        return Array(lines.prefix(Self.briefingLinesMax))
    }

    private var headLines: [BriefingLine] {
        var lines = [
            Self.line(
                .header,
                [
                    self.header.case.id, self.header.state.name,
                    self.header.severity.map { "severity \($0.value)" },
                    self.header.product.map { $0.value.id },
                ],
                self.path.episodes.last?.event
            ),
            Self.line(
                .header,
                [
                    self.header.owner.map { "owner \($0.value)" } ?? "nobody owns it",
                    self.header.holder?.value.agent.map { "holder \($0)" },
                    self.header.originalOwner.flatMap {
                        $0.value == self.header.owner?.value ? nil : "first owner \($0.value)"
                    },
                ],
                self.header.owner?.event
            ),
        ]
        if let journey = self.journey {
            lines.append(
                Self.line(
                    .journey,
                    [
                        "bought \(journey.daysSincePurchase) days ago",
                        journey.stage == .buying ? "\(journey.daysLeft) days left" : nil,
                    ],
                    journey.purchaseDate.event
                )
            )
        }
        if let terms = self.header.entitlement {
            lines.append(
                Self.line(
                    .journey,
                    [
                        terms.entitlement.name, "rule \(terms.ruleID) version \(terms.ruleVersion)",
                        terms.responsibleParty.map { "\($0) is responsible" },
                    ],
                    terms.event
                )
            )
        }
        return lines
    }

    private var knownLines: [BriefingLine] {
        var lines: [BriefingLine] = []
        if let first = self.understanding.statements.first {
            let count = self.understanding.explanations
            lines.append(
                Self.line(
                    .problem,
                    [Self.text(first.narrative), count > 1 ? "told \(count) times" : nil],
                    first.event
                )
            )
        } else if let title = self.header.title {
            lines.append(Self.line(.problem, [Self.text(title.value)], title.event))
        }
        for fact in self.understanding.facts.suffix(5) {
            lines.append(
                Self.line(.known, ["\(fact.key): \(Self.text(fact.value) ?? "")"], fact.event)
            )
        }
        return lines
    }

    private var triedLines: [BriefingLine] {
        self.steps.tried.suffix(5).map { step in
            let what = step.stepID ?? Self.text(step.text) ?? "a step"
            let who = step.place == nil ? step.actorID : "the customer, before"
            return Self.line(.tried, ["\(what): \(step.result.name)", who], step.event)
        }
    }

    private var nextLines: [BriefingLine] {
        var lines: [BriefingLine] = []
        if let next = self.work.nextAction {
            lines.append(Self.line(.next, [Self.text(next.value)], next.event))
        }
        for debt in self.work.debts.prefix(4) {
            lines.append(
                Self.line(
                    .owed,
                    [
                        debt.isOverdue ? "OVERDUE \(debt.kind.name)" : debt.kind.name,
                        debt.owedBy, debt.dueAt.map { "by \($0.rfc3339)" },
                    ],
                    debt.event
                )
            )
        }
        return lines
    }

    private var toldLines: [BriefingLine] {
        var lines: [BriefingLine] = []
        if let told = self.messages.told.last {
            lines.append(Self.line(.told, [Self.text(told.text)], told.event))
        }
        if let claim = self.claims.resolutions.last {
            let confirmed = claim.customerConfirmed?.name ?? CustomerConfirmed.notStated.name
            lines.append(
                Self.line(
                    .told,
                    ["resolved: \(claim.resolutionKind?.name ?? "")", "confirmed: \(confirmed)"],
                    claim.resolvedBy
                )
            )
        }
        if let mood = self.customer.moods.last {
            lines.append(Self.line(.feeling, [mood.value.name], mood.event))
        }
        return lines
    }

    private static func line(
        _ topic: BriefingTopic,
        _ parts: [String?],
        _ event: EventID?
    ) -> BriefingLine {
        let said = parts.compactMap { $0 }.filter { !$0.isEmpty }
        return BriefingLine(topic: topic, text: said.joined(separator: ", "), event: event)
    }

    /// The text as one line; `…` where it is not open here, `nil` where there is none.
    private static func text(_ sealed: Sealed<String>) -> String? {
        guard sealed.isPresent else { return nil }
        guard let text = sealed.value else { return "…" }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
