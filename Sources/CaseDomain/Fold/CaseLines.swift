public import LedgerTypes

// The lines of a case view. Each carries the event it came from.

/// An episode: opened or reopened, until resolved.
public struct EpisodeLine: Hashable, Sendable, Codable {
    /// From 1.
    public var number: UInt32
    /// What began it.
    public var event: EventID
    /// When.
    public var from: Timestamp
    /// Why it was reopened.
    public var reopenReason: ReopenReason?
    /// What resolved it.
    public var resolvedBy: EventID?
    /// When.
    public var resolvedAt: Timestamp?
    /// How.
    public var resolutionKind: ResolutionKind?
    /// Whether the customer agreed.
    public var customerConfirmed: CustomerConfirmed?
    /// What was done.
    public var notes: Sealed<String>
    /// Resolves in parallel with the first (C3).
    public var confirmations: [EventID]
    /// What closed it.
    public var closedBy: EventID?
    /// When.
    public var closedAt: Timestamp?
    /// Why.
    public var closeReason: CloseReason?
}

/// A time in which one person answered to the customer.
public struct OwnerSpan: Hashable, Sendable, Codable {
    /// The owner.
    public var ownerID: String
    /// How they came to the case.
    public var how: AssignmentMode
    /// Why.
    public var reason: HandoffReason
    /// The rule that assigned it.
    public var rule: String?
    /// The event.
    public var event: EventID
    /// Since when.
    public var from: Timestamp
    /// What ended it.
    public var endedBy: EventID?
    /// When.
    public var until: Timestamp?
    /// Why it was given up.
    public var releaseReason: ReleaseReason?
    /// Whether another site assigned an owner in parallel and won (C2).
    public var isContended: Bool
}

/// Who works on a case.
public struct Holder: Hashable, Sendable, Codable {
    /// The person.
    public var agent: String?
    /// The team.
    public var team: String?
    /// The tier.
    public var tier: String?
    /// The site.
    public var site: String?

    /// Whether nothing is known.
    public var isEmpty: Bool {
        self.agent == nil && self.team == nil && self.tier == nil && self.site == nil
    }
}

/// A level at which custody moves.
public enum CustodyLevel: UInt32, Vocabulary {
    case notStated, agent, team, tier, site
}

/// A change of holder.
public struct CustodyLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// At which levels.
    public var levels: [CustodyLevel]
    /// Who held the case before.
    public var from: Holder
    /// Who holds it now.
    public var to: Holder
    /// How it was handed over; `notStated` where a source only shows that it was.
    public var kind: HandoffKind
    /// Why.
    public var reason: HandoffReason
    /// The handoff, if there was an offer.
    public var handoffID: String?
}

/// What became of an offer.
public enum OfferOutcome: UInt32, Vocabulary {
    case notStated, open, accepted, declined, timedOut
}

/// A handoff: an offer and its end.
public struct HandoffLine: Hashable, Sendable, Codable {
    /// The handoff.
    public var handoffID: String
    /// The offer.
    public var event: EventID
    /// When it was offered.
    public var at: Timestamp
    /// How.
    public var kind: HandoffKind
    /// Who offered.
    public var from: CustodyPlace?
    /// To whom.
    public var to: CustodyPlace?
    /// Why.
    public var reason: HandoffReason
    /// When it ends by itself.
    public var deadline: Timestamp?
    /// Whether the receiver becomes the owner.
    public var movesOwnership: Bool
    /// Whether the customer was on the line.
    public var customerOnLine: Bool
    /// What the receiver was told.
    public var context: HandoffContext?
    /// What became of it.
    public var outcome: OfferOutcome
    /// What ended it.
    public var endedBy: EventID?
    /// When.
    public var endedAt: Timestamp?
    /// Who took it.
    public var by: String?
    /// Why it was declined.
    public var declineReason: DeclineReason?
    /// Whether it was answered after its deadline (L11).
    public var isLate: Bool
    /// What the receiver lacked.
    public var missing: [String]
    /// How much of the context was there, of 100 (M-16); `nil` for offers of no person.
    public var completenessPercent: UInt32?
    /// The next offer, if nobody did any work in between: a hot potato (M-15).
    public var passedOnBy: EventID?
    /// Answers at other sites that did not count; they show as declined, withdrawn (C4).
    public var withdrawn: [EventID]
}

/// A part of a contact: an agent took it.
public struct AnswerLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// The agent.
    public var agentID: String
    /// When.
    public var at: Timestamp
    /// How long the customer waited.
    public var waitSeconds: Double
}

/// A contact.
public struct ContactLine: Hashable, Sendable, Codable {
    /// The contact.
    public var contactID: String
    /// The event that began it; of another one if that is not known here.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// Whether its beginning is known.
    public var isStarted: Bool
    /// The way it took.
    public var channel: Channel
    /// Who reached out.
    public var direction: Direction
    /// What made it begin.
    public var initiation: Initiation
    /// How the customer sounded.
    public var mood: Mood?
    /// Who took it.
    public var answers: [AnswerLine]
    /// What ended it.
    public var endedBy: EventID?
    /// When.
    public var endedAt: Timestamp?
    /// How.
    public var outcome: ContactOutcome?
    /// In the queue.
    public var queueSeconds: Double?
    /// The agents' parts.
    public var segments: [ContactSegment]
    /// Work after it.
    public var wrapUps: [WrapUpLine]
    /// The case's share of it.
    public var share: Double?
    /// The case through which it came (L25).
    public var viaCase: Subject?
}

/// The work after a contact.
public struct WrapUpLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// How long it took.
    public var wrapSeconds: Double
    /// The house's codes.
    public var dispositionCodes: [String]
    /// What was said.
    public var summary: Sealed<String>
    /// What has to be done.
    public var nextAction: Sealed<String>
}

/// A message.
public struct MessageLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The message.
    public var messageID: String
    /// What sort of party wrote it.
    public var author: ActorKind
    /// Who it was, as a pseudonym.
    public var actorID: String
    /// Who may read it.
    public var visibility: Visibility
    /// Whether no person wrote it.
    public var automatic: Bool
    /// The text.
    public var text: Sealed<String>
    /// The contact.
    public var contactID: String?
    /// The case through which it came (L25).
    public var viaCase: Subject?

    /// Whether the customer wrote it.
    public var isFromCustomer: Bool {
        self.author == .customer || self.author == .customerDelegate
    }
}

/// A wait.
public struct WaitLine: Hashable, Sendable, Codable {
    /// What began it.
    public var event: EventID
    /// When.
    public var from: Timestamp
    /// For whom.
    public var waitingOn: WaitingOn
    /// The source's own word.
    public var subStatus: String?
    /// The message that asked.
    public var questionMessageID: String?
    /// Until when it was meant to last.
    public var until: Timestamp?
    /// What ended it.
    public var endedBy: EventID?
    /// When.
    public var endedAt: Timestamp?
}

/// A link to another case.
public struct LinkLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The other case.
    public var otherCaseID: String
    /// How they relate.
    public var relation: LinkRelation
    /// What undid it.
    public var unlinkedBy: EventID?
    /// Whether it is ignored, since it would close a circle of merges (C7).
    public var closesCircle: Bool?
}

/// A change of a clear field.
public struct ClassificationLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// When.
    public var at: Timestamp
    /// The field.
    public var field: String
    /// The value before.
    public var old: String?
    /// The value now.
    public var new: String
    /// The rule that changed it.
    public var rule: String?
}

/// A value and the event that last set it.
public struct Sourced<Value: Codable & Hashable & Sendable>: Hashable, Sendable, Codable {
    /// The value.
    public var value: Value
    /// The event.
    public var event: EventID
}

/// One event of the case, in fold order.
public struct EventLine: Hashable, Sendable, Codable {
    /// The event.
    public var event: EventID
    /// Where it stands.
    public var address: EventAddress
    /// Its type.
    public var type: String
    /// When it happened.
    public var occurred: Timestamp
    /// Who acted.
    public var actorID: String
    /// What it is about, if not the case.
    public var subject: Subject?
    /// Whether this version knows the type.
    public var isKnown: Bool
    /// Whether it was filled in afterwards.
    public var isHistory: Bool
    /// The copy that counts, if this is another (C1).
    public var duplicateOf: EventAddress?
    /// The case through which it came (L25).
    public var viaCase: Subject?
}
