package import CaseDomain
package import EventStore
package import LedgerTypes

/// A case as it was read once, kept for the next look at it: its state, and the versions of
/// everything that the state was made from.
///
/// Invariant: `state` is what a fresh read at the versions in `basis` would give.
package struct HeldCase: Sendable {
    /// The case.
    package let caseID: Subject
    /// The state after all events, texts withheld or opened as the reader does.
    package internal(set) var reference: StateReference
    /// Every subject that was read and how many events it had.
    package internal(set) var basis: [Subject: UInt64]
    /// Whether events of another case came in through a merge.
    package let borrows: Bool
    /// Where the newest event stands in the fold; `nil` without events.
    var last: FoldPlace?
    /// What the state was judged by.
    let context: FoldContext

    /// The same, not behind a reference.
    package var state: CaseState { self.reference.state }

    /// The case's own events, its contacts' and what came through merges, folded.
    package init(_ loaded: LoadedCase, _ context: FoldContext) {
        self.caseID = loaded.caseID
        self.context = context
        self.reference = StateReference(loaded.state(context))
        self.basis = loaded.basis
        self.borrows = loaded.events.contains { $0.viaCase != nil }
        for event in loaded.events {
            let place = FoldPlace(event)
            if self.last.map({ $0 < place }) ?? true { self.last = place }
        }
    }

    /// The same of events that were put into fold order already.
    init(_ loaded: LoadedCase, arranged events: [CaseEvent], _ context: FoldContext) {
        self.caseID = loaded.caseID
        self.context = context
        self.reference = StateReference(
            CaseState.folding(
                events,
                of: loaded.caseID,
                origins: context.origins,
                book: context.book
            )
        )
        self.basis = loaded.basis
        self.borrows = events.contains { $0.viaCase != nil }
        self.last = events.last.map { FoldPlace($0) }
    }

    init(
        _ state: consuming CaseState,
        basis: [Subject: UInt64],
        last: FoldPlace?,
        _ context: FoldContext
    ) {
        self.caseID = state.caseID
        self.reference = StateReference(state)
        self.context = context
        self.basis = basis
        self.borrows = false
        self.last = last
    }

    /// The case as `reader` shows it inside the write transaction; `nil` if it now depends on
    /// subjects that were not read before, so that the caller has to read again.
    package func reread(_ reader: SubjectReader) -> StateReference? {
        // Merges bring other cases in; those are left to a fresh read.
        guard !self.borrows else { return nil }
        var again = LoadedCase(caseID: self.caseID)
        for subject in self.basis.keys {
            let events = reader.events(of: subject)
            if subject.kind == Attachment.kind {
                guard UInt64(events.count) == self.basis[subject] else { return nil }
                continue
            }
            for event in events {
                guard let read = try? CaseEvent(leaf: event.leaf.span, at: event.address)
                else { return nil }
                again.events.append(read)
            }
        }
        return StateReference(again.state(self.context))
    }
}

/// A place in the fold: `order`, then log id, then index.
struct FoldPlace: Comparable, Sendable {
    private let order: Timestamp
    private let address: EventAddress

    init(_ event: CaseEvent) {
        self.order = event.order
        self.address = event.address
    }

    static func < (lhs: FoldPlace, rhs: FoldPlace) -> Bool {
        (lhs.order, lhs.address.log, lhs.address.index)
            < (rhs.order, rhs.address.log, rhs.address.index)
    }
}

extension CaseReader {
    /// How many events a held case may always be behind before it is read anew; a longer one as
    /// many as it has, so that going on never costs more than reading it.
    static let catchUpMax: UInt64 = 256

    /// Reads and folds a case; a state without events if nothing is known of it.
    package func hold(
        _ caseID: Subject,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> HeldCase {
        var actors = ActorPool()
        return try self.hold(caseID, context, snapshot, &actors)
    }

    /// The same, for a caller who reads many cases: who acts in one acts in others.
    func hold(
        _ caseID: Subject,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> HeldCase {
        if let plain = try self.holdPlain(caseID, context, snapshot, &actors) { return plain }
        return HeldCase(try self.load(caseID, snapshot, &actors), context)
    }

    /// Folds a case that is one subject event by event as they are read, without holding them;
    /// `nil` if it is more than that, or if its events need arranging first.
    private func holdPlain(
        _ caseID: Subject,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot,
        _ actors: inout ActorPool
    ) throws(EventStoreError) -> HeldCase? {
        guard caseID.isCase, let attachments = Attachment.subject(of: caseID),
            try snapshot.version(of: attachments) == 0
        else { return nil }
        // Taken out at the end: a state is large, and copying it costs as much as an event.
        var folded: CaseState? = CaseState.initial(caseID, book: context.book)
        folded?.reserve(Int(clamping: try snapshot.version(of: caseID)))
        var last: FoldPlace?
        var count: UInt64 = 0
        var isPlain = true
        try snapshot.forEachEvent(of: caseID) { (stored, leaf) throws(EventStoreError) in
            guard stored.arrival < self.cut.arrivalsEnd else { return true }
            let event = try self.event(stored, leaf, of: caseID, snapshot, &actors)
            guard self.includes(event, stored) else { return true }
            let place = FoldPlace(event)
            isPlain = !event.beginsInContact && last.map { $0 < place } ?? true
            guard isPlain else { return false }
            folded?.evolve(event)
            last = place
            count += 1
            return true
        }
        guard isPlain, let state = folded.take(), !state.needsFold, !state.hasCopies
        else { return nil }
        return HeldCase(state, basis: [caseID: count, attachments: 0], last: last, context)
    }

    /// Takes in what has come since `held` was read; false if that cannot be done by going on from
    /// there, so that the case has to be read anew. Then `held` is of no more use.
    ///
    /// Going on is right when no policy came, and when every new event stands behind all held ones
    /// in the fold, is no copy of one, and brings no subject in.
    package func refresh(
        _ held: inout HeldCase,
        _ context: FoldContext,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Bool {
        guard context.judgesAs(held.context) else { return false }
        var fresh: [CaseEvent] = []
        var actors = ActorPool()
        for (subject, version) in held.basis {
            let now = try snapshot.version(of: subject)
            guard now != version else { continue }
            guard now > version, now - version <= max(Self.catchUpMax, version), !held.borrows,
                subject.kind != Attachment.kind
            else { return false }
            var missing = now - version
            let last = held.last
            try snapshot.forEachEvent(of: subject, backwards: true) {
                (stored, leaf) throws(EventStoreError) in
                let event = try self.event(stored, leaf, of: subject, snapshot, &actors)
                guard last.map({ $0 < FoldPlace(event) }) ?? true else { return false }
                fresh.append(event)
                missing -= 1
                return missing > 0
            }
            guard missing == 0 else { return false }
            held.basis[subject] = now
        }
        if fresh.count > 1 { fresh.sort { $0.folds(before: $1) } }
        for event in fresh where !held.goOn(with: event) { return false }
        // A correction changes how what came before it reads.
        return !held.reference.needsFold
    }
}

extension HeldCase {
    /// Whether the state is one of `context` as well.
    package func isJudged(by context: FoldContext) -> Bool { context.judgesAs(self.context) }

    /// Takes in the next event in fold order; false if that cannot be done by going on from what
    /// is held. Then this is of no more use.
    fileprivate mutating func goOn(with event: CaseEvent) -> Bool {
        let place = FoldPlace(event)
        guard self.last.map({ $0 < place }) ?? true, !event.beginsInContact,
            !self.reference.holds(event.id)
        else { return false }
        self.reference.evolve(event)
        self.last = place
        return true
    }

    /// Takes in events that were appended when everything this was made of was as it is here, from
    /// `range` of their leaves; false as with a refresh.
    package mutating func goOn(
        with leaves: [[UInt8]],
        at addresses: [EventAddress],
        in range: Range<Int>
    ) -> Bool {
        guard self.caseID.isCase, !self.borrows else { return false }
        for place in range {
            let leaf = leaves[place]
            guard let event = try? CaseEvent(leaf: leaf.span, at: addresses[place]),
                !event.payload.isFiledElsewhere, self.basis[event.subject] != nil,
                self.goOn(with: event)
            else { return false }
            self.basis[event.subject, default: 0] += 1
        }
        // A correction changes how what came before it reads.
        return !self.reference.needsFold
    }
}

extension EventPayload {
    /// Whether the index may file it under a case as well, beside its own subject.
    fileprivate var isFiledElsewhere: Bool {
        switch self {
        case .contactAttached, .caseLinked: true
        default: false
        }
    }
}

extension CaseEvent {
    /// Whether it opens the case with a contact, whose events then belong to the case as well.
    fileprivate var beginsInContact: Bool {
        guard case .caseOpened(let opening) = self.payload else { return false }
        return opening.firstContactID != nil
    }
}
