package import CaseDomain
package import EventStore
internal import LedgerTypes

/// The read model of the overview: each case in numbers, what those add up to, and their times in
/// order.
///
/// A case that changed takes its numbers out and puts the new ones in, so a report costs the same
/// however many cases there are. ``CaseReplay`` counts the same out of the events themselves.
package final class Overview: Sendable {
    /// The number of its tables (docs/FORMAT.md).
    static let number: UInt8 = 3
    /// The version of its rows.
    static let version: UInt32 = CaseFacts.rowVersion

    /// What decides which rules a case broke.
    private static let governing = [
        EventType.policyDefined, .teamDefined, .scriptDefined, .agentEnrolled, .agentAbsent,
        .agentLeft,
    ].map(\.rawValue)

    private let units = UnitFold()

    /// Creates the read model.
    package init() {}

    /// The read model as the store keeps it.
    package var projection: Projection {
        Projection(
            number: Self.number,
            name: "overview",
            version: Self.version,
            kinds: ["case"],
            governing: Self.governing,
            derive: { value in CaseFacts(row: value, of: Self.anyCase).map(OverviewRows.derived) },
            unit: Self.unit,
            fold: { (units, snapshot) throws(EventStoreError) in
                try self.fold(units, snapshot)
            }
        )
    }

    /// A row does not say whose it is, and nothing that follows from it depends on that.
    private static let anyCase: Subject = {
        guard let subject = Subject(kind: "case", id: "any") else {
            preconditionFailure("the literal is a subject")
        }
        return subject
    }()

    private static func unit(_ subject: Subject) -> Subject? {
        UnitFold.unit(of: subject, ["case"])
    }

    private func fold(
        _ units: [Subject],
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [FoldedUnit] {
        let context = try self.units.context(snapshot)
        var counter = CaseCounter(reader: CaseReader(), context: context)
        return try UnitFold.fold(units) { (unit) throws(EventStoreError) in
            // What is only filed under a case makes none.
            guard try snapshot.version(of: unit) > 0 else { return nil }
            let counted = try counter.facts(of: unit, snapshot)
            return counted.map { Self.rows($0.facts, $0.basis) }
        }
    }

    static func rows(_ facts: CaseFacts, _ basis: [Subject]) -> UnitRows {
        UnitRows(
            value: facts.row,
            derived: OverviewRows.derived(facts),
            // What is filed under the case itself belongs to it anyway.
            sources: basis.filter { $0 != facts.caseID && Self.unit($0) != facts.caseID }
        )
    }
}

extension Overview {
    /// The numbers over all cases as `reading` has them.
    package static func report(
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> MetricsReport {
        var sums = OverviewSums()
        try snapshot.forEachSum([OverviewRows.SumKind.part.rawValue], reading) {
            (key, values) throws(EventStoreError) in
            guard let part = try OverviewRows.part(key, snapshot, reading) else {
                throw .damaged(table: "sums", row: key.hex)
            }
            sums.add(values, to: part)
            return true
        }
        var spreads: [Distribution?] = []
        var durations: Int128 = 0
        for number in 0..<3 {
            let place = UInt8(truncatingIfNeeded: number)
            var total: Int128 = 0
            try snapshot.forEachSum([OverviewRows.SumKind.total.rawValue, place], reading) {
                (_, values) throws(EventStoreError) in
                total = values.first ?? 0
                return false
            }
            if number == 0 { durations = total }
            let values = try OrderedValues(
                counts: [OverviewRows.SumKind.range.rawValue, place],
                prefix: [OverviewRows.timeKind, place],
                tail: 0,
                .fine,
                snapshot,
                reading
            )
            spreads.append(
                try Distribution(count: values.count, sum: total) {
                    (place) throws(EventStoreError) in
                    try values.value(place, snapshot, reading)
                }
            )
        }
        return sums.report(
            duration: spreads[0],
            durations: durations,
            toFirstResolved: spreads[1],
            toLastTerminal: spreads[2]
        )
    }

    /// The cases in numbers from `first` on, in order of the ids, and the id that the next ones
    /// begin with; `nil` after the last.
    package static func facts(
        from first: String?,
        max: Int,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> (facts: [CaseFacts], next: String?) {
        var facts: [CaseFacts] = []
        var next: String?
        try snapshot.forEachUnit(from: first.flatMap { Subject(kind: "case", id: $0) }, reading) {
            (unit, rows) throws(EventStoreError) in
            guard facts.count < max else {
                next = unit.id
                return false
            }
            if rows.isFailed {
                throw .damaged(table: "units", row: "\(unit): \(rows.failure)")
            }
            guard let found = CaseFacts(row: rows.value, of: unit) else {
                throw .damaged(table: "units", row: unit.rawValue)
            }
            facts.append(found)
            return true
        }
        return (facts, next)
    }
}

/// The rows of the overview: keys and numbers, drawn in docs/FORMAT.md.
enum OverviewRows {
    /// The kinds of sums.
    enum SumKind: UInt8 {
        /// What adds up.
        case part = 1
        /// Times of one sort, summed.
        case total
        /// Times of one sort in one range, counted.
        case range
    }

    /// The kind of the keys by which times stand in order.
    static let timeKind: UInt8 = 1
    /// The kind of the keys that lead to a word that is too long for a key.
    private static let wordKind: UInt8 = 2
    /// Longer words stand in the rows of cases only.
    private static let wordBytesMax = 120

    /// What a case is found by and adds to sums.
    static func derived(_ facts: CaseFacts) -> DerivedRows {
        // A case of which nothing happened is listed, and counts nowhere.
        guard facts.isCounted else { return DerivedRows(lookups: [], sums: []) }
        var added = OverviewSums()
        added.add(facts, sign: 1)
        var sums: [UnitSum] = []
        var lookups: [LookupKey] = []
        for (part, values) in added.parts where values.contains(where: { $0 != 0 }) {
            let (key, word) = Self.key(part)
            sums.append(UnitSum(key: key, values: values))
            if let word { lookups.append(word) }
        }
        for (number, time) in facts.spreadTimes.enumerated() {
            guard let time else { continue }
            let place = UInt8(truncatingIfNeeded: number)
            sums.append(UnitSum(key: [SumKind.total.rawValue, place], values: [time]))
            sums.append(
                UnitSum(
                    key: [SumKind.range.rawValue, place] + ValueRange.fine.bytes(of: time),
                    values: [1]
                )
            )
            lookups.append(LookupKey(kind: Self.timeKind, [place] + MetricRows.rising(time)))
        }
        return DerivedRows(lookups: lookups, sums: sums)
    }

    private static func key(_ part: OverviewSums.Part) -> (key: [UInt8], word: LookupKey?) {
        let kind = SumKind.part.rawValue
        switch part {
        case .cases: return ([kind, 0], nil)
        case .verdicts: return ([kind, 1], nil)
        case .level(let number): return ([kind, 2, UInt8(truncatingIfNeeded: number)], nil)
        case .flag(let rule): return ([kind, 3] + Array(rule.rawValue.utf8), nil)
        case .wait(let waitingOn, let word):
            let start = [kind, 4, UInt8(truncatingIfNeeded: waitingOn.rawValue)]
            guard let word else { return (start + [0], nil) }
            guard word.utf8.count > Self.wordBytesMax else {
                return (start + [1] + Array(word.utf8), nil)
            }
            let found = LookupKey(kind: Self.wordKind, text: word)
            return (start + [2] + found.bytes.dropFirst(), found)
        }
    }

    /// The part that the key of a sum names; `nil` if it is none.
    static func part(
        _ key: [UInt8],
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> OverviewSums.Part? {
        guard key.count >= 2 else { return nil }
        switch key[1] {
        case 0: return .cases
        case 1: return .verdicts
        case 2: return key.count == 3 ? .level(Int(key[2])) : nil
        case 3:
            return RuleID(rawValue: String(decoding: key[2...], as: UTF8.self)).map { .flag($0) }
        case 4:
            guard key.count >= 4, let waitingOn = WaitingOn(rawValue: UInt32(key[2])) else {
                return nil
            }
            switch key[3] {
            case 0: return .wait(waitingOn, nil)
            case 1: return .wait(waitingOn, String(decoding: key[4...], as: UTF8.self))
            default:
                return try Self.word(key[4...], snapshot, reading).map { .wait(waitingOn, $0) }
            }
        default: return nil
        }
    }

    /// A word that is too long for a key, out of the row of a case that has it.
    private static func word(
        _ digest: ArraySlice<UInt8>,
        _ snapshot: borrowing Snapshot,
        _ reading: ProjectionReading
    ) throws(EventStoreError) -> String? {
        let wanted = [Self.wordKind] + digest
        var found: String?
        try snapshot.forEachFound(wanted, bytes: wanted.count, reading) {
            (_, unit) throws(EventStoreError) in
            guard let rows = try snapshot.rows(of: unit, reading),
                let facts = CaseFacts(row: rows.value, of: unit)
            else { return true }
            found = facts.waits.compactMap(\.subStatus).first {
                LookupKey(kind: Self.wordKind, text: $0).bytes == wanted
            }
            return found == nil
        }
        return found
    }
}
