public import CaseDomain
internal import EventStore
internal import Glibc
public import LedgerTypes
internal import Projections
internal import Sealing

extension Ledger {
    /// The most events of one append.
    public static let appendCountMax = 1_000
    /// How often an append is decided anew because its cases moved meanwhile.
    static let attemptsMax = 16

    /// Appends events as one unit: all of them durable, or none.
    ///
    /// The rules are checked against each case as it stands, inside the commit as well; what the
    /// ledger fills in is filled in. An event id that is held already with the same content is a
    /// repeat and writes nothing.
    ///
    /// - Parameters:
    ///   - events: one or more, for one or more cases.
    ///   - expecting: what must hold of subjects, written or only read.
    ///   - policy: what this site decided about the rules; what its `policy.defined` events say
    ///     at this moment, if not given.
    /// - Returns: where the events stand.
    /// - Throws: ``LedgerError/refused(_:)`` with every broken rule, ``LedgerError/conflict(_:)``
    ///   when an expectation is not met, and errors of storage.
    /// Cancelling the task does not take back an append that is queued; its answer is lost, and a
    /// retry with the same ids finds out.
    public func append(
        _ events: [ProposedEvent],
        expecting: [Subject: Expectation] = [:],
        policy: RulePolicy? = nil
    ) async throws(LedgerError) -> AppendReceipt {
        guard (1...Self.appendCountMax).contains(events.count) else {
            throw .invalidEvent(
                nil,
                what: "an append has 1 to \(Self.appendCountMax) events, not \(events.count)"
            )
        }
        if let event = events.first(where: { Attachment.isReserved($0.subject) }) {
            throw .invalidEvent(
                event.id,
                what: "\(event.subject.kind):… are the index's own subjects; use another kind"
            )
        }
        if var plan = self.planFromHeld(events, expecting, policy) {
            let answer = await self.store.append(plan.request)
            // What was held may be out of date, and a repeat is completed from what its writer had
            // seen: then it is decided again, from what is read.
            if answer.isFinal { return try self.receipt(answer, &plan) }
        }
        for _ in 0..<Self.attemptsMax {
            var plan: PreparedAppend
            do throws(EventStoreError) {
                plan = try await self.plan(events, expecting, policy)
            } catch {
                throw LedgerError(error, path: self.path)
            }
            if let refusal = plan.refusal { throw refusal }
            let answer = await self.store.append(plan.request)
            // A conflict on what was only read is no conflict for the caller: decide again.
            guard case .conflict(let report) = answer,
                !report.entries.contains(where: { entry in
                    expecting[entry.subject].map { !$0.isMet(by: entry.actual) } ?? false
                })
            else { return try self.receipt(answer, &plan) }
        }
        throw .overloaded
    }

    private func receipt(
        _ outcome: AppendOutcome,
        _ prepared: inout PreparedAppend
    ) throws(LedgerError) -> AppendReceipt {
        let ids = prepared.request.events.map(\.draft.id)
        switch outcome {
        case .appended(let addresses, let position, let leaves):
            self.keys?.confirm(prepared.request.keyRows)
            self.hold(&prepared, addresses, leaves)
            return AppendReceipt(ids: ids, addresses: addresses, position: position)
        case .alreadyAppended(let addresses):
            return AppendReceipt(ids: ids, addresses: addresses, position: nil)
        case .conflict(let report): throw .conflict(report.entries.map(Conflict.init))
        case .refused(let error):
            guard let refusal = error as? RuleViolations else { throw .overloaded }
            throw .refused(refusal.violations)
        case .failed(let error): throw LedgerError(error, path: self.path)
        }
    }
}

/// An append that was decided, sealed and encoded; or why it cannot be.
struct PreparedAppend: Sendable {
    var request: AppendRequest
    var refusal: LedgerError?
    /// The cases that get the events, in order.
    var cases: [HeldBefore] = []
}

extension Ledger {
    /// From how many events on it pays to decide and seal on several cores.
    private static let shareEventsMin = 128
    private static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// Reads, decides, seals and encodes: everything that needs no writer.
    private func plan(
        _ proposed: [ProposedEvent],
        _ expecting: [Subject: Expectation],
        _ policy: RulePolicy?
    ) async throws(EventStoreError) -> PreparedAppend {
        let now = self.now
        let read = try self.store.read { (snapshot) throws(EventStoreError) in
            let context = try self.context(snapshot)
            return try AppendDecision(
                proposed,
                policy: policy
                    ?? context.book.policy(of: self.store.siteName.rawValue, at: now),
                now: now,
                sources: self.caseSources,
                context: context,
                snapshot
            )
        }
        let shareCount = proposed.count < Self.shareEventsMin ? 1 : min(Self.cores, read.partCount)
        guard shareCount > 1 else {
            return self.request(SealedDecision(read, self), expecting)
        }
        // Cases do not depend on one another, so each core takes its share of them.
        let shares = read.split(into: shareCount)
        let sealed = await withTaskGroup(of: (Int, SealedDecision).self) { group in
            for (place, share) in shares.enumerated().dropFirst() {
                group.addTask { (place, SealedDecision(share, self)) }
            }
            var sealed = [(0, SealedDecision(shares[0], self))]
            for await share in group { sealed.append(share) }
            return sealed.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return self.request(SealedDecision(joining: sealed), expecting)
    }

    func request(
        _ sealed: SealedDecision,
        _ expecting: [Subject: Expectation]
    ) -> PreparedAppend {
        let decision = sealed.decision
        if let refusal = sealed.refusal {
            return PreparedAppend(request: AppendRequest(events: []), refusal: refusal)
        }
        var prepared = PreparedAppend(
            request: AppendRequest(
                events: sealed.proposals.events,
                guards: expecting.map { (subject: $0.key, expectation: $0.value.forStore) },
                basis: decision.isRetry ? [:] : decision.basis,
                recheck: decision.recheck,
                sameContent: self.comparison().rule(sealed.proposals.plaintexts),
                keyRows: sealed.proposals.keyRows
            )
        )
        prepared.cases = self.cases(of: decision, sealed.proposals.events.count)
        prepared.request.wantsLeaves = !prepared.cases.isEmpty
        return prepared
    }

    /// Compares what came again with what is stored; `kinds` as in ``ContentComparison``.
    func comparison(kinds: Set<String>? = nil) -> ContentComparison {
        let keys = self.keys
        return ContentComparison(kinds: kinds) { id in
            guard let keys else { return nil }
            return try? keys.key(id)
        }
    }
}

extension ProposedEvent {
    /// Whether it says what the customer explained.
    var statesFacts: Bool {
        if case .issueStated = self.payload { true } else { false }
    }
}

extension Expectation {
    /// Whether a subject with `version` events is as expected.
    func isMet(by version: UInt64) -> Bool { self.forStore.isMet(by: version) }

    /// The store's word for it.
    var forStore: EventStore::Expectation {
        switch self {
        case .any: .any
        case .new: .new
        case .exists: .exists
        case .version(let version): .version(version)
        }
    }

    init(_ expectation: EventStore::Expectation) {
        self =
            switch expectation {
            case .any: .any
            case .new: .new
            case .exists: .exists
            case .version(let version): .version(version)
            }
    }
}

extension Conflict {
    init(_ entry: ConflictReport.Entry) {
        self.init(
            subject: entry.subject,
            expected: Expectation(entry.expected),
            actual: entry.actual,
            between: entry.between
        )
    }
}

extension LedgerError {
    /// The error that a failure to seal `event` amounts to.
    init(_ error: SealingError, event: EventID, path: String) {
        switch error {
        case .store(let error): self = LedgerError(error, path: path)
        case .plaintextTooLong(let bytes):
            self = .eventTooLarge(event, bytes: bytes, maximum: SealedSection.plaintextBytesMax)
        case .draft(.tooLong(let bytes)):
            self = .eventTooLarge(event, bytes: bytes, maximum: Leaf.bytesMax)
        case .draft(let error): self = .invalidEvent(event, what: "\(error)")
        case .missingFile, .malformedFile, .file, .exposed:
            self = LedgerError(error.storeError(path: path), path: path)
        default: self = .invalidEvent(event, what: "it cannot be sealed: \(error)")
        }
    }
}
