internal import LedgerTypes

// What is looked at together with what else the customer did: M-02, M-10, M-20, M-22, M-26, M-27.
extension CaseMetrics {
    mutating func addTouch() {
        guard let start = self.startedAt else { return }
        var touch = MetricTouch(customerID: self.state.customer, at: start)
        touch.caseID = self.state.caseID.id
        touch.product = self.base[.product]
        touch.cause = self.base[.cause]
        let links = self.state.standingLinks
        touch.links = links.filter { $0.relation != .parentOf }.map(\.otherCaseID)
        touch.followUps = links.filter {
            $0.relation == .followUpOf || $0.relation == .recurrenceOf
        }.map(\.otherCaseID)
        touch.place = self.result.number(of: self.place(self.state.holder))
        if !self.isMerged { touch.episodes = self.episodes() }
        touch.contacts = self.contacts()
        self.addFirstContact(&touch)
        self.addClaims()
        // Alone there is nothing to wait for: the figures come with the case itself.
        guard touch.customerID == nil else {
            self.result.touch = touch
            return
        }
        guard !touch.episodes.isEmpty || !touch.contacts.isEmpty else { return }
        var alone = MetricContribution()
        alone.touch = touch
        for place in self.result.places { _ = alone.number(of: place) }
        let found = CustomerMetrics.contribution(of: [alone], asOf: start)
        for entry in found.entries {
            self.result.add(
                entry.measure,
                entry.form,
                at: entry.at,
                maturesAt: entry.maturesAt,
                found.place(of: entry)
            )
        }
    }

    private mutating func episodes() -> [MetricTouch.Episode] {
        let episodes = self.state.episodes
        return episodes.indices.compactMap { number in
            let episode = episodes[number]
            guard let resolvedAt = episode.resolvedAt else { return nil }
            let next = number + 1 < episodes.count ? episodes[number + 1] : nil
            let place = self.place(of: episode.resolvedBy)
            let contactID = self.contactID(of: episode.resolvedBy, before: resolvedAt)
            return MetricTouch.Episode(
                resolvedAt: resolvedAt,
                reopenedAt: next?.from,
                isMistake: next?.reopenReason == .closedInError,
                isFix: episode.resolutionKind?.claimsSolution ?? false,
                isConfirmed: episode.customerConfirmed == .yes,
                isOffered: contactID.map { self.offered.contains($0) } ?? false,
                isRotation: self.event(episode.resolvedBy)?.actor.programme != nil,
                place: self.result.number(of: place)
            )
        }
    }

    private mutating func contacts() -> [MetricTouch.Contact] {
        var contacts: [MetricTouch.Contact] = []
        for contact in self.state.contacts where contact.viaCase == nil {
            let answer = self.humanAnswer(contact)
            let isInbound = contact.direction == .inbound
            let place = self.place(of: answer?.event ?? contact.event, channel: contact.channel)
            contacts.append(
                MetricTouch.Contact(
                    contactID: contact.contactID,
                    at: contact.at,
                    endedAt: contact.endedAt,
                    counts: isInbound && answer != nil,
                    isInbound: isInbound,
                    isInvited: contact.initiation == .callback || contact.initiation == .followUp,
                    channel: contact.channel,
                    talkMicroseconds: contact.talkMicroseconds,
                    limitSeconds: self.state.policyInForce(at: contact.at).handleTimeLimitSeconds,
                    isOffered: self.offered.contains(contact.contactID),
                    isRotation: self.event(answer?.event)?.actor.programme != nil,
                    place: self.result.number(of: place)
                )
            )
        }
        return contacts
    }

    /// The contact that an event belongs to, or else the last one that began before `time`.
    func contactID(of id: EventID?, before time: Timestamp) -> String? {
        self.event(id)?.contact
            ?? self.state.contacts.last { $0.viaCase == nil && $0.at <= time }?.contactID
    }

    /// Whether the first answered inbound contact settled the case, and what speaks against it.
    private func addFirstContact(_ touch: inout MetricTouch) {
        guard let first = touch.contacts.filter(\.counts).min(by: { $0.at < $1.at }),
            let line = self.state.contact(first.contactID), let ended = line.endedAt
        else { return }
        let limit =
            line.wrapUps.map(\.at).max()
            ?? ended.adding(microseconds: MetricEntry.hour / 4)
        touch.resolvedInFirst = self.state.episodes.first?.resolvedAt.map { $0 <= limit } ?? false
        var breaks = self.state.messages.filter {
            $0.isFromCustomer && $0.viaCase == nil && $0.contactID != first.contactID
                && first.at < $0.at
        }.map(\.at)
        breaks += self.state.episodes.dropFirst().map(\.from)
        breaks += self.state.escalations.lines.map(\.at)
        let holder = self.humanAnswer(line)?.agentID
        breaks += self.state.offers.map(\.line).filter {
            $0.outcome == .accepted && $0.kind != .consult && $0.by != holder
        }.map(\.at)
        touch.breaks = breaks.sorted()
    }

    /// M-02: what the agent claimed.
    private mutating func addClaims() {
        for event in self.events {
            guard case .caseResolved(let resolve) = event.payload else { continue }
            self.result.ratio(
                Measure.claimedFirst,
                resolve.firstContactClaim,
                at: event.occurred,
                self.place(event.actor, channel: self.channel(of: event.id))
            )
        }
    }
}
