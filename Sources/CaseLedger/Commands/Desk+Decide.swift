internal import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

extension Desk {
    /// Reads a case, lets commands decide on it, and appends what they propose, as one unit.
    ///
    /// If the case moves in between, here or by what another site sent, the commands decide again
    /// on the case as it is now: a bounded number of times. Ids and times stay the same.
    /// Each command sees the case as it stands before the call, and what the commands before it
    /// proposed.
    ///
    /// At a desk that is ``on(contactID:)`` a contact which the case does not know, the contact is
    /// attached to the case.
    ///
    /// - Parameters:
    ///   - caseID: the case; it need not exist yet for `open`.
    ///   - commands: what to do, in order.
    ///   - time: when it happened, if not now.
    ///   - id: the retry key, which the first event gets; a new one if not given. A decision whose
    ///     key is held is not made again: its answer is the same as before, and nothing is written.
    /// - Returns: what was written, and the names of what was made.
    /// - Throws: ``LedgerError/refused(_:)`` with every broken rule of every command,
    ///   ``LedgerError/conflict(_:)`` if the case never stood still, and errors of storage.
    ///
    /// Cancelling the task does not stop it: each attempt is short, and their number is bounded.
    @discardableResult
    public func decide(
        _ caseID: Subject,
        _ commands: CaseCommand...,
        at time: Timestamp? = nil,
        id: EventID? = nil
    ) async throws(LedgerError) -> DecisionReceipt {
        try await self.decide(caseID, commands, at: time, id: id)
    }

    /// Reads a case, lets `body` decide on it, and appends what it proposes, as one unit.
    ///
    /// The general form of `decide`: `body` gets the case with its texts open where their keys are
    /// here. It is run again when the case has moved, so it must do nothing but propose.
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - time: when it happened, if not now.
    ///   - id: the retry key.
    ///   - body: looks at the case and proposes events.
    /// - Returns: what was written, and the names of what was made.
    /// - Throws: as the other form does, and what `body` throws as ``LedgerError/refused(_:)``.
    ///
    /// Cancelling the task does not stop it: each attempt is short, and their number is bounded.
    @discardableResult
    public func decide(
        _ caseID: Subject,
        at time: Timestamp? = nil,
        id: EventID? = nil,
        _ body: @escaping CaseCommand.Body
    ) async throws(LedgerError) -> DecisionReceipt {
        try await self.decide(caseID, [CaseCommand(body)], at: time, id: id)
    }

    /// The same for commands in a list.
    ///
    /// Cancelling the task does not stop it: each attempt is short, and their number is bounded.
    @discardableResult
    public func decide(
        _ caseID: Subject,
        _ commands: [CaseCommand],
        at time: Timestamp? = nil,
        id: EventID? = nil
    ) async throws(LedgerError) -> DecisionReceipt {
        if let id, let receipt = try self.ledger.decision(heldUnder: id) { return receipt }
        let now = time ?? self.ledger.now
        let first = id ?? self.ledger.makeEventID()
        var conflicts: [Conflict] = []
        for _ in 0..<Ledger.attemptsMax {
            let plan = try self.plan(caseID, commands, now: now, id: first)
            guard !plan.events.isEmpty else { return .empty }
            do throws(LedgerError) {
                let receipt = try await self.ledger.append(plan.events, expecting: plan.expecting)
                return DecisionReceipt(receipt, made: plan.events.compactMap(\.madeName))
            } catch {
                guard case .conflict(let found) = error else { throw error }
                conflicts = found
            }
        }
        throw .conflict(conflicts)
    }

    /// One attempt: the events, and what they were decided on.
    private struct Plan {
        var events: [ProposedEvent]
        var expecting: [Subject: Expectation]
    }

    private func plan(
        _ caseID: Subject,
        _ commands: [CaseCommand],
        now: Timestamp,
        id: EventID
    ) throws(LedgerError) -> Plan {
        let readsTexts = commands.contains(where: \.readsTexts)
        let (held, policy) = try self.ledger.reading { (snapshot) throws(EventStoreError) in
            let context = try self.ledger.context(snapshot)
            let cache = readsTexts ? self.ledger.views : self.ledger.decisions
            let reader = readsTexts ? self.ledger.reader : CaseReader()
            return (
                try cache.current(caseID, reader, context, snapshot),
                context.book.policy(of: self.ledger.store.siteName.rawValue, at: self.ledger.now)
            )
        }
        var proposals = Proposals(about: caseID, at: self, now: now, id: id, policy: policy)
        var found: [RuleViolation] = []
        for command in commands {
            do throws(RuleViolations) {
                try command.body(held.state, &proposals)
            } catch {
                found += error.violations
            }
        }
        guard found.isEmpty else {
            throw .refused(found + self.violations(of: proposals, in: held.state))
        }
        if !proposals.events.isEmpty { self.attach(to: held.state, &proposals) }
        return Plan(
            events: proposals.events,
            expecting: held.basis.mapValues { .version($0) }
        )
    }

    /// What the rules say of the proposals of the other commands, so that all comes back at once.
    private func violations(of proposals: Proposals, in state: CaseState) -> [RuleViolation] {
        guard !proposals.events.isEmpty else { return [] }
        do throws(RuleViolations) {
            _ = try state.decide(
                proposals.events,
                policy: proposals.policy,
                now: self.ledger.now
            )
            return []
        } catch {
            return error.violations
        }
    }

    /// Attaches the contact in which everything happens, unless the case knows it, or it begins
    /// here.
    private func attach(to state: CaseState, _ proposals: inout Proposals) {
        guard let contact = proposals.contact, proposals.caseID.isCase,
            !state.knows(contactID: contact.id),
            !proposals.events.contains(where: {
                if case .contactAttached = $0.payload { $0.subject == contact } else { false }
            })
        else { return }
        var attachment = ContactAttached()
        attachment.caseID = proposals.caseID.id
        proposals.add(.contactAttached(attachment), about: contact)
    }
}

extension Ledger {
    /// The answer to a decision that was made under the key `id`; `nil` if it was not.
    fileprivate func decision(heldUnder id: EventID) throws(LedgerError) -> DecisionReceipt? {
        try self.reading { (snapshot) throws(EventStoreError) in
            var ids: [EventID] = []
            var addresses: [EventAddress] = []
            var made: [String] = []
            var isOver = false
            for count in 0..<Self.appendCountMax where !isOver {
                let own = id.following(count)
                guard let address = try snapshot.find(own)?.address else {
                    isOver = true
                    continue
                }
                ids.append(own)
                addresses.append(address)
                if let name = try self.madeName(at: address, snapshot) { made.append(name) }
                let added = EventID(rawValue: own.rawValue ^ 1)
                if let address = try snapshot.find(added)?.address {
                    ids.append(added)
                    addresses.append(address)
                }
            }
            guard !ids.isEmpty else { return nil }
            return DecisionReceipt(ids: ids, addresses: addresses, position: nil, made: made)
        }
    }

    /// The name of what a held event made.
    private func madeName(
        at address: EventAddress,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> String? {
        guard let leaf = try snapshot.leaf(at: address) else { return nil }
        do throws(WireError) {
            let draft = try EventEnvelope(leaf: leaf).draft
            let payload = try EventPayload(typeName: draft.type, body: draft.body)
            return payload.madeName(
                draft.subject,
                handoffID: draft.handoffID,
                escalationID: draft.escalationID
            )
        } catch {
            throw .damaged(table: "leaves", row: "\(address): \(error)")
        }
    }
}
