package import CaseDomain
internal import FoundationEssentials
internal import Interchange
package import LedgerTypes

/// What a simulation is made of; docs/SIMULATION.md describes each parameter.
package struct SimulationParameters: Codable, Hashable, Sendable {
    /// The version of the file's form that this code reads.
    package static let version = "1"

    /// The version of the file's form.
    package var caseledgerSimulation: String
    /// Midnight before the first day.
    package var start: Timestamp
    /// The sites, the operator's own first.
    package var sites: [SiteParameters]
    /// The products.
    package var products: [ProductParameters]
    /// Who calls.
    package var customers: CustomerParameters
    /// How likely things are, 0 to 1.
    package var behaviour: BehaviourParameters
    /// How long things take.
    package var times: TimeParameters

    /// The file that comes with the program.
    package static var defaultText: [UInt8] { PackageResources.default_json }

    /// The parameters that come with the program, changed by a file's and with a file's sites.
    ///
    /// `changes` is an object of the same form: what it states replaces the default, lists as a
    /// whole; `sites` is a list of sites. A key that the form does not have is refused.
    package init(changes: [UInt8]? = nil, sites: [UInt8]? = nil) throws(SimulationError) {
        guard var tree = JSONValue(Self.defaultText) else {
            throw .parameters("the default parameters are not JSON")
        }
        if let changes {
            guard let given = JSONValue(changes), case .object = given else {
                throw .parameters("the parameters are not a JSON object")
            }
            tree = tree.merged(with: given)
        }
        if let sites {
            guard let given = JSONValue(sites), case .array = given else {
                throw .parameters("the sites are not a JSON list")
            }
            tree = tree.merged(with: .object(["sites": given]))
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(try tree.bytes))
            let known = JSONValue(Array(try JSONEncoder().encode(self)))
            if let key = known.flatMap({ tree.firstKey(notIn: $0) }) {
                throw SimulationError.parameters("there is no parameter \"\(key)\"")
            }
        } catch let error as SimulationError {
            throw error
        } catch let error as DecodingError {
            throw .parameters(Self.reason(error))
        } catch {
            throw .parameters("they cannot be read")
        }
        try self.validate()
    }

    /// The parameters as a file.
    package var text: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found),
            .dataCorrupted(let found):
            "\"\(Self.path(found.codingPath))\": \(found.debugDescription)"
        case .keyNotFound(let key, let found):
            "\"\(Self.path(found.codingPath + [key]))\" is missing"
        @unknown default: "they cannot be read"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
}

/// One centre.
package struct SiteParameters: Codable, Hashable, Sendable {
    /// The site's name.
    package var name: SiteNameText
    /// What sort of site.
    package var kind: SiteKind
    /// The company that runs it.
    package var `operator`: String?
    /// The IANA name of its time zone.
    package var timeZone: String
    /// Minutes east of UTC outside summer time.
    package var utcOffsetMinutes: Int
    /// When the clocks are an hour ahead; never if absent.
    package var summerTime: SummerTime?
    /// Its share of the contacts, beside the other sites'.
    package var share: Double
    /// How long a contact may take here before agents want it to end.
    package var handleTimeLimitSeconds: Double
    /// Which part of the agents leaves in a year.
    package var turnoverPerYear: Double
    /// When people work.
    package var shifts: [ShiftParameters]
    /// Who works.
    package var teams: [TeamParameters]
}

/// A site's name in a file.
package struct SiteNameText: Codable, Hashable, Sendable {
    /// The name.
    package let name: SiteName

    /// Reads a name.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let name = SiteName(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"\(text)\" is not a site name"
            )
        }
        self.name = name
    }

    /// Writes the name.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.name.rawValue)
    }
}

/// Hours of some weekdays, by the site's clock.
package struct ShiftParameters: Codable, Hashable, Sendable {
    /// 1 is Monday, 7 is Sunday.
    package var weekdays: [Int]
    /// From this hour.
    package var fromHour: Int
    /// Until this hour; past 24 on the next day.
    package var toHour: Int
}

/// One team.
package struct TeamParameters: Codable, Hashable, Sendable {
    /// The team's name.
    package var name: String
    /// How far from the customer it works.
    package var tier: Tier
    /// How many work in it.
    package var agents: Int
    /// How well, beside an ordinary team's 1.
    package var skill: Double
    /// Whether it talks to customers; so it does if absent.
    package var customerFacing: Bool?
}

/// One product.
package struct ProductParameters: Codable, Hashable, Sendable {
    /// When units fail (Weibull).
    package struct Failure: Codable, Hashable, Sendable {
        /// Below 1 failures come early, above 1 with age.
        package var shape: Double
        /// The age by which 63 percent of what fails has failed.
        package var scaleDays: Double
    }

    /// What goes wrong.
    package struct Symptom: Codable, Hashable, Sendable {
        /// Its id.
        package var id: String
        /// How often it happens, beside the others.
        package var weight: Double
        /// The part of the product.
        package var component: String
        /// What customers say.
        package var words: [String]
        /// The script's steps, in order.
        package var steps: [String]
        /// The step that helps.
        package var fix: String
        /// How likely it is that the script does not help.
        package var difficulty: Double
    }

    /// The product's id.
    package var id: String
    /// Its share of the contacts, beside the other products'.
    package var share: Double
    /// How hard it is to support.
    package var complexity: ProductComplexity
    /// What it costs, in the currency's minor unit.
    package var priceMinor: Int64
    /// ISO 4217.
    package var currency: String
    /// How many are sold a day.
    package var unitsSoldPerDay: Int
    /// How long it may be returned.
    package var returnWindowDays: Int
    /// How long it is under warranty.
    package var warrantyDays: Int
    /// When units fail.
    package var failure: Failure
    /// What goes wrong.
    package var symptoms: [Symptom]
}

/// Who calls.
package struct CustomerParameters: Codable, Hashable, Sendable {
    /// How many customers there are.
    package var count: Int
    /// The language they speak, BCP 47.
    package var namesLanguage: String
    /// The share of novices.
    package var novices: Double
    /// The share of experts.
    package var experts: Double
    /// The share of those who never say what they think.
    package var silent: Double
}
