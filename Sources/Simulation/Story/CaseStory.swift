internal import CaseDomain
internal import LedgerTypes

/// An event and the site into whose ledger it goes.
struct StoryEvent: Sendable {
    let site: Int
    /// The story, and the event's place in it: what happens at one moment stays in order.
    let story: Int
    let ordinal: Int
    let event: ProposedEvent

    /// Whether it is written first.
    func comes(before other: StoryEvent) -> Bool {
        (self.event.occurred, self.story, self.ordinal)
            < (other.event.occurred, other.story, other.ordinal)
    }
}

/// An answer that was published.
struct PublishedAnswer: Sendable {
    let id: String
    let product: String
    let symptom: String
    let at: Double
}

/// What happens around one case, from the customer's search to the last return: told once, in
/// order, with a clock of its own. Pure; the same for the same seed and number.
///
/// The tale is in the extensions: contacts, steps, custody, waits, endings.
struct CaseStory {
    /// A contact under way.
    struct OpenContact {
        let subject: Subject
        let channel: Channel
        let startedAt: Double
        var answeredAt: Double?
        var segments: [ContactSegment] = []
        var queueSeconds = 0.0
        /// When the agent begins to look at the clock.
        var limitAt = Double.infinity
    }

    let world: World
    let number: Int
    let caseID: Subject
    let customerID: String
    let product: ProductParameters
    let symptom: ProductParameters.Symptom
    let daysInField: Int
    /// What was published before, by other stories.
    let answers: [PublishedAnswer]

    var random: SimulationRandom
    /// Seconds after the start.
    var clock: Double
    /// The site that writes.
    var site: Int
    var events: [StoryEvent] = []
    var published: [PublishedAnswer] = []

    var owner: Agent?
    var holder: Agent?
    var contact: OpenContact?
    var contactCount = 0
    var messageCount = 0
    var otherCount = 0
    var lastContactID: String?
    var lastMessageID: String?
    var statementID: String?
    var restatements = 0
    var steps: [(id: String, event: EventID, result: StepResult)] = []
    var commitments: [String] = []
    var entitlement: Entitlement?
    var episode: UInt32 = 1
    var mood = Mood.neutral

    var behaviour: BehaviourParameters { self.world.parameters.behaviour }
    var times: TimeParameters { self.world.parameters.times }
    var day: Int { Int((self.clock / Double(World.secondsPerDay)).rounded(.down)) }

    /// Prepares the story of case `number`, which begins at `clock` at `site`.
    init(
        _ world: World,
        number: Int,
        clock: Double,
        site: Int,
        customer: Int,
        answers: [PublishedAnswer]
    ) {
        self.world = world
        self.number = number
        self.clock = clock
        self.site = site
        self.answers = answers
        var random = SimulationRandom(seed: world.seed, stream: UInt64(number))
        let products = world.parameters.products
        let product = products[random.weighted(products.map(\.share))]
        self.product = product
        self.symptom = product.symptoms[random.weighted(product.symptoms.map(\.weight))]
        let failure = product.failure
        let age = random.weibull(shape: failure.shape, scale: failure.scaleDays)
        self.daysInField = Int(min(age, 3_650))
        self.customerID = Self.customer(customer, seed: world.seed)
        // Seed and number are digits: there is such a subject.
        self.caseID = Self.subject("case", "\(world.seed)-\(number)")
        self.random = random
    }

    /// The pseudonym of customer `index`.
    static func customer(_ index: Int, seed: UInt64) -> String {
        var random = SimulationRandom(seed: seed, stream: 2 << 40 | UInt64(index))
        let digits = String(random.next(), radix: 16)
        return "c" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// A subject whose kind and id were made here, and are well formed.
    static func subject(_ kind: String, _ id: String) -> Subject {
        guard let subject = Subject(kind: kind, id: id) else {
            preconditionFailure("\(kind):\(id) is not a subject")
        }
        return subject
    }

    /// Writes an event that happens now; the clock goes on by a second.
    @discardableResult
    mutating func write(
        _ payload: EventPayload,
        about subject: Subject? = nil,
        by actor: ActorSnapshot,
        contactID: String? = nil,
        handoffID: String? = nil,
        escalationID: String? = nil,
        causation: EventID? = nil
    ) -> EventID {
        let time = self.world.time(self.clock)
        let id = self.random.eventID(time)
        let event = ProposedEvent(
            id: id,
            subject: subject ?? self.caseID,
            occurred: time,
            isHistory: true,
            actor: actor,
            contactID: contactID,
            handoffID: handoffID,
            escalationID: escalationID,
            causation: causation,
            payload: payload
        )
        self.events.append(
            StoryEvent(
                site: self.site,
                story: self.number,
                ordinal: self.events.count,
                event: event
            )
        )
        self.clock += 1
        return id
    }

    /// A name within the case, such as `7-12-h1`.
    mutating func name(_ letter: String) -> String {
        self.otherCount += 1
        return "\(self.caseID.id)-\(letter)\(self.otherCount)"
    }

    /// The customer, as who acts.
    var customer: ActorSnapshot { ActorSnapshot(actorID: self.customerID, kind: .customer) }

    /// `agent`, as who acts.
    func actor(_ agent: Agent) -> ActorSnapshot { self.world.actor(agent, onDay: self.day) }

    /// Somebody of `team` at the writing site, once it is open.
    mutating func agent(ofTeam team: Int) -> Agent {
        self.clock = self.world.opening(of: self.site, from: self.clock)
        return self.world.agent(team, of: self.site, at: self.clock, &self.random)
    }

    /// Goes on at another site on the next day: its ledger has heard of the case by then.
    mutating func move(to site: Int) {
        guard site != self.site else { return }
        self.site = site
        let tomorrow = Double(self.world.second(ofDay: self.day + 1))
        self.clock = self.world.opening(of: site, from: tomorrow + 1_800)
    }

    mutating func wait(hours: Double) { self.clock += hours * 3_600 }

    /// A notch less content.
    mutating func sour() {
        switch self.mood {
        case .pleased: self.mood = .neutral
        case .neutral: self.mood = .worried
        case .worried: self.mood = .annoyed
        default: self.mood = .angry
        }
    }
}
