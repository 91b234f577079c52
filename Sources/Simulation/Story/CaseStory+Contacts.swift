internal import CaseDomain
internal import LedgerTypes

extension CaseStory {
    /// Somebody reaches out.
    mutating func begin(
        _ channel: Channel,
        _ direction: Direction,
        _ initiation: Initiation,
        fulfils: String? = nil,
        by agent: Agent? = nil
    ) {
        self.contactCount += 1
        let id = "\(self.caseID.id)-c\(self.contactCount)"
        var start = ContactStarted()
        start.direction = direction
        start.channel = channel
        start.initiation = initiation
        start.previousContactID = self.lastContactID
        start.fulfils = fulfils
        start.mood = self.mood
        if direction == .inbound {
            start.queue = self.product.id
            start.ivrPath = channel == .phone ? ["1", "3"] : []
        }
        let asks = self.random.happens(self.behaviour.identityCheck)
        start.identityCheck = asks ? .passed : .skipped
        let subject = Self.subject("contact", id)
        self.contact = OpenContact(subject: subject, channel: channel, startedAt: self.clock)
        self.write(
            .contactStarted(start),
            about: subject,
            by: agent.map { self.actor($0) } ?? self.customer
        )
        self.lastContactID = id
    }

    /// An agent takes the contact.
    mutating func answer(_ agent: Agent) {
        guard var open = self.contact else { return }
        let isWaiting = open.segments.isEmpty
        let wait = isWaiting ? 5 + self.random.exponential(self.times.queueSecondsMean) : 20
        self.clock += wait
        if isWaiting { open.queueSeconds = wait }
        var answer = ContactAnswered()
        answer.agentID = agent.id
        answer.waitSeconds = wait.rounded()
        let answeredAt = self.clock
        self.write(.contactAnswered(answer), about: open.subject, by: self.actor(agent))
        var segment = ContactSegment()
        segment.agentID = agent.id
        segment.answeredAt = self.world.time(answeredAt)
        self.closeSegment(&open)
        open.segments.append(segment)
        open.answeredAt = answeredAt
        let limit = self.world.sites[agent.site].parameters.handleTimeLimitSeconds
        open.limitAt = answeredAt + limit * 0.8
        self.contact = open
        self.holder = self.holder ?? agent
    }

    /// The contact concerns the case.
    mutating func attach(by agent: Agent) {
        guard let open = self.contact else { return }
        var attachment = ContactAttached()
        attachment.caseID = self.caseID.id
        self.write(.contactAttached(attachment), about: open.subject, by: self.actor(agent))
    }

    /// The contact is over.
    mutating func end(_ outcome: ContactOutcome, by party: EndedBy) {
        guard var open = self.contact else { return }
        self.clock += 5
        self.closeSegment(&open)
        var end = ContactEnded()
        end.outcome = outcome
        end.endedBy = party
        end.queueSeconds = (outcome.hasNoAnswer ? self.clock - open.startedAt : open.queueSeconds)
            .rounded()
        end.segments = open.segments
        self.write(
            .contactEnded(end),
            about: open.subject,
            by: party == .customer ? self.customer : self.world.system("acd", at: self.site)
        )
        self.contact = nil
    }

    private mutating func closeSegment(_ open: inout OpenContact) {
        guard let last = open.segments.indices.last, let from = open.answeredAt else { return }
        let wall = max(0, self.clock - from - 1)
        let hold = (wall * self.random.unit() * 0.2).rounded()
        open.segments[last].holdSeconds = hold
        open.segments[last].holdCount = hold > 20 ? UInt32(1 + self.random.below(2)) : 0
        open.segments[last].talkSeconds = max(0, (wall - hold).rounded(.down))
    }

    /// The work after the contact.
    mutating func wrapUp(_ agent: Agent, _ summary: String, next: String?) {
        guard let id = self.lastContactID else { return }
        let seconds = 10 + self.random.exponential(self.times.wrapSecondsMean)
        self.clock += seconds
        var wrap = ContactWrappedUp()
        wrap.wrapSeconds = seconds.rounded()
        wrap.dispositionCodes = [self.symptom.id]
        wrap.summary = .open(summary)
        if let next { wrap.nextAction = .open(next) }
        wrap.timedOut = seconds > 4 * self.times.wrapSecondsMean
        self.write(
            .contactWrappedUp(wrap),
            about: Self.subject("contact", id),
            by: self.actor(agent)
        )
    }

    /// A message to the customer or from them; its id.
    @discardableResult
    mutating func say(_ text: String, by agent: Agent?) -> String {
        self.messageCount += 1
        let id = "\(self.caseID.id)-m\(self.messageCount)"
        var message = MessageRecorded()
        message.messageID = id
        message.author = agent == nil ? .customer : .agent
        message.visibility = .public
        message.body = .open(text)
        message.inReplyTo = agent == nil ? self.lastMessageID : nil
        self.write(
            .messageRecorded(message),
            by: agent.map { self.actor($0) } ?? self.customer,
            contactID: self.contact.map(\.subject.id)
        )
        self.lastMessageID = id
        return id
    }

    /// The customer explains the issue; again, if it was explained before.
    mutating func stateIssue(askedBy agent: Agent, reason: RestatementReason = .notStated) {
        let id = self.name("i")
        var statement = IssueStated()
        statement.statementID = id
        var values: [String] = []
        for key in ["model", "symptom", "since"] {
            var fact = Fact()
            fact.key = key
            fact.source = .customer
            fact.change = self.statementID == nil ? .first : .repeated
            if key == "model" { fact.value = self.product.id }
            values.append(key == "model" ? "" : key == "symptom" ? self.symptom.id : "a few days")
            statement.facts.append(fact)
        }
        statement.factValues = .open(values)
        statement.narrative = .open(self.random.pick(self.symptom.words))
        statement.askedBy = agent.id
        if let first = self.statementID {
            statement.isRestatement = true
            statement.restates = first
            statement.reason = reason
            self.restatements += 1
            self.sour()
        }
        self.clock += 30 + self.random.exponential(60)
        self.write(.issueStated(statement), by: self.customer, contactID: self.lastContactID)
        self.statementID = self.statementID ?? id
    }

    /// The customer comes back with what was not solved: another agent answers, and the case goes
    /// on in a new episode.
    mutating func comeBack(_ reason: ReopenReason) {
        self.wait(hours: 2 + self.random.exponential(self.times.comesBackHoursMean))
        self.sour()
        let agent = self.agent(ofTeam: self.world.sites[self.site].facing[0])
        self.begin(.phone, .inbound, .customer)
        self.answer(agent)
        self.attach(by: agent)
        var reopening = CaseReopened()
        reopening.reason = reason
        let reopened = self.write(
            .caseReopened(reopening),
            by: self.actor(agent),
            contactID: self.lastContactID
        )
        self.episode += 1
        if let last = self.owner, !last.hasLeft(byDay: self.day) {
            self.assign(last, how: .reinstated, reason: .notStated, causation: reopened)
        } else {
            self.assign(agent, how: .routed, reason: .agentLeft, causation: reopened)
        }
        self.stateIssue(askedBy: agent, reason: .notVisibleHere)
    }
}
