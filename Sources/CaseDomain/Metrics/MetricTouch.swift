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
                let place = row.place(places)
            else { return nil }
            self.episodes.append(
                Episode(
                    resolvedAt: resolved,
                    reopenedAt: reopened,
                    isMistake: isMistake,
                    isFix: isFix,
                    isConfirmed: isConfirmed,
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
        guard let channel = row.unsigned(), let place = row.place(places) else { return nil }
        self.preferredChannel = Channel(rawValue: UInt32(truncatingIfNeeded: channel))
        if self.preferredChannel == .notStated { self.preferredChannel = nil }
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
        row.count(self.place)
    }

    init?(_ row: inout MetricReader, places: Int) {
        guard let contactID = row.text(), let at = row.moment(), let endedAt = row.time(),
            let counts = row.flag(), let isInbound = row.flag(), let isInvited = row.flag(),
            let channel = row.unsigned(), let handle = row.time(), let limit = row.time(),
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
            place: place
        )
    }
}
