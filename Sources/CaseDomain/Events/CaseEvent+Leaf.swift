public import LedgerTypes

extension CaseEvent {
    /// Reads an event from its leaf; sealed fields that are there come out as withheld.
    public init(leaf bytes: Span<UInt8>, at address: EventAddress) throws(WireError) {
        var actors = ActorPool()
        let fields = try LeafFields(leaf: bytes)
        try self.init(
            fields,
            of: bytes,
            at: address,
            subject: nil,
            actors: &actors
        )
    }

    /// Reads an event from its leaf, whose fields have been found already.
    ///
    /// `subject` is what the event is expected to be about: then its text is not built again.
    /// `actors` are those that were read before; sealed fields come out as withheld.
    public init(
        _ fields: borrowing LeafFields,
        of bytes: Span<UInt8>,
        at address: EventAddress,
        subject expected: Subject?,
        actors: inout ActorPool
    ) throws(WireError) {
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
        // What may fail comes first, and then the event is made field by field: an initializer that
        // fails half-way, or hands on to another, copies the whole event once more.
        let actor = try actors.actor(bytes, at: fields.actor)
        let onBehalfOf = try LeafFields.text(bytes, at: fields.onBehalfOf)
        let contactID = try LeafFields.text(bytes, at: fields.contactID)
        let handoffID = try LeafFields.text(bytes, at: fields.handoffID)
        let escalationID = try LeafFields.text(bytes, at: fields.escalationID)
        let payload = try EventPayload(fields, of: bytes)
        self.id = fields.id
        self.address = address
        self.subject = subject
        self.occurred = fields.occurred
        self.order = Self.clamped(fields.order, fields.recorded)
        self.recorded = fields.recorded
        self.isHistory = fields.isHistory
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.contactID = contactID
        self.handoffID = handoffID
        self.escalationID = escalationID
        self.causation = fields.causation
        self.seen = fields.seen
        self.payload = payload
    }
}

extension EventPayload {
    /// Reads the clear fields of a leaf, as ``init(typeName:body:)`` does, without building texts
    /// on the way.
    init(_ fields: borrowing LeafFields, of bytes: Span<UInt8>) throws(WireError) {
        let name = bytes.extracting(fields.type)
        if let body = fields.body, let type = EventType(field: body.field),
            name.equals(type.rawValue)
        {
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
    private static let byField: [EventType?] = {
        var types = [EventType?](repeating: nil, count: EventBody.fields.count)
        for type in Self.allCases {
            types[Int(type.field - EventBody.fields.lowerBound)] = type
        }
        return types
    }()

    /// The type whose message the leaf's field `field` holds.
    init?(field: UInt32) {
        guard EventBody.fields.contains(field),
            let type = Self.byField[Int(field - EventBody.fields.lowerBound)]
        else { return nil }
        self = type
    }
}

extension Span<UInt8> {
    /// Whether the bytes are those of `text`.
    fileprivate func equals(_ text: String) -> Bool {
        self.equals(text.utf8Span.span)
    }
}
