internal import LedgerTypes

// Business time of M-11 and M-12, and the verdicts of M-37: by the calendars and targets that were
// in force.
extension CaseMetrics {
    /// The business time until something, once that has happened; nothing where no site ever
    /// defined a calendar, and left out where none was in force.
    mutating func addBusiness(
        _ measure: MeasureID,
        from start: Timestamp,
        to end: Timestamp?,
        _ place: MetricPlace
    ) {
        guard !self.state.book.calendars.hasNoCalendars else { return }
        guard let end else {
            self.result.add(measure, .pending, at: start, place)
            return
        }
        let time = self.businessTime(from: start, to: end)
        let form = time.map { MetricEntry.Form.value($0) } ?? .excluded(.noCalendar)
        self.result.add(measure, form, at: end, place)
    }

    /// The business time between two moments, by the hours of whoever held the case, on each
    /// calendar while it applied; `nil` where none was in force for a part of it.
    private func businessTime(from start: Timestamp, to end: Timestamp) -> Int64? {
        guard start < end else { return 0 }
        let book = self.state.book
        let home = self.events.first.map { book.site(of: $0.address.log) }
        let lines = self.state.custody.enumerated().sorted {
            ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
        }.map(\.element)
        let first = lines.first.map { $0.from.isEmpty ? $0.to : $0.from } ?? self.state.holder
        var spans: [(from: Timestamp, holder: Holder)] = [(start, first)]
        for line in lines where line.at < end {
            // Who held it when the time began counts from then on.
            if line.at <= start {
                spans = [(start, line.to)]
            } else {
                spans.append((line.at, line.to))
            }
        }
        var sum: Int64 = 0
        for (place, span) in spans.enumerated() {
            let until = place + 1 < spans.count ? spans[place + 1].from : end
            let part = book.calendars.microseconds(
                team: span.holder.team,
                sites: [span.holder.site, home].compactMap { $0 },
                from: span.from,
                to: until
            )
            guard let part else { return nil }
            sum = sum.addingSaturated(part)
        }
        return sum
    }

    /// M-37: our own verdicts by the targets that entitlements pin, of each sort the last one.
    mutating func addTargets() {
        let pins = self.state.terms.lines.filter { $0.slaPolicyID != nil }
        guard !self.isMerged, let start = self.startedAt, !pins.isEmpty else { return }
        var targets: [SLAMetric: PinnedTarget] = [:]
        for pin in pins {
            guard let policyID = pin.slaPolicyID,
                let found = self.state.book.calendars.target(
                    policyID,
                    version: pin.slaPolicyVersion
                ), found.target.metric != .notStated
            else { continue }
            targets[found.target.metric] = found
        }
        guard !targets.isEmpty else {
            let place = self.place(self.state.holder)
            for measure in [Measure.targetMet, Measure.targetMetUnpaused] {
                self.result.add(measure, .excluded(.noVerdict), at: start, place)
            }
            return
        }
        for (metric, pinned) in targets.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let place = self.place(self.state.holder, kind: metric.name)
            for span in self.spans(of: metric, from: start) {
                guard let exclusion = span.exclusion else {
                    self.add(pinned, span, place)
                    continue
                }
                for measure in [Measure.targetMet, Measure.targetMetUnpaused] {
                    self.result.add(measure, .excluded(exclusion), at: span.from, place)
                }
            }
        }
    }

    /// A stretch of time that a target limits.
    private struct TargetSpan {
        var from: Timestamp
        /// `nil` while it goes on.
        var to: Timestamp?
        /// Why it has no verdict.
        var exclusion: ExclusionReason?
    }

    private func spans(of metric: SLAMetric, from start: Timestamp) -> [TargetSpan] {
        let isOpen = self.state.standing == .open
        switch metric {
        case .firstResponse, .resolution:
            let stop =
                metric == .firstResponse
                ? self.firstResponseAt : self.state.episodes.lazy.compactMap(\.resolvedAt).first
            let reason: ExclusionReason? = stop == nil && !isOpen ? .noVerdict : nil
            return [TargetSpan(from: start, to: stop, exclusion: reason)]
        case .update: return self.updates
        case .reportBack:
            return self.state.escalations.lines.map { line in
                var reason: ExclusionReason?
                if line.answeredAt == nil, line.closedAt != nil {
                    switch line.closeReason {
                    case .waived: reason = .waived
                    case .withdrawn: reason = .withdrawn
                    default: reason = .noVerdict
                    }
                }
                return TargetSpan(from: line.at, to: line.answeredAt, exclusion: reason)
            }
        case .notStated: return []
        }
    }

    /// From each word to the customer to the next one, from the beginning of an episode to its end.
    private var updates: [TargetSpan] {
        let told = self.responses.map(\.at)
        return self.state.episodes.flatMap { episode in
            let end = self.end(of: episode)
            let stops = told.filter { time in
                episode.from < time && (end.map { time < $0 } ?? true)
            }
            let times = [episode.from] + stops
            let ends: [Timestamp?] = stops.map { $0 } + [end]
            return zip(times, ends).map { TargetSpan(from: $0, to: $1) }
        }
    }

    private mutating func add(_ pinned: PinnedTarget, _ span: TargetSpan, _ place: MetricPlace) {
        let paused = Set(pinned.target.pauseOn)
        let waits = self.state.waits.filter { paused.contains($0.waitingOn) }
        self.add(Measure.targetMet, pinned, from: span.from, to: span.to, waits, place)
        self.add(Measure.targetMetUnpaused, pinned, from: span.from, to: span.to, [], place)
    }

    private mutating func add(
        _ measure: MeasureID,
        _ pinned: PinnedTarget,
        from start: Timestamp,
        to stop: Timestamp?,
        _ waits: [WaitLine],
        _ place: MetricPlace
    ) {
        let limit = Int64(clamping: pinned.target.seconds).microsecondsSaturated
        if let stop {
            guard let time = self.time(pinned, from: start, to: stop, waits) else {
                self.result.add(measure, .excluded(.noCalendar), at: stop, place)
                return
            }
            self.result.ratio(measure, time <= limit, at: stop, place)
            return
        }
        guard let due = self.due(pinned, limit, from: start, waits) else {
            self.result.add(measure, .pending, at: start, place)
            return
        }
        // Breached as soon as its time has passed.
        let form = MetricEntry.Form.ratio(numerator: 0, denominator: 1)
        self.result.add(measure, form, at: due, maturesAt: due.adding(microseconds: 1), place)
    }

    /// When the target's time is over if nothing happens any more; `nil` if it stands still now, or
    /// if its calendar is not in force.
    private func due(
        _ pinned: PinnedTarget,
        _ limit: Int64,
        from start: Timestamp,
        _ waits: [WaitLine]
    ) -> Timestamp? {
        guard self.time(pinned, from: start, to: start.adding(microseconds: 1), []) != nil else {
            return nil
        }
        return BusinessTime.time(after: limit, from: start) { end in
            self.time(pinned, from: start, to: end, waits) ?? 0
        }
    }

    /// The target's time between two moments, without what waits take out.
    private func time(
        _ pinned: PinnedTarget,
        from start: Timestamp,
        to end: Timestamp,
        _ waits: [WaitLine]
    ) -> Int64? {
        guard var time = self.clockTime(pinned, from: start, to: end) else { return nil }
        for wait in waits {
            let from = max(start, wait.from)
            let to = min(end, wait.endedAt ?? end)
            guard let out = self.clockTime(pinned, from: from, to: to) else { return nil }
            time = time.subtractingSaturated(out)
        }
        return time
    }

    private func clockTime(
        _ pinned: PinnedTarget,
        from start: Timestamp,
        to end: Timestamp
    ) -> Int64? {
        guard let id = pinned.target.calendarID, !id.isEmpty else {
            return max(0, end.microseconds(since: start))
        }
        return self.state.book.calendars.microseconds(by: id, of: pinned.site, from: start, to: end)
    }
}
