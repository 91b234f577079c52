internal import FoundationEssentials
internal import Interchange
internal import LedgerTypes

extension SimulationParameters {
    /// The most of each list, so that a simulation stays one that a machine can hold.
    static let sitesMax = 32
    /// The most agents of a team.
    static let agentsMax = 10_000
    /// The most hours of a shift.
    static let shiftHoursMax = 24

    /// Refuses what no story can be made of.
    func validate() throws(SimulationError) {
        guard self.caseledgerSimulation == Self.version else {
            throw .parameters("\"caseledgerSimulation\" must be \"\(Self.version)\"")
        }
        guard (1...Self.sitesMax).contains(self.sites.count) else {
            throw .parameters("there must be 1 to \(Self.sitesMax) sites")
        }
        guard Set(self.sites.map(\.name)).count == self.sites.count else {
            throw .parameters("two sites have the same name")
        }
        guard self.sites.contains(where: { $0.share > 0 }) else {
            throw .parameters("no site has a share of the contacts")
        }
        for site in self.sites { try Self.check(site) }
        guard !self.products.isEmpty, self.products.contains(where: { $0.share > 0 }) else {
            throw .parameters("no product has a share of the contacts")
        }
        for product in self.products { try Self.check(product) }
        guard self.customers.count > 0 else { throw .parameters("there are no customers") }
        try self.checkNumbers()
    }

    private static func check(_ site: SiteParameters) throws(SimulationError) {
        let name = site.name.name
        guard site.teams.contains(where: { $0.customerFacing ?? true }) else {
            throw .parameters("site \(name) has no team that talks to customers")
        }
        guard Set(site.teams.map(\.name)).count == site.teams.count else {
            throw .parameters("site \(name) has two teams of one name")
        }
        for team in site.teams {
            guard (1...Self.agentsMax).contains(team.agents), !team.name.isEmpty,
                team.name.utf8.count <= 200
            else { throw .parameters("team \"\(team.name)\" of \(name) has no name or no agents") }
        }
        guard !site.shifts.isEmpty else { throw .parameters("site \(name) has no shift") }
        for shift in site.shifts {
            guard !shift.weekdays.isEmpty, shift.weekdays.allSatisfy({ (1...7).contains($0) }),
                (0..<24).contains(shift.fromHour), shift.toHour > shift.fromHour,
                shift.toHour - shift.fromHour <= Self.shiftHoursMax
            else { throw .parameters("a shift of \(name) has no weekdays or no hours") }
        }
        guard (-1_440...1_440).contains(site.utcOffsetMinutes), site.share >= 0,
            (0...10).contains(site.turnoverPerYear), site.handleTimeLimitSeconds > 0
        else { throw .parameters("a number of site \(name) is out of its range") }
    }

    private static func check(_ product: ProductParameters) throws(SimulationError) {
        guard !product.symptoms.isEmpty else {
            throw .parameters("product \(product.id) has no symptoms")
        }
        for symptom in product.symptoms {
            guard !symptom.words.isEmpty, !symptom.steps.isEmpty, symptom.weight > 0 else {
                throw .parameters("symptom \(symptom.id) has no words, no steps or no weight")
            }
        }
        guard product.failure.shape > 0, product.failure.scaleDays > 0, product.share >= 0 else {
            throw .parameters("a number of product \(product.id) is out of its range")
        }
    }

    /// Probabilities are from 0 to 1, spans are not negative.
    private func checkNumbers() throws(SimulationError) {
        for (values, range) in [
            (Self.numbers(self.behaviour), 0...1), (Self.numbers(self.times), 0...1_000_000),
        ] as [([String: Double], ClosedRange<Double>)] {
            for (name, value) in values.sorted(by: { $0.key < $1.key })
            where !range.contains(value) {
                throw .parameters(
                    "\"\(name)\" must be from \(range.lowerBound) to \(range.upperBound)"
                )
            }
        }
    }

    private static func numbers(_ values: some Encodable) -> [String: Double] {
        guard let bytes = try? JSONEncoder().encode(values) else { return [:] }
        return (try? JSONDecoder().decode([String: Double].self, from: bytes)) ?? [:]
    }
}

extension JSONValue {
    /// This value with what `other` states in its place: objects member by member, all else whole.
    func merged(with other: JSONValue) -> JSONValue {
        guard case .object(var members) = self, case .object(let given) = other else {
            return other
        }
        for (key, value) in given {
            members[key] = members[key].map { $0.merged(with: value) } ?? value
        }
        return .object(members)
    }

    /// The path of a member that `other` does not have; `nil` if it has all.
    func firstKey(notIn other: JSONValue) -> String? {
        switch (self, other) {
        case (.object(let mine), .object(let theirs)):
            for (key, value) in mine.sorted(by: { $0.key < $1.key }) where value != .null {
                guard let counterpart = theirs[key] else { return key }
                if let inner = value.firstKey(notIn: counterpart) { return "\(key).\(inner)" }
            }
            return nil
        case (.array(let mine), .array(let theirs)):
            for (index, (value, counterpart)) in zip(mine, theirs).enumerated() {
                if let inner = value.firstKey(notIn: counterpart) { return "[\(index)].\(inner)" }
            }
            return nil
        default: return nil
        }
    }
}
