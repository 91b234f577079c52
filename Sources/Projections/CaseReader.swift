package import CaseDomain
package import EventStore
package import LedgerTypes

/// Reads cases out of a snapshot. Any thread; pure but for the reading.
package struct CaseReader: Sendable {
    /// Opens an event's sealed text from the bytes of its section; `nil` where its key is not here.
    package typealias TextOpener =
        @Sendable (_ event: EventID, _ reference: SectionReference, _ section: [UInt8])
        -> SealedText?

    /// The most cases that are merged into one another before reading stops.
    package static let mergeDepthMax = 16

    /// Opens texts; without one they come out as withheld.
    package let openText: TextOpener?

    /// Creates a reader.
    package init(openText: TextOpener? = nil) {
        self.openText = openText
    }

    /// Reads everything that folds into `caseID`; no events if nothing is known of it.
    package func load(
        _ caseID: Subject,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> LoadedCase {
        var actors = ActorPool()
        return try self.load(caseID, snapshot, &actors)
    }

    /// The same, for a caller who reads many cases: who acts in one acts in others.
    func load(
        _ caseID: Subject,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> LoadedCase {
        var loaded = LoadedCase(caseID: caseID)
        var merged: Set<Subject> = [caseID]
        try self.add(caseID, via: nil, to: &loaded, merged: &merged, snapshot, &actors)
        return loaded
    }

    private func add(
        _ caseID: Subject,
        via: Subject?,
        to loaded: inout LoadedCase,
        merged: inout Set<Subject>,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) {
        let own = try self.events(of: caseID, snapshot, &loaded, &actors)
        var contacts: [Subject] = []
        for event in own {
            guard case .caseOpened(let opening) = event.payload,
                let first = opening.firstContactID,
                let contact = Subject(kind: "contact", id: first)
            else { continue }
            contacts.append(contact)
        }
        var sources: [Subject] = []
        if let attachments = Attachment.subject(of: caseID) {
            for event in try self.events(of: attachments, snapshot, &loaded, &actors) {
                switch event.payload {
                case .contactAttached: contacts.append(event.subject)
                case .caseLinked: sources.append(event.subject)
                default: break
                }
            }
        }
        loaded.take(own, via: via)
        for contact in contacts where loaded.basis[contact] == nil {
            loaded.take(try self.events(of: contact, snapshot, &loaded, &actors), via: via)
        }
        for source in sources where merged.count < Self.mergeDepthMax {
            guard merged.insert(source).inserted,
                try self.isMerged(source, into: caseID, snapshot, &actors)
            else { continue }
            try self.add(source, via: source, to: &loaded, merged: &merged, snapshot, &actors)
        }
    }

    /// Whether the merge of `source` into `target` still stands.
    private func isMerged(
        _ source: Subject,
        into target: Subject,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> Bool {
        var ignored = LoadedCase(caseID: source)
        var links: Set<EventID> = []
        for event in try self.events(of: source, snapshot, &ignored, &actors).sorted(by: {
            $0.folds(before: $1)
        }) {
            switch event.payload {
            case .caseLinked(let link)
            where link.relation == .mergedInto && link.otherCaseID == target.id:
                links.insert(event.id)
            case .caseUnlinked(let unlink):
                if let link = unlink.linkEventID { links.remove(link) }
            default: break
            }
        }
        return !links.isEmpty
    }

    private func events(
        of subject: Subject,
        _ snapshot: borrowing Snapshot,
        _ loaded: inout LoadedCase,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> [CaseEvent] {
        var events: [CaseEvent] = []
        let isAttachment = subject.kind == Attachment.kind
        try snapshot.forEachEvent(of: subject) { (stored, leaf) throws(EventStoreError) in
            events.append(
                try self.event(stored, leaf, of: isAttachment ? nil : subject, snapshot, &actors)
            )
            return true
        }
        loaded.basis[subject] = UInt64(events.count)
        return events
    }

    /// Decodes one leaf, its text opened where that is possible. `subject` is what the event is
    /// expected to be about; another one is read all the same.
    package func event(
        _ stored: StoredEvent,
        _ leaf: Span<UInt8>,
        of subject: Subject?,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> CaseEvent {
        var event: CaseEvent
        let references: [SectionReference]
        do throws(WireError) {
            let fields = try LeafFields(leaf: leaf)
            event = try CaseEvent(
                fields,
                of: leaf,
                at: stored.address,
                subject: subject,
                actors: &actors
            )
            guard self.openText != nil, fields.hasSections else { return event }
            references = try Leaf.sections(leaf)
        } catch {
            throw .damaged(table: "leaves", row: "\(stored.address): \(error)")
        }
        if let text = try self.text(event.id, references, stored, snapshot) {
            event.payload.open(text)
        }
        return event
    }

    private func text(
        _ event: EventID,
        _ references: [SectionReference],
        _ stored: StoredEvent,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> SealedText? {
        guard let slot = references.firstIndex(where: { $0.kind == SealedText.sectionKind })
        else { return nil }
        let section = try snapshot.section(arrival: stored.arrival, slot: UInt8(slot + 1))
        guard let section, let openText else { return nil }
        return openText(event, references[slot], section)
    }
}

extension LoadedCase {
    mutating func take(_ events: [CaseEvent], via: Subject?) {
        guard let via else {
            // Most cases are one subject: its events are taken over as they are.
            if self.events.isEmpty { self.events = events } else { self.events += events }
            return
        }
        for var event in events {
            event.viaCase = via
            self.events.append(event)
        }
    }
}
