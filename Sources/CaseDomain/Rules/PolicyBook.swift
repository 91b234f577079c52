public import LedgerTypes

/// A policy that is in force.
public struct PolicyReference: Hashable, Sendable, Codable {
    /// The policy's id.
    public var policyID: String
    /// Its version.
    public var version: UInt32
    /// The event.
    public var event: EventID
    /// The site that it binds.
    public var site: String
    /// About what.
    public var what: PolicyTopic
    /// From when.
    public var from: Timestamp
    /// Seconds, days or how many.
    public var value: UInt64?
    /// The rule.
    public var rule: String?
    /// What becomes of a breach.
    public var mode: RuleSeverity?
    /// What it says.
    public var text: String?
}

/// What sites decided, in force from when: `policy.defined`, calendars, what teams and staff are,
/// and scripts.
///
/// Made of events, so that every replica that holds them judges a case alike. Pure.
public struct PolicyBook: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        var from: Timestamp
        var policy: RulePolicy
    }

    private struct Contents: Hashable, Sendable {
        var sites: [String: [Entry]] = [:]
        var siteOfLog: [LogID: String] = [:]
        var staff = StaffBook()
        var scripts: [String: ScriptDefined] = [:]
        var calendars = CalendarBook()
        /// What holds where no site decided anything.
        var standard = RulePolicy.defaults
    }

    /// Behind one reference: every case that is folded holds the book.
    private let contents: Shared<Contents>

    /// A book in which nothing is decided.
    public static let empty = PolicyBook()

    /// Creates a book in which nothing is decided.
    public init() { self.contents = Shared(Contents()) }

    /// Reads what `events`, in any order, say of policies, teams and staff; others are passed over.
    public init(_ events: [CaseEvent], origins: [LogID: LogOrigin]) {
        var book = Contents()
        book.siteOfLog = origins.mapValues(\.site)
        var found: [String: [PolicyReference]] = [:]
        for event in CaseHistory.arrange(events, origins: origins)
        where event.duplicateOf == nil {
            book.staff.take(event)
            book.calendars.take(event, site: book.siteOfLog[event.address.log] ?? "")
            if case .scriptDefined(let script) = event.payload,
                book.scripts[event.subject.id].map({ $0.version <= script.version }) ?? true
            {
                book.scripts[event.subject.id] = script
            }
            guard case .policyDefined(let policy) = event.payload else { continue }
            let site = book.siteOfLog[event.address.log] ?? ""
            found[site, default: []].append(PolicyReference(policy, event, site: site))
        }
        for (site, references) in found {
            // Equal times keep the fold order, of which the later wins.
            let sorted = references.enumerated().sorted {
                ($0.element.from, $0.offset) < ($1.element.from, $1.offset)
            }
            var policy = RulePolicy(staff: book.staff)
            var entries: [Entry] = []
            for (_, reference) in sorted {
                policy.enact(reference)
                if entries.last?.from == reference.from { entries.removeLast() }
                entries.append(Entry(from: reference.from, policy: policy))
            }
            book.sites[site] = entries
        }
        book.standard = RulePolicy(staff: book.staff)
        self.contents = Shared(book)
    }

    /// Whether nothing is decided, and nothing known of teams, staff and scripts.
    public var isEmpty: Bool {
        let contents = self.contents.value
        return contents.sites.isEmpty && contents.staff.isEmpty && contents.scripts.isEmpty
    }

    /// Every version of every calendar that a site defined, by site, id and time.
    public var calendarReferences: [CalendarReference] { self.contents.value.calendars.references }

    /// Which hours count as business, where and when.
    var calendars: CalendarBook { self.contents.value.calendars }

    /// The newest version of a script.
    public func script(_ scriptID: String) -> ScriptDefined? {
        self.contents.value.scripts[scriptID]
    }

    /// What was in force at `site` at `time`.
    public func policy(of site: String, at time: Timestamp) -> RulePolicy {
        let contents = self.contents.value
        let entries = contents.sites[site] ?? []
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].from <= time { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? entries[low - 1].policy : contents.standard
    }

    /// The site that writes `log`; empty if it is not known.
    public func site(of log: LogID) -> String { self.contents.value.siteOfLog[log] ?? "" }
}

extension PolicyReference {
    fileprivate init(_ policy: PolicyDefined, _ event: CaseEvent, site: String) {
        self.init(
            policyID: event.subject.id,
            version: policy.version,
            event: event.id,
            site: site,
            what: policy.what,
            from: policy.from ?? event.occurred,
            value: policy.value,
            rule: policy.rule,
            mode: policy.mode == .notStated ? nil : policy.mode,
            text: policy.text
        )
    }
}

extension RulePolicy {
    /// The policy from `reference` on.
    fileprivate mutating func enact(_ reference: PolicyReference) {
        let isRule = reference.what == .ruleMode
        self.references.removeAll {
            $0.what == reference.what && (isRule ? $0.rule == reference.rule : true)
                && (reference.what == .demarcation || reference.what == .slaTarget
                    ? $0.policyID == reference.policyID : true)
        }
        self.references.append(reference)
        let value = reference.value.map { Int64(clamping: $0) }
        switch reference.what {
        case .reopenWindow: self.reopenWindowSeconds = value
        case .grace: self.graceSeconds = value ?? 0
        case .journeyThreshold:
            self.journeyThresholdDays = value ?? Self.journeyThresholdDaysStandard
        case .handleTimeLimit: self.handleTimeLimitSeconds = value
        case .maxOwned: self.ownedMax = value
        case .ruleMode:
            guard let rule = reference.rule.flatMap(RuleID.init(rawValue:)) else { return }
            self.modes[rule] = reference.mode
        case .demarcation, .slaTarget, .notStated: break
        }
    }
}

/// What teams are and who is away, as events say.
struct StaffBook: Hashable, Sendable {
    private struct Absence: Hashable, Sendable {
        var from: Timestamp
        var to: Timestamp?
    }

    private struct Definition: Hashable, Sendable {
        var from: Timestamp
        var facesCustomers: Bool
        var isRoutingOnly: Bool
    }

    private var absences: [String: [Absence]] = [:]
    private var teams: [String: [Definition]] = [:]

    var isEmpty: Bool { self.absences.isEmpty && self.teams.isEmpty }

    /// Takes in the next event in fold order.
    mutating func take(_ event: CaseEvent) {
        switch event.payload {
        case .agentAbsent(let absence):
            self.absences[event.subject.id, default: []].append(
                Absence(from: absence.from ?? event.occurred, to: absence.to)
            )
        case .agentLeft(let leaving):
            self.absences[event.subject.id, default: []].append(
                Absence(from: leaving.from ?? event.occurred, to: nil)
            )
        case .agentEnrolled(let enrolment):
            let from = enrolment.from ?? event.occurred
            for place in (self.absences[event.subject.id] ?? []).indices {
                guard self.absences[event.subject.id]?[place].to == nil else { continue }
                self.absences[event.subject.id]?[place].to = from
            }
        case .teamDefined(let team):
            self.teams[event.subject.id, default: []].append(
                Definition(
                    from: event.occurred,
                    facesCustomers: team.customerFacing ?? true,
                    isRoutingOnly: team.routingOnly
                )
            )
        default: break
        }
    }

    func isAway(_ agent: String, at time: Timestamp) -> Bool {
        guard let absences = self.absences[agent] else { return false }
        return absences.contains { $0.from <= time && ($0.to.map { time < $0 } ?? true) }
    }

    func facesCustomers(_ team: String, at time: Timestamp) -> Bool {
        self.teams[team]?.last { $0.from <= time }?.facesCustomers ?? true
    }

    func isRoutingOnly(_ team: String, at time: Timestamp) -> Bool {
        self.teams[team]?.last { $0.from <= time }?.isRoutingOnly ?? false
    }
}
