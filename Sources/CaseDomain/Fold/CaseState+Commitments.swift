internal import LedgerTypes

/// What a fold knows of promises.
struct CommitmentState: RarePart {
    static let blank = CommitmentState()

    var lines: [CommitmentLine] = []
    var places = Places<String>()
    /// Those that are not settled.
    var open = OpenPlaces()
    /// What settled each, to tell what was parallel to it.
    var ends: [EventID: EventPlace] = [:]
}

// `commitment.*`, and the contacts that keep promises.
extension CaseState {
    func commitment(_ commitmentID: String) -> CommitmentLine? {
        self.commitments.places[commitmentID].map { self.commitments.lines[$0] }
    }

    mutating func take(_ promise: CommitmentMade, _ event: CaseEvent) {
        guard !promise.commitmentID.isEmpty,
            self.commitments.places[promise.commitmentID] == nil
        else { return }
        let place = self.commitments.lines.count
        self.commitments.places.set(promise.commitmentID, place)
        if event.viaCase == nil { self.commitments.open.append(place) }
        self.commitments.lines.append(
            CommitmentLine(
                commitmentID: promise.commitmentID,
                event: event.id,
                at: event.occurred,
                kind: promise.kind,
                promisedBy: promise.promisedBy.isEmpty
                    ? event.actor.actorID : promise.promisedBy,
                dueFrom: promise.dueFrom,
                dueAt: promise.dueAt,
                channel: promise.channel,
                text: promise.text,
                sameRepPromised: promise.sameRepPromised,
                graceSeconds: self.policy.graceSeconds,
                viaCase: event.viaCase,
                standing: .open
            )
        )
    }

    mutating func take(_ settlement: CommitmentSettled, _ event: CaseEvent) {
        guard let place = self.commitments.places[settlement.commitmentID] else { return }
        if let first = self.commitments.lines[place].settledBy {
            guard let end = self.commitments.ends[first], event.isParallel(to: end) else { return }
            self.conflict(
                .l19,
                event,
                with: first,
                "the promise was settled at two sites in parallel",
                "the first settlement counts"
            )
            return
        }
        self.commitments.ends[event.id] = event.place
        self.commitments.lines[place].settledBy = event.id
        self.commitments.lines[place].settledAt = event.occurred
        self.commitments.lines[place].outcome = settlement.outcome
        self.commitments.lines[place].newCommitmentID = settlement.newCommitmentID
        if settlement.rescheduledBy != .notStated {
            self.commitments.lines[place].rescheduledBy = settlement.rescheduledBy
        }
        if settlement.outcome == .kept {
            self.commitments.lines[place].keptBy = settlement.keptBy ?? event.actor.actorID
        }
        self.commitments.open.remove(place)
    }

    /// A contact that keeps a promise; that it does so too late shows.
    mutating func fulfil(_ commitmentID: String, _ event: CaseEvent) {
        guard let place = self.commitments.places[commitmentID],
            self.commitments.lines[place].fulfilledBy == nil
        else { return }
        self.commitments.lines[place].fulfilledBy = event.id
        self.commitments.lines[place].fulfilledAt = event.occurred
    }

    /// The promises that are neither settled nor of a merged case.
    var openCommitments: [CommitmentLine] {
        self.commitments.open.places.map { self.commitments.lines[$0] }
    }
}
