public import LedgerTypes

/// How an owner came to a case (RT: Take, Give, Steal, Force).
public enum AssignmentMode: UInt32, Vocabulary, FieldScalar {
    case notStated, claimed, given, routed, takenOver, returned, reinstated

    /// Whether the new owner takes the work as well, so that the holder changes.
    public var movesHolder: Bool { self == .takenOver || self == .returned }
}

/// Why an owner gave a case up.
public enum ReleaseReason: UInt32, Vocabulary, FieldScalar {
    case notStated, agentLeft, longAbsence, reassignmentPlanned, customerWish
}

/// How work is handed over.
public enum HandoffKind: UInt32, Vocabulary, FieldScalar {
    case notStated, cold, warm, consult, queue, shift, site, vendor, botToHuman, channel
}

/// Why work or ownership moves.
public enum HandoffReason: UInt32, Vocabulary, FieldScalar {
    case notStated, skill, authority, language, capacity, shiftEnd, wrongPlace, demarc
    case customerWish, timeLimit, agentLeft, longAbsence, permanentRouting, operatorChange

    /// Whether ownership may move for this reason (L12).
    public var mayMoveOwnership: Bool {
        switch self {
        case .agentLeft, .longAbsence, .customerWish, .language, .permanentRouting,
            .operatorChange:
            true
        default: false
        }
    }
}

/// Why an offer was turned down or taken back.
public enum DeclineReason: UInt32, Vocabulary, FieldScalar {
    case notStated, wrongTeam, missingContext, noCapacity, noAuthority, withdrawn
}

extension ActorKind: FieldScalar {}
extension SiteKind: FieldScalar {}
extension Tier: FieldScalar {}
