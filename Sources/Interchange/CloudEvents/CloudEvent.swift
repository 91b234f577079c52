package import CaseDomain
internal import FoundationEssentials
package import LedgerTypes

/// An event as a CloudEvent 1.0 in JSON, structured mode: one object on a line. Pure.
///
/// A field of the envelope is an attribute of the same meaning; extension attributes have names of
/// lower-case letters and digits only. docs/EVENTS.md has the table; ``CloudEventReader`` is the
/// way back.
package struct CloudEvent: Encodable {
    /// What stands before the name of a type of the catalogue.
    package static let typePrefix = "caseledger."
    /// The digits of `sequence`, so that texts sort as numbers do.
    static let sequenceDigits = 20

    private let draft: EventDraft
    private let stamp: Stamp
    private let payload: EventPayload
    private let source: String
    private let index: UInt64

    /// Describes an event. `payload` is the body with its texts opened as far as they are here;
    /// `origin` is the log's name in checkpoints, and `index` its place in that log.
    package init(
        _ envelope: EventEnvelope,
        payload: EventPayload,
        origin: String,
        index: UInt64
    ) {
        self.draft = envelope.draft
        self.stamp = envelope.stamp
        self.payload = payload
        self.source = AttributeText.path(origin)
        self.index = index
    }

    /// The event as one line, with its line end; equal events are equal bytes.
    package var line: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// Writes the event as a JSON object.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: AttributeName.self)
        for (name, text) in self.texts {
            guard let text, !text.isEmpty else { continue }
            try container.encode(text, forKey: AttributeName(name))
        }
        if self.draft.isHistory { try container.encode(true, forKey: AttributeName("history")) }
        if self.draft.schemaVersion != 1 {
            try container.encode(self.draft.schemaVersion, forKey: AttributeName("schemaversion"))
        }
        if let days = self.draft.actor.tenureDays {
            try container.encode(days, forKey: AttributeName("actortenuredays"))
        }
        try self.encodeData(&container)
    }

    private var texts: [(name: String, text: String?)] {
        let digits = String(self.index)
        let zeros = String(repeating: "0", count: max(0, Self.sequenceDigits - digits.utf8.count))
        let contact = self.draft.contactID
        return [
            ("specversion", "1.0"), ("id", self.draft.id.description), ("type", self.type),
            ("source", self.source), ("subject", self.draft.subject.rawValue),
            ("time", self.draft.occurred.rfc3339), ("datacontenttype", "application/json"),
            ("sequence", zeros + digits),
            ("recordedtime", self.stamp.recorded.timestamp.rfc3339),
            (
                "ordertime",
                self.stamp.order == self.draft.occurred ? nil : self.stamp.order.rfc3339
            ),
            ("correlationid", contact ?? self.draft.handoffID ?? self.draft.escalationID),
            ("contactid", contact), ("handoffid", self.draft.handoffID),
            ("escalationid", self.draft.escalationID),
            ("causationid", self.draft.causation?.description),
            ("onbehalfof", self.draft.onBehalfOf),
            (
                "dataclassification",
                self.draft.classification == .notStated ? nil : self.draft.classification.name
            ),
            ("dataregulation", AttributeText.list(self.draft.regulations)),
            (
                "labels",
                AttributeText.pairs(self.draft.labels.map { (name: $0.name, value: $0.value) })
            ),
        ] + self.actorTexts
    }

    private var actorTexts: [(name: String, text: String?)] {
        let actor = self.draft.actor
        let limit = actor.authorityLimit
        return [
            ("actorid", actor.actorID), ("actorkind", actor.kind.name),
            ("actorrole", actor.role.map { AttributeText.encode($0) }),
            ("actortier", actor.tier.map { AttributeText.encode($0) }),
            ("actorteam", actor.team.map { AttributeText.encode($0) }),
            ("actorsite", actor.siteID.map { AttributeText.encode($0) }),
            ("actorsitekind", actor.siteKind == .notStated ? nil : actor.siteKind.name),
            ("actorprogramme", actor.programme.map { AttributeText.encode($0) }),
            ("actorskills", AttributeText.list(actor.skills)),
            ("actorlimit", limit.map { "\($0.amountMinor)" }),
            ("actorcurrency", limit.map { AttributeText.encode($0.currency) }),
        ]
    }

    /// A type of the catalogue, of this version or a newer one, has the prefix; one of the caller's
    /// own is as it is.
    private var type: String {
        let isCustom = self.payload.type == nil && self.draft.body?.field == EventBody.customField
        return isCustom ? self.draft.type : Self.typePrefix + self.draft.type
    }

    private func encodeData(_ container: inout KeyedEncodingContainer<AttributeName>) throws {
        let key = AttributeName("data")
        if case .unknown(_, let body, let text) = self.payload {
            guard let body else { return }
            if body.field == EventBody.customField, var value = JSONValue(body.bytes) {
                let isSealed = self.draft.sections.contains {
                    $0.kind == SealedText.sectionKind
                }
                if isSealed { value.addSealed(text) }
                return try container.encode(value, forKey: key)
            }
        }
        try container.encode(self.payload, forKey: key)
    }
}

/// The name of an attribute as a coding key.
struct AttributeName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { self.stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

extension JSONValue {
    /// The member of the data of a type of the caller's own that holds what is sealed: texts by
    /// name, or `true` where they are not open.
    static let sealedKey = "$sealed"

    /// Adds the sealed texts to an object; to anything else there is no place to add them.
    mutating func addSealed(_ text: SealedText?) {
        guard case .object(var members) = self else { return }
        var texts: [String: JSONValue] = [:]
        for pair in text?.pairs ?? [] { texts[pair.name] = .string(pair.value) }
        members[Self.sealedKey] = text == nil ? .bool(true) : .object(texts)
        self = .object(members)
    }

    /// Takes the sealed texts out of an object, in the order of their names; `nil` where there are
    /// none.
    ///
    /// - Throws: ``AppendLineError`` for what are no texts, or not open ones.
    mutating func takeSealed() throws -> SealedText? {
        guard case .object(var members) = self,
            let found = members.removeValue(forKey: Self.sealedKey)
        else { return nil }
        guard case .object(let texts) = found else {
            throw AppendLineError.invalid(
                key: "data.\(Self.sealedKey)",
                reason: "it is no object of texts; what is sealed elsewhere cannot be sealed anew"
            )
        }
        var pairs: [SealedText.Pair] = []
        for (name, value) in texts.sorted(by: { $0.key < $1.key }) {
            guard case .string(let text) = value else {
                throw AppendLineError.invalid(
                    key: "data.\(Self.sealedKey).\(name)",
                    reason: "only texts are sealed"
                )
            }
            pairs.append(SealedText.Pair(name: name, value: text))
        }
        self = .object(members)
        return pairs.isEmpty ? nil : SealedText(pairs: pairs)
    }
}
