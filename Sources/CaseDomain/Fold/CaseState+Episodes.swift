internal import LedgerTypes

// Resolving, closing and reopening, also at two sites at once (C3).
extension CaseState {
    /// The episode that goes on, or the last one.
    var episodeNumber: UInt32 { self.episodes.last?.number ?? 0 }

    mutating func beginEpisode(_ event: CaseEvent, reason: ReopenReason?) {
        self.episodes.append(
            EpisodeLine(
                number: self.episodeNumber + 1,
                event: event.id,
                from: event.occurred,
                reopenReason: reason,
                notes: .absent,
                confirmations: []
            )
        )
    }

    mutating func take(_ resolve: CaseResolved, _ event: CaseEvent) {
        if self.episodes.isEmpty { self.beginEpisode(event, reason: nil) }
        let last = self.episodes.count - 1
        if self.standing == .open, let reopen = self.lastReopen, event.isParallel(to: reopen) {
            self.conflict(
                .c3,
                event,
                with: reopen.id,
                "resolved while another site reopened the case",
                "the case stays open; resolve it again if it is done"
            )
            self.episodes[last].confirmations.append(event.id)
            return
        }
        if self.standing != .open, let first = self.lastResolve, event.isParallel(to: first) {
            self.conflict(
                .c3,
                event,
                with: first.id,
                "resolved at two sites in parallel",
                "the first counts; this one is kept as a confirmation"
            )
            self.episodes[last].confirmations.append(event.id)
            return
        }
        guard self.standing == .open || self.standing == .notStated else { return }
        self.episodes[last].resolvedBy = event.id
        self.episodes[last].resolvedAt = event.occurred
        self.episodes[last].resolutionKind = resolve.resolutionKind
        self.episodes[last].customerConfirmed = resolve.customerConfirmed
        self.episodes[last].notes = resolve.notes
        self.standing = .resolved
        self.lastResolve = event.place
        self.lastTerminalAt = event.occurred
        self.endWait(event)
        self.fold.enter(terminal: true, at: event.occurred)
    }

    mutating func take(_ close: CaseClosed, _ event: CaseEvent) {
        guard self.standing != .closed else { return }
        if self.episodes.isEmpty { self.beginEpisode(event, reason: nil) }
        let last = self.episodes.count - 1
        self.episodes[last].closedBy = event.id
        self.episodes[last].closedAt = event.occurred
        self.episodes[last].closeReason = close.reason
        self.closeReason = close.reason
        self.standing = .closed
        self.lastTerminalAt = event.occurred
        self.endWait(event)
        self.endOwnership(event)
        self.fold.enter(terminal: true, at: event.occurred)
    }

    mutating func take(_ reopen: CaseReopened, _ event: CaseEvent) {
        if self.standing == .open {
            guard let first = self.lastReopen, event.isParallel(to: first) else { return }
            self.conflict(
                .c3,
                event,
                with: first.id,
                "reopened at two sites in parallel",
                "the episode counts once"
            )
            return
        }
        self.beginEpisode(event, reason: reopen.reason)
        self.standing = .open
        self.closeReason = nil
        self.lastReopen = event.place
        self.fold.enter(terminal: false, at: event.occurred)
        guard self.owner == nil, let last = self.owners.last else { return }
        self.reinstates = Sourced(value: last.ownerID, event: event.id)
        self.ownerlessSince = event.occurred
    }

    mutating func conflict(
        _ rule: RuleID,
        _ event: CaseEvent,
        with other: EventID,
        _ message: String,
        _ remedy: String
    ) {
        self.conflicts.append(
            RuleViolation(
                rule: rule,
                severity: .flag,
                event: event.id,
                message: message,
                saw: [other],
                remedy: remedy
            )
        )
    }
}
