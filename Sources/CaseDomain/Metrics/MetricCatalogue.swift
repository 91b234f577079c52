/// The metrics that are built in, M-01 to M-39, each in version 1 (DOMAIN.md 3.3).
public enum MetricCatalogue {
    /// Every metric, by number.
    public static let all: [MetricDefinition] =
        Self.custody + Self.effort + Self.time + Self.quality + Self.knowledge + Self.house

    /// The metric numbered `id`; `nil` if there is none.
    public static func definition(_ id: MetricID) -> MetricDefinition? {
        Self.all.first { $0.id == id }
    }

    /// The figure numbered `id`; `nil` if there is none.
    public static func measure(_ id: MeasureID) -> MetricMeasure? { Self.byMeasure[id] }

    private static let byMeasure: [MeasureID: MetricMeasure] = Dictionary(
        uniqueKeysWithValues: Self.all.flatMap(\.measures).map { ($0.id, $0) }
    )
}

/// The figures by name, for the code that computes them.
enum Measure {
    static let oneOwner = MeasureID(1, 1)
    static let ownerHandled = MeasureID(1, 2)
    static let resolvedFirst = (day: MeasureID(2, 1), week: MeasureID(2, 2), month: MeasureID(2, 3))
    static let claimedFirst = MeasureID(2, 4)
    static let confirmedFirst = MeasureID(2, 5)
    static let restated = MeasureID(3, 1)
    static let restatedApart = MeasureID(3, 2)
    static let explanations = MeasureID(3, 3)
    static let seams = MeasureID(4, 1)
    static let repeatedSteps = MeasureID(5, 1)
    static let segmentHandleTime = MeasureID(6, 1)
    static let contactHandleTime = MeasureID(6, 2)
    static let answerSpeed = MeasureID(7, 1)
    static let abandonment = MeasureID(7, 2)
    static let serviceLevels = [
        MeasureID(7, 4), MeasureID(7, 5), MeasureID(7, 6), MeasureID(7, 3), MeasureID(7, 7),
    ]
    static let flowOut = MeasureID(7, 8)
    static let resolutionHandleTime = MeasureID(8, 1)
    static let occupancy = MeasureID(9, 1)
    static let reopenedWithin = [MeasureID(10, 1), MeasureID(10, 2), MeasureID(10, 3)]
    static let reopenedCases = MeasureID(10, 4)
    static let reopens = MeasureID(10, 5)
    static let firstResponse = MeasureID(11, 1)
    static let firstResponseCustomer = MeasureID(11, 2)
    static let reopenResponse = MeasureID(11, 3)
    static let firstResponseBusiness = MeasureID(11, 4)
    static let toFirstResolved = MeasureID(12, 1)
    static let toLastResolved = MeasureID(12, 2)
    static let toLastTerminal = MeasureID(12, 3)
    static let duration = MeasureID(12, 4)
    static let requesterWait = MeasureID(12, 5)
    static let agentWait = MeasureID(12, 6)
    static let onHold = MeasureID(12, 7)
    static let waits = MeasureID(12, 8)
    static let waitShare = MeasureID(12, 9)
    static let customerWaitShare = MeasureID(12, 10)
    static let toFirstResolvedBusiness = MeasureID(12, 11)
    static let toLastResolvedBusiness = MeasureID(12, 12)
    static let backlog = MeasureID(13, 1)
    static let transfers = MeasureID(14, 1)
    static let coldTransfers = MeasureID(14, 2)
    static let warmTransfers = MeasureID(14, 3)
    static let bounce = MeasureID(14, 4)
    /// Agent, team, tier, site.
    static let pingPongRate = (0..<4).map { MeasureID(14, 10 + $0) }
    static let pingPongs = (0..<4).map { MeasureID(14, 20 + $0) }
    static let handoffs = (0..<4).map { MeasureID(14, 30 + $0) }
    static let returns = (0..<4).map { MeasureID(14, 40 + $0) }
    static let handoffCases = (0..<4).map { MeasureID(14, 50 + $0) }
    static let hotPotato = MeasureID(15, 1)
    static let completeness = MeasureID(16, 1)
    static let acceptanceGap = MeasureID(16, 2)
    static let functional = MeasureID(17, 1)
    static let hierarchic = MeasureID(17, 2)
    static let firstLevel = MeasureID(17, 3)
    static let reportedBack = MeasureID(18, 1)
    static let reportTime = MeasureID(18, 2)
    static let reportOnTime = MeasureID(18, 3)
    static let brokenChain = MeasureID(18, 4)
    static let kept = MeasureID(19, 1)
    static let sameRep = MeasureID(19, 2)
    static let repeatContact = [MeasureID(20, 1), MeasureID(20, 2), MeasureID(20, 3)]
    static let csat = MeasureID(21, 1)
    static let effort = MeasureID(21, 2)
    static let effortEasy = MeasureID(21, 3)
    static let promoters = MeasureID(21, 4)
    static let responseRate = MeasureID(21, 5)
    static let responseLag = MeasureID(21, 6)
    static let deflected = MeasureID(22, 1)
    static let deflectedSilently = MeasureID(22, 2)
    static let linked = MeasureID(23, 1)
    static let reused = MeasureID(23, 2)
    static let signposted = MeasureID(23, 3)
    static let answerFailed = MeasureID(23, 4)
    static let approvers = MeasureID(24, 1)
    static let approvedByOne = MeasureID(24, 2)
    static let remedyTime = MeasureID(24, 3)
    static let withinAuthority = MeasureID(24, 4)
    static let noFault = MeasureID(25, 1)
    static let noFaultPreventable = MeasureID(25, 2)
    static let noFaultSold = MeasureID(25, 3)
    static let falseFix = MeasureID(26, 1)
    static let cliffNear = MeasureID(27, 1)
    static let cliffEarly = MeasureID(27, 2)
    static let cliffDensity = MeasureID(27, 3)
    static let modalFix = MeasureID(28, 1)
    static let reach = MeasureID(29, 1)
    static let toldTen = MeasureID(29, 2)
    static let entitlements = MeasureID(30, 1)
    static let disputed = MeasureID(30, 2)
    static let goodwill = MeasureID(30, 3)
    static let unsupportedHelped = MeasureID(30, 4)
    static let wrongParty = MeasureID(30, 5)
    static let signals = MeasureID(31, 1)
    static let signalCases = MeasureID(31, 2)
    static let daysInField = MeasureID(31, 3)
    static let signalDecided = MeasureID(31, 4)
    static let signalTime = MeasureID(31, 5)
    static let signalsPerUnit = MeasureID(31, 6)
    static let rotation = MeasureID(32, 1)
    /// Of staff on rotation, and of the others.
    static let rotationOutcomes = OutcomePairs(metric: 32, first: 2)
    static let contactReach = MeasureID(33, 1)
    static let onlineAnswers = MeasureID(34, 1)
    static let dishonestWaits = MeasureID(35, 1)
    static let dishonestWaitTime = MeasureID(35, 2)
    static let costPerContact = MeasureID(36, 1)
    static let costPerResolution = MeasureID(36, 2)
    static let importedVerdict = MeasureID(37, 1)
    static let targetMet = MeasureID(37, 2)
    static let targetMetUnpaused = MeasureID(37, 3)
    /// Of contacts with an offer, and of the others.
    static let sellingOutcomes = OutcomePairs(metric: 38, first: 1)
    static let preferredChannel = MeasureID(39, 1)
    static let preferredTime = MeasureID(39, 2)
    static let preferredBoth = MeasureID(39, 3)
}

/// Outcomes of two sorts of contacts side by side: satisfaction, repeats, false fixes.
struct OutcomePairs: Sendable {
    private let metric: UInt8
    private let first: UInt8

    init(metric: UInt8, first: UInt8) {
        self.metric = metric
        self.first = first
    }

    /// M-21, of one sort or the other.
    func csat(_ isFirst: Bool) -> MeasureID { self.measure(0, isFirst) }
    /// M-20 within 7 days.
    func repeated(_ isFirst: Bool) -> MeasureID { self.measure(2, isFirst) }
    /// M-26.
    func falseFix(_ isFirst: Bool) -> MeasureID { self.measure(4, isFirst) }

    private func measure(_ offset: UInt8, _ isFirst: Bool) -> MeasureID {
        MeasureID(self.metric, self.first + offset + (isFirst ? 0 : 1))
    }

    /// The six figures; `names` are of the one sort and the other, in keys and in words.
    func measures(keys: [String], words: [String], needs: String?) -> [MetricMeasure] {
        let figures = [
            (self.csat, "Csat", "two best scores", UInt32(0)),
            (self.repeated, "Repeat7", "repeat in 7 days", 7),
            (self.falseFix, "FalseFix", "false fixes", 7),
        ]
        return figures.flatMap { id, key, title, days in
            [true, false].map { isFirst in
                let side = isFirst ? 0 : 1
                return MetricMeasure(
                    id(isFirst),
                    keys[side] + key,
                    "\(title), \(words[side])",
                    days: days,
                    needs: needs,
                    mix: .paired(with: id(!isFirst))
                )
            }
        }
    }
}
