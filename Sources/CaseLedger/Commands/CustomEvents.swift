public import CaseDomain
internal import EventStore
internal import Interchange
public import LedgerTypes
internal import Projections

// Event types of the caller's own: they travel beside the core ones, to sites that do not know them
// as well, and the caller's own folds read them.
extension EventPayload {
    /// The fields of an event of the caller's own type, kept as JSON: other languages read and
    /// write the same by CloudEvents.
    ///
    /// - Parameters:
    ///   - type: its name: two or more names of letters and digits joined by full stops, such as
    ///     `com.example.drone.sent`.
    ///   - fields: what it says in the clear: put nothing personal into it.
    ///   - sealed: texts by name that are sealed under the customer's key, as those of the core
    ///     types are: they go when the key is destroyed. At most 256, of 64 KiB each.
    /// - Returns: what an event of that type carries.
    /// - Throws: `LedgerError.invalidEvent` for what is no name, for the name of a core type, and
    ///   for fields that are no JSON.
    public static func custom(
        _ type: String,
        _ fields: some Encodable,
        sealed: [String: String] = [:]
    ) throws(LedgerError) -> EventPayload {
        guard EventDraft.isType(type), EventType(rawValue: type) == nil else {
            throw .invalidEvent(nil, what: "\(type) cannot be the name of a type of one's own")
        }
        do {
            let bytes = try JSONValue.bytes(of: fields)
            let body = EventBody(field: EventBody.customField, bytes: bytes)
            let pairs = sealed.sorted { $0.key < $1.key }.map {
                SealedText.Pair(name: $0.key, value: $0.value)
            }
            let text = pairs.isEmpty ? nil : SealedText(pairs: pairs)
            return .unknown(type: type, body: body, text: text)
        } catch {
            throw .invalidEvent(nil, what: "the fields of \(type) cannot be written as JSON")
        }
    }

    /// The fields of an event of the caller's own type; `nil` for another type, and for what is not
    /// such fields.
    public func custom<Fields: Decodable>(_ type: String, as fields: Fields.Type) -> Fields? {
        guard case .unknown(type, let body, _) = self else { return nil }
        guard let body, body.field == EventBody.customField else { return nil }
        return JSONValue.read(fields, from: body.bytes)
    }

    /// The sealed texts by name of an event of the caller's own type; `nil` for another type, and
    /// where there are none, they are not open here, or they were erased.
    public func customTexts(_ type: String) -> [String: String]? {
        guard case .unknown(type, _, let text?) = self else { return nil }
        return Dictionary(
            text.pairs.map { ($0.name, $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension Ledger {
    /// Folds a case's events into a value of the caller's own: its own events, those of its
    /// contacts and of cases merged into it, in the order of its story, types that this version
    /// does not know included. Texts are open where their keys are here.
    ///
    /// Further copies of one event id are left out (C1); what was corrected comes with the value
    /// that is to be read, and what was redacted without its text.
    ///
    /// - Parameters:
    ///   - caseID: the case.
    ///   - initial: the value before the first event.
    ///   - evolve: goes on with the next event.
    /// - Returns: the value after the last event.
    /// - Throws: ``LedgerError/unknownSubject(_:)``, errors of storage and what `evolve` throws.
    public func fold<Value>(
        _ caseID: Subject,
        into initial: Value,
        _ evolve: (inout Value, CaseEvent) throws -> Void
    ) throws -> Value {
        let events = try self.reading { (snapshot) throws(EventStoreError) in
            let loaded = try self.reader.load(caseID, snapshot)
            let origins = try self.context(snapshot).origins
            return CaseHistory.reading(loaded.events, of: caseID, origins: origins)
        }
        guard !events.isEmpty else { throw LedgerError.unknownSubject(caseID) }
        var value = initial
        for event in events { try evolve(&value, event) }
        return value
    }
}
