internal import LedgerTypes

/// What a unit did with a customer, to be looked at together with the customer's other units: some
/// figures ask what happened next, wherever it happened.
public struct MetricTouch: Hashable, Sendable {
    /// One contact.
    struct Contact: Hashable, Sendable {
        var contactID: String
        var at: Timestamp
        var endedAt: Timestamp?
        /// Inbound, and a person of ours answered.
        var counts: Bool
        var isInbound: Bool
        /// We had asked for it.
        var isInvited: Bool
        var channel: Channel
        /// Talking and on hold.
        var talkMicroseconds: Int64?
        /// The limit that was in force.
        var limitSeconds: Int64?
        /// Something was offered for sale in it.
        var isOffered = false
        /// Who answered was on rotation.
        var isRotation = false
        var place: Int
    }

    /// A resolved episode.
    struct Episode: Hashable, Sendable {
        var resolvedAt: Timestamp
        /// When it was reopened.
        var reopenedAt: Timestamp?
        /// It had been closed by mistake.
        var isMistake: Bool
        /// Whether the problem was said to be solved.
        var isFix: Bool
        var isConfirmed: Bool
        /// Something was offered for sale in the contact that resolved it.
        var isOffered = false
        /// Who resolved it was on rotation.
        var isRotation = false
        var place: Int
    }

    /// When a customer likes to be in contact, in local time.
    struct Times: Hashable, Sendable {
        /// Weekday from 1 for Monday, first minute of the day, minute after the last.
        var hours: [[UInt32]]
        /// Microseconds east of UTC from a time on, by time; the first holds from ever. Empty where
        /// no calendar says what the customer's time zone is.
        var offsets: [(at: Int64, microseconds: Int64)]

        static func == (lhs: Times, rhs: Times) -> Bool {
            lhs.hours == rhs.hours && lhs.offsets.elementsEqual(rhs.offsets) { $0 == $1 }
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(self.hours)
            for offset in self.offsets { hasher.combine(offset.at) }
        }

        /// Whether `time` is one of the times; `nil` where the time zone is not known.
        func contains(_ time: Timestamp) -> Bool? {
            guard let first = self.offsets.first else { return nil }
            let offset = self.offsets.last { $0.at <= time.microseconds } ?? first
            let local = time.microseconds.addingSaturated(offset.microseconds)
            let minutes = local.floored(by: 60_000_000)
            let day = minutes.floored(by: 1_440)
            let minute = minutes - day * 1_440
            // 1970 began on a Thursday.
            let weekday = (day + 3) - (day + 3).floored(by: 7) * 7 + 1
            return self.hours.contains {
                Int64($0[0]) == weekday && Int64($0[1]) <= minute && minute < Int64($0[2])
            }
        }
    }

    /// A stretch of time in which somebody was enrolled in support.
    struct Enrolment: Hashable, Sendable {
        var from: Timestamp
        /// `nil` while it goes on.
        var to: Timestamp?
        var place: Int
    }

    /// A self-service session.
    struct Session: Hashable, Sendable {
        var meantToContact: Bool
        var hasRead: Bool
        var ledToContact: Bool
    }

    /// The customer; `nil` if none is known.
    public var customerID: String?
    /// The case; empty for other units.
    var caseID = ""
    /// What the case is about, where it is known.
    var product: String?
    var cause: String?
    /// When it began, or when the session ended.
    var at: Timestamp
    /// The cases that it follows up, repeats or duplicates, or that are linked to it otherwise.
    var links: [String] = []
    /// Those that it follows up or that came back in it.
    var followUps: [String] = []
    var contacts: [Contact] = []
    var episodes: [Episode] = []
    /// Whether the case was resolved in its first answered contact.
    var resolvedInFirst = false
    /// What shows in the case itself that the first contact did not settle it.
    var breaks: [Timestamp] = []
    var session: Session?
    /// The channel that the customer prefers.
    var preferredChannel: Channel?
    /// The times that the customer prefers.
    var preferredTimes: Times?
    /// Of an agent: when they were enrolled, by time, no two touching.
    var enrolments: [Enrolment] = []
    var place = 0

    init(customerID: String?, at: Timestamp) {
        self.customerID = customerID
        self.at = at
    }
}

extension MetricTouch {
    func write(to row: inout MetricBytes) {
        row.text(self.customerID ?? "")
        row.text(self.caseID)
        row.text(self.product ?? "")
        row.text(self.cause ?? "")
        row.signed(self.at.microseconds)
        for texts in [self.links, self.followUps] {
            row.count(texts.count)
            for text in texts { row.text(text) }
        }
        row.count(self.contacts.count)
        for contact in self.contacts { contact.write(to: &row) }
        row.count(self.episodes.count)
        for episode in self.episodes {
            row.signed(episode.resolvedAt.microseconds)
            row.time(episode.reopenedAt)
            row.flag(episode.isMistake)
            row.flag(episode.isFix)
            row.flag(episode.isConfirmed)
            row.flag(episode.isOffered)
            row.flag(episode.isRotation)
            row.count(episode.place)
        }
        row.flag(self.resolvedInFirst)
        row.count(self.breaks.count)
        for time in self.breaks { row.signed(time.microseconds) }
        row.count(self.session == nil ? 0 : 1)
        if let session {
            row.flag(session.meantToContact)
            row.flag(session.hasRead)
            row.flag(session.ledToContact)
        }
        row.unsigned(UInt64(self.preferredChannel?.rawValue ?? 0))
        row.flag(self.preferredTimes != nil)
        self.preferredTimes?.write(to: &row)
        row.count(self.enrolments.count)
        for enrolment in self.enrolments {
            row.signed(enrolment.from.microseconds)
            row.time(enrolment.to)
            row.count(enrolment.place)
        }
        row.count(self.place)
    }

    init?(_ row: inout MetricReader, places: Int) {
        guard let customer = row.text(), let caseID = row.text(), let product = row.text(),
            let cause = row.text(), let at = row.moment()
        else { return nil }
        self.init(customerID: customer.isEmpty ? nil : customer, at: at)
        self.caseID = caseID
        self.product = product.isEmpty ? nil : product
        self.cause = cause.isEmpty ? nil : cause
        guard let links = Self.texts(&row), let followUps = Self.texts(&row) else { return nil }
        self.links = links
        self.followUps = followUps
        guard let contacts = row.count() else { return nil }
        for _ in 0..<contacts {
            guard let contact = Contact(&row, places: places) else { return nil }
            self.contacts.append(contact)
        }
        guard let episodes = row.count() else { return nil }
        for _ in 0..<episodes {
            guard let resolved = row.moment(), let reopened = row.time(),
                let isMistake = row.flag(), let isFix = row.flag(), let isConfirmed = row.flag(),
                let isOffered = row.flag(), let isRotation = row.flag(),
                let place = row.place(places)
            else { return nil }
            self.episodes.append(
                Episode(
                    resolvedAt: resolved,
                    reopenedAt: reopened,
                    isMistake: isMistake,
                    isFix: isFix,
                    isConfirmed: isConfirmed,
                    isOffered: isOffered,
                    isRotation: isRotation,
                    place: place
                )
            )
        }
        guard let inFirst = row.flag(), let breaks = row.count() else { return nil }
        self.resolvedInFirst = inFirst
        for _ in 0..<breaks {
            guard let time = row.moment() else { return nil }
            self.breaks.append(time)
        }
        guard let hasSession = row.flag() else { return nil }
        if hasSession {
            guard let meant = row.flag(), let read = row.flag(), let led = row.flag() else {
                return nil
            }
            self.session = Session(meantToContact: meant, hasRead: read, ledToContact: led)
        }
        guard let channel = row.unsigned(), let hasTimes = row.flag() else { return nil }
        self.preferredChannel = Channel(rawValue: UInt32(truncatingIfNeeded: channel))
        if self.preferredChannel == .notStated { self.preferredChannel = nil }
        if hasTimes {
            guard let times = Times(&row) else { return nil }
            self.preferredTimes = times
        }
        guard let enrolments = row.count() else { return nil }
        for _ in 0..<enrolments {
            guard let from = row.moment(), let to = row.time(), let place = row.place(places)
            else { return nil }
            self.enrolments.append(Enrolment(from: from, to: to, place: place))
        }
        guard let place = row.place(places) else { return nil }
        self.place = place
    }

    private static func texts(_ row: inout MetricReader) -> [String]? {
        guard let count = row.count() else { return nil }
        var texts: [String] = []
        for _ in 0..<count {
            guard let text = row.text() else { return nil }
            texts.append(text)
        }
        return texts
    }
}

extension MetricTouch.Times {
    func write(to row: inout MetricBytes) {
        row.count(self.hours.count)
        for hours in self.hours { for number in hours { row.unsigned(UInt64(number)) } }
        row.count(self.offsets.count)
        for offset in self.offsets {
            row.signed(offset.at)
            row.signed(offset.microseconds)
        }
    }

    init?(_ row: inout MetricReader) {
        guard let hours = row.count() else { return nil }
        self.init(hours: [], offsets: [])
        for _ in 0..<hours {
            guard let day = row.unsigned(), let from = row.unsigned(), let to = row.unsigned()
            else { return nil }
            self.hours.append([day, from, to].map { UInt32(truncatingIfNeeded: $0) })
        }
        guard let offsets = row.count() else { return nil }
        for _ in 0..<offsets {
            guard let at = row.signed(), let microseconds = row.signed() else { return nil }
            self.offsets.append((at, microseconds))
        }
    }
}

extension Int64 {
    /// Divided and rounded down.
    fileprivate func floored(by divisor: Int64) -> Int64 {
        let (quotient, rest) = self.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}

extension MetricTouch.Contact {
    func write(to row: inout MetricBytes) {
        row.text(self.contactID)
        row.signed(self.at.microseconds)
        row.time(self.endedAt)
        row.flag(self.counts)
        row.flag(self.isInbound)
        row.flag(self.isInvited)
        row.unsigned(UInt64(self.channel.rawValue))
        row.time(self.talkMicroseconds.map { Timestamp(microseconds: $0) })
        row.time(self.limitSeconds.map { Timestamp(microseconds: $0) })
        row.flag(self.isOffered)
        row.flag(self.isRotation)
        row.count(self.place)
    }

    init?(_ row: inout MetricReader, places: Int) {
        guard let contactID = row.text(), let at = row.moment(), let endedAt = row.time(),
            let counts = row.flag(), let isInbound = row.flag(), let isInvited = row.flag(),
            let channel = row.unsigned(), let handle = row.time(), let limit = row.time(),
            let isOffered = row.flag(), let isRotation = row.flag(),
            let place = row.place(places)
        else { return nil }
        self.init(
            contactID: contactID,
            at: at,
            endedAt: endedAt,
            counts: counts,
            isInbound: isInbound,
            isInvited: isInvited,
            channel: Channel(wire: UInt32(truncatingIfNeeded: channel)),
            talkMicroseconds: handle?.microseconds,
            limitSeconds: limit?.microseconds,
            isOffered: isOffered,
            isRotation: isRotation,
            place: place
        )
    }
}
