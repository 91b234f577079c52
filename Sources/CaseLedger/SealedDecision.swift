internal import CaseDomain
internal import EventStore
internal import LedgerTypes
internal import Sealing

/// Which event could not be sealed, and why.
struct SealingFailure: Error {
    let event: EventID
    let reason: SealingError
}

/// A decision that was taken, with its events sealed and encoded; or why it cannot be.
struct SealedDecision: Sendable {
    private(set) var decision: AppendDecision
    private(set) var proposals = SealedProposals()
    private(set) var refusal: LedgerError?

    /// Decides and, if nothing is refused, seals and encodes.
    init(_ read: AppendDecision, _ ledger: Ledger) {
        self.decision = read
        self.decision.decide()
        guard self.decision.violations.isEmpty else {
            self.refusal = .refused(self.decision.violations)
            return
        }
        do throws(SealingFailure) {
            try self.decision.forEachEvent { (event, owner) throws(SealingFailure) in
                try self.proposals.take(event, owner: owner, ledger)
            }
        } catch {
            self.refusal = LedgerError(error.reason, event: error.event, path: ledger.path)
        }
    }

    /// Puts shares together again. All violations come back at once; without any, the first
    /// refusal.
    init(joining shares: [SealedDecision]) {
        self.decision = AppendDecision(joining: shares.map(\.decision))
        guard self.decision.violations.isEmpty else {
            self.refusal = .refused(self.decision.violations)
            return
        }
        self.refusal = shares.lazy.compactMap(\.refusal).first
        self.proposals = shares[0].proposals
        for share in shares.dropFirst() { self.proposals.append(share.proposals) }
    }
}

/// The events of one append, sealed and encoded one after the other.
struct SealedProposals: Sendable {
    private(set) var events: [PreparedEvent] = []
    private(set) var plaintexts: [EventID: [PlainSection]] = [:]
    private(set) var keyRows: [KeyRow] = []
    private var rowIDs: Set<KeyID> = []

    /// Adds what was sealed elsewhere.
    mutating func append(_ others: SealedProposals) {
        self.events += others.events
        self.plaintexts.merge(others.plaintexts) { first, _ in first }
        for row in others.keyRows where self.rowIDs.insert(row.keyID).inserted {
            self.keyRows.append(row)
        }
    }

    /// Seals `event` under a key of `owner`.
    mutating func take(
        _ event: ProposedEvent,
        owner: Subject,
        _ ledger: Ledger
    ) throws(SealingFailure) {
        do throws(SealingError) {
            var sections: [PlainSection] = []
            var key: DataKey?
            if let text = event.payload.sealedText {
                sections = [PlainSection(kind: SealedText.sectionKind, bytes: text.bytes)]
                self.plaintexts[event.id] = sections
                guard let keys = ledger.keys else {
                    throw .missingFile(path: "kek-1.key")
                }
                let sealing = try keys.key(for: owner)
                key = sealing.key
                if let row = sealing.newRow, self.rowIDs.insert(row.keyID).inserted {
                    self.keyRows.append(row)
                }
            }
            self.events.append(
                try PreparedEvent.sealing(
                    event.draft(),
                    sections,
                    under: key,
                    random: SystemRandom.bytes
                )
            )
        } catch {
            throw SealingFailure(event: event.id, reason: error)
        }
    }
}
