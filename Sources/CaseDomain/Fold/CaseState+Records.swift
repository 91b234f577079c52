internal import LedgerTypes

/// What a fold knows of corrections, redactions and holds.
struct RecordState: RarePart {
    static let blank = RecordState()

    /// What is to be read otherwise, found before the fold begins.
    var plan = RecordPlan()
    var corrections: [CorrectionLine] = []
    var redactions: [RedactionLine] = []
    var holds: [HoldLine] = []
}

/// Corrections and redactions by the event that they change. Empty for nearly every case.
struct RecordPlan: Hashable, Sendable {
    /// In fold order.
    private var corrections: [EventID: [CaseEvent]] = [:]
    private var redactions: [EventID: Set<String>] = [:]
    /// Those that hide everything written without knowing of them.
    private var erasures: [EventPlace] = []
    private var known: Set<EventID> = []
    /// What each correction found in the field.
    private(set) var found: [EventID: FieldCorrector.Outcome] = [:]

    var isEmpty: Bool {
        self.corrections.isEmpty && self.redactions.isEmpty && self.erasures.isEmpty
    }

    /// Whether there is neither correction nor redaction, not even of an event that is not held.
    var isBlank: Bool { self.isEmpty && self.known.isEmpty }

    init() {}

    /// Whether the correction or redaction was found before the fold began.
    func knows(_ id: EventID) -> Bool { self.known.contains(id) }

    /// Finds them among `events`, which stand in fold order; copies do not count.
    init(_ events: [CaseEvent]) {
        for event in events where event.duplicateOf == nil {
            switch event.payload {
            case .recordCorrected(let correction):
                self.known.insert(event.id)
                if let target = correction.targetEventID {
                    self.corrections[target, default: []].append(event)
                }
            case .recordRedacted(let redaction):
                self.known.insert(event.id)
                guard let target = redaction.targetEventID else {
                    self.erasures.append(event.place)
                    continue
                }
                let fields = Set(redaction.fields)
                let known = self.redactions[target]
                let isAll = fields.isEmpty || known?.isEmpty ?? false
                self.redactions[target] = isAll ? [] : fields.union(known ?? [])
            default: break
            }
        }
    }

    /// The event as it is to be read.
    mutating func read(_ event: CaseEvent) -> CaseEvent {
        var event = event
        for correction in self.corrections[event.id] ?? [] {
            guard case .recordCorrected(let change) = correction.payload else { continue }
            let outcome = event.payload.outcome(of: change)
            self.found[correction.id] = outcome
            if case .corrected = outcome { event.payload.update(CorrectField(change: change)) }
        }
        if let fields = self.hidden(in: event) {
            event.payload.mask(fields)
            self.hideOld(of: event.id, fields)
        }
        return event
    }

    /// Whether nothing of what is sealed in `event` is to be read.
    func hidesAll(of event: CaseEvent) -> Bool { self.hidden(in: event)?.isEmpty ?? false }

    /// The erasure that the writer of `event` did not know of, though it came before (C5).
    func erasure(missedBy event: CaseEvent) -> EventID? {
        let missed = self.erasures.first { $0.id != event.id && event.isParallel(to: $0) }
        return event.payload.hasSealed ? missed?.id : nil
    }

    /// What a correction replaced goes with the field.
    private mutating func hideOld(of target: EventID, _ fields: Set<String>) {
        for correction in self.corrections[target] ?? [] {
            guard case .recordCorrected(let change) = correction.payload,
                fields.isEmpty || fields.contains(change.field),
                case .corrected(let old, isSealed: true)? = self.found[correction.id],
                old.isPresent
            else { continue }
            self.found[correction.id] = .corrected(old: .withheld, isSealed: true)
        }
    }

    /// The sealed fields of `event` that are hidden: empty for all, `nil` for none.
    private func hidden(in event: CaseEvent) -> Set<String>? {
        if self.erasures.contains(where: { $0.id != event.id && !event.saw($0) }) { return [] }
        if let fields = self.redactions[event.id] { return fields }
        // The text of a correction goes with what it corrects.
        guard case .recordCorrected(let correction) = event.payload,
            let target = correction.targetEventID, let fields = self.redactions[target],
            fields.isEmpty || fields.contains(correction.field)
        else { return nil }
        return ["newText"]
    }
}

private struct CorrectField: MessageUpdate {
    let change: RecordCorrected
    func callAsFunction<Message: EventMessage>(_ message: Message) -> Message {
        var message = message
        var corrector = FieldCorrector(self.change)
        message.visit(&corrector)
        return message
    }
}

private struct MaskSealed: MessageUpdate {
    let fields: Set<String>
    func callAsFunction<Message: EventMessage>(_ message: Message) -> Message {
        var message = message
        var masker = SealedMasker(fields: self.fields)
        message.visit(&masker)
        return message
    }
}

extension EventPayload {
    /// Withholds the sealed fields called so, all of them where none is named.
    fileprivate mutating func mask(_ fields: Set<String>) {
        guard case .unknown(let type, let body, let text?) = self else {
            return self.update(MaskSealed(fields: fields))
        }
        let left = text.pairs.filter { !fields.isEmpty && !fields.contains($0.name) }
        self = .unknown(type: type, body: body, text: left.isEmpty ? nil : SealedText(pairs: left))
    }

    /// Whether a sealed field is there, open or not.
    var hasSealed: Bool { self.read(LookForSealed()) ?? false }

    /// What a correction would do to the payload.
    func outcome(of change: RecordCorrected) -> FieldCorrector.Outcome {
        self.read(TryCorrection(corrector: FieldCorrector(change))) ?? .noSuchField
    }
}

private struct LookForSealed: MessageUse {
    func callAsFunction<Message: EventMessage>(_ message: Message) -> Bool {
        var message = message
        var masker = SealedMasker(fields: [])
        message.visit(&masker)
        return masker.hasFound
    }
}

/// Tells what a correction would do.
struct TryCorrection: MessageUse {
    let corrector: FieldCorrector
    func callAsFunction<Message: EventMessage>(_ message: Message) -> FieldCorrector.Outcome {
        var message = message
        var corrector = self.corrector
        message.visit(&corrector)
        return corrector.outcome
    }
}

// `record.*`, `hold.*`.
extension CaseState {
    mutating func take(_ correction: RecordCorrected, _ event: CaseEvent) {
        let new: Sealed<String> =
            correction.newText.isPresent
            ? correction.newText : correction.newValue.map { .open($0) } ?? .absent
        var old = Sealed<String>.absent
        var isApplied = false
        if case .corrected(let before, _)? = self.records.plan.found[event.id] {
            old = before
            isApplied = true
        } else if !self.records.plan.knows(event.id) {
            self.needsFold = true
        }
        self.records.corrections.append(
            CorrectionLine(
                event: event.id,
                at: event.occurred,
                actorID: event.actor.actorID,
                target: correction.targetEventID,
                field: correction.field,
                old: old,
                new: new,
                reason: correction.reason,
                isLate: self.standing == .closed,
                isApplied: isApplied
            )
        )
    }

    mutating func take(_ redaction: RecordRedacted, _ event: CaseEvent) {
        if !self.records.plan.knows(event.id) { self.needsFold = true }
        self.records.redactions.append(
            RedactionLine(
                event: event.id,
                at: event.occurred,
                target: redaction.targetEventID,
                fields: redaction.fields,
                legalBasis: redaction.legalBasis,
                keyIDs: redaction.keyIDs,
                requestedBy: redaction.requestedBy
            )
        )
    }

    mutating func take(_ hold: HoldPlaced, _ event: CaseEvent) {
        self.records.holds.append(
            HoldLine(event: event.id, at: event.occurred, legalBasis: hold.legalBasis)
        )
    }

    mutating func take(_ lift: HoldLifted, _ event: CaseEvent) {
        let place = self.records.holds.lastIndex {
            $0.liftedBy == nil && (lift.holdEventID == nil || $0.event == lift.holdEventID)
        }
        if let place { self.records.holds[place].liftedBy = event.id }
    }

    /// The hold that forbids erasing.
    var openHold: HoldLine? { self.records.holds.last { $0.liftedBy == nil } }
}
