internal import EventStore
public import LedgerTypes

/// Somebody at work in this ledger: what they do is decided on each case as it stands, and appended
/// in their name.
///
/// The actor is given once, and so is the contact in which everything happens:
///
/// ```swift
/// let anna = ledger.desk(of: ActorSnapshot(actorID: "a-17", kind: .agent, team: "First line"))
/// let call = try await anna.startContact(.phone, waitSeconds: 40)
/// try await call.decide(caseID, .open(title: "No calls"), .recordStep("restart", .failed))
/// try await call.endContact(wrapSeconds: 30, summary: "Restarted; still no calls")
/// ```
///
/// A value: a copy with another contact or person to act for is another desk. May be used from any
/// thread.
public struct Desk: Sendable {
    /// The ledger.
    public let ledger: Ledger
    /// Who acts, as of now.
    public var actor: ActorSnapshot
    /// For whom, where somebody acts for another.
    public var onBehalfOf: String?
    /// The contact in which everything happens; a case that does not know it yet gets it attached.
    public var contactID: String?
    /// Labels that every event gets.
    public var labels: [Label] = []

    /// The same desk, at which everything happens in a contact.
    public func on(contactID: String) -> Desk {
        var desk = self
        desk.contactID = contactID
        return desk
    }

    /// The same desk, at which everything happens on behalf of somebody.
    public func acting(onBehalfOf person: String) -> Desk {
        var desk = self
        desk.onBehalfOf = person
        return desk
    }
}

extension Ledger {
    /// The desk of `actor`. Where the actor's site is not stated, it is this ledger's.
    public func desk(of actor: ActorSnapshot) -> Desk {
        var actor = actor
        if actor.siteID == nil { actor.siteID = self.store.siteName.rawValue }
        return Desk(ledger: self, actor: actor)
    }

    /// A case id that no other case has: made like an event id.
    public func makeCaseID() -> Subject {
        guard let caseID = Subject(kind: "case", id: self.makeEventID().description) else {
            preconditionFailure("the text of an event id is the id of a subject")
        }
        return caseID
    }
}
