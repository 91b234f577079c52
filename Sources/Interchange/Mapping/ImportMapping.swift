package import CaseDomain
package import LedgerTypes

/// How the rows of a source become `case.observed` events: what a mapping file says.
///
/// The published schema is docs/mapping.schema.json. A preset is such a file and nothing more.
package struct ImportMapping: Hashable, Sendable {
    /// Where a value stands in a row.
    package struct Column: Hashable, Sendable {
        /// The CSV header's name, or the XES attribute's key.
        package var name: String
        /// Whether it is an attribute of the row's trace rather than of the row.
        package var isOfTrace: Bool
    }

    /// A value of one column, or of several joined.
    package struct Field: Hashable, Sendable {
        /// The columns, at least one. The value is null when all of them are.
        package var columns: [Column]
        /// What stands between the values of several columns.
        package var separator: String
        /// Values that mean null here, besides the mapping's own.
        package var nulls: [String]
        /// What the source's values are called; empty leaves them as they are.
        package var values: [String: String]
    }

    /// When a row happened.
    package struct Time: Hashable, Sendable {
        /// The column.
        package var column: Column
        /// How it is written.
        package var format: TimeFormat
        /// The zone of a time that names none: `UTC`, an offset, or a name of the zone database.
        package var zone: String
    }

    /// What gives the rows of a case their order.
    package enum Order: String, Codable, CaseIterable, Hashable, Sendable {
        /// The source is ordered by time.
        case time
        /// The source is ordered by file.
        case file
    }

    /// What one status of the source amounts to.
    package struct StatusRule: Hashable, Sendable {
        /// One value for each status column; `*` matches any, null included.
        package var when: [String]
        /// The status.
        package var status: ObservedStatus
        /// Whom the case waits for; only with status `waiting`.
        package var waitingOn: WaitingOn?
    }

    /// How a row's status is told.
    package struct Status: Hashable, Sendable {
        /// The columns that tell it, at least one.
        package var columns: [Column]
        /// Tried in order; the first that matches counts.
        package var rules: [StatusRule]
        /// The source's own word for the status.
        package var subStatus: Field?
    }

    /// Whether a source names staff by pseudonyms or by name.
    package enum Identities: String, Codable, CaseIterable, Hashable, Sendable {
        /// Kept as they are.
        case pseudonyms
        /// Replaced by pseudonyms (PRIVACY.md 2).
        case names
    }

    /// The agent who held the case.
    package struct Agent: Hashable, Sendable {
        /// The value.
        package var field: Field
        /// What the source has there.
        package var identities: Identities
    }

    /// Who wrote the row.
    package struct Actor: Hashable, Sendable {
        /// The value; where it is null, the source itself is the actor.
        package var field: Field
        /// What the source has there.
        package var identities: Identities
        /// What sort of party it is.
        package var kind: ActorKind
    }

    /// A team's level, told by the end of its name.
    package struct TierSuffix: Hashable, Sendable {
        /// The end of the team's name.
        package var suffix: String
        /// The level.
        package var tier: String
    }

    /// How the level of the holding team is told.
    package enum Tier: Hashable, Sendable {
        /// It stands in the row.
        case field(Field)
        /// By the end of the team's name: the first suffix that fits, else `otherwise`. A row
        /// without a team has no level.
        case teamSuffixes([TierSuffix], otherwise: String?)
    }

    /// A service level's verdict.
    package struct Verdict: Hashable, Sendable {
        /// The value.
        package var field: Field
        /// Values that mean that it was met.
        package var met: [String]
        /// Values that mean that it was breached.
        package var breached: [String]
    }

    /// A label and its value.
    package struct LabelRule: Hashable, Sendable {
        /// The label's name.
        package var name: String
        /// Its value; a row where it is null does not get the label.
        package var field: Field
    }

    /// What a source can carry (coverage of metrics, DOMAIN.md 3).
    package enum Carried: String, Codable, CaseIterable, Hashable, Sendable {
        case custody, status, waits, contacts, steps, context, owner
    }

    /// The source's name: `sourceSystem` of every event, and part of every computed id.
    package var source: String
    /// What the rows are written in.
    package var format: SourceFormat
    /// What stands between the fields of a CSV record.
    package var delimiter: UInt8
    /// The case's id.
    package var caseColumn: Column
    /// When a row happened.
    package var time: Time
    /// What orders the rows of a case.
    package var order: Order
    /// Values that mean null in every column.
    package var nulls: [String]
    /// How a row's status is told.
    package var status: Status
    /// The team that held the case.
    package var team: Field?
    /// The team's level.
    package var tier: Tier?
    /// The agent who held the case.
    package var agent: Agent?
    /// Who wrote the row.
    package var actor: Actor?
    /// The source's site.
    package var site: Field?
    /// The priority.
    package var priority: Field?
    /// The product.
    package var product: Field?
    /// The channel, in the words of the vocabulary.
    package var channel: Field?
    /// The source's verdict on its service level.
    package var slaMet: Verdict?
    /// The labels to set, in order of their names.
    package var labels: [LabelRule]
    /// What the source can carry, in the order of the vocabulary.
    package var carries: [Carried]
}
