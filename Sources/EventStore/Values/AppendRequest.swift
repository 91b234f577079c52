package import LedgerTypes

/// An event ready for the writer thread: sealed, encoded and within its limits.
package struct PreparedEvent: Sendable {
    /// The caller's part.
    package var draft: EventDraft
    /// `Leaf.encode(draft)`, made off the writer thread.
    package var callerPart: [UInt8]
    /// The sealed sections, in the order of `draft.sections`.
    package var sections: [[UInt8]]
    /// The place in the story, for history only; `nil` means `occurred`.
    package var order: Timestamp?
    /// Where a re-homed event stood before.
    package var was: FormerPlace?

    /// Prepares `draft`, whose sections are sealed as `sections`.
    package init(
        draft: EventDraft,
        callerPart: [UInt8]? = nil,
        sections: [[UInt8]] = [],
        order: Timestamp? = nil,
        was: FormerPlace? = nil
    ) {
        self.draft = draft
        self.callerPart = callerPart ?? Leaf.encode(draft)
        self.sections = sections
        self.order = order
        self.was = was
    }
}

/// What the caller expects of a subject. Versions count its events held here, over all logs.
package enum Expectation: Hashable, Sendable {
    /// Anything.
    case any
    /// No event yet.
    case new
    /// At least one event.
    case exists
    /// Exactly this many events.
    case version(UInt64)

    /// Whether a subject with `version` events is as expected.
    package func isMet(by version: UInt64) -> Bool {
        switch self {
        case .any: true
        case .new: version == 0
        case .exists: version > 0
        case .version(let expected): version == expected
        }
    }
}

/// A wrapped key, written in the commit of the first section that it seals.
package struct KeyRow: Hashable, Sendable {
    /// The key's name.
    package var keyID: KeyID
    /// Whose key it is.
    package var owner: Subject
    /// The wrap, opaque here.
    package var wrap: [UInt8]

    /// Creates a row.
    package init(keyID: KeyID, owner: Subject, wrap: [UInt8]) {
        self.keyID = keyID
        self.owner = owner
        self.wrap = wrap
    }
}

/// What a `recheck` closure found on the writer thread.
package enum RecheckVerdict: Sendable {
    /// The decision still stands; append the events as they are.
    case stands
    /// The decision has to be made again, off the writer thread; answered as a conflict.
    case stale
    /// The events would break a rule now.
    case refused(any Error & Sendable)
}

/// The subjects of one request as they stand inside the write transaction.
package struct SubjectReader: Sendable {
    /// One event of a subject.
    package struct Event: Sendable {
        /// Its place.
        package let address: EventAddress
        /// Its place in the story.
        package let order: Timestamp
        /// Its local arrival number.
        package let arrival: UInt64
        /// Its leaf.
        package let leaf: [UInt8]
    }

    /// For each subject that the request names, its events in fold order.
    let events: [Subject: [Event]]

    /// The events of `subject` in fold order; empty for a subject the request does not name.
    package func events(of subject: Subject) -> [Event] { self.events[subject] ?? [] }

    /// How many events `subject` has here.
    package func version(of subject: Subject) -> UInt64 {
        UInt64(self.events[subject]?.count ?? 0)
    }
}

/// Tells whether a retried event is the one already stored: the stored leaf, its stored sections
/// (`nil` where one is withheld or purged) and the event that came again. Pure.
package typealias SameContent =
    @Sendable (_ leaf: [UInt8], _ sections: [[UInt8]?], _ event: PreparedEvent) -> Bool

/// Events that are appended together or not at all.
package struct AppendRequest: Sendable {
    /// One or more events, for one or more subjects.
    package var events: [PreparedEvent]
    /// What must hold of subjects written or read.
    package var guards: [(subject: Subject, expectation: Expectation)]
    /// The versions that the caller's decision was made on.
    package var basis: [Subject: UInt64]
    /// Called on the writer thread, inside the transaction, if a subject of `basis` has moved; pure
    /// and quick. Without one a move of `basis` is a conflict.
    package var recheck: (@Sendable (SubjectReader) -> RecheckVerdict)?
    /// Called when an event id is already held.
    package var sameContent: SameContent
    /// Keys that these events' sections are the first to use.
    package var keyRows: [KeyRow]
    /// Whether the answer should bring the leaves as they were written, for a caller who goes on
    /// from them without reading them back.
    package var wantsLeaves = false

    /// Creates a request.
    package init(
        events: [PreparedEvent],
        guards: [(subject: Subject, expectation: Expectation)] = [],
        basis: [Subject: UInt64] = [:],
        recheck: (@Sendable (SubjectReader) -> RecheckVerdict)? = nil,
        sameContent: @escaping SameContent = AppendRequest.sameCallerPart,
        keyRows: [KeyRow] = []
    ) {
        self.events = events
        self.guards = guards
        self.basis = basis
        self.recheck = recheck
        self.sameContent = sameContent
        self.keyRows = keyRows
    }

    /// The plainest rule: the stored leaf begins with the same caller's part, section for section.
    package static let sameCallerPart: SameContent = { leaf, _, event in
        leaf.starts(with: event.callerPart)
    }
}

/// The answer to one request.
package enum AppendOutcome: Sendable {
    /// Durable; the addresses in the order of the request, where the log stands after the commit
    /// that the request was part of, and the leaves, if they were asked for and nothing of `basis`
    /// had moved.
    case appended([EventAddress], Position, leaves: [[UInt8]])
    /// Every event was already held, with the same content.
    case alreadyAppended([EventAddress])
    /// A guard was not met, or a decision was overtaken.
    case conflict(ConflictReport)
    /// `recheck` found a broken rule.
    case refused(any Error & Sendable)
    /// Nothing of the request was appended, or, for `outcomeUnknown`, nobody knows.
    case failed(EventStoreError)
}

/// What came in between.
package struct ConflictReport: Hashable, Sendable {
    /// The most addresses in `between`.
    package static let addressesMax = 100

    /// One subject that is not as expected.
    package struct Entry: Hashable, Sendable {
        /// The subject.
        package let subject: Subject
        /// What the caller expected.
        package let expected: Expectation
        /// How many events it has.
        package let actual: UInt64
        /// The events that arrived after the expected version, in order of arrival.
        package let between: [EventAddress]
    }

    /// Never empty.
    package let entries: [Entry]
}
