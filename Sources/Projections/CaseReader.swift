package import CaseDomain
package import EventStore
package import LedgerTypes

/// Reads cases out of a snapshot. Any thread; pure but for the reading.
package struct CaseReader: Sendable {
    /// Opens an event's sealed text from the bytes of its section; `nil` where its key is not here.
    package typealias TextOpener =
        @Sendable (_ event: EventID, _ reference: SectionReference, _ section: [UInt8])
        -> SealedText?

    /// Opens texts; without one they come out as withheld.
    package let openText: TextOpener?
    /// What is read.
    package let cut: ReadingCut

    /// Creates a reader; without a cut of everything that is there.
    package init(openText: TextOpener? = nil, cut: ReadingCut = .everything) {
        self.openText = openText
        self.cut = cut
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
        // Every case that is merged into this one, directly or not, once. The ledger holds as many
        // cases as it holds, so this ends; which merge closes a circle the fold finds out (C7).
        var merged: Set<Subject> = [caseID]
        var todo = [(caseID: caseID, own: try self.own(caseID, snapshot, &actors))]
        while let next = todo.popLast() {
            loaded.basis[next.caseID] = UInt64(next.own.events.count)
            let via = next.caseID == caseID ? nil : next.caseID
            let sources = try self.add(next.own, next.caseID, via, &loaded, snapshot, &actors)
            for source in sources where !merged.contains(source) {
                let read = try self.own(source, snapshot, &actors)
                guard read.isMerged(into: next.caseID) else { continue }
                merged.insert(source)
                todo.append((source, read))
            }
        }
        return loaded
    }

    /// The events of a case itself.
    private struct Own {
        var events: [CaseEvent]

        /// Whether the case's merge into `target` still stands.
        func isMerged(into target: Subject) -> Bool {
            var links: Set<EventID> = []
            for event in self.events.sorted(by: { $0.folds(before: $1) }) {
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
    }

    private func own(
        _ caseID: Subject,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> Own {
        var unused = LoadedCase(caseID: caseID)
        return Own(events: try self.events(of: caseID, snapshot, &unused, &actors))
    }

    /// Adds a case's own events and those of its contacts; gives back the cases that were ever
    /// merged into it.
    private func add(
        _ own: Own,
        _ caseID: Subject,
        _ via: Subject?,
        _ loaded: inout LoadedCase,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> [Subject] {
        var contacts: [Subject] = []
        for event in own.events {
            guard case .caseOpened(let opening) = event.payload,
                let first = opening.firstContactID,
                let contact = Subject(kind: "contact", id: first)
            else { continue }
            contacts.append(contact)
        }
        var sources: [Subject] = []
        // A contact that is read by itself has nothing attached to it.
        if caseID.isCase, let attachments = Attachment.subject(of: caseID) {
            for event in try self.events(of: attachments, snapshot, &loaded, &actors) {
                switch event.payload {
                case .contactAttached: contacts.append(event.subject)
                case .caseLinked: sources.append(event.subject)
                default: break
                }
            }
        }
        loaded.take(own.events, via: via)
        for contact in contacts where loaded.basis[contact] == nil {
            loaded.take(try self.events(of: contact, snapshot, &loaded, &actors), via: via)
        }
        return sources
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
            guard stored.arrival < self.cut.arrivalsEnd else { return true }
            let about = isAttachment ? nil : subject
            let event = try self.event(stored, leaf, of: about, snapshot, &actors)
            if self.includes(event, stored) { events.append(event) }
            return true
        }
        loaded.basis[subject] = UInt64(events.count)
        return events
    }

    /// Whether the cut includes `event`.
    func includes(_ event: CaseEvent, _ stored: StoredEvent) -> Bool {
        self.cut.includes(arrival: stored.arrival, occurred: event.occurred)
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
            guard self.openText != nil, fields.hasSections else {
                return try CaseEvent.read(
                    fields,
                    of: leaf,
                    at: stored.address,
                    subject: subject,
                    actors: &actors
                )
            }
            event = try CaseEvent.read(
                fields,
                of: leaf,
                at: stored.address,
                subject: subject,
                actors: &actors
            )
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
