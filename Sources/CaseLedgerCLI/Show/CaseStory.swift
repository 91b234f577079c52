import CaseDomain
import LedgerTypes

/// The path of a case as lines in the order of its events: episodes, owners, custody, offers,
/// waits, contacts and links.
struct CaseStory {
    /// One line.
    struct Entry {
        /// The place of its event among the case's events, then its rank within that event.
        let place: (Int, Int)
        let at: Timestamp
        let text: String
    }

    private var entries: [Entry] = []
    private let places: [EventID: Int]

    /// The lines of `view`, oldest first.
    static func entries(of view: CaseView) -> [Entry] {
        var story = Self(view)
        story.addEpisodes(view.path.episodes)
        story.addOwners(view.path.owners)
        story.addHandoffs(view.path.handoffs)
        story.addCustody(view.path.custody)
        story.addWaits(view.path.waits, asOf: view.asOf)
        story.addContacts(view.path.contacts)
        story.addLinks(view.path.links)
        return story.entries.sorted { $0.place < $1.place }
    }

    private init(_ view: CaseView) {
        self.places = Dictionary(
            view.events.enumerated().map { ($1.event, $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private mutating func add(_ event: EventID, _ at: Timestamp, _ text: String) {
        let place = (self.places[event] ?? .max, self.entries.count)
        self.entries.append(Entry(place: place, at: at, text: text))
    }

    private mutating func addEpisodes(_ episodes: [EpisodeLine]) {
        for episode in episodes {
            let reason = episode.reopenReason.map(\.stated) ?? ""
            let begun = episode.number > 1 ? "reopened" : "opened"
            self.add(episode.event, episode.from, begun + reason)
            if let resolvedBy = episode.resolvedBy, let at = episode.resolvedAt {
                var text = "resolved" + (episode.resolutionKind.map(\.stated) ?? "")
                switch episode.customerConfirmed {
                case .yes: text += ", and the customer agrees"
                case .no: text += ", but the customer does not agree"
                default: break
                }
                if let notes = CaseScreen.words(episode.notes) { text += ": \(notes)" }
                self.add(resolvedBy, at, text)
            }
            if let closedBy = episode.closedBy, let at = episode.closedAt {
                let text = "closed" + (episode.closeReason.map(\.stated) ?? "")
                self.add(closedBy, at, text)
            }
        }
    }

    private mutating func addOwners(_ owners: [OwnerSpan]) {
        for (index, owner) in owners.enumerated() {
            var text = "owner \(owner.ownerID)" + owner.how.stated
            if owner.reason != .notStated { text += ", \(owner.reason.name)" }
            if let rule = owner.rule { text += ", by rule \(rule)" }
            if owner.isContended { text += ", contended" }
            self.add(owner.event, owner.from, text)
            let isFollowed = index + 1 < owners.count && owners[index + 1].event == owner.endedBy
            if let endedBy = owner.endedBy, let until = owner.until, !isFollowed {
                let reason = owner.releaseReason.map(\.stated) ?? ""
                self.add(endedBy, until, "owner \(owner.ownerID) released" + reason)
            }
        }
    }

    private mutating func addCustody(_ lines: [CustodyLine]) {
        for line in lines {
            // Only what changed, so that a step between teams reads as one.
            let from = CaseScreen.holder(line.from, levels: line.levels)
            let to = CaseScreen.holder(line.to, levels: line.levels)
            var text = line.from.isEmpty || from == "nobody" ? "held by \(to)" : "\(from) → \(to)"
            text += line.kind.stated
            if line.reason != .notStated { text += ", \(line.reason.name)" }
            self.add(line.event, line.at, text)
        }
    }

    private mutating func addHandoffs(_ handoffs: [HandoffLine]) {
        for offer in handoffs {
            let to = offer.to.map(CaseScreen.place) ?? "anybody"
            var text = "offered to \(to)" + offer.kind.stated
            if offer.reason != .notStated { text += ", \(offer.reason.name)" }
            self.add(offer.event, offer.at, text)
            guard let endedAt = offer.endedAt else { continue }
            var end = "offer \(offer.outcome.name)"
            if let by = offer.by { end += " by \(by)" }
            if let reason = offer.declineReason { end += reason.stated }
            if offer.isLate { end += ", late" }
            if !offer.missing.isEmpty {
                end += "; missing: " + offer.missing.joined(separator: ", ")
            }
            self.add(offer.endedBy ?? offer.event, endedAt, end)
        }
    }

    private mutating func addWaits(_ waits: [WaitLine], asOf: Timestamp) {
        for wait in waits {
            let whom = wait.waitingOn == .notStated ? "" : " for \(wait.waitingOn.name)"
            let word = wait.subStatus.map { " (\($0))" } ?? ""
            let end = wait.endedAt ?? asOf
            let span = DisplayText.span(
                seconds: Double(end.microseconds(since: wait.from)) / 1_000_000
            )
            let text =
                wait.endedAt == nil
                ? "waits\(whom)\(word), \(span) so far" : "waited\(whom)\(word), \(span)"
            self.add(wait.event, wait.from, text)
        }
    }

    private mutating func addContacts(_ contacts: [ContactLine]) {
        for contact in contacts {
            let words = [
                contact.direction == .notStated ? nil : contact.direction.name,
                contact.channel == .notStated ? "contact" : contact.channel.name,
            ]
            var text = words.compactMap { $0 }.joined(separator: " ") + " \(contact.contactID)"
            for answer in contact.answers {
                let wait = DisplayText.span(seconds: answer.waitSeconds)
                text += ", \(answer.agentID) after \(wait)"
            }
            if let outcome = contact.outcome { text += ", \(outcome.name)" }
            if let mood = contact.mood, mood != .notStated { text += ", \(mood.name)" }
            self.add(contact.event, contact.at, text)
        }
    }

    private mutating func addLinks(_ links: [LinkLine]) {
        for link in links where link.unlinkedBy == nil {
            self.add(link.event, link.at, "\(link.relation.name) \(link.otherCaseID)")
        }
    }
}

extension Vocabulary {
    /// The word in brackets after another; nothing if it says nothing.
    var stated: String { self == .notStated ? "" : " (\(self.name))" }
}
