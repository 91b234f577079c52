public import LedgerTypes

extension CaseState {
    /// The sites that are asked to take the case over and have not answered.
    public var sitesAsked: [String] {
        self.offers.filter { $0.line.outcome == .open }.compactMap(\.line.to?.site)
    }

    /// The case on one screen as it stands at `time`: what ends by itself, such as an offer's
    /// deadline, is derived from it. `time` is not compared with the events: for an earlier view
    /// fold fewer of them.
    public func view(at time: Timestamp) -> CaseView {
        let offers = self.offers.map { Self.offer($0.line, at: time) }
        return CaseView(
            asOf: time,
            header: self.header,
            journey: self.journey(at: time),
            understanding: self.understandingPane,
            steps: self.stepsPane,
            work: self.workPane(at: time, offers),
            commitments: self.commitments(at: time),
            claims: CaseView.Claims(
                resolutions: self.episodes.filter { $0.resolvedBy != nil },
                entitlements: self.terms.lines
            ),
            outcomes: CaseView.Outcomes(
                remedies: self.terms.remedies,
                returns: self.terms.returns,
                answers: self.research.answers
            ),
            customer: self.customerPane,
            records: CaseView.Records(
                corrections: self.records.corrections,
                redactions: self.records.redactions,
                holds: self.records.holds,
                policies: self.policyInForce(at: time).references
            ),
            openOffers: offers.filter { $0.outcome == .open },
            messages: CaseView.Messages(
                told: self.messages.filter { $0.visibility == .public && !$0.isFromCustomer },
                heard: self.messages.filter { $0.isFromCustomer },
                notes: self.messages.filter { $0.visibility != .public && !$0.isFromCustomer }
            ),
            path: CaseView.Path(
                contacts: self.contacts,
                handoffs: offers,
                custody: self.custody,
                owners: self.owners,
                ownerlessSeconds: self.ownerlessSeconds(at: time),
                waits: self.waits,
                episodes: self.episodes,
                links: self.links,
                classifications: self.classified
            ),
            integrity: CaseView.Integrity(
                flags: self.flags + self.flagsAtCut,
                conflicts: self.conflicts,
                duplicates: self.duplicates,
                unknownTypes: self.unknownTypes.sorted { $0.key < $1.key }.map {
                    CaseView.TypeCount(type: $0.key, count: $0.value)
                }
            ),
            events: self.lines
        )
    }

    private var header: CaseView.Header {
        let merge = self.openLink(.mergedInto)
        return CaseView.Header(
            case: self.caseID,
            state: self.standing,
            status: self.status,
            episode: self.episodeNumber,
            owner: self.owner.map { Sourced(value: $0.ownerID, event: $0.event) },
            originalOwner: self.owners.first.map { Sourced(value: $0.ownerID, event: $0.event) },
            holder: self.holderEvent.map { Sourced(value: self.holder, event: $0) },
            customerID: self.customerID,
            product: self.product,
            purchaseDate: self.purchaseDate,
            title: self.title,
            ticketType: self.ticketType,
            category: self.category,
            severity: self.severity,
            priority: self.priority,
            slaMet: self.slaMet,
            sites: self.fold.sitesSeen,
            openedAt: self.episodes.first?.from,
            entitlement: self.entitlement,
            contendedOwner: self.contendedOwner,
            firstAttemptAt: self.firstAttemptAt,
            mergedInto: merge.map { Sourced(value: $0.otherCaseID, event: $0.event) }
        )
    }

    /// The status in the words of TMF621.
    public var status: CaseStatus {
        switch self.standing {
        case .notStated: .notStated
        case .resolved: .resolved
        case .closed:
            switch self.closeReason {
            case .spam, .openedInError, .notSupported: .rejected
            case .withdrawn, .abandonedByCustomer: .cancelled
            default: .closed
            }
        case .open:
            if let wait = self.openWait {
                wait.waitingOn == .customer ? .pending : .held
            } else if self.observedStatus == .open || self.observedStatus == .queued {
                .acknowledged
            } else {
                self.holder.isEmpty ? .acknowledged : .inProgress
            }
        }
    }

    /// What is broken only because nothing mended it until now.
    private var flagsAtCut: [RuleViolation] {
        var flags: [RuleViolation] = []
        if let answer = self.lacksOwner, self.standing == .open {
            flags.append(
                RuleViolation(
                    rule: .l8,
                    severity: .flag,
                    event: answer,
                    message: "a person answered the customer, and nobody owns the case",
                    remedy: "append owner.assigned"
                )
            )
        }
        if let last = self.reinstates, self.standing == .open {
            flags.append(
                RuleViolation(
                    rule: .l7,
                    severity: .flag,
                    event: last.event,
                    message: "the case was reopened, and its last owner \(last.value) was not "
                        + "reinstated",
                    remedy: "append owner.assigned: reinstated, or routed with a reason"
                )
            )
        }
        return flags
    }

    private func ownerlessSeconds(at time: Timestamp) -> Double {
        var sum = self.ownerlessMicroseconds
        if let since = self.ownerlessSince, self.standing == .open, since < time {
            sum = sum.addingSaturated(time.microseconds(since: since))
        }
        return Double(sum) / 1_000_000
    }

    /// An offer past its deadline has timed out, which nobody writes (L11).
    private static func offer(_ line: HandoffLine, at time: Timestamp) -> HandoffLine {
        guard line.outcome == .open, let deadline = line.deadline, deadline < time else {
            return line
        }
        var line = line
        line.outcome = .timedOut
        line.endedAt = deadline
        return line
    }
}
