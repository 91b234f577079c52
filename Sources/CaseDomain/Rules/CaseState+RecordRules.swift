internal import LedgerTypes

// L23, L24.
extension CaseState {
    func check(_ correction: RecordCorrected, _ event: CaseEvent, _ check: inout RuleCheck) {
        guard let target = correction.targetEventID, let line = self.line(of: target) else {
            check.breaks(
                .l23,
                "there is no such event to correct",
                saw: correction.targetEventID.map { [$0] } ?? [],
                remedy: "give the id of an event of this case as targetEventID"
            )
            return
        }
        guard let type = EventType(rawValue: line.type) else {
            check.breaks(
                .l23,
                "\(line.type) is not known here, so it cannot be corrected",
                saw: [target],
                remedy: "correct it where the type is known"
            )
            return
        }
        if type == .recordCorrected || type == .recordRedacted {
            check.breaks(
                .l23,
                "a \(type.rawValue) cannot be corrected",
                saw: [target],
                remedy: "correct the event itself again"
            )
            return
        }
        // The fields of list entries are known only with the event itself.
        guard !correction.field.contains("[") else { return }
        switch EventPayload.blank(type).outcome(of: correction) {
        case .corrected: break
        case .noSuchField:
            check.breaks(
                .l23,
                "\(line.type) has no field \"\(correction.field)\"",
                saw: [target],
                remedy: "give a field of that type, such as product.id"
            )
        case .misfit(let problem):
            check.breaks(
                .l23,
                "\(correction.field) cannot be corrected: \(problem)",
                saw: [target],
                remedy: "give a value that the field can hold"
            )
        }
    }

    func check(_ redaction: RecordRedacted, _ event: CaseEvent, _ check: inout RuleCheck) {
        if let target = redaction.targetEventID, self.line(of: target) == nil {
            check.breaks(
                .l24,
                "there is no such event to redact",
                saw: [target],
                remedy: "give the id of an event of this case as targetEventID"
            )
        }
        if redaction.targetEventID == nil, (redaction.customerID ?? "").isEmpty {
            check.breaks(
                .l24,
                "the redaction names neither an event nor a customer",
                remedy: "give targetEventID or customerID"
            )
        }
        if redaction.legalBasis.isEmpty {
            check.breaks(
                .l24,
                "the redaction does not say by which law",
                remedy: "give legalBasis"
            )
        }
        if let hold = self.openHold {
            check.breaks(
                .l24,
                "a hold forbids erasing: \(hold.legalBasis)",
                saw: [hold.event],
                remedy: "append hold.lifted first"
            )
        }
        if let customer = redaction.customerID ?? self.customerID?.value,
            check.policy.customersOnHold.contains(customer)
        {
            check.breaks(
                .l24,
                "a hold on the customer forbids erasing",
                remedy: "append hold.lifted about the customer first"
            )
        }
        self.checkFields(of: redaction, event, &check)
    }

    /// Clear fields stay, or numbers would change (L24).
    private func checkFields(
        of redaction: RecordRedacted,
        _ event: CaseEvent,
        _ check: inout RuleCheck
    ) {
        guard let target = redaction.targetEventID,
            let type = self.line(of: target).flatMap({ EventType(rawValue: $0.type) })
        else { return }
        for field in redaction.fields {
            let attempt = FieldCorrector.isSealed(field, of: EventPayload.blank(type))
            guard attempt != true else { continue }
            check.breaks(
                .l24,
                attempt == nil
                    ? "\(type.rawValue) has no field \"\(field)\""
                    : "\(field) is not sealed, and numbers are made of it",
                saw: [target],
                remedy: "name sealed fields only, or none for all of them"
            )
        }
    }

    /// The line of an event of the case.
    func line(of event: EventID) -> EventLine? {
        self.places[event].map { self.lines[$0] }
    }
}

extension FieldCorrector {
    /// Whether the field is sealed; `nil` if there is none such.
    static func isSealed(_ path: String, of payload: EventPayload) -> Bool? {
        let corrector = FieldCorrector(path: path, value: nil, text: .withheld)
        return switch payload.read(TryCorrection(corrector: corrector)) ?? .noSuchField {
        case .noSuchField: nil
        case .misfit(let problem): problem == Self.sealedList
        case .corrected: true
        }
    }
}
