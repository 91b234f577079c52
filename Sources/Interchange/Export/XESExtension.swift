internal import CaseDomain

/// Our own XES extension: the attributes that XES has no name for. docs/caseledger.xesext is the
/// same list for other tools.
package enum XESExtension {
    /// The prefix of its keys.
    package static let prefix = "caseledger"
    /// What names it in a log's header.
    package static let uri = "urn:caseledger:xes-extension:1"
    /// What stands before the name of a field of the event's type.
    package static let dataPrefix = "data."
    /// The state that every event puts an activity in: it happened, and took no time.
    static let transition = "complete"

    /// The attributes of a log that was not imported from XES: declarations, and what every trace
    /// and event of it has.
    package static let plainLog: [SourceAttribute] = {
        let site = "http://www.xes-standard.org/"
        let standard = [
            ("Concept", "concept"), ("Time", "time"), ("Organizational", "org"),
            ("Lifecycle", "lifecycle"),
        ].map { ($0.0, $0.1, "\(site)\($0.1).xesext") }
        let log = Self.xml([
            ("xes.version", "1849-2016"), ("xes.features", ""), ("xmlns", site),
        ])
        let extensions = standard.map { Self.declaration($0.0, $0.1, $0.2) } + [Self.declaration]
        let globals = [
            SourceAttribute(
                type: "global",
                key: nil,
                value: nil,
                children: Self.xml([("scope", "trace")]) + [Self.default("concept:name")]
            ),
            SourceAttribute(
                type: "global",
                key: nil,
                value: nil,
                children: Self.xml([("scope", "event")])
                    + [Self.default("concept:name"), Self.default("lifecycle:transition")]
                    + [
                        SourceAttribute(
                            type: "date",
                            key: "time:timestamp",
                            value: "1970-01-01T00:00:00Z"
                        )
                    ]
            ),
        ]
        let classifiers = [("Activity", "concept:name"), ("Resource", "org:resource")].map {
            SourceAttribute(
                type: "classifier",
                key: nil,
                value: nil,
                children: Self.xml([("name", $0.0), ("keys", $0.1)])
            )
        }
        let model = SourceAttribute(key: "lifecycle:model", value: "standard")
        return log + extensions + globals + classifiers + [model]
    }()

    /// The declaration of this extension.
    package static let declaration = Self.declaration("CaseLedger", Self.prefix, Self.uri)

    /// An imported log's attributes, and the declaration of this extension behind the others.
    package static func declared(in log: [SourceAttribute]) -> [SourceAttribute] {
        guard !log.contains(Self.declaration) else { return log }
        var log = log
        let last = log.lastIndex { $0.type == "extension" || $0.isXMLAttribute }
        log.insert(Self.declaration, at: last.map { $0 + 1 } ?? 0)
        return log
    }

    /// The attribute `name` of this extension.
    static func attribute(_ name: String, _ value: FieldValue) -> SourceAttribute {
        Self.attribute(key: "\(Self.prefix):\(name)", value)
    }

    /// An attribute of the XES type that fits the value.
    static func attribute(key: String, _ value: FieldValue) -> SourceAttribute {
        let type =
            switch value {
            case .text: SourceAttribute.usualType
            case .integer: "int"
            case .number: "float"
            case .flag: "boolean"
            case .time: "date"
            }
        return SourceAttribute(type: type, key: key, value: value.text)
    }

    private static func declaration(
        _ name: String,
        _ prefix: String,
        _ uri: String
    ) -> SourceAttribute {
        SourceAttribute(
            type: "extension",
            key: nil,
            value: nil,
            children: Self.xml([("name", name), ("prefix", prefix), ("uri", uri)])
        )
    }

    private static func `default`(_ key: String) -> SourceAttribute {
        SourceAttribute(key: key, value: "__INVALID__")
    }

    private static func xml(_ pairs: [(String, String)]) -> [SourceAttribute] {
        pairs.map {
            SourceAttribute(type: SourceAttribute.xmlAttributeType, key: $0.0, value: $0.1)
        }
    }
}
