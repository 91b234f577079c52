internal import CaseDomain
internal import LedgerTypes

/// A row as the source has it.
enum SourceRecord {
    case csv(CSVRecord)
    case xes(XESEvent)

    var line: Int {
        switch self {
        case .csv(let record): record.line
        case .xes(let event): event.line
        }
    }

    var raw: RowError.Raw {
        switch self {
        case .csv(let record): .record(record.bytes)
        case .xes(let event): .event(event.attributes, trace: event.trace)
        }
    }
}

/// What a mapping makes of one row, looking at no other.
struct InterpretedRow {
    let caseID: String
    let subject: Subject
    let occurred: Timestamp
    let observed: CaseObserved
    let actor: ActorSnapshot
    let labels: [Label]
}

/// Applies a mapping to rows. Pure, but for the caller's pseudonyms.
struct RowInterpreter {
    let mapping: ImportMapping
    let zone: TimeZoneRules
    /// Where the columns stand in a CSV record.
    let indexes: [String: Int]
    /// SHA-256 of the CSV header.
    let headerDigest: Digest?
    /// The number of columns of a CSV record.
    let fieldCount: Int
    let pseudonym: ((_ noun: String, _ name: String) -> String)?

    func interpret(_ record: SourceRecord) throws(RowError) -> InterpretedRow {
        try self.checkForm(record)
        let caseID = try self.caseID(record)
        guard let subject = Subject(kind: "case", id: caseID) else {
            throw self.error(record, .caseIDMalformed, self.mapping.caseColumn.name, caseID)
        }
        let occurred = try self.occurred(record)
        let observed = try self.observed(record)
        return InterpretedRow(
            caseID: caseID,
            subject: subject,
            occurred: occurred,
            observed: observed,
            actor: try self.actor(record),
            labels: try self.labels(record)
        )
    }

    private func checkForm(_ record: SourceRecord) throws(RowError) {
        let limit = CSVRecordReader.recordBytesMax
        switch record {
        case .csv(let csv):
            if let offset = csv.firstBadByte {
                throw self.error(record, .notUTF8(offset: offset))
            }
            if csv.hasBadQuotes { throw self.error(record, .badQuotes) }
            guard csv.fields.count == self.fieldCount else {
                let found = csv.fields.count
                let problem = RowError.Problem.fieldCount(found: found, expected: self.fieldCount)
                throw self.error(record, problem)
            }
        case .xes(let event):
            guard event.bytes <= limit else {
                throw self.error(record, .rowTooLarge(bytes: event.bytes, limit: limit))
            }
        }
    }

    private func caseID(_ record: SourceRecord) throws(RowError) -> String {
        let column = self.mapping.caseColumn
        guard let text = self.value(column, record), !text.isEmpty else {
            throw self.error(record, .noCase, column.name)
        }
        guard text.utf8.count <= Subject.idBytesMax else {
            throw self.error(record, .caseIDTooLong(bytes: text.utf8.count), column.name, text)
        }
        return text
    }

    private func occurred(_ record: SourceRecord) throws(RowError) -> Timestamp {
        let column = self.mapping.time.column
        guard let text = self.value(column, record), !text.isEmpty else {
            throw self.error(record, .noTime, column.name)
        }
        guard let reading = self.mapping.time.format.read(text) else {
            throw self.error(record, .badTime, column.name, text)
        }
        guard let offset = reading.offset else { return self.zone.moment(ofLocal: reading.local) }
        return Timestamp(microseconds: reading.local - offset * 1_000_000)
    }

    private func observed(_ record: SourceRecord) throws(RowError) -> CaseObserved {
        let rule = try self.status(record)
        let team = try self.value(self.mapping.team, record)
        var observed = CaseObserved()
        observed.sourceSystem = self.mapping.source
        observed.status = rule.status
        observed.subStatus = try self.value(self.mapping.status.subStatus, record)
        observed.waitingOn = rule.waitingOn
        observed.team = team
        observed.tier = try self.tier(record, team: team)
        observed.agent = try self.agent(record)
        observed.site = try self.value(self.mapping.site, record)
        observed.slaMet = try self.verdict(record)
        observed.priority = try self.value(self.mapping.priority, record)
        observed.product = try self.value(self.mapping.product, record)
        observed.channel = try self.channel(record)
        observed.headerDigest = self.headerDigest
        return observed
    }

    private func channel(_ record: SourceRecord) throws(RowError) -> Channel? {
        guard let name = try self.value(self.mapping.channel, record) else { return nil }
        guard let channel = Channel(name: name) else {
            throw self.error(record, .unknownValue, self.mapping.channel?.name, name)
        }
        return channel
    }

    private func status(_ record: SourceRecord) throws(RowError) -> ImportMapping.StatusRule {
        let columns = self.mapping.status.columns
        let values = columns.map { self.value($0, record) }
        var names: String { columns.map(\.name).joined(separator: " / ") }
        guard values.contains(where: { $0 != nil }) else {
            throw self.error(record, .noStatus, names)
        }
        let rule = self.mapping.status.rules.first { rule in
            zip(rule.when, values).allSatisfy { $0 == "*" || $0 == $1 }
        }
        guard let rule else {
            let found = values.map { $0 ?? "" }.joined(separator: " / ")
            throw self.error(record, .unknownStatus, names, found)
        }
        return rule
    }

    private func tier(_ record: SourceRecord, team: String?) throws(RowError) -> String? {
        switch self.mapping.tier {
        case nil: return nil
        case .field(let field): return try self.value(field, record)
        case .teamSuffixes(let suffixes, let otherwise):
            guard let team else { return nil }
            return suffixes.first { team.hasSuffix($0.suffix) }?.tier ?? otherwise
        }
    }

    private func agent(_ record: SourceRecord) throws(RowError) -> String? {
        guard let agent = self.mapping.agent,
            let name = try self.value(agent.field, record)
        else { return nil }
        return self.identity(name, agent.identities)
    }

    private func actor(_ record: SourceRecord) throws(RowError) -> ActorSnapshot {
        guard let actor = self.mapping.actor, let name = try self.value(actor.field, record)
        else { return ActorSnapshot(actorID: self.mapping.source, kind: .system) }
        return ActorSnapshot(actorID: self.identity(name, actor.identities), kind: actor.kind)
    }

    private func identity(_ name: String, _ identities: ImportMapping.Identities) -> String {
        switch identities {
        case .pseudonyms: name
        case .names: self.pseudonym?("agent", name) ?? name
        }
    }

    private func verdict(_ record: SourceRecord) throws(RowError) -> Bool? {
        guard let verdict = self.mapping.slaMet,
            let text = try self.value(verdict.field, record)
        else { return nil }
        if verdict.met.contains(text) { return true }
        if verdict.breached.contains(text) { return false }
        throw self.error(record, .unknownValue, verdict.field.name, text)
    }

    private func labels(_ record: SourceRecord) throws(RowError) -> [Label] {
        var labels: [Label] = []
        for rule in self.mapping.labels {
            guard let value = try self.value(rule.field, record) else { continue }
            labels.append(Label(name: rule.name, value: value))
        }
        return labels
    }
}

extension RowInterpreter {
    /// A column's value; `nil` where it is absent or means null.
    private func value(_ column: ImportMapping.Column, _ record: SourceRecord) -> String? {
        let text: String?
        switch record {
        case .csv(let record): text = self.indexes[column.name].map { record.text($0) }
        case .xes(let event):
            let attributes = column.isOfTrace ? event.trace ?? [] : event.attributes
            text = attributes.first { $0.key == column.name && !$0.isXMLAttribute }?.value
        }
        guard let text, !self.mapping.nulls.contains(text) else { return nil }
        return text
    }

    /// A field's value; `nil` where there is no such field, or all its columns are null.
    private func value(
        _ field: ImportMapping.Field?,
        _ record: SourceRecord
    ) throws(RowError) -> String? {
        guard let field else { return nil }
        var values: [String] = []
        for column in field.columns {
            guard let value = self.value(column, record), !field.nulls.contains(value) else {
                continue
            }
            values.append(value)
        }
        guard let first = values.first else { return nil }
        let text = values.count == 1 ? first : values.joined(separator: field.separator)
        let (bytes, limit) = (text.utf8.count, FieldLimits.textBytesMax)
        guard bytes <= limit else {
            let problem = RowError.Problem.valueTooLong(bytes: bytes, limit: limit)
            throw self.error(record, problem, field.name, text)
        }
        guard !field.values.isEmpty else { return text }
        guard let named = field.values[text] else {
            throw self.error(record, .unknownValue, field.name, text)
        }
        return named
    }

    private func error(
        _ record: SourceRecord,
        _ problem: RowError.Problem,
        _ column: String? = nil,
        _ value: String? = nil
    ) -> RowError {
        RowError(
            line: record.line,
            problem: problem,
            column: column,
            excerpt: value.map { RowError.excerpt($0) },
            raw: record.raw
        )
    }
}

extension ImportMapping.Field {
    /// The names of its columns, as shown to people.
    var name: String { self.columns.map(\.name).joined(separator: self.separator) }
}
