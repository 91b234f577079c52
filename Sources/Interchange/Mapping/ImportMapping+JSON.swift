internal import CaseDomain
internal import LedgerTypes

extension ImportMapping {
    /// The version of the schema, the value of `caseledgerMapping`.
    package static let schemaVersion = "1"

    /// Reads a mapping file. Keys that the schema does not have are refused, so that a misspelt one
    /// never passes in silence.
    package init(json bytes: [UInt8]) throws(MappingError) {
        guard bytes.count <= MappingError.fileBytesMax else {
            throw .tooLong(bytes: bytes.count)
        }
        let root = MappingNode(path: "", tree: try JSONTree(parsing: bytes))
        let object = try root.object(allowed: [
            "$schema", "caseledgerMapping", "source", "format", "delimiter", "case", "time",
            "order", "nulls", "status", "team", "tier", "agent", "actor", "site", "priority",
            "product", "channel", "slaMet", "labels", "carries",
        ])
        let version = try object.required("caseledgerMapping")
        guard try version.string() == Self.schemaVersion else {
            throw .invalid(path: version.name, reason: "must be \"\(Self.schemaVersion)\"")
        }
        self.format = try object.required("format").word()
        let context = MappingContext(format: self.format)
        self.source = try context.source(try object.required("source"))
        self.delimiter = try context.delimiter(object.optional("delimiter"))
        self.caseColumn = try context.column(try object.required("case"))
        self.time = try context.time(try object.required("time"))
        self.order = try object.required("order").word()
        self.nulls = try object.optional("nulls")?.strings() ?? [""]
        self.status = try context.status(try object.required("status"))
        self.team = try context.field(object.optional("team"))
        self.tier = try context.tier(object.optional("tier"), hasTeam: self.team != nil)
        self.agent = try context.agent(object.optional("agent"))
        self.actor = try context.actor(object.optional("actor"))
        self.site = try context.field(object.optional("site"))
        self.priority = try context.field(object.optional("priority"))
        self.product = try context.field(object.optional("product"))
        self.channel = try context.channel(object.optional("channel"))
        self.slaMet = try context.verdict(object.optional("slaMet"))
        self.labels = try context.labels(object.optional("labels"))
        self.carries = try context.carries(try object.required("carries"))
    }

    /// Every column that the mapping names.
    package var columns: [Column] {
        var fields = [self.team, self.site, self.priority, self.product, self.channel]
        fields += [self.status.subStatus, self.agent?.field, self.actor?.field, self.slaMet?.field]
        if case .field(let field) = self.tier { fields.append(field) }
        fields += self.labels.map(\.field)
        return [self.caseColumn, self.time.column] + self.status.columns
            + fields.compactMap { $0 }.flatMap(\.columns)
    }
}

/// Reads the parts of a mapping whose meaning depends on its format.
private struct MappingContext {
    /// The most bytes of a source's name.
    static let sourceBytesMax = 200

    let format: SourceFormat

    func source(_ node: MappingNode) throws(MappingError) -> String {
        let text = try node.string()
        guard text.utf8.count <= Self.sourceBytesMax,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            let reason = "at most \(Self.sourceBytesMax) bytes, without control characters"
            throw .invalid(path: node.name, reason: reason)
        }
        return text
    }

    func delimiter(_ node: MappingNode?) throws(MappingError) -> UInt8 {
        guard let node else { return UInt8(ascii: ",") }
        guard self.format == .csv else {
            throw .invalid(path: node.name, reason: "is for CSV only")
        }
        let bytes = Array(try node.string().utf8)
        let refused: [UInt8] = [0x22, 0x0A, 0x0D]
        guard bytes.count == 1, bytes[0] < 0x80, !refused.contains(bytes[0]) else {
            let reason = "must be one ASCII character, and no quote or line end"
            throw .invalid(path: node.name, reason: reason)
        }
        return bytes[0]
    }

    /// A column's name, or an object with the name of a trace attribute.
    func column(_ node: MappingNode) throws(MappingError) -> ImportMapping.Column {
        if case .string = node.tree {
            return ImportMapping.Column(name: try node.string(), isOfTrace: false)
        }
        let trace = try node.object(allowed: ["trace"]).required("trace")
        guard self.format == .xes else {
            throw .invalid(path: trace.name, reason: "is for XES only")
        }
        return ImportMapping.Column(name: try trace.string(), isOfTrace: true)
    }

    func columns(_ node: MappingNode) throws(MappingError) -> [ImportMapping.Column] {
        var columns: [ImportMapping.Column] = []
        for element in try node.elements(countMin: 1) {
            columns.append(try self.column(element))
        }
        return columns
    }

    func field(_ node: MappingNode?) throws(MappingError) -> ImportMapping.Field? {
        guard let node else { return nil }
        return try self.field(required: node)
    }

    /// A column's name, or an object with a column or columns.
    func field(required node: MappingNode) throws(MappingError) -> ImportMapping.Field {
        if case .string = node.tree { return self.plain(try self.column(node)) }
        let object = try node.object(allowed: Self.fieldKeys)
        return try self.field(object)
    }

    static let fieldKeys = ["trace", "column", "columns", "separator", "nulls", "values"]

    func field(_ object: MappingObject) throws(MappingError) -> ImportMapping.Field {
        var columns: [ImportMapping.Column] = []
        if let node = object.optional("column") { columns.append(try self.column(node)) }
        if let node = object.optional("columns") { columns += try self.columns(node) }
        if let node = object.optional("trace") {
            guard self.format == .xes else {
                throw .invalid(path: node.name, reason: "is for XES only")
            }
            columns.append(ImportMapping.Column(name: try node.string(), isOfTrace: true))
        }
        let keys = ["column", "columns", "trace"].filter { object.optional($0) != nil }
        guard keys.count == 1 else {
            let reason = "needs exactly one of: column, columns, trace"
            throw .invalid(path: object.node.name, reason: reason)
        }
        var values: [String: String] = [:]
        for (key, value) in try object.optional("values")?.members() ?? [] {
            values[key] = try value.string()
        }
        return ImportMapping.Field(
            columns: columns,
            separator: try object.optional("separator")?.string(mayBeEmpty: true) ?? "/",
            nulls: try object.optional("nulls")?.strings() ?? [],
            values: values
        )
    }

    func plain(_ column: ImportMapping.Column) -> ImportMapping.Field {
        ImportMapping.Field(columns: [column], separator: "/", nulls: [], values: [:])
    }

    func time(_ node: MappingNode) throws(MappingError) -> ImportMapping.Time {
        let object = try node.object(allowed: ["column", "format", "zone"])
        let format = try object.required("format")
        let text = try format.string()
        guard let parsed = TimeFormat(text) else {
            let reason = "\"\(text)\" is neither iso8601 nor a pattern such as d/M/yyyy HH:mm"
            throw .invalid(path: format.name, reason: reason)
        }
        return ImportMapping.Time(
            column: try self.column(try object.required("column")),
            format: parsed,
            zone: try object.required("zone").string()
        )
    }
}

extension MappingContext {
    func status(_ node: MappingNode) throws(MappingError) -> ImportMapping.Status {
        let object = try node.object(allowed: ["columns", "values", "subStatus"])
        let columns = try self.columns(try object.required("columns"))
        var rules: [ImportMapping.StatusRule] = []
        for element in try object.required("values").elements(countMin: 1) {
            let rule = try element.object(allowed: ["when", "status", "waitingOn"])
            let when = try rule.required("when")
            let values = try when.strings(countMin: 1)
            guard values.count == columns.count else {
                let reason = "needs one value for each of the \(columns.count) columns"
                throw .invalid(path: when.name, reason: reason)
            }
            let status: ObservedStatus = try rule.required("status").word(without: [.notStated])
            let waiting = rule.optional("waitingOn")
            if let waiting, status != .waiting {
                throw .invalid(path: waiting.name, reason: "is for status waiting only")
            }
            let waitingOn: WaitingOn? = try waiting.map { node throws(MappingError) in
                try node.word(without: [.none])
            }
            rules.append(
                ImportMapping.StatusRule(
                    when: values,
                    status: status,
                    waitingOn: status == .waiting ? waitingOn ?? .notStated : nil
                )
            )
        }
        let subStatus = try self.field(object.optional("subStatus"))
        return ImportMapping.Status(columns: columns, rules: rules, subStatus: subStatus)
    }

    func tier(
        _ node: MappingNode?,
        hasTeam: Bool
    ) throws(MappingError) -> ImportMapping.Tier? {
        guard let node else { return nil }
        guard case .object(let members) = node.tree, members["teamSuffixes"] != nil else {
            return .field(try self.field(required: node))
        }
        guard hasTeam else {
            throw .invalid(path: node.name, reason: "teamSuffixes needs a team")
        }
        let object = try node.object(allowed: ["teamSuffixes", "otherwise"])
        var suffixes: [ImportMapping.TierSuffix] = []
        for element in try object.required("teamSuffixes").elements() {
            let rule = try element.object(allowed: ["suffix", "tier"])
            suffixes.append(
                ImportMapping.TierSuffix(
                    suffix: try rule.required("suffix").string(),
                    tier: try rule.required("tier").string()
                )
            )
        }
        return .teamSuffixes(suffixes, otherwise: try object.optional("otherwise")?.string())
    }

    func agent(_ node: MappingNode?) throws(MappingError) -> ImportMapping.Agent? {
        guard let node else { return nil }
        let object = try node.object(allowed: Self.fieldKeys + ["identities"])
        return ImportMapping.Agent(
            field: try self.field(object),
            identities: try object.required("identities").word()
        )
    }

    func actor(_ node: MappingNode?) throws(MappingError) -> ImportMapping.Actor? {
        guard let node else { return nil }
        let object = try node.object(allowed: Self.fieldKeys + ["identities", "kind"])
        var kind = ActorKind.agent
        if let node = object.optional("kind") {
            kind = try node.word(without: [])
        }
        return ImportMapping.Actor(
            field: try self.field(object),
            identities: try object.required("identities").word(),
            kind: kind
        )
    }

    func channel(_ node: MappingNode?) throws(MappingError) -> ImportMapping.Field? {
        guard let node else { return nil }
        let field = try self.field(required: node)
        for (_, value) in field.values.sorted(by: { $0.key < $1.key })
        where Channel(name: value) == nil {
            let words = Channel.allCases.map(\.name).joined(separator: ", ")
            throw .invalid(path: node.name, reason: "\"\(value)\" is not one of: \(words)")
        }
        return field
    }

    func verdict(_ node: MappingNode?) throws(MappingError) -> ImportMapping.Verdict? {
        guard let node else { return nil }
        let object = try node.object(allowed: Self.fieldKeys + ["met", "breached"])
        return ImportMapping.Verdict(
            field: try self.field(object),
            met: try object.required("met").strings(countMin: 1),
            breached: try object.required("breached").strings(countMin: 1)
        )
    }

    /// The most labels of a mapping: with them, every leaf has room for the writer's stamps.
    static let labelsMax = 64

    func labels(_ node: MappingNode?) throws(MappingError) -> [ImportMapping.LabelRule] {
        var rules: [ImportMapping.LabelRule] = []
        let members = try node?.members() ?? []
        if let node, members.count > Self.labelsMax {
            throw .invalid(path: node.name, reason: "at most \(Self.labelsMax) labels")
        }
        for (name, value) in members {
            guard (1...Label.nameBytesMax).contains(name.utf8.count), name != Label.subjectName
            else {
                let reason = "a label has 1 to \(Label.nameBytesMax) bytes and is not \"subject\""
                throw .invalid(path: value.name, reason: reason)
            }
            rules.append(
                ImportMapping.LabelRule(name: name, field: try self.field(required: value))
            )
        }
        return rules
    }

    func carries(_ node: MappingNode) throws(MappingError) -> [ImportMapping.Carried] {
        var carried: [ImportMapping.Carried] = []
        for element in try node.elements() { carried.append(try element.word()) }
        return ImportMapping.Carried.allCases.filter { carried.contains($0) }
    }
}
