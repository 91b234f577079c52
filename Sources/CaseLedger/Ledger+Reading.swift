public import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections

extension Ledger {
    /// The case as it stands at `time`, now if not given: what an agent sees.
    ///
    /// - Throws: ``LedgerError/unknownSubject(_:)`` if nothing is known of it.
    public func caseView(
        of caseID: Subject,
        at time: Timestamp? = nil
    ) throws(LedgerError) -> CaseView {
        try self.held(caseID).view(at: time ?? self.now)
    }

    /// The case in numbers.
    public func caseFacts(of caseID: Subject) throws(LedgerError) -> CaseFacts {
        try self.held(caseID).facts
    }

    /// What rules are checked against and views are made of.
    public func caseState(of caseID: Subject) throws(LedgerError) -> CaseState {
        try self.held(caseID).state
    }

    private func held(_ caseID: Subject) throws(LedgerError) -> StateReference {
        let state = try self.reading { (snapshot) throws(EventStoreError) in
            let context = try self.context(snapshot)
            return try self.views.current(caseID, self.reader, context, snapshot).reference
        }
        guard state.eventCount > 0 else { throw .unknownSubject(caseID) }
        return state
    }

    /// How many events of `subject` are held, over all logs: what `expecting: .version(n)` counts.
    public func version(of subject: Subject) throws(LedgerError) -> UInt64 {
        try self.reading { (snapshot) throws(EventStoreError) in
            try snapshot.version(of: subject)
        }
    }

    /// Gives `body` the id of each case in order of the ids until it returns false. Memory stays
    /// flat.
    public func forEachCase(_ body: (Subject) throws -> Bool) throws {
        try self.throwingLedgerErrors {
            try CaseReplay(self.store).forEachCaseID(body)
        }
    }

    /// The logs that are held, own and copied.
    public func logs() throws(LedgerError) -> [LogSummary] {
        try self.reading { (snapshot) throws(EventStoreError) in
            try snapshot.logs().map(LogSummary.init)
        }
    }

    /// The log that this ledger appends to.
    public func ownLog() throws(LedgerError) -> LogSummary {
        let logs = try self.logs()
        guard let own = logs.last(where: \.isCurrent) else {
            throw .damaged(table: "meta", row: "current")
        }
        return own
    }

    func reading<Value>(
        _ body: (borrowing Snapshot) throws(EventStoreError) -> Value
    ) throws(LedgerError) -> Value {
        do throws(EventStoreError) {
            return try self.store.read(body)
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    /// Turns the store's errors into this library's, and lets the caller's own through.
    func throwingLedgerErrors<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as EventStoreError {
            throw LedgerError(error, path: self.path)
        }
    }
}

/// One log that a ledger holds.
public struct LogSummary: Hashable, Sendable {
    /// The log.
    public let id: LogID
    /// Its origin: the name in checkpoints.
    public let origin: String
    /// The site that writes it.
    public let site: SiteName
    /// That site's public key, 32 bytes.
    public let siteKey: [UInt8]
    /// Which of the site's logs it is, from 1.
    public let incarnation: UInt32
    /// Where it stands here.
    public let position: Position
    /// Whether this ledger's site wrote it.
    public let isOwn: Bool
    /// Whether this ledger appends to it.
    public let isCurrent: Bool
}

extension LogSummary {
    init(_ state: LogState) {
        self.init(
            id: state.id,
            origin: state.origin,
            site: state.site,
            siteKey: state.genesis.siteKey,
            incarnation: state.incarnation,
            position: state.position,
            isOwn: state.isOwn,
            isCurrent: state.isCurrent
        )
    }
}
