internal import CaseDomain
public import LedgerTypes

// Corrections and redactions: nothing is ever edited or deleted.
extension CaseCommand {
    /// Says with which value a clear field of an earlier event is to be read; both values stay
    /// replayable (L23).
    ///
    /// - Parameters:
    ///   - event: the event.
    ///   - field: the field's path, such as `product.id`.
    ///   - value: the value to read; `nil` for none.
    ///   - reason: why.
    /// - Returns: the command.
    public static func correct(
        _ event: EventID,
        _ field: String,
        to value: String?,
        because reason: String? = nil
    ) -> CaseCommand {
        var correction = RecordCorrected()
        correction.targetEventID = event
        correction.field = field
        correction.newValue = value
        correction.reason = .stated(reason)
        return .record(.recordCorrected(correction))
    }

    /// The same of a sealed field, whose new text is sealed as well.
    public static func correctText(
        _ event: EventID,
        _ field: String,
        to text: String,
        because reason: String? = nil
    ) -> CaseCommand {
        var correction = RecordCorrected()
        correction.targetEventID = event
        correction.field = field
        correction.newText = .open(text)
        correction.reason = .stated(reason)
        return .record(.recordCorrected(correction))
    }

    /// Says that sealed fields of an event are not to be read any more; every number stays as it
    /// is (L24).
    ///
    /// - Parameters:
    ///   - event: the event; all of the case's customer if not given.
    ///   - fields: the sealed fields; all of them if none is named.
    ///   - legalBasis: by which law.
    ///   - requester: who asked for it.
    /// - Returns: the command.
    public static func redact(
        _ event: EventID?,
        fields: [String] = [],
        legalBasis: String,
        requestedBy requester: String
    ) -> CaseCommand {
        CaseCommand(clear: { (state, proposals) in
            var redaction = RecordRedacted()
            redaction.targetEventID = event
            if event == nil { redaction.customerID = state.customer }
            redaction.fields = fields
            redaction.legalBasis = legalBasis
            redaction.requestedBy = requester
            proposals.add(.recordRedacted(redaction))
        })
    }

    /// Forbids erasing anything of the case for a time.
    public static func placeHold(legalBasis: String) -> CaseCommand {
        var hold = HoldPlaced()
        hold.legalBasis = legalBasis
        return .record(.holdPlaced(hold))
    }

    /// Ends a hold; the last one if none is named.
    public static func liftHold(_ hold: EventID? = nil) -> CaseCommand {
        var lift = HoldLifted()
        lift.holdEventID = hold
        return .record(.holdLifted(lift))
    }
}
