public import CaseDomain
public import LedgerTypes

/// A customer across cases: who it is, what is open, what was promised, how often they had to come
/// back. One person who has several ids is shown once.
public struct CustomerView: Hashable, Sendable, Encodable {
    /// A promise and its case.
    public struct Promise: Hashable, Sendable, Encodable {
        /// The case.
        public let caseID: String
        /// The promise as it stands.
        public let promise: CommitmentLine
    }

    /// A contact and its case.
    public struct Contact: Hashable, Sendable, Encodable {
        /// The case.
        public let caseID: String
        /// The contact.
        public let contact: ContactLine
    }

    /// An answered contact that was followed by another about the same case or product.
    public struct Repeat: Hashable, Sendable, Encodable {
        /// The contact that did not settle it.
        public let contactID: String
        /// When it was.
        public let at: Timestamp
        /// Its case.
        public let caseID: String
        /// The contact that followed.
        public let followedBy: String
        /// Its case.
        public let followingCaseID: String
        /// Seconds between the two.
        public let afterSeconds: Double
    }

    /// A score and its case.
    public struct Feedback: Hashable, Sendable, Encodable {
        /// The case.
        public let caseID: String
        /// What was said.
        public let feedback: FeedbackLine
    }

    /// The most days between a contact and the one that repeats it.
    public static let repeatDaysMax: Int64 = 30
    /// The most cases that are read in full; of more, the newest.
    public static let casesReadMax = 200

    /// The time at which it stands.
    public var asOf: Timestamp
    /// The pseudonym that was asked for.
    public var customerID: String
    /// The other ids of the person.
    public var linkedIDs: [String]
    /// The name, open where this site has the key; so is what follows.
    public var name: Sealed<String>
    /// How to address them.
    public var addressAs: Sealed<String>
    /// Telephone numbers, addresses.
    public var contactPoints: Sealed<[String]>
    /// The language, BCP 47.
    public var language: String?
    /// The way they like best.
    public var preferredChannel: Channel?
    /// The IANA name of their time zone.
    public var timeZone: String?
    /// Whether what was known of them was erased.
    public var isErased: Bool
    /// The cases that go on, the newest first.
    public var openCases: [CaseItem]
    /// The cases that do not, the newest first.
    public var pastCases: [CaseItem]
    /// What is owed to them, overdue first.
    public var owed: [Promise]
    /// Promises that were broken, the newest first.
    public var broken: [Promise]
    /// Contacts, the newest first.
    public var contacts: [Contact]
    /// Contacts that had to be repeated within ``repeatDaysMax`` days, the newest first.
    public var repeats: [Repeat]
    /// What they thought of it, the newest first.
    public var feedback: [Feedback]
    /// How often they explained their problem, over all cases that were read.
    public var explanations: UInt32
    /// How many cases are listed but were not read in full.
    public var casesNotRead: Int
}

extension CustomerView {
    /// Takes in what the views of the person's cases say.
    mutating func add(_ views: [CaseView]) {
        var seen: Set<String> = []
        for view in views {
            let caseID = view.header.case.id
            self.explanations += view.understanding.explanations
            // What came through a merge is the other case's.
            for promise in view.commitments where promise.viaCase == nil {
                let line = Promise(caseID: caseID, promise: promise)
                if promise.standing.isOwed { self.owed.append(line) }
                if promise.standing.isBroken { self.broken.append(line) }
            }
            for contact in view.path.contacts where contact.viaCase == nil {
                self.contacts.append(Contact(caseID: caseID, contact: contact))
            }
            for feedback in view.customer.feedback where !feedback.isRequest {
                self.feedback.append(Feedback(caseID: caseID, feedback: feedback))
            }
        }
        self.repeats = Self.repeats(self.contacts, views)
        // A contact about two cases is one contact.
        self.contacts.sort { ($1.contact.at, $1.caseID) < ($0.contact.at, $0.caseID) }
        self.contacts = self.contacts.filter { seen.insert($0.contact.contactID).inserted }
        let far = Timestamp(microseconds: .max)
        self.owed.sort {
            ($0.promise.dueAt ?? far, $0.promise.commitmentID)
                < ($1.promise.dueAt ?? far, $1.promise.commitmentID)
        }
        self.broken.sort {
            ($1.promise.at, $1.promise.commitmentID) < ($0.promise.at, $0.promise.commitmentID)
        }
        self.feedback.sort { $1.feedback.at < $0.feedback.at }
    }

    /// Each answered inbound contact whose next one, about the same case or product, came within
    /// ``repeatDaysMax`` days; charged to the earlier one (DOMAIN.md, M-20).
    private static func repeats(_ contacts: [Contact], _ views: [CaseView]) -> [Repeat] {
        let products = Dictionary(
            views.compactMap { view in
                view.header.product.map { (view.header.case.id, $0.value.id) }
            },
            uniquingKeysWith: { first, _ in first }
        )
        let answered = contacts.filter {
            $0.contact.direction == .inbound && !$0.contact.answers.isEmpty
        }.sorted { ($0.contact.at, $0.contact.contactID) < ($1.contact.at, $1.contact.contactID) }
        var repeats: [Repeat] = []
        for (place, one) in answered.enumerated() {
            let next = answered[(place + 1)...].first { other in
                other.contact.contactID != one.contact.contactID
                    && (other.caseID == one.caseID
                        || products[other.caseID].map { $0 == products[one.caseID] } ?? false)
            }
            guard let next else { continue }
            let microseconds = next.contact.at.microseconds(since: one.contact.at)
            guard microseconds <= Self.repeatDaysMax * 86_400_000_000 else { continue }
            repeats.append(
                Repeat(
                    contactID: one.contact.contactID,
                    at: one.contact.at,
                    caseID: one.caseID,
                    followedBy: next.contact.contactID,
                    followingCaseID: next.caseID,
                    afterSeconds: Double(microseconds) / 1_000_000
                )
            )
        }
        return repeats.reversed()
    }
}
