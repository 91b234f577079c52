public import LedgerTypes

/// What the customer wants (TMF621 `ticketType`).
public enum TicketType: UInt32, Vocabulary, FieldScalar {
    case notStated, question, incident, problem, request, complaint, feedback
}

/// The state in which a foreign system said a case was.
public enum ObservedStatus: UInt32, Vocabulary, FieldScalar {
    case notStated, open, queued, assigned, inProgress, waiting, resolved, closed

    /// Whether the case was resolved or closed.
    public var isTerminal: Bool { self == .resolved || self == .closed }
}

/// Whom or what a case waits for; `none` ends a wait.
public enum WaitingOn: UInt32, Vocabulary, FieldScalar {
    case notStated, customer, internalTeam, vendor, otherSite, part, scheduled, none
}

/// How one case relates to another.
public enum LinkRelation: UInt32, Vocabulary, FieldScalar {
    case notStated, duplicateOf, mergedInto, parentOf, followUpOf, recurrenceOf, causedBy, related
}

/// How a case was resolved.
public enum ResolutionKind: UInt32, Vocabulary, FieldScalar {
    case notStated, fixed, workaround, howTo, replaced, refunded, knownIssueDeferred, noFaultFound
    case notSupported, thirdParty, duplicate, withdrawn, unresolvedClosed

    /// Whether it says that the customer's problem was solved, so that it must say how (L2).
    public var claimsSolution: Bool { self == .fixed || self == .workaround || self == .howTo }
}

/// Whether the customer agreed that the case is resolved.
public enum CustomerConfirmed: UInt32, Vocabulary, FieldScalar {
    case notStated, yes, no, notAsked
}

/// Why a case was closed.
public enum CloseReason: UInt32, Vocabulary, FieldScalar {
    case notStated, confirmed, autoAfter, duplicate, abandonedByCustomer, notSupported, withdrawn
    case spam, openedInError

    /// Whether a case may be closed for this reason without having been resolved (L5).
    public var needsNoResolution: Bool {
        switch self {
        case .duplicate, .abandonedByCustomer, .withdrawn, .spam, .notSupported, .openedInError:
            true
        default: false
        }
    }
}

/// Why a case was opened again.
public enum ReopenReason: UInt32, Vocabulary, FieldScalar {
    case notStated, notFixed, recurred, customerRejected, newInformation, closedInError
}

/// Where a customer looked before the first contact.
public enum AttemptPlace: UInt32, Vocabulary, FieldScalar {
    case notStated, search, qa, forum, peers, ownSite, retail
}

/// What a step led to.
public enum StepResult: UInt32, Vocabulary, FieldScalar {
    case notStated, worked, failed, partial, inconclusive, notApplicable, refused, skipped
}

/// How much the customer knows about the product.
public enum CustomerExpertise: UInt32, Vocabulary, FieldScalar {
    case notStated, novice, intermediate, expert
}

/// How hard the product is to support.
public enum ProductComplexity: UInt32, Vocabulary, FieldScalar {
    case notStated, simple, moderate, complex
}

/// What a customer is entitled to.
public enum Entitlement: UInt32, Vocabulary, FieldScalar {
    case notStated, free, warranty, premium, paidIncident, goodwill, thirdParty, unsupported
    case undetermined
}

/// Where a case stands: derived by the fold, never written.
public enum CaseStanding: UInt32, Vocabulary, FieldScalar {
    case notStated, open, resolved, closed
}

/// A case's status in the words of TMF621 v5: derived by the fold, never written.
public enum CaseStatus: UInt32, Vocabulary, FieldScalar {
    case notStated, acknowledged, rejected, pending, held, inProgress, cancelled, closed, resolved
}
