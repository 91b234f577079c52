import CaseDomain
import EventStore
import LedgerTesting
import LedgerTypes
import Projections

/// Events of a few cases, contacts and customers in any order, legal or not: what imports and other
/// sites may bring.
struct RandomHistory {
    private var random: SeededRandom
    private var number = 0
    private var links: [EventID] = []

    private static let start: Int64 = 1_700_000_000_000_000

    init(seed: UInt64) { self.random = SeededRandom(seed: seed) }

    /// A random number below `bound`.
    mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self.random) }

    /// The next event.
    mutating func event() -> PreparedEvent {
        self.number += 1
        let isCustomer = self.roll(12) == 0
        let isContact = !isCustomer && self.roll(4) == 0
        if isCustomer { return self.event(self.customerPayload(), "customer:\(self.customer)") }
        if isContact { return self.event(self.contactPayload(), "contact:K\(self.roll(5))") }
        if self.roll(25) == 0 {
            let (payload, subject) = self.decision()
            return self.event(payload, subject)
        }
        let payload = self.casePayload()
        let event = self.event(payload, "case:C\(self.roll(7))")
        if case .caseLinked = payload { self.links.append(event.draft.id) }
        return event
    }

    /// One event of an agent's, as history, its id made of its minute.
    static func event(_ payload: EventPayload, _ subject: String, minute: Int) -> PreparedEvent {
        var random = SeededRandom(seed: UInt64(bitPattern: Int64(minute)))
        let occurred = Timestamp(microseconds: Self.start + Int64(minute) * 60_000_000)
        let event = ProposedEvent(
            id: EventID(unixMilliseconds: occurred.milliseconds, random: random.bytes(10).span),
            subject: Subject(subject) ?? Attachment.policies,
            occurred: occurred,
            isHistory: true,
            actor: ActorSnapshot(actorID: "agent", kind: .agent),
            payload: payload
        )
        return PreparedEvent(draft: event.draft(), order: occurred)
    }

    private var customer: String {
        mutating get { "cust\(self.roll(4))" }
    }

    private mutating func event(_ payload: EventPayload, _ subject: String) -> PreparedEvent {
        // Mostly going on, often late.
        let minute = self.roll(3) == 0 ? self.roll(self.number) : self.number
        let occurred = Timestamp(microseconds: Self.start + Int64(minute) * 60_000_000)
        let agent = "agent\(self.roll(4))"
        let event = ProposedEvent(
            id: EventID(
                unixMilliseconds: occurred.milliseconds,
                random: self.random.bytes(10).span
            ),
            subject: Subject(subject) ?? Attachment.policies,
            occurred: occurred,
            isHistory: true,
            actor: ActorSnapshot(
                actorID: agent,
                kind: .agent,
                team: "T\(self.roll(3))",
                siteID: "summaries.example/\(["one", "two", "three"][self.roll(3)])"
            ),
            payload: payload
        )
        return PreparedEvent(draft: event.draft(), order: occurred)
    }

    private func make<Message: EventMessage>(_ change: (inout Message) -> Void) -> Message {
        var message = Message()
        change(&message)
        return message
    }

    private mutating func casePayload() -> EventPayload {
        let agent = "agent\(self.roll(4))"
        let customer = self.customer
        let name = "n\(self.roll(9))"
        let other = "C\(self.roll(7))"
        let contact = self.roll(2) == 0 ? "K\(self.roll(5))" : nil
        let due = Timestamp(microseconds: Self.start + Int64(self.roll(400)) * 60_000_000)
        let severity = "\(self.roll(4))"
        if self.roll(3) == 0 { return self.workPayload(agent: agent, name: name) }
        switch self.roll(20) {
        case 0, 1:
            return .caseOpened(
                self.make {
                    $0.customerID = customer
                    $0.firstContactID = contact
                    $0.severity = 2
                }
            )
        case 2, 3: return .ownerAssigned(self.make { $0.ownerID = agent })
        case 4: return .ownerReleased(self.make { $0.interimHolder = agent })
        case 5:
            return .commitmentMade(
                self.make {
                    $0.commitmentID = name
                    $0.dueAt = due
                }
            )
        case 6:
            return .commitmentSettled(
                self.make {
                    $0.commitmentID = name
                    $0.outcome = .kept
                }
            )
        case 7:
            return .caseClassified(
                self.make {
                    $0.field = "severity"
                    $0.new = severity
                }
            )
        case 8: return .caseWaitChanged(self.make { $0.waitingOn = .vendor })
        case 9: return .caseResolved(self.make { $0.resolutionKind = .fixed })
        case 10: return .caseClosed(self.make { $0.reason = .confirmed })
        case 11: return .caseReopened(self.make { $0.reason = .notFixed })
        case 12, 17, 18:
            return .caseLinked(
                self.make {
                    $0.otherCaseID = other
                    $0.relation = .mergedInto
                }
            )
        case 13:
            let link = self.links.isEmpty ? nil : self.links[self.roll(self.links.count)]
            return .caseUnlinked(self.make { $0.linkEventID = link })
        case 14: return .caseCustomerChanged(self.make { $0.new = customer })
        case 15:
            return .handoffOffered(
                self.make {
                    $0.kind = .cold
                    $0.deadline = due
                }
            )
        default: return .messageRecorded(self.make { $0.messageID = name })
        }
    }

    /// What is done in a case: what metrics count.
    private mutating func workPayload(agent: String, name: String) -> EventPayload {
        let number = self.roll(10)
        let team = "T\(self.roll(3))"
        switch self.roll(10) {
        case 0:
            return .caseObserved(
                self.make {
                    $0.status = number < 3 ? .resolved : number < 6 ? .waiting : .inProgress
                    $0.waitingOn = number < 5 ? .customer : .vendor
                    $0.agent = agent
                    $0.team = team
                    $0.slaMet = number < 2 ? nil : number < 6
                }
            )
        case 1:
            return .stepTried(
                self.make {
                    $0.stepID = name
                    $0.result = .failed
                    $0.minutes = Double(number)
                }
            )
        case 2:
            return .issueStated(
                self.make {
                    $0.isRestatement = number < 5
                    $0.askedBy = agent
                }
            )
        case 3:
            return .feedbackReceived(
                self.make {
                    $0.instrument = number < 5 ? .ces : .csat
                    $0.scaleMin = 1
                    $0.scaleMax = 7
                    $0.score = Double(number % 7 + 1)
                    $0.solicited = number != 9
                }
            )
        case 4:
            return .entitlementDetermined(
                self.make {
                    $0.entitlement = number < 5 ? .warranty : .unsupported
                    $0.slaPolicyID = number < 8 ? "target" : nil
                    $0.disputed = number == 0
                }
            )
        case 5:
            return .signalRaised(
                self.make {
                    $0.kind = .defect
                    $0.signalID = name
                    $0.daysInField = UInt32(number)
                }
            )
        case 6: return .caseWaitChanged(self.make { $0.waitingOn = .customer })
        case 7:
            return .remedyDecided(
                self.make {
                    $0.kind = .refund
                    $0.decision = .granted
                    $0.withinAuthority = number < 5
                }
            )
        default:
            return .messageRecorded(
                self.make {
                    $0.messageID = name
                    $0.author = number < 4 ? .customer : .agent
                    $0.visibility = .public
                }
            )
        }
    }

    private mutating func contactPayload() -> EventPayload {
        let other = "C\(self.roll(8))"
        let seconds = Double(self.roll(900))
        let agent = "agent\(self.roll(4))"
        switch self.roll(5) {
        case 0, 4:
            return .contactStarted(
                self.make {
                    $0.direction = .inbound
                    $0.channel = seconds < 600 ? .phone : .email
                    $0.queue = "q"
                }
            )
        case 1:
            return .contactAnswered(
                self.make {
                    $0.agentID = agent
                    $0.waitSeconds = seconds / 30
                }
            )
        case 2:
            return .contactEnded(
                self.make {
                    $0.outcome = .completed
                    $0.segments = [
                        self.make {
                            $0.agentID = agent
                            $0.talkSeconds = seconds
                        }
                    ]
                }
            )
        default: return .contactAttached(self.make { $0.caseID = other })
        }
    }

    private mutating func customerPayload() -> EventPayload {
        let other = self.customer
        switch self.roll(4) {
        case 0: return .customerLinked(self.make { $0.otherCustomerID = other })
        case 1: return .recordRedacted(self.make { $0.customerID = other })
        default: return .customerDescribed(self.make { $0.language = "de" })
        }
    }

    /// What a site decides: each changes how cases are measured that are long over.
    private mutating func decision() -> (EventPayload, String) {
        let number = self.roll(200)
        switch self.roll(4) {
        case 0:
            let policy: PolicyDefined = self.make {
                $0.what = .grace
                $0.value = UInt64(number) * 900
            }
            return (.policyDefined(policy), "policy:grace")
        case 1:
            let policy: PolicyDefined = self.make {
                $0.what = .slaTarget
                $0.sla = self.make {
                    $0.metric = number < 100 ? .firstResponse : .resolution
                    $0.seconds = UInt64(number) * 60
                    $0.calendarID = number < 50 ? nil : "hours"
                    $0.pauseOn = number < 150 ? [.customer] : []
                }
            }
            return (.policyDefined(policy), "policy:target")
        case 2:
            let team: TeamDefined = self.make { $0.calendarID = number < 100 ? "hours" : nil }
            return (.teamDefined(team), "team:T\(number % 3)")
        default:
            let calendar: CalendarDefined = self.make { calendar in
                calendar.version = UInt32(number)
                calendar.hours = (1...7).map { weekday in
                    self.make {
                        $0.weekday = UInt32(weekday)
                        $0.fromMinute = UInt32(number)
                        $0.toMinute = 1_300
                    }
                }
            }
            return (.calendarDefined(calendar), "policy:hours")
        }
    }

    /// A site says what it is, at the beginning.
    static func registration(of site: String) -> PreparedEvent {
        var registered = SiteRegistered()
        registered.kind = site == "one" ? .inHouse : .outsourced
        registered.operator = "operator of \(site)"
        return Self.event(
            .siteRegistered(registered),
            "site:summaries.example/\(site)",
            minute: -site.utf8.count
        )
    }
}
