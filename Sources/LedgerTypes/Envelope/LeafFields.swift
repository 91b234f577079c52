/// The fields of an event's leaf that a fold reads, found in one pass: texts and messages as the
/// places where they lie, so that nothing is built that nobody asks for.
public struct LeafFields: ~Copyable, Sendable {
    /// The event id.
    public let id: EventID
    /// Where the type's text lies.
    public let type: Range<Int>
    /// Where the subject's text lies.
    public let subject: Range<Int>
    /// When it happened.
    public let occurred: Timestamp
    /// Whether it was filled in afterwards.
    public private(set) var isHistory = false
    /// Where the actor's message lies.
    public private(set) var actor: Range<Int>?
    /// Where the text lies that says for whom.
    public private(set) var onBehalfOf: Range<Int>?
    /// Where the contact's id lies.
    public private(set) var contactID: Range<Int>?
    /// Where the handoff's id lies.
    public private(set) var handoffID: Range<Int>?
    /// Where the escalation's id lies.
    public private(set) var escalationID: Range<Int>?
    /// Which event made this one happen.
    public private(set) var causation: EventID?
    /// Whether the leaf names sections; ``Leaf/sections(_:)`` reads them.
    public private(set) var hasSections = false
    /// The leaf's field that holds the clear fields, and where they lie; `nil` without any.
    public private(set) var body: (field: UInt32, range: Range<Int>)?
    /// When the site wrote it.
    public let recorded: HybridTime
    /// The case's own story clock.
    public let order: Timestamp
    /// For each other log, the newest index of the subject that the writer held.
    public private(set) var seen: [EventAddress] = []

    /// Finds the fields of an event's leaf; throws if it is none, as for a genesis.
    public init(leaf bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count <= Leaf.bytesMax else { throw .tooLong(bytes: bytes.count) }
        var id: EventID?
        var type: Range<Int>?
        var subject: Range<Int>?
        var occurred: Timestamp?
        var recorded: HybridTime?
        var order: Timestamp?
        var reader = WireReader(bytes)
        var fieldOrder = FieldOrder()
        while let field = try reader.next() {
            try fieldOrder.check(field)
            switch field.number {
            case Leaf.Field.id: id = try reader.id(field)
            case Leaf.Field.type: type = try field.range
            case Leaf.Field.subject:
                let range = try field.range
                guard Subject.isSubject(bytes.extracting(range)) else {
                    throw .outOfRange(field: field.number)
                }
                subject = range
            case Leaf.Field.occurred: occurred = Timestamp(microseconds: try field.sfixed64)
            case Leaf.Field.history: self.isHistory = try field.flag
            case Leaf.Field.actor: self.actor = try field.range
            case Leaf.Field.onBehalfOf: self.onBehalfOf = try field.range
            case Leaf.Field.contactID: self.contactID = try field.range
            case Leaf.Field.handoffID: self.handoffID = try field.range
            case Leaf.Field.escalationID: self.escalationID = try field.range
            case Leaf.Field.causation: self.causation = try reader.id(field)
            case Leaf.Field.section: self.hasSections = true
            case EventBody.fields: self.body = (field.number, try field.range)
            case Leaf.Field.recorded: recorded = HybridTime(rawValue: try field.fixed64)
            case Leaf.Field.order: order = Timestamp(microseconds: try field.sfixed64)
            case Leaf.Field.seen:
                self.seen.append(try LeafParts.place(bytes, at: try field.range).address)
            default: break
            }
        }
        guard let id else { throw .missing(field: Leaf.Field.id) }
        guard let type else { throw .missing(field: Leaf.Field.type) }
        guard let subject else { throw .missing(field: Leaf.Field.subject) }
        guard let occurred else { throw .missing(field: Leaf.Field.occurred) }
        guard let recorded else { throw .missing(field: Leaf.Field.recorded) }
        guard let order else { throw .missing(field: Leaf.Field.order) }
        self.id = id
        self.type = type
        self.subject = subject
        self.occurred = occurred
        self.recorded = recorded
        self.order = order
    }

    /// The text that lies at `range` of the leaf; `nil` without one.
    public static func text(
        _ bytes: Span<UInt8>,
        at range: Range<Int>?
    ) throws(WireError) -> String? {
        guard let range else { return nil }
        do {
            return String(copying: try UTF8Span(validating: bytes.extracting(range)))
        } catch {
            throw .notUTF8(field: 0)
        }
    }
}

/// Actors that were read lately, so that a story in which the same few people act builds each of
/// them once. Holds at most ``placesMax``; a newcomer takes the place of another.
public struct ActorPool: Sendable {
    /// The most actors that are held.
    public static let placesMax = 16

    private struct Entry: Sendable {
        let bytes: [UInt8]
        let actor: ActorSnapshot
    }

    private var entries: [Entry?] = []
    /// The place of the actor that was asked for last, who mostly goes on acting.
    private var last = 0

    /// Starts empty.
    public init() {}

    /// The actor whose message lies at `range` of `bytes`; without one, an actor of whom nothing
    /// is stated.
    public mutating func actor(
        _ bytes: Span<UInt8>,
        at range: Range<Int>?
    ) throws(WireError) -> ActorSnapshot {
        guard let range else { return ActorSnapshot(actorID: "", kind: .notStated) }
        let message = bytes.extracting(range)
        if self.entries.isEmpty {
            self.entries = Array(repeating: nil, count: Self.placesMax)
        }
        if let entry = self.entries[self.last], message.equals(entry.bytes.span) {
            return entry.actor
        }
        // Two actors whose places are the same do not drive each other out.
        let first = Self.place(message)
        let second = first ^ 1
        for place in (first < second ? first...second : second...first) {
            guard let entry = self.entries[place], message.equals(entry.bytes.span) else {
                continue
            }
            self.last = place
            return entry.actor
        }
        let actor = try ActorSnapshot(bytes, at: range)
        let free = self.entries[first] == nil || self.entries[second] != nil ? first : second
        self.entries[free] = Entry(bytes: [UInt8](copying: message), actor: actor)
        self.last = free
        return actor
    }

    private static func place(_ message: Span<UInt8>) -> Int {
        var sum = UInt(message.count)
        var index = 0
        while index < message.count {
            sum = sum &* 31 &+ UInt(message[index])
            index += 3
        }
        return Int((sum ^ sum >> 7) & UInt(Self.placesMax - 1))
    }
}
