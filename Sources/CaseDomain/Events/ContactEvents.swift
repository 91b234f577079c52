public import LedgerTypes

/// `contact.started`: somebody reached out. Its id is the subject's.
public struct ContactStarted: EventMessage {
    /// Who reached out.
    public var direction = Direction.notStated
    /// The way it takes.
    public var channel = Channel.notStated
    /// What made it begin.
    public var initiation = Initiation.notStated
    /// The queue it entered.
    public var queue: String?
    /// The menu options chosen, in order.
    public var ivrPath: [String] = []
    /// The contact it continues.
    public var previousContactID: String?
    /// The commitment it keeps.
    public var fulfils: String?
    /// Whether the customer proved who they are.
    public var identityCheck = IdentityCheck.notStated
    /// How the customer sounds.
    public var mood: Mood?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.direction, 1, "direction")
        try visitor.field(&self.channel, 2, "channel")
        try visitor.field(&self.initiation, 3, "initiation")
        try visitor.field(&self.queue, 4, "queue")
        try visitor.list(&self.ivrPath, 5, "ivrPath")
        try visitor.field(&self.previousContactID, 6, "previousContactID")
        try visitor.field(&self.fulfils, 7, "fulfils")
        try visitor.field(&self.identityCheck, 8, "identityCheck")
        try visitor.field(&self.mood, 9, "mood")
    }
}

/// `contact.answered`: an agent took the contact.
public struct ContactAnswered: EventMessage {
    /// The agent.
    public var agentID = ""
    /// How long the customer waited.
    public var waitSeconds: Double = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.agentID, 1, "agentID")
        try visitor.field(&self.waitSeconds, 2, "waitSeconds")
    }
}

/// One agent's part of a contact.
public struct ContactSegment: EventMessage {
    /// The agent.
    public var agentID = ""
    /// When the agent answered.
    public var answeredAt: Timestamp?
    /// Talking.
    public var talkSeconds: Double = 0
    /// On hold.
    public var holdSeconds: Double = 0
    /// How often the customer was put on hold.
    public var holdCount: UInt32 = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.agentID, 1, "agentID")
        try visitor.field(&self.answeredAt, 2, "answeredAt")
        try visitor.field(&self.talkSeconds, 3, "talkSeconds")
        try visitor.field(&self.holdSeconds, 4, "holdSeconds")
        try visitor.field(&self.holdCount, 5, "holdCount")
    }
}

/// `contact.ended`: the contact is over.
public struct ContactEnded: EventMessage {
    /// Who ended it.
    public var endedBy = EndedBy.notStated
    /// How it ended.
    public var outcome = ContactOutcome.notStated
    /// In the queue.
    public var queueSeconds: Double = 0
    /// Dialling, for an outbound contact.
    public var dialSeconds: Double?
    /// The agents' parts, in order.
    public var segments: [ContactSegment] = []
    /// How many contacts an agent had at a time.
    public var concurrency: Double?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.endedBy, 1, "endedBy")
        try visitor.field(&self.outcome, 2, "outcome")
        try visitor.field(&self.queueSeconds, 3, "queueSeconds")
        try visitor.field(&self.dialSeconds, 4, "dialSeconds")
        try visitor.messages(&self.segments, 5, "segments")
        try visitor.field(&self.concurrency, 6, "concurrency")
    }
}

/// `contact.wrappedUp`: the agent finished the work after the contact.
public struct ContactWrappedUp: EventMessage {
    /// How long it took.
    public var wrapSeconds: Double = 0
    /// The house's codes.
    public var dispositionCodes: [String] = []
    /// What was said; sealed.
    public var summary = Sealed<String>.absent
    /// What has to be done; sealed.
    public var nextAction = Sealed<String>.absent
    /// Whether the clock ended it.
    public var timedOut = false

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.wrapSeconds, 1, "wrapSeconds")
        try visitor.list(&self.dispositionCodes, 2, "dispositionCodes")
        try visitor.sealed(&self.summary, bit: 0, "summary")
        try visitor.sealed(&self.nextAction, bit: 1, "nextAction")
        try visitor.field(&self.timedOut, 3, "timedOut")
    }
}

/// `contact.attached`: the contact concerns a case.
public struct ContactAttached: EventMessage {
    /// The case.
    public var caseID = ""
    /// The case's share of the contact, 0 to 1; absent is the whole.
    public var share: Double?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.caseID, 1, "caseID")
        try visitor.field(&self.share, 2, "share")
    }
}

/// What came along with a message.
public struct Attachment: EventMessage {
    /// SHA-256 of the content.
    public var hash: Digest?
    /// Bytes.
    public var size: UInt64 = 0

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.hash, 1, "hash")
        try visitor.field(&self.size, 2, "size")
    }
}

/// `message.recorded`: something was written, to the customer, by the customer or inside.
public struct MessageRecorded: EventMessage {
    /// The message.
    public var messageID = ""
    /// What sort of party wrote it; who it was is the envelope's actor.
    public var author = ActorKind.notStated
    /// Who may read it.
    public var visibility = Visibility.notStated
    /// The text; sealed.
    public var body = Sealed<String>.absent
    /// What came along.
    public var attachments: [Attachment] = []
    /// The template it was made from.
    public var template: String?
    /// Whether no person wrote it.
    public var automatic = false
    /// The message it answers.
    public var inReplyTo: String?

    /// Creates a message in which nothing is stated.
    public init() {}

    /// Shows every field to `visitor`.
    public mutating func visit<Visitor: FieldVisitor>(
        _ visitor: inout Visitor
    ) throws(Visitor.Failure) {
        try visitor.field(&self.messageID, 1, "messageID")
        try visitor.field(&self.author, 2, "author")
        try visitor.field(&self.visibility, 3, "visibility")
        try visitor.sealed(&self.body, bit: 0, "body", max: FieldLimits.bodyBytesMax)
        try visitor.messages(&self.attachments, 4, "attachments")
        try visitor.field(&self.template, 5, "template")
        try visitor.field(&self.automatic, 6, "automatic")
        try visitor.field(&self.inReplyTo, 7, "inReplyTo")
    }
}
