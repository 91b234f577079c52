internal import CaseDomain
internal import EventStore
internal import Interchange
internal import LedgerTypes
internal import Projections
internal import Sealing

/// What an export wrote.
public struct ExportReport: Hashable, Sendable {
    /// Cases, each one trace.
    public internal(set) var cases = 0
    /// Events.
    public internal(set) var events = 0
    /// Imported rows whose key is not here: their clear fields were written.
    public internal(set) var withheldRows = 0
}

extension Ledger {
    /// Writes every case as an XES log (IEEE 1849): one trace a case in order of the case ids, its
    /// events in the order of its story.
    ///
    /// Imported rows come back with every attribute they came with, CSV fields by the names of
    /// their header; traces and the log with theirs. Live events, those of a case's contacts among
    /// them, have the standard attributes, those of our own extension and the clear fields of their
    /// type; who acted is a pseudonym, with the name beside it where it may be read here. Memory
    /// stays flat.
    ///
    /// - Parameters:
    ///   - past: an earlier moment; `nil` for now.
    ///   - write: gets the bytes as they come.
    ///   - progress: gets the cases done so far.
    /// - Returns: how much was written.
    /// - Throws: errors of storage and what `write` throws.
    public func exportXES(
        in past: PastMoment? = nil,
        write: ([UInt8]) throws -> Void,
        progress: (Int) -> Void = { _ in }
    ) throws -> ExportReport {
        var export = try XESExport(self, try past.map { try self.cut($0).reading } ?? .everything)
        try write(export.begin())
        try self.forEachCase { caseID in
            let bytes = try export.trace(of: caseID)
            if !bytes.isEmpty { try write(bytes) }
            progress(export.report.cases)
            return true
        }
        try write(export.end())
        return export.report
    }
}

/// An export under way.
private struct XESExport {
    private let ledger: Ledger
    private let cut: ReadingCut
    private var writer = XESWriter()
    private var headers: [Digest: SourceHeader] = [:]
    private var logAttributes: [SourceAttribute] = []
    private var names = AgentNames()
    private(set) var report = ExportReport()

    /// Finds what was imported once for many rows: the headers of CSV sources and the attributes of
    /// XES logs.
    init(_ ledger: Ledger, _ cut: ReadingCut) throws {
        self.ledger = ledger
        self.cut = cut
        var found: [(kind: String, bytes: [UInt8])] = []
        var next: UInt64 = 0
        var held: UInt64 = 1
        var hasLive = false
        while next < held {
            held = try ledger.reading { (snapshot) throws(EventStoreError) in
                let last = min(snapshot.arrivals, cut.arrivalsEnd)
                let end = min(next + 65_536, last)
                try snapshot.forEachArrival(from: next) {
                    (stored, leaf) throws(EventStoreError) in
                    guard stored.arrival < end else { return false }
                    found += try ledger.shared(stored, leaf, snapshot)
                    if !hasLive { hasLive = Self.isLive(leaf, stored.arrival, cut) }
                    return true
                }
                next = end
                return last
            }
        }
        for (kind, bytes) in found {
            if kind == ImportSection.header, let header = try? SourceHeader(bytes.span),
                let digest = header.digest
            {
                self.headers[digest] = header
            } else if kind == ImportSection.log, self.logAttributes.isEmpty {
                self.logAttributes = (try? SourceAttribute.decode(bytes.span)) ?? []
            }
        }
        if self.logAttributes.isEmpty {
            self.logAttributes = XESExtension.plainLog
        } else if hasLive {
            self.logAttributes = XESExtension.declared(in: self.logAttributes)
        }
    }

    /// Whether the event goes out with attributes of our own.
    private static func isLive(_ leaf: Span<UInt8>, _ arrival: UInt64, _ cut: ReadingCut) -> Bool {
        guard let keys = try? LeafKeys(leaf: leaf),
            cut.includes(arrival: arrival, occurred: keys.occurred)
        else { return false }
        let subject = String(decoding: Array(copying: leaf.extracting(keys.subject)), as: UTF8.self)
        let type = String(decoding: Array(copying: leaf.extracting(keys.type)), as: UTF8.self)
        return type != EventType.caseObserved.rawValue
            && (subject.hasPrefix("case:") || subject.hasPrefix("contact:"))
    }

    mutating func begin() -> [UInt8] {
        self.writer.beginLog(self.logAttributes)
        return self.writer.takeBytes()
    }

    mutating func end() -> [UInt8] {
        self.writer.endLog()
        return self.writer.takeBytes()
    }

    mutating func trace(of caseID: Subject) throws -> [UInt8] {
        let found = try self.ledger.reading { (snapshot) throws(EventStoreError) in
            let trace = try self.ledger.trace(of: caseID, snapshot, self.cut)
            // What was redacted since stays hidden.
            let erased =
                try self.cut == .everything
                ? []
                : Set(
                    self.ledger.trace(of: caseID, snapshot).steps.filter(\.isErased).map(\.event.id)
                )
            var rows: [EventID: ExportRow] = [:]
            for step in trace.steps where !erased.contains(step.event.id) {
                guard case .caseObserved = step.event.payload else { continue }
                rows[step.event.id] = try self.ledger.exportRow(step.event, snapshot)
            }
            return (trace: trace, rows: rows)
        }
        let steps = found.trace.steps
        guard !steps.isEmpty else { return [] }
        let trace = steps.lazy.compactMap { found.rows[$0.event.id]?.trace }.first
        self.writer.beginTrace(trace ?? ExportedEvent.trace(found.trace))
        for step in steps {
            self.writer.event(try self.attributes(of: step, found.rows[step.event.id]))
            self.report.events += 1
        }
        self.writer.endTrace()
        self.report.cases += 1
        return self.writer.takeBytes()
    }

    private mutating func attributes(
        of step: CaseStep,
        _ row: ExportRow?
    ) throws -> [SourceAttribute] {
        let event = step.event
        guard case .caseObserved(let observed) = event.payload else {
            let name = try self.names.name(of: event.actor.actorID, in: self.ledger, self.cut)
            return ExportedEvent.attributes(step: step, resourceName: name)
        }
        if let bytes = row?.row, !step.isErased {
            if let digest = observed.headerDigest {
                if let header = self.headers[digest] {
                    return ExportedEvent.attributes(
                        record: bytes,
                        header: header,
                        observed: observed,
                        occurred: event.occurred
                    )
                }
            } else if let attributes = try? SourceAttribute.decode(bytes.span) {
                return attributes
            }
        }
        if row?.hasRow ?? false { self.report.withheldRows += 1 }
        return ExportedEvent.attributes(observed: observed, occurred: event.occurred)
    }
}

/// What of an event's row and trace is open here.
private struct ExportRow {
    var hasRow = false
    var row: [UInt8]?
    var trace: [SourceAttribute]?
}

extension Ledger {
    /// The opened sections of a leaf that many rows share: headers and attributes of logs.
    fileprivate func shared(
        _ stored: StoredLeaf,
        _ leaf: Span<UInt8>,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [(kind: String, bytes: [UInt8])] {
        guard !Genesis.isGenesis(leaf), let audit = try? LeafAudit(leaf: leaf),
            audit.sections.contains(where: {
                $0.kind == ImportSection.header || $0.kind == ImportSection.log
            }),
            let keys = try? LeafKeys(leaf: leaf)
        else { return [] }
        var found: [(kind: String, bytes: [UInt8])] = []
        for (slot, reference) in audit.sections.enumerated()
        where reference.kind == ImportSection.header || reference.kind == ImportSection.log {
            if let bytes = try self.opened(keys.id, reference, stored.arrival, slot, snapshot) {
                found.append((reference.kind, bytes))
            }
        }
        return found
    }

    fileprivate func exportRow(
        _ event: CaseEvent,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> ExportRow {
        guard let arrival = try snapshot.arrival(at: event.address),
            let leaf = try snapshot.leaf(arrival: arrival)
        else { throw .damaged(table: "leaves", row: "\(event.address)") }
        let references: [SectionReference]
        do throws(WireError) {
            references = try Leaf.sections(leaf)
        } catch {
            throw .damaged(table: "leaves", row: "\(event.address): \(error)")
        }
        var row = ExportRow()
        for (slot, reference) in references.enumerated() {
            let bytes = try self.opened(event.id, reference, arrival, slot, snapshot)
            if reference.kind == ImportSection.row {
                row.hasRow = true
                row.row = bytes
            } else if reference.kind == ImportSection.trace, let bytes {
                row.trace = try? SourceAttribute.decode(bytes.span)
            }
        }
        return row
    }

    /// The plaintext of a section; `nil` if it or its key is not here.
    private func opened(
        _ event: EventID,
        _ reference: SectionReference,
        _ arrival: UInt64,
        _ slot: Int,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> [UInt8]? {
        guard let keys = self.keys,
            let bytes = try snapshot.section(arrival: arrival, slot: UInt8(slot + 1)),
            let key = try? keys.key(reference.keyID)
        else { return nil }
        return try? SealedSection.open(bytes, as: reference, event: event, under: key)
    }
}
