internal import CaseDomain
internal import EventStore
internal import Interchange
internal import LedgerTypes
internal import Projections

extension Ledger {
    /// Writes every event as an object-centric event log, OCEL 2.0, in the standard's SQLite
    /// tables.
    ///
    /// Events once, however many cases they belong to, with everything that they are about: cases,
    /// contacts, customers, agents, teams, sites, products, promises and so on; attributes of
    /// objects with their times. Sealed text stays out, but for names of staff that may be read
    /// here. docs/MINING.md says what becomes of what. Memory stays flat.
    ///
    /// - Parameters:
    ///   - path: a file that is empty or not there. It is not whole unless this returns.
    ///   - past: an earlier moment; `nil` for now.
    ///   - progress: gets the cases done so far.
    /// - Returns: how much was written.
    /// - Throws: errors of storage, ``LedgerError/file(path:code:)`` among them.
    public func exportOCEL(
        database path: String,
        in past: PastMoment? = nil,
        progress: (Int) -> Void = { _ in }
    ) throws -> OCELReport {
        try self.throwingFileErrors(path) {
            let database = try OCELDatabase(creatingAt: path)
            return try self.fill(database, past, progress)
        }
    }

    /// Writes every event as an object-centric event log, OCEL 2.0, in the standard's JSON form.
    ///
    /// The same log as ``exportOCEL(database:in:progress:)`` writes. It is put together in a
    /// temporary file, which takes about as much room as the tables.
    ///
    /// - Parameters:
    ///   - past: an earlier moment; `nil` for now.
    ///   - write: gets the bytes as they come.
    ///   - progress: gets the cases done so far.
    /// - Returns: how much was written.
    /// - Throws: errors of storage and what `write` throws.
    public func exportOCEL(
        in past: PastMoment? = nil,
        write: ([UInt8]) throws -> Void,
        progress: (Int) -> Void = { _ in }
    ) throws -> OCELReport {
        try self.throwingFileErrors("the temporary file of the export") {
            let database = try OCELDatabase(creatingAt: "")
            let report = try self.fill(database, past, progress)
            var document = OCELDocument(database)
            try document.write(write)
            return report
        }
    }

    /// The kinds of subjects whose events may belong to no case.
    private static let otherKinds = Subject.kinds.filter { $0 != "case" }

    private func fill(
        _ database: OCELDatabase,
        _ past: PastMoment?,
        _ progress: (Int) -> Void
    ) throws -> OCELReport {
        var report = OCELReport()
        let cut = try past.map { try self.cut($0).reading } ?? .everything
        try self.forEachTrace(in: past) { trace in
            for event in OCELEvent.events(of: trace, typeOf: database.type(of:)) {
                try database.write(event)
            }
            report.cases += 1
            progress(report.cases)
            return true
        }
        for kind in Self.otherKinds {
            try self.forEachSubject(of: kind) { try self.fill(database, $0, cut) }
        }
        try database.finish()
        report.events = database.events
        report.objects = database.objects
        report.attributesLeftOut = database.leftOut
        return report
    }

    /// The events of a subject that belong to no case.
    private func fill(
        _ database: OCELDatabase,
        _ subject: Subject,
        _ cut: ReadingCut
    ) throws {
        let trace = try self.reading { (snapshot) throws(EventStoreError) in
            try self.trace(of: subject, snapshot, cut)
        }
        for step in trace.steps where step.event.subject == subject {
            try database.write(OCELEvent(outsideCases: step.event), onlyIfNew: true)
        }
        guard subject.isOf(kind: "agent"), let last = trace.steps.last?.event.occurred,
            let name = try self.agentName(subject.id, cut)
        else { return }
        let agent = OCELObject("agent", subject.id)
        try database.write(OCELChange(agent, "name", .text(name), at: last))
    }

    private func throwingFileErrors<Value>(
        _ path: String,
        _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let error as SQLiteError {
            throw LedgerError.file(path: path, code: error.systemError)
        }
    }
}

/// What an export of OCEL 2.0 wrote.
public struct OCELReport: Hashable, Sendable {
    /// Cases.
    public internal(set) var cases = 0
    /// Events.
    public internal(set) var events = 0
    /// Objects.
    public internal(set) var objects = 0
    /// Values that had no place: a type has at most 512 attributes, and those that differ only in
    /// capitals are one.
    public internal(set) var attributesLeftOut = 0
}
