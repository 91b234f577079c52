public import LedgerTypes

extension CaseEvent {
    /// Reads an event from its leaf; sealed fields that are there come out as withheld.
    public init(leaf bytes: Span<UInt8>, at address: EventAddress) throws(WireError) {
        var actors = ActorPool()
        let fields = try LeafFields(leaf: bytes)
        self = try Self.read(fields, of: bytes, at: address, subject: nil, actors: &actors)
    }

    /// Reads an event from its leaf, whose fields have been found already.
    ///
    /// `subject` is what the event is expected to be about: then its text is not built again.
    /// `actors` are those that were read before; sealed fields come out as withheld.
    public static func read(
        _ fields: borrowing LeafFields,
        of bytes: Span<UInt8>,
        at address: EventAddress,
        subject expected: Subject?,
        actors: inout ActorPool
    ) throws(WireError) -> CaseEvent {
        let subject: Subject
        if let expected, bytes.extracting(fields.subject).equals(expected.rawValue) {
            subject = expected
        } else if let text = try LeafFields.text(bytes, at: fields.subject),
            let read = Subject(text)
        {
            subject = read
        } else {
            throw .outOfRange(field: 4)
        }
        // A function and not an initializer: one that may fail copies the whole event once more.
        let actor = try actors.actor(bytes, at: fields.actor)
        let onBehalfOf = try LeafFields.text(bytes, at: fields.onBehalfOf)
        let contactID = try LeafFields.text(bytes, at: fields.contactID)
        let handoffID = try LeafFields.text(bytes, at: fields.handoffID)
        let escalationID = try LeafFields.text(bytes, at: fields.escalationID)
        let payload = try EventPayload(fields, of: bytes)
        return CaseEvent(
            id: fields.id,
            address: address,
            subject: subject,
            occurred: fields.occurred,
            order: fields.order,
            recorded: fields.recorded,
            isHistory: fields.isHistory,
            actor: actor,
            onBehalfOf: onBehalfOf,
            contactID: contactID,
            handoffID: handoffID,
            escalationID: escalationID,
            causation: fields.causation,
            seen: fields.seen,
            payload: payload
        )
    }
}

extension EventPayload {
    /// Reads the clear fields of a leaf, as ``init(typeName:body:)`` does, without building texts
    /// on the way.
    init(_ fields: borrowing LeafFields, of bytes: Span<UInt8>) throws(WireError) {
        let name = bytes.extracting(fields.type)
        if let body = fields.body, let type = EventType(field: body.field, named: name) {
            let message = [UInt8](copying: bytes.extracting(body.range))
            self = try type.make(ReadClear(bytes: message))
            return
        }
        var body: EventBody?
        if let found = fields.body {
            body = EventBody(
                field: found.field,
                bytes: [UInt8](copying: bytes.extracting(found.range))
            )
        }
        self = try EventPayload(
            typeName: try LeafFields.text(bytes, at: fields.type) ?? "",
            body: body
        )
    }
}

extension EventType {
    private static let byField: [(type: EventType, name: [UInt8])?] = {
        var types = [(type: EventType, name: [UInt8])?](
            repeating: nil,
            count: EventBody.fields.count
        )
        for type in Self.allCases {
            types[Int(type.field - EventBody.fields.lowerBound)] = (type, Array(type.rawValue.utf8))
        }
        return types
    }()

    /// The type whose message the leaf's field `field` holds, if `name` is its name.
    init?(field: UInt32, named name: Span<UInt8>) {
        guard EventBody.fields.contains(field),
            let known = Self.byField[Int(field - EventBody.fields.lowerBound)],
            name.equals(known.name.span)
        else { return nil }
        self = known.type
    }
}

extension Span<UInt8> {
    /// Whether the bytes are those of `text`.
    fileprivate func equals(_ text: String) -> Bool {
        self.equals(text.utf8Span.span)
    }
}
