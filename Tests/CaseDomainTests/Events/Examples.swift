import CaseDomain
import LedgerTypes

/// One message per type with every field stated.
enum Examples {
    static let eventID = EventID(rawValue: 0x0190_0000_0000_7000_8000_0000_0000_0001)
    static let digest = Digest(words: 1, 2, 3, 4)
    static let time = Timestamp(microseconds: 1_700_000_000_123_456)

    static func payload(_ type: EventType) -> EventPayload {
        switch type {
        case .caseOpened: .caseOpened(Self.opened)
        case .caseClassified: .caseClassified(Self.classified)
        case .caseLinked: .caseLinked(Self.linked)
        case .caseUnlinked: .caseUnlinked(Self.unlinked)
        case .caseWaitChanged: .caseWaitChanged(Self.waitChanged)
        case .caseResolved: .caseResolved(Self.resolved)
        case .caseClosed: .caseClosed(Self.closed)
        case .caseObserved: .caseObserved(Self.observed)
        case .caseCustomerChanged: .caseCustomerChanged(Self.customerChanged)
        case .caseReopened: .caseReopened(Self.reopened)
        case .contactStarted: .contactStarted(Self.started)
        case .contactAnswered: .contactAnswered(Self.answered)
        case .contactEnded: .contactEnded(Self.ended)
        case .contactWrappedUp: .contactWrappedUp(Self.wrappedUp)
        case .contactAttached: .contactAttached(Self.attached)
        case .messageRecorded: .messageRecorded(Self.message)
        case .ownerAssigned: .ownerAssigned(Self.assigned)
        case .ownerReleased: .ownerReleased(Self.released)
        case .handoffOffered: .handoffOffered(Self.offered)
        case .handoffAccepted: .handoffAccepted(Self.accepted)
        case .handoffDeclined: .handoffDeclined(Self.declined)
        case .siteRegistered: .siteRegistered(Self.registered)
        case .issueStated: .issueStated(Self.issueStated)
        case .stepTried: .stepTried(Self.stepTried)
        case .escalationRaised: .escalationRaised(Self.escalationRaised)
        case .escalationReportedBack: .escalationReportedBack(Self.escalationReportedBack)
        case .escalationClosed: .escalationClosed(Self.escalationClosed)
        case .commitmentMade: .commitmentMade(Self.commitmentMade)
        case .commitmentSettled: .commitmentSettled(Self.commitmentSettled)
        case .entitlementDetermined: .entitlementDetermined(Self.entitlementDetermined)
        case .remedyDecided: .remedyDecided(Self.remedyDecided)
        case .answerPublished: .answerPublished(Self.answerPublished)
        case .answerLinked: .answerLinked(Self.answerLinked)
        case .feedbackReceived: .feedbackReceived(Self.feedbackReceived)
        case .signalRaised: .signalRaised(Self.signalRaised)
        case .returnRecorded: .returnRecorded(Self.returnRecorded)
        case .recordCorrected: .recordCorrected(Self.recordCorrected)
        case .recordRedacted: .recordRedacted(Self.recordRedacted)
        case .customerDescribed: .customerDescribed(Self.customerDescribed)
        case .customerLinked: .customerLinked(Self.customerLinked)
        case .selfServiceEnded: .selfServiceEnded(Self.selfServiceEnded)
        case .mentionObserved: .mentionObserved(Self.mentionObserved)
        case .offerMade: .offerMade(Self.offerMade)
        case .feedbackRequested: .feedbackRequested(Self.feedbackRequested)
        case .signalDecided: .signalDecided(Self.signalDecided)
        case .knownIssueLinked: .knownIssueLinked(Self.knownIssueLinked)
        case .agentEnrolled: .agentEnrolled(Self.agentEnrolled)
        case .agentAbsent: .agentAbsent(Self.agentAbsent)
        case .agentLeft: .agentLeft(Self.agentLeft)
        case .teamDefined: .teamDefined(Self.teamDefined)
        case .scriptDefined: .scriptDefined(Self.scriptDefined)
        case .presenceImported: .presenceImported(Self.presenceImported)
        case .recordViewed: .recordViewed(Self.recordViewed)
        case .policyDefined: .policyDefined(Self.policyDefined)
        case .calendarDefined: .calendarDefined(Self.calendarDefined)
        case .metricDefined: .metricDefined(Self.metricDefined)
        case .customerBaseDeclared: .customerBaseDeclared(Self.customerBaseDeclared)
        case .headcountDeclared: .headcountDeclared(Self.headcountDeclared)
        case .unitsInFieldDeclared: .unitsInFieldDeclared(Self.unitsInFieldDeclared)
        case .costDeclared: .costDeclared(Self.costDeclared)
        case .holdPlaced: .holdPlaced(Self.holdPlaced)
        case .holdLifted: .holdLifted(Self.holdLifted)
        case .erasureAcknowledged: .erasureAcknowledged(Self.erasureAcknowledged)
        }
    }

    static func make<Message: EventMessage>(_ change: (inout Message) -> Void) -> Message {
        var message = Message()
        change(&message)
        return message
    }

    static let opened: CaseOpened = make {
        $0.customerID = "8f3c"
        $0.product = make {
            $0.id = "router-7"
            $0.serial = .open("SN-secret-1")
            $0.lot = "L9"
            $0.complexity = .moderate
        }
        $0.purchaseDate = CalendarDate("2023-11-02")
        $0.title = .open("No connection since Monday")
        $0.ticketType = .incident
        $0.category = "network"
        $0.severity = 2
        $0.priority = "high"
        $0.initiation = .customer
        $0.priorAttempts = [
            make {
                $0.place = .forum
                $0.stepID = "reboot"
                $0.answerID = "KB-1"
                $0.rankFound = 3
                $0.result = .failed
            }
        ]
        $0.customerExpertise = .expert
        $0.firstContactID = "call-1"
        $0.externalRefs = .open(["shop:4711", "forum:99"])
    }
    static let classified: CaseClassified = make {
        $0.field = "category"
        $0.old = ""
        $0.new = "dsl"
        $0.reason = .open("the line, not the router")
        $0.rule = "triage-4"
    }
    static let linked: CaseLinked = make {
        $0.otherCaseID = "C-2"
        $0.relation = .mergedInto
        $0.crossCustomer = true
    }
    static let unlinked: CaseUnlinked = make {
        $0.linkEventID = eventID
        $0.reason = .open("not the same fault")
    }
    static let waitChanged: CaseWaitChanged = make {
        $0.waitingOn = .customer
        $0.questionMessageID = "m-1"
        $0.until = time
    }
    static let resolved: CaseResolved = make {
        $0.resolutionKind = .fixed
        $0.notes = .open("new firmware")
        $0.rootCause = "firmware"
        $0.workingStepEventID = eventID
        $0.answerIDs = ["KB-1", "KB-2"]
        $0.resolvedTier = .t2
        $0.episode = 1
        $0.customerConfirmed = .yes
        $0.firstContactClaim = true
        $0.carriedOver = ["promise-1"]
    }
    static let closed: CaseClosed = make {
        $0.reason = .autoAfter
        $0.days = 0
    }
    static let observed: CaseObserved = make {
        $0.sourceSystem = "desk"
        $0.status = .waiting
        $0.subStatus = "Wait - User"
        $0.waitingOn = .customer
        $0.team = "V5 3rd"
        $0.tier = "3rd"
        $0.agent = "Frederic"
        $0.site = "France"
        $0.slaMet = false
        $0.priority = "Medium"
        $0.product = "PROD582"
        $0.channel = .phone
    }
    static let customerChanged: CaseCustomerChanged = make {
        $0.old = "8f3c"
        $0.new = "11aa"
        $0.reason = .open("her husband's contract")
    }
    static let reopened: CaseReopened = make { $0.reason = .notFixed }
    static let started: ContactStarted = make {
        $0.direction = .inbound
        $0.channel = .phone
        $0.initiation = .customer
        $0.queue = "dsl"
        $0.ivrPath = ["2", "1"]
        $0.previousContactID = "call-0"
        $0.fulfils = "promise-1"
        $0.identityCheck = .passed
        $0.mood = .annoyed
    }
    static let answered: ContactAnswered = make {
        $0.agentID = "anna"
        $0.waitSeconds = 12.5
    }
    static let ended: ContactEnded = make {
        $0.endedBy = .customer
        $0.outcome = .completed
        $0.queueSeconds = 12.5
        $0.dialSeconds = 0
        $0.segments = [
            make {
                $0.agentID = "anna"
                $0.answeredAt = time
                $0.talkSeconds = 180
                $0.holdSeconds = 20
                $0.holdCount = 1
            }
        ]
        $0.concurrency = 1
    }
    static let wrappedUp: ContactWrappedUp = make {
        $0.wrapSeconds = 30
        $0.dispositionCodes = ["dsl", "callback"]
        $0.summary = .open("line drops at night")
        $0.nextAction = .open("measure the line")
        $0.timedOut = true
    }
    static let attached: ContactAttached = make {
        $0.caseID = "C-1"
        $0.share = 0.5
    }
    static let message: MessageRecorded = make {
        $0.messageID = "m-1"
        $0.author = .agent
        $0.visibility = .public
        $0.body = .open("Since when does it happen?")
        $0.attachments = [
            make {
                $0.hash = digest
                $0.size = 2_048
            }
        ]
        $0.template = "ask"
        $0.automatic = true
        $0.inReplyTo = "m-0"
    }
    static let assigned: OwnerAssigned = make {
        $0.ownerID = "anna"
        $0.how = .routed
        $0.previousOwnerID = "bert"
        $0.rule = "route-1"
        $0.reason = .agentLeft
    }
    static let released: OwnerReleased = make {
        $0.reason = .agentLeft
        $0.interimHolder = "carl"
        $0.rule = "leave-1"
    }
    static let place: CustodyPlace = make {
        $0.actor = "anna"
        $0.team = "one"
        $0.site = "berlin"
        $0.tier = "t1"
    }
    static let offered: HandoffOffered = make {
        $0.kind = .warm
        $0.from = place
        $0.to = make { $0.team = "two" }
        $0.reason = .skill
        $0.deadline = time
        $0.movesOwnership = true
        $0.customerOnLine = true
        $0.context = make {
            $0.summary = .open("drops at night")
            $0.problemInCustomersWords = "s-1"
            $0.keyFacts = ["model"]
            $0.doNotAskAgain = ["serial"]
            $0.stepsTried = [eventID]
            $0.openCommitments = ["promise-1"]
            $0.entitlement = .warranty
            $0.whatWeToldTheCustomer = "m-1"
            $0.nextAction = .open("measure the line")
            $0.expectation = make {
                $0.by = .open("Friday")
                $0.what = .open("a call back")
            }
            $0.mood = .worried
            $0.knownIssueIDs = ["KI-7"]
            $0.caseHead = digest
        }
    }
    static let accepted: HandoffAccepted = make {
        $0.by = "bert"
        $0.contextRead = true
        $0.missing = ["facts"]
        $0.readSeconds = 0
    }
    static let declined: HandoffDeclined = make {
        $0.reason = .missingContext
        $0.returnsTo = "anna"
    }
    static let registered: SiteRegistered = make {
        $0.kind = .outsourced
        $0.operator = "Helpers plc"
        $0.timeZone = "Europe/Berlin"
    }
}
