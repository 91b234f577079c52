public import LedgerTypes

/// What a customer's units come to together: what happened next, in whichever case or channel.
///
/// Units of no known customer are looked at alone. Pure; the order of the units does not matter.
public struct CustomerMetrics {
    private struct Contact {
        let contact: MetricTouch.Contact
        let unit: Int
    }

    private let units: [MetricContribution]
    private let touches: [MetricTouch]
    /// Every contact once, by time.
    private let contacts: [Contact]
    private var result = MetricContribution()

    /// What `units`, which are all of one customer, come to at `time`.
    public static func contribution(
        of units: [MetricContribution],
        asOf time: Timestamp
    ) -> MetricContribution {
        var metrics = Self(units)
        metrics.addReach(asOf: time)
        metrics.addFirstContacts()
        metrics.addEpisodes()
        metrics.addContacts()
        metrics.addSessions()
        metrics.addRotation(asOf: time)
        return metrics.result
    }

    private init(_ units: [MetricContribution]) {
        let known = units.filter { $0.touch != nil }.sorted { lhs, rhs in
            guard let first = lhs.touch, let second = rhs.touch else { return false }
            return (first.at, first.caseID) < (second.at, second.caseID)
        }
        self.units = known
        self.touches = known.compactMap(\.touch)
        var contacts: [Contact] = []
        var seen: Set<String> = []
        for (unit, touch) in self.touches.enumerated() {
            for contact in touch.contacts where seen.insert(contact.contactID).inserted {
                contacts.append(Contact(contact: contact, unit: unit))
            }
        }
        self.contacts = contacts.sorted {
            ($0.contact.at, $0.contact.contactID) < ($1.contact.at, $1.contact.contactID)
        }
    }

    private func place(_ number: Int, of unit: Int) -> MetricPlace {
        self.units[unit].places[number]
    }

    /// Whether both units are about the same thing.
    private func isSame(_ one: Int, _ other: Int) -> Bool {
        if one == other { return true }
        let (first, second) = (self.touches[one], self.touches[other])
        if first.links.contains(second.caseID) || second.links.contains(first.caseID) {
            return true
        }
        guard let product = first.product, let cause = first.cause else { return false }
        return product == second.product && cause == second.cause
    }

    /// Whether another answered inbound contact about the same thing begins after `start` and not
    /// after `end`.
    private func isFollowed(
        _ unit: Int,
        after start: Timestamp,
        until end: Timestamp,
        but contactID: String?
    ) -> Bool {
        self.contacts.contains { other in
            other.contact.counts && other.contact.contactID != contactID
                && start < other.contact.at && other.contact.at <= end
                && self.isSame(unit, other.unit)
        }
    }

    /// M-02.
    private mutating func addFirstContacts() {
        let windows: [(MeasureID, Int64)] = [
            (Measure.resolvedFirst.day, 1), (Measure.resolvedFirst.week, 7),
            (Measure.resolvedFirst.month, 30),
        ]
        for (unit, touch) in self.touches.enumerated() where !touch.caseID.isEmpty {
            let answered = touch.contacts.filter { $0.counts }.min { $0.at < $1.at }
            for (measure, days) in windows {
                guard let first = answered else {
                    guard touch.contacts.contains(where: { $0.isInbound }) else { continue }
                    let place = self.place(touch.place, of: unit)
                    self.result.add(measure, .excluded(.noContact), at: touch.at, place)
                    continue
                }
                let place = self.place(first.place, of: unit)
                guard let ended = first.endedAt else {
                    self.result.add(measure, .pending, at: first.at, place)
                    continue
                }
                let end = ended.adding(microseconds: days * MetricEntry.day)
                let held =
                    touch.resolvedInFirst && !touch.breaks.contains { $0 <= end }
                    && !self.isFollowed(
                        unit,
                        after: first.at,
                        until: end,
                        but: first.contactID
                    )
                    && !self.touches.indices.contains { other in
                        other != unit && !self.touches[other].caseID.isEmpty
                            && first.at < self.touches[other].at && self.touches[other].at <= end
                            && self.isSame(unit, other)
                    }
                self.result.ratio(measure, held, at: first.at, maturesAt: end, place)
            }
        }
    }

    /// M-10 and M-26.
    private mutating func addEpisodes() {
        for (unit, touch) in self.touches.enumerated() {
            for episode in touch.episodes {
                let place = self.place(episode.place, of: unit)
                let followUp = self.touches.filter {
                    $0.followUps.contains(touch.caseID) && episode.resolvedAt < $0.at
                }.map(\.at).min()
                for (measure, days) in zip(Measure.reopenedWithin, [Int64(1), 7, 30]) {
                    let end = episode.resolvedAt.adding(microseconds: days * MetricEntry.day)
                    if episode.isMistake {
                        self.result.add(
                            measure,
                            .excluded(.byMistake),
                            at: episode.resolvedAt,
                            place
                        )
                        continue
                    }
                    let isBack = [episode.reopenedAt, followUp].contains {
                        $0.map { $0 <= end } ?? false
                    }
                    self.result.ratio(
                        measure,
                        isBack,
                        at: episode.resolvedAt,
                        maturesAt: end,
                        place
                    )
                }
                self.addFalseFix(episode, unit, place)
            }
        }
    }

    private mutating func addFalseFix(
        _ episode: MetricTouch.Episode,
        _ unit: Int,
        _ place: MetricPlace
    ) {
        guard episode.isFix else { return }
        guard !episode.isConfirmed else {
            let form = MetricEntry.Form.excluded(.confirmed)
            self.result.add(Measure.falseFix, form, at: episode.resolvedAt, place)
            return
        }
        let end = episode.resolvedAt.adding(microseconds: 7 * MetricEntry.day)
        let isBack =
            episode.reopenedAt.map { $0 <= end } ?? false
            || self.isFollowed(unit, after: episode.resolvedAt, until: end, but: nil)
        for measure in [
            Measure.falseFix, Measure.sellingOutcomes.falseFix(episode.isOffered),
            Measure.rotationOutcomes.falseFix(episode.isRotation),
        ] {
            self.result.ratio(measure, isBack, at: episode.resolvedAt, maturesAt: end, place)
        }
    }

    /// M-39, of one contact.
    private mutating func addPreferred(
        _ contact: MetricTouch.Contact,
        _ place: MetricPlace,
        channel: Channel?,
        times: MetricTouch.Times?
    ) {
        var place = place
        place[.kind] = contact.isInbound ? "inbound" : "outbound"
        let isInChannel = channel.map { $0 == contact.channel }
        if let isInChannel {
            self.result.ratio(Measure.preferredChannel, isInChannel, at: contact.at, place)
        }
        guard let times else { return }
        guard let isInTime = times.contains(contact.at) else {
            let form = MetricEntry.Form.excluded(.noCalendar)
            self.result.add(Measure.preferredTime, form, at: contact.at, place)
            return
        }
        self.result.ratio(Measure.preferredTime, isInTime, at: contact.at, place)
        guard let isInChannel else { return }
        self.result.ratio(Measure.preferredBoth, isInChannel && isInTime, at: contact.at, place)
    }

    /// M-32: who was enrolled for 28 days on end within the 24 months before the report's time.
    private mutating func addRotation(asOf time: Timestamp) {
        let start = time.adding(microseconds: -730 * MetricEntry.day)
        for (unit, touch) in self.touches.enumerated() {
            let served = touch.enrolments.last { enrolment in
                let from = max(start, enrolment.from)
                let to = min(time, enrolment.to ?? time)
                return to.microseconds(since: from) >= 28 * MetricEntry.day
            }
            guard let served else { continue }
            let form = MetricEntry.Form.ratio(numerator: 1, denominator: 0)
            let place = self.place(served.place, of: unit)
            self.result.add(Measure.rotation, form, at: served.from, place)
        }
    }

    /// M-20, M-27, M-32, M-38 and M-39.
    private mutating func addContacts() {
        let preferred = self.touches.last { $0.preferredChannel != nil }?.preferredChannel
        let times = self.touches.last { $0.preferredTimes != nil }?.preferredTimes
        for (contact, unit) in self.contacts.map({ ($0.contact, $0.unit) }) {
            let place = self.place(contact.place, of: unit)
            if self.touches[unit].customerID != nil {
                self.addPreferred(contact, place, channel: preferred, times: times)
            }
            guard contact.counts else { continue }
            self.addCliff(contact, unit, place)
            for (measure, days) in zip(Measure.repeatContact, [Int64(1), 7, 30]) {
                guard self.touches[unit].customerID != nil else {
                    self.result.add(measure, .excluded(.noCustomer), at: contact.at, place)
                    continue
                }
                guard !contact.isInvited else {
                    self.result.add(measure, .excluded(.invited), at: contact.at, place)
                    continue
                }
                let end = contact.at.adding(microseconds: days * MetricEntry.day)
                let isRepeated = self.isFollowed(
                    unit,
                    after: contact.at,
                    until: end,
                    but: contact.contactID
                )
                self.result.ratio(measure, isRepeated, at: contact.at, maturesAt: end, place)
                guard days == 7 else { continue }
                for measure in [
                    Measure.sellingOutcomes.repeated(contact.isOffered),
                    Measure.rotationOutcomes.repeated(contact.isRotation),
                ] {
                    self.result.ratio(measure, isRepeated, at: contact.at, maturesAt: end, place)
                }
            }
        }
    }

    /// What happened to the contacts that ended near the limit.
    private mutating func addCliff(
        _ contact: MetricTouch.Contact,
        _ unit: Int,
        _ place: MetricPlace
    ) {
        guard let limit = contact.limitSeconds, let handled = contact.talkMicroseconds else {
            return
        }
        let second: Int64 = 1_000_000
        let (span, overflow) = limit.multipliedReportingOverflow(by: second)
        guard !overflow else { return }
        // Negative before the limit.
        let past = handled.subtractingSaturated(span)
        let week = contact.at.adding(microseconds: 7 * MetricEntry.day)
        let isBack = self.isFollowed(unit, after: contact.at, until: week, but: contact.contactID)
        if (-60 * second...0).contains(past) {
            self.result.ratio(Measure.cliffNear, isBack, at: contact.at, maturesAt: week, place)
        }
        if (-240 * second..<(-120 * second)).contains(past) {
            self.result.ratio(Measure.cliffEarly, isBack, at: contact.at, maturesAt: week, place)
        }
        let density = Measure.cliffDensity
        if (-30 * second..<0).contains(past) {
            let form = MetricEntry.Form.ratio(numerator: 1, denominator: 0)
            self.result.add(density, form, at: contact.at, place)
        }
        if (0...30 * second).contains(past) {
            let form = MetricEntry.Form.ratio(numerator: 0, denominator: 1)
            self.result.add(density, form, at: contact.at, place)
        }
    }

    /// M-33: a customer counts once, where they were last in contact.
    private mutating func addReach(asOf time: Timestamp) {
        let start = time.adding(microseconds: -365 * MetricEntry.day)
        let last = self.contacts.last { start < $0.contact.at && $0.contact.at <= time }
        guard let last, self.touches[last.unit].customerID != nil else { return }
        let form = MetricEntry.Form.ratio(numerator: 1, denominator: 0)
        let place = self.place(last.contact.place, of: last.unit)
        self.result.add(Measure.contactReach, form, at: last.contact.at, place)
    }

    /// M-22.
    private mutating func addSessions() {
        for (unit, touch) in self.touches.enumerated() {
            guard let session = touch.session else { continue }
            let place = self.place(touch.place, of: unit)
            let measure: MeasureID
            if session.meantToContact {
                measure = Measure.deflected
            } else if session.hasRead {
                measure = Measure.deflectedSilently
            } else {
                continue
            }
            guard touch.customerID != nil else {
                self.result.add(measure, .excluded(.anonymous), at: touch.at, place)
                continue
            }
            let end = touch.at.adding(microseconds: 3 * MetricEntry.day)
            let came =
                session.ledToContact
                || self.contacts.contains { touch.at <= $0.contact.at && $0.contact.at <= end }
                || self.touches.contains {
                    !$0.caseID.isEmpty && touch.at <= $0.at && $0.at <= end
                }
            self.result.ratio(measure, !came, at: touch.at, maturesAt: end, place)
        }
    }
}
