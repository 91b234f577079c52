public import LedgerTypes

/// A version of a calendar, and from when it is in force.
public struct CalendarReference: Hashable, Sendable, Codable {
    /// The calendar's id.
    public var calendarID: String
    /// Its version.
    public var version: UInt32
    /// The event.
    public var event: EventID
    /// The site that defined it.
    public var site: String
    /// From when: its next version replaces it.
    public var from: Timestamp
    /// The IANA name of its time zone.
    public var timeZone: String?
    /// The version of the time zone data that its offsets are of.
    public var tzVersion: String?
}

/// What a target says, and which site set it.
struct PinnedTarget: Hashable, Sendable {
    var site: String
    var version: UInt32
    var target: SLATarget
}

/// Which hours count as business, where and when: `calendar.defined`, `team.defined` and the
/// targets of `policy.defined`. Pure.
///
/// A version is in force from when it was defined until the next one of the same site and id is.
/// Before the first no calendar is in force, and nothing is measured by it. A team's hours are
/// those of the calendar that `team.defined` names; another team's, and nobody's, are those of the
/// site: the calendar whose id is the site's name, or the only one that the site defined.
struct CalendarBook: Hashable, Sendable {
    private struct Version: Hashable, Sendable {
        var reference: CalendarReference
        var calendar: BusinessCalendar
    }

    private struct TeamCalendar: Hashable, Sendable {
        var from: Timestamp
        var site: String
        var calendarID: String?
    }

    /// By site, then by id; versions by time.
    private var sites: [String: [String: [Version]]] = [:]
    private var teams: [String: [TeamCalendar]] = [:]
    private var targets: [String: [PinnedTarget]] = [:]
    /// By time zone: the offsets that its newest calendar expands, and when that was defined.
    private var zones: [String: ZoneOffsets] = [:]

    private struct ZoneOffsets: Hashable, Sendable {
        var from: Timestamp
        var event: EventID
        var calendar: BusinessCalendar
    }

    var isEmpty: Bool { self.sites.isEmpty && self.targets.isEmpty }

    /// Whether no calendar was ever defined.
    var hasNoCalendars: Bool { self.sites.isEmpty }

    /// Takes in the next event in fold order.
    mutating func take(_ event: CaseEvent, site: String) {
        switch event.payload {
        case .calendarDefined(let definition):
            let reference = CalendarReference(
                calendarID: event.subject.id,
                version: definition.version,
                event: event.id,
                site: site,
                from: event.occurred,
                timeZone: definition.timeZone,
                tzVersion: definition.tzVersion
            )
            let version = Version(reference: reference, calendar: BusinessCalendar(definition))
            // Fold order is not always the order of time.
            var versions = self.sites[site]?[event.subject.id] ?? []
            let place = versions.firstIndex { event.occurred < $0.reference.from }
            versions.insert(version, at: place ?? versions.count)
            if let zone = definition.timeZone {
                let offsets = ZoneOffsets(
                    from: event.occurred,
                    event: event.id,
                    calendar: version.calendar
                )
                let isNewer = self.zones[zone].map {
                    ($0.from, $0.event.rawValue) < (offsets.from, offsets.event.rawValue)
                }
                if isNewer ?? true { self.zones[zone] = offsets }
            }
            self.sites[site, default: [:]][event.subject.id] = versions
        case .teamDefined(let team):
            let entry = TeamCalendar(from: event.occurred, site: site, calendarID: team.calendarID)
            var entries = self.teams[event.subject.id] ?? []
            let place = entries.firstIndex { event.occurred < $0.from }
            entries.insert(entry, at: place ?? entries.count)
            self.teams[event.subject.id] = entries
        case .policyDefined(let policy):
            guard policy.what == .slaTarget, let target = policy.sla else { return }
            self.targets[event.subject.id, default: []].append(
                PinnedTarget(site: site, version: policy.version, target: target)
            )
        default: break
        }
    }

    /// The offsets of a time zone, as the newest calendar of that zone has them; `nil` where no
    /// calendar is of it.
    func offsets(ofZone zone: String) -> [(at: Int64, microseconds: Int64)]? {
        self.zones[zone]?.calendar.zoneOffsets
    }

    /// Every version of every calendar, by site, id and time.
    var references: [CalendarReference] {
        self.sites.sorted { $0.key < $1.key }.flatMap { _, calendars in
            calendars.sorted { $0.key < $1.key }.flatMap { $0.value.map(\.reference) }
        }
    }

    /// The target that an entitlement pins: that version, or the last one where it names none.
    func target(_ policyID: String, version: UInt32?) -> PinnedTarget? {
        self.targets[policyID]?.last { target in version.map { $0 == target.version } ?? true }
    }

    /// The business time from `start` to `end` by the calendar `id`, as `site` or else another site
    /// defined it: each version while it was in force. `nil` where none was for a part of the time.
    func microseconds(
        by id: String,
        of site: String,
        from start: Timestamp,
        to end: Timestamp
    ) -> Int64? {
        guard let versions = self.versions(id, of: site) else { return nil }
        return Self.microseconds(versions, from: start, to: end)
    }

    /// The business time from `start` to `end` of whoever holds a case: by the team's calendar, or
    /// by that of one of `sites`, the first that has one, each version while it was in force. `nil`
    /// where none was.
    func microseconds(
        team: String?,
        sites: [String],
        from start: Timestamp,
        to end: Timestamp
    ) -> Int64? {
        guard start < end else { return 0 }
        let changes = team.flatMap { self.teams[$0] } ?? []
        let times = [start] + changes.map(\.from).filter { start < $0 && $0 < end } + [end]
        var sum: Int64 = 0
        for (from, to) in zip(times, times.dropFirst()) {
            let entry = changes.last { $0.from <= from } ?? changes.first
            var versions: [Version]?
            if let entry, let id = entry.calendarID { versions = self.versions(id, of: entry.site) }
            for site in sites where versions == nil { versions = self.versions(ofSite: site) }
            guard let versions, let part = Self.microseconds(versions, from: from, to: to)
            else { return nil }
            sum += part
        }
        return sum
    }

    private func versions(_ id: String, of site: String) -> [Version]? {
        if let own = self.sites[site]?[id] { return own }
        let others = self.sites.filter { $0.value[id] != nil }
        return others.min { $0.key < $1.key }?.value[id]
    }

    private func versions(ofSite site: String) -> [Version]? {
        guard let calendars = self.sites[site] else { return nil }
        if let named = calendars[site] { return named }
        return calendars.count == 1 ? calendars.first?.value : nil
    }

    private static func microseconds(
        _ versions: [Version],
        from start: Timestamp,
        to end: Timestamp
    ) -> Int64? {
        guard start < end else { return 0 }
        guard let first = versions.first, first.reference.from <= start else { return nil }
        var sum: Int64 = 0
        for (place, version) in versions.enumerated() {
            let next = place + 1 < versions.count ? versions[place + 1].reference.from : end
            let from = max(start, version.reference.from)
            let to = min(end, next)
            if from < to { sum += version.calendar.microseconds(from: from, to: to) }
        }
        return sum
    }
}
