internal import CaseDomain
internal import FoundationEssentials
internal import LedgerTypes

/// Reads a CloudEvent 1.0 in JSON, structured mode, as an event to append. Pure.
///
/// What the ledger writes itself (`sequence`, `recordedtime`, `ordertime`) and what only says how
/// the event travelled is passed over; any other attribute that it does not know is refused.
struct CloudEventReader {
    /// The attributes that it reads.
    static let attributes = [
        "specversion", "id", "type", "source", "subject", "time", "datacontenttype", "data",
        "history", "contactid", "handoffid", "escalationid", "correlationid", "causationid",
        "onbehalfof", "dataclassification", "dataregulation", "labels", "expecting",
        "schemaversion", "actorid", "actorkind", "actorrole", "actortier", "actorteam",
        "actorsite", "actorsitekind", "actorprogramme", "actortenuredays", "actorskills",
        "actorlimit", "actorcurrency",
    ]
    /// The attributes that it passes over.
    static let passedOver = [
        "sequence", "recordedtime", "ordertime", "dataschema", "traceparent", "tracestate",
        "partitionkey", "sampledrate", "expirytime",
    ]

    private let container: KeyedDecodingContainer<AttributeName>

    init(from decoder: any Decoder) throws {
        self.container = try decoder.container(keyedBy: AttributeName.self)
    }

    /// The event.
    func line() throws -> AppendLine {
        try self.checkForm()
        let time: Timestamp? = try self.value("time")
        let type: String = try self.required("type")
        let contactID: String? = try self.value("contactid")
        let handoffID: String? = try self.value("handoffid")
        let escalationID: String? = try self.value("escalationid")
        var contact = contactID
        // Another producer's correlation is with the contact: the widest of the three.
        if contactID == nil, handoffID == nil, escalationID == nil {
            contact = try self.value("correlationid")
        }
        return AppendLine(
            id: try self.id(time: time),
            subject: try self.required("subject"),
            occurred: time,
            isHistory: try self.value("history") ?? false,
            actor: try self.actor(),
            onBehalfOf: try self.value("onbehalfof"),
            contactID: contact,
            handoffID: handoffID,
            escalationID: escalationID,
            causation: try self.value("causationid"),
            labels: try self.labels(),
            classification: try self.value("dataclassification") ?? .notStated,
            regulations: try self.list("dataregulation"),
            expecting: try self.expecting(),
            payload: try self.payload(type)
        )
    }

    private func checkForm() throws {
        let version: String = try self.required("specversion")
        guard version == "1.0" else {
            throw AppendLineError.invalid(key: "specversion", reason: "must be \"1.0\"")
        }
        for key in self.container.allKeys.map(\.stringValue).sorted() {
            if key == "data_base64" {
                let reason = "an event's data is JSON; give it as \"data\""
                throw AppendLineError.invalid(key: key, reason: reason)
            }
            guard Self.attributes.contains(key) || Self.passedOver.contains(key) else {
                throw AppendLineError.unknownAttribute(key)
            }
        }
        guard let form: String = try self.value("datacontenttype") else { return }
        let media = form.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard media.hasSuffix("/json") || media.hasSuffix("+json") else {
            let reason = "\"\(form)\" is not JSON; an event's data is application/json"
            throw AppendLineError.invalid(key: "datacontenttype", reason: reason)
        }
    }

    /// The retry key: the id where it is a UUIDv7, else one that is computed from source and id, so
    /// that what another system sends again is the same event.
    private func id(time: Timestamp?) throws -> EventID {
        let text: String = try self.required("id")
        let source: String = try self.required("source")
        guard !source.isEmpty else {
            throw AppendLineError.invalid(key: "source", reason: "must not be empty")
        }
        guard !text.isEmpty else {
            throw AppendLineError.invalid(key: "id", reason: "must not be empty")
        }
        if let id = EventID(text), id.isVersion7 { return id }
        guard let time else {
            let reason = "\"\(text)\" is no UUIDv7; with such an id, time must be given as well"
            throw AppendLineError.invalid(key: "id", reason: reason)
        }
        return ImportID.cloudEvent(source: source, id: text, occurred: time)
    }

    private func actor() throws -> ActorSnapshot? {
        let names = Self.attributes.filter { $0.hasPrefix("actor") }
        guard names.contains(where: { self.container.contains(AttributeName($0)) }) else {
            return nil
        }
        var actor = ActorSnapshot(actorID: "", kind: .notStated)
        actor.actorID = try self.value("actorid") ?? ""
        actor.kind = try self.value("actorkind") ?? .notStated
        actor.role = try self.text("actorrole")
        actor.tier = try self.text("actortier")
        actor.team = try self.text("actorteam")
        actor.siteID = try self.text("actorsite")
        actor.siteKind = try self.value("actorsitekind") ?? .notStated
        actor.programme = try self.text("actorprogramme")
        actor.tenureDays = try self.value("actortenuredays")
        actor.skills = try self.list("actorskills")
        if let amount: String = try self.value("actorlimit") {
            guard let minor = Int64(amount) else {
                let reason = "\"\(amount)\" is not an amount in the currency's minor unit"
                throw AppendLineError.invalid(key: "actorlimit", reason: reason)
            }
            actor.authorityLimit = ActorSnapshot.AuthorityLimit(
                amountMinor: minor,
                currency: try self.text("actorcurrency") ?? ""
            )
        }
        return actor
    }

    private func labels() throws -> [Label] {
        guard let text: String = try self.value("labels") else { return [] }
        guard let pairs = AttributeText.pairs(of: text) else {
            let reason = "must be name=value, joined by &"
            throw AppendLineError.invalid(key: "labels", reason: reason)
        }
        return try pairs.map { try AppendLine.label($0.name, $0.value) }
    }

    private func expecting() throws -> AppendLine.Expecting {
        guard let word: String = try self.value("expecting") else { return .any }
        if let version = UInt64(word) { return .version(version) }
        return try AppendLine.Expecting(word: word)
    }

    private func payload(_ type: String) throws -> EventPayload {
        let version: UInt32 = try self.value("schemaversion") ?? 1
        let hasPrefix = type.hasPrefix(CloudEvent.typePrefix)
        let name = hasPrefix ? String(type.dropFirst(CloudEvent.typePrefix.count)) : type
        let known = EventType(rawValue: name)
        guard version == known?.schemaVersion ?? 1 else {
            let reason = "\(type) has schema version \(known?.schemaVersion ?? 1) here"
            throw AppendLineError.invalid(key: "schemaversion", reason: reason)
        }
        if known != nil { return try AppendLine.payload(type: name, self.data) }
        guard EventDraft.isType(name) else {
            let reason =
                "\"\(type)\" is not two or more names of letters and digits joined by full stops"
            throw AppendLineError.invalid(key: "type", reason: reason)
        }
        let value = try self.data.map { try JSONValue(from: $0) }
        if let body = value.flatMap(Self.body) { return .unknown(type: name, body: body) }
        // A misspelt type of the catalogue must not pass for one of the caller's own.
        guard !hasPrefix else {
            if value == nil { return .unknown(type: name, body: nil) }
            throw AppendLineError.unknownType(type)
        }
        var fields = value ?? .object([:])
        let text = try fields.takeSealed()
        let body = EventBody(field: EventBody.customField, bytes: try fields.bytes)
        return .unknown(type: name, body: body, text: text)
    }

    private var data: (any Decoder)? {
        get throws {
            let key = AttributeName("data")
            guard self.container.contains(key), try !self.container.decodeNil(forKey: key) else {
                return nil
            }
            return try self.container.superDecoder(forKey: key)
        }
    }

    /// The body of a type that the writer did not know: `{"field": 164, "bytes": "0a01"}`.
    private static func body(_ value: JSONValue) -> EventBody? {
        guard case .object(let members) = value, members.count == 2,
            case .signed(let field)? = members["field"], let number = UInt32(exactly: field),
            EventBody.fields.contains(number), case .string(let digits)? = members["bytes"],
            let bytes = [UInt8](hex: digits)
        else { return nil }
        return EventBody(field: number, bytes: bytes)
    }

    private func value<Value: Decodable>(_ name: String) throws -> Value? {
        try self.container.decodeIfPresent(Value.self, forKey: AttributeName(name))
    }

    private func required<Value: Decodable>(_ name: String) throws -> Value {
        guard let value: Value = try self.value(name) else { throw AppendLineError.missing(name) }
        return value
    }

    private func text(_ name: String) throws -> String? {
        guard let text: String = try self.value(name) else { return nil }
        return AttributeText.decode(text)
    }

    private func list(_ name: String) throws -> [String] {
        guard let text: String = try self.value(name), !text.isEmpty else { return [] }
        return AttributeText.texts(ofList: text)
    }
}

extension ImportID {
    /// The id of a CloudEvent whose own id is no UUIDv7: its time is `occurred` in milliseconds,
    /// and its other 74 bits begin SHA-256("cl/cloudevent-id/1" ‖ u32 length ‖ source ‖ u32 length
    /// ‖ id), all numbers big-endian.
    static func cloudEvent(source: String, id: String, occurred: Timestamp) -> EventID {
        var bytes = Array("cl/cloudevent-id/1".utf8)
        for text in [source, id] {
            bytes.appendBigEndian(UInt32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        let random = Self.digest(of: bytes)?.bytes ?? []
        return EventID(unixMilliseconds: occurred.milliseconds, random: random.span)
    }
}
