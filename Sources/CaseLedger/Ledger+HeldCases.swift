package import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Projections

/// A case as it was before an append.
struct HeldBefore: Sendable {
    /// The case without its texts, if it is held so.
    var held: HeldCase?
    /// Whether it is held with its texts.
    let hasTexts: Bool
    /// How many of the events it gets.
    let eventCount: Int
}

// Cases that are held.
extension Ledger {
    /// The most events of an append whose cases are held on to: so many go about one case in use.
    private static let heldEventsMax = 16

    /// Where appends take the cases from that they decide on.
    var caseSources: CaseSources {
        CaseSources(
            sealed: CaseSource(cache: self.decisions, reader: CaseReader()),
            opened: CaseSource(cache: self.views, reader: self.reader)
        )
    }

    /// Decides on the cases as they were last seen; `nil` if they are not held, if more than they
    /// has to be read, or if a rule would refuse, which is then decided on what is read.
    func planFromHeld(
        _ proposed: [ProposedEvent],
        _ expecting: [Subject: Expectation],
        _ policy: RulePolicy?
    ) -> PreparedAppend? {
        guard proposed.count <= Self.heldEventsMax, let context = self.knownContext,
            let decision = AppendDecision(
                goingOnWith: proposed,
                policy: policy,
                now: self.now,
                cache: self.decisions,
                context: context,
                site: self.store.siteName.rawValue
            )
        else { return nil }
        let sealed = SealedDecision(decision, self)
        guard sealed.refusal == nil else {
            for before in decision.cases {
                if let held = before.held { self.decisions.put(held) }
            }
            return nil
        }
        var plan = self.request(sealed, expecting)
        // Who goes on from memory reads again when something moved.
        plan.request.recheck = nil
        return plan
    }

    /// The cases of a decision, to go on from; none where that is not worth it.
    func cases(of decision: AppendDecision, _ eventCount: Int) -> [HeldBefore] {
        guard eventCount <= Self.heldEventsMax, !decision.isRetry else { return [] }
        return decision.cases.map { before in
            guard before.hasTexts, let held = before.held else { return before }
            // What has texts is another copy of the case than the one to decide on.
            let plain = self.decisions.take(held.caseID)
            return HeldBefore(
                held: plain?.basis == held.basis ? plain : nil,
                hasTexts: false,
                eventCount: before.eventCount
            )
        }
    }

    /// Holds the cases of an append as they stand after it.
    func hold(
        _ prepared: inout PreparedAppend,
        _ addresses: [EventAddress],
        _ leaves: [[UInt8]]
    ) {
        var cases = prepared.cases
        // Nobody else may refer to a case that goes on, or it is copied.
        prepared = PreparedAppend(request: AppendRequest(events: []))
        guard leaves.count == addresses.count else { return }
        var end = leaves.count
        for place in cases.indices.reversed() {
            let range = end - cases[place].eventCount..<end
            end = range.lowerBound
            guard var held = cases[place].held.take() else { continue }
            _ = self.decisions.take(held.caseID)
            if held.goOn(with: leaves, at: addresses, in: range) { self.decisions.put(held) }
        }
    }
}

extension AppendOutcome {
    /// Whether deciding again, on what is read, would come to the same. A repeat would not: what
    /// the ledger wrote with it follows from the case as it stood before, not from the held one.
    var isFinal: Bool {
        switch self {
        case .appended: true
        case .alreadyAppended, .conflict, .refused: false
        case .failed(.idReused), .failed(.partialRetry): false
        case .failed: true
        }
    }
}

// For benchmarks.
extension Ledger {
    /// Decides, seals and encodes an append of events about cases that are held, just as
    /// ``append(_:expecting:policy:)`` does before the writer gets it, and appends nothing; false
    /// if more would have to be read.
    package func prepares(_ events: [ProposedEvent]) -> Bool {
        guard let plan = self.planFromHeld(events, [:], nil) else { return false }
        for before in plan.cases {
            if let held = before.held { self.decisions.put(held) }
        }
        return !plan.request.events.isEmpty
    }
}
