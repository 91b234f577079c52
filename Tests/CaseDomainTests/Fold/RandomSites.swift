import CaseDomain
import LedgerTesting
import LedgerTypes

/// Two or three sites that work on one case: each decides on what it holds, now and then they
/// exchange everything, and some write what no rule allows.
struct RandomSites {
    /// A site, what it holds, and the state it decides on.
    struct Site {
        let log: LogID
        var held: [CaseEvent] = []
        var state: CaseState
        var size: UInt64 = 0
    }

    /// A decision that was accepted: the event, and the breaches it was accepted with.
    struct Accepted {
        let event: EventID
        let flags: [RuleViolation]
    }

    private(set) var random: SeededRandom
    private(set) var sites: [Site]
    private(set) var accepted: [Accepted] = []
    private(set) var refusals = 0
    /// Rules that refused something.
    private(set) var refused: Set<RuleID> = []
    let caseID: Subject
    /// Whether events are also written past the rules.
    let isLawless: Bool
    private var minute = 0.0
    private var next: UInt128 = 1

    init(seed: UInt64, sites: Int, isLawless: Bool, caseID: Subject) {
        self.random = SeededRandom(seed: seed)
        self.caseID = caseID
        self.isLawless = isLawless
        self.sites = (1...UInt128(sites)).map {
            Site(log: LogID(rawValue: $0), state: .initial(caseID))
        }
    }

    /// Every event of every log, once.
    var events: [CaseEvent] {
        var seen: Set<EventAddress> = []
        return self.sites.flatMap(\.held).filter { seen.insert($0.address).inserted }
    }

    /// Goes on by `steps` proposals; returns how many events were written.
    mutating func run(steps: Int) -> Int {
        var written = 0
        for step in 0..<steps {
            self.minute += Double(self.random.next() % 90)
            let place = Int(self.random.next() % UInt64(self.sites.count))
            if self.sites.count > 1, self.random.next().isMultiple(of: 12) {
                self.exchange(place)
            }
            let proposed = self.proposals(isFirst: step < 3)
            if self.isLawless, self.random.next().isMultiple(of: 6) {
                for event in proposed { self.write(event, at: place) }
                written += proposed.count
            } else {
                written += self.decide(proposed, at: place)
            }
        }
        return written
    }

    private mutating func decide(_ proposed: [ProposedEvent], at place: Int) -> Int {
        do throws(RuleViolations) {
            let decision = try self.sites[place].state.decide(
                proposed,
                now: Story.minute(self.minute)
            )
            for event in decision.events {
                self.write(event, at: place)
                self.accepted.append(
                    Accepted(
                        event: event.id,
                        flags: decision.flags.filter { $0.event == event.id }
                    )
                )
            }
            return decision.events.count
        } catch {
            self.refusals += 1
            for violation in error.violations { self.refused.insert(violation.rule) }
            return 0
        }
    }

    private mutating func write(_ proposed: ProposedEvent, at place: Int) {
        var site = self.sites[place]
        var newest: [LogID: UInt64] = [:]
        var last = Timestamp(microseconds: .min)
        for event in site.held where event.subject == proposed.subject {
            last = max(last, event.order)
            guard event.address.log != site.log else { continue }
            newest[event.address.log] = max(newest[event.address.log] ?? 0, event.address.index)
        }
        let isBlind = self.isLawless && self.random.next().isMultiple(of: 9)
        let event = CaseEvent(
            id: proposed.id,
            address: EventAddress(log: site.log, index: site.size),
            subject: proposed.subject,
            occurred: proposed.occurred,
            order: max(proposed.occurred, last.adding(microseconds: 1)),
            recorded: HybridTime(
                after: HybridTime(rawValue: 0),
                now: max(Story.minute(self.minute), last)
            ),
            isHistory: proposed.isHistory,
            actor: proposed.actor,
            contactID: proposed.contactID,
            handoffID: proposed.handoffID,
            escalationID: proposed.escalationID,
            seen: isBlind
                ? [] : newest.sorted { $0.key < $1.key }.map { EventAddress(log: $0, index: $1) },
            payload: proposed.payload
        )
        site.size += 1
        let isLast = site.held.allSatisfy { $0.folds(before: event) }
        site.held.append(event)
        // Going on one by one is right for what comes last and changes nothing before it.
        site.state.evolve(event)
        if !isLast || site.state.needsFold {
            site.state = CaseState.folding(site.held, of: self.caseID)
        }
        self.sites[place] = site
    }

    /// Two sites hold the same afterwards.
    private mutating func exchange(_ place: Int) {
        let other = (place + 1) % self.sites.count
        var seen: Set<EventAddress> = []
        var all = (self.sites[place].held + self.sites[other].held).filter {
            seen.insert($0.address).inserted
        }
        all.shuffle(using: &self.random)
        let state = CaseState.folding(all, of: self.caseID)
        for each in [place, other] {
            self.sites[each].held = all
            self.sites[each].state = state
        }
    }
}

// What is proposed.
extension RandomSites {
    private mutating func proposals(isFirst: Bool) -> [ProposedEvent] {
        if isFirst {
            return [
                self.event(
                    .caseOpened(
                        Examples.make {
                            $0.initiation = .proactive
                            $0.customerID = "cust"
                            $0.purchaseDate = CalendarDate("2023-10-20")
                        }
                    )
                ),
                self.event(.ownerAssigned(Examples.make { $0.ownerID = "anna" })),
            ]
        }
        let count = self.random.next().isMultiple(of: 5) ? 2 : 1
        return (0..<count).map { _ in
            let type = EventType.allCases.randomElement(using: &self.random) ?? .caseOpened
            return self.event(self.payload(type))
        }
    }

    private mutating func pick(_ names: [String]) -> String {
        names.randomElement(using: &self.random) ?? ""
    }

    private mutating func event(_ payload: EventPayload) -> ProposedEvent {
        self.next += 1
        let kinds: [ActorKind] = [.agent, .agent, .agent, .supervisor, .bot, .customer, .system]
        let kind = kinds.randomElement(using: &self.random) ?? .agent
        let who = kind == .customer ? "cust" : self.pick(["anna", "bert", "carl"])
        let isContact = payload.type?.subjectKind == "contact"
        let contact = self.pick(["k0", "k1", "k2"])
        let subject = isContact ? Subject(kind: "contact", id: contact) : nil
        let jitter = Double(self.random.next() % 7) - 3
        return ProposedEvent(
            id: EventID(rawValue: self.next << 16),
            subject: subject ?? self.caseID,
            occurred: Story.minute(self.minute + jitter),
            isHistory: self.random.next().isMultiple(of: 25),
            actor: ActorSnapshot(
                actorID: who,
                kind: kind,
                tier: self.pick(["t1", "t2"]),
                team: self.pick(["one", "two"]),
                siteID: self.pick(["berlin", "manila"])
            ),
            contactID: isContact || self.random.next().isMultiple(of: 3) ? contact : nil,
            handoffID: self.pick(["h0", "h1", "h2", "h3"]),
            escalationID: self.pick(["e0", "e1", "e2"]),
            payload: payload
        )
    }

    private mutating func target() -> EventID? {
        let held = self.sites.flatMap(\.held)
        return held.randomElement(using: &self.random)?.id
    }

    /// Something of `type` that is likely to hang together with what is there.
    private mutating func payload(_ type: EventType) -> EventPayload {
        let some = self.random.next().isMultiple(of: 2)
        let promise = self.pick(["p0", "p1", "p2", "p3"])
        let minute = self.minute
        switch type {
        case .caseResolved:
            var resolve = Examples.resolved
            resolve.carriedOver = some ? ["p0", "p1", "p2", "p3"] : []
            return .caseResolved(resolve)
        case .caseWaitChanged:
            return .caseWaitChanged(Examples.make { $0.waitingOn = some ? .customer : .vendor })
        case .caseUnlinked:
            let target = self.target()
            return .caseUnlinked(Examples.make { $0.linkEventID = target })
        case .handoffOffered:
            var offer = Examples.offered
            offer.deadline = Story.minute(minute + 100)
            offer.movesOwnership = some
            return .handoffOffered(offer)
        case .issueStated:
            let key = self.pick(["model", "lamp"])
            let value = self.pick(["a", "b"])
            return .issueStated(
                Examples.make {
                    $0.facts = [Examples.make { $0.key = key }]
                    $0.factValues = .open([value])
                    $0.reason = some ? .notRead : .notStated
                }
            )
        case .stepTried:
            let step = self.pick(["reboot", "reset"])
            return .stepTried(
                Examples.make {
                    $0.stepID = step
                    $0.result = .failed
                    $0.repeatReason = some ? .verify : .notStated
                }
            )
        case .escalationRaised:
            return .escalationRaised(
                Examples.make {
                    $0.kind = .functional
                    $0.reason = some ? .skill : .stepsExhausted
                    $0.reportBackDue = Story.minute(minute + 200)
                }
            )
        case .escalationReportedBack:
            return .escalationReportedBack(Examples.make { $0.isFinal = some })
        case .commitmentMade:
            return .commitmentMade(
                Examples.make {
                    $0.commitmentID = promise
                    $0.dueAt = Story.minute(minute + 100)
                }
            )
        case .commitmentSettled:
            return .commitmentSettled(
                Examples.make {
                    $0.commitmentID = promise
                    $0.outcome = .kept
                }
            )
        case .recordCorrected:
            let target = self.target()
            let field = self.pick(["category", "result", "resolutionKind", "notes"])
            return .recordCorrected(
                Examples.make {
                    $0.targetEventID = target
                    $0.field = field
                    if field == "notes" {
                        $0.newText = .open("better")
                    } else {
                        $0.newValue = field == "result" ? "worked" : "fixed"
                    }
                }
            )
        case .recordRedacted:
            let target = self.target()
            return .recordRedacted(
                Examples.make {
                    $0.targetEventID = some ? target : nil
                    $0.customerID = "cust"
                    $0.legalBasis = "GDPR"
                }
            )
        default: return Examples.payload(type)
        }
    }
}
