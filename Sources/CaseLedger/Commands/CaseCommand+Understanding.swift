public import CaseDomain
public import LedgerTypes

// What was said and what was tried: so that nobody explains twice and nobody repeats a step.
extension CaseCommand {
    /// Records what the customer explained. Whether it was said before, the ledger finds out; then
    /// it asks for a reason (L16).
    ///
    /// - Parameters:
    ///   - narrative: in the customer's words.
    ///   - facts: what is known from it, such as `["model": "X2"]`; sealed.
    ///   - source: who says so.
    ///   - reason: why the customer had to say again what we knew.
    ///   - person: who asked; the actor if not given.
    ///   - statementID: the statement's name; the text of its event id if not given.
    /// - Returns: the command.
    public static func recordStatement(
        _ narrative: String? = nil,
        facts: KeyValuePairs<String, String> = [:],
        from source: FactSource = .customer,
        again reason: RestatementReason = .notStated,
        askedBy person: String? = nil,
        statementID: String = ""
    ) -> CaseCommand {
        var stated = IssueStated()
        stated.statementID = statementID
        stated.narrative = .stated(narrative)
        stated.askedBy = person
        stated.reason = reason
        for fact in facts {
            var line = Fact()
            line.key = fact.key
            line.source = source
            stated.facts.append(line)
        }
        if !facts.isEmpty { stated.factValues = .open(facts.map(\.value)) }
        return .record(.issueStated(stated))
    }

    /// Records a step that was tried. One that failed or half worked before, by whomever and
    /// wherever, is refused without a reason (L15); the ledger finds the earlier try.
    ///
    /// - Parameters:
    ///   - stepID: the step, where a script or a list names it.
    ///   - result: what it led to.
    ///   - text: what was done.
    ///   - script: the script it is of.
    ///   - version: the script's version.
    ///   - method: how it was done.
    ///   - party: who did it; the actor's kind if not given.
    ///   - minutes: how long it took.
    ///   - evidence: the SHA-256 of what proves it.
    ///   - reason: why it is tried again.
    /// - Returns: the command.
    public static func recordStep(
        _ stepID: String?,
        _ result: StepResult,
        text: String? = nil,
        script: String? = nil,
        version: UInt32? = nil,
        method: StepMethod = .notStated,
        by party: ActorKind = .notStated,
        minutes: Double? = nil,
        evidence: Digest? = nil,
        again reason: RepeatReason = .notStated
    ) -> CaseCommand {
        var step = StepTried()
        step.stepID = stepID
        step.result = result
        step.text = .stated(text)
        step.scriptID = script
        step.scriptVersion = version
        step.method = method
        step.by = party
        step.minutes = minutes
        step.evidenceHash = evidence
        step.repeatReason = reason
        return .record(.stepTried(step))
    }

    /// Records what the customer was told. At a desk that is on a contact it belongs to the
    /// contact.
    ///
    /// - Parameters:
    ///   - text: what was said or written.
    ///   - template: the template it was made of.
    ///   - message: the message that it answers.
    ///   - messageID: its name; the text of its event id if not given.
    /// - Returns: the command.
    public static func tellCustomer(
        _ text: String,
        template: String? = nil,
        inReplyTo message: String? = nil,
        messageID: String = ""
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var told = MessageRecorded()
            told.messageID = messageID
            told.author = proposals.actor.kind
            told.visibility = .public
            told.body = .open(text)
            told.template = template
            told.automatic = proposals.actor.kind == .bot || proposals.actor.kind == .system
            told.inReplyTo = message
            proposals.add(.messageRecorded(told), about: proposals.contact)
        })
    }

    /// Records what the customer wrote.
    public static func hearCustomer(
        _ text: String,
        from author: ActorKind = .customer,
        inReplyTo message: String? = nil,
        messageID: String = ""
    ) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var heard = MessageRecorded()
            heard.messageID = messageID
            heard.author = author
            heard.visibility = .public
            heard.body = .open(text)
            heard.inReplyTo = message
            proposals.add(.messageRecorded(heard), about: proposals.contact)
        })
    }

    /// Writes a note that the customer does not see.
    public static func note(_ text: String, messageID: String = "") -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var note = MessageRecorded()
            note.messageID = messageID
            note.author = proposals.actor.kind
            note.visibility = .internal
            note.body = .open(text)
            note.automatic = proposals.actor.kind == .bot || proposals.actor.kind == .system
            proposals.add(.messageRecorded(note))
        })
    }

    /// Says that the case has a known issue.
    public static func linkKnownIssue(_ issueID: String, product: String? = nil) -> CaseCommand {
        CaseCommand(clear: { (_, proposals) in
            var link = KnownIssueLinked()
            link.issueID = issueID
            link.product = product
            proposals.add(.knownIssueLinked(link))
        })
    }
}
