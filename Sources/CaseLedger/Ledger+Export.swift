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
    /// their header; traces and the log with theirs. Live events have the standard attributes.
    /// Memory stays flat.
    ///
    /// - Parameters:
    ///   - write: gets the bytes as they come.
    ///   - progress: gets the cases done so far.
    /// - Returns: how much was written.
    /// - Throws: errors of storage and what `write` throws.
    public func exportXES(
        write: ([UInt8]) throws -> Void,
        progress: (Int) -> Void = { _ in }
    ) throws -> ExportReport {
        var export = try XESExport(self)
        try write(export.begin())
        try self.forEachCase { caseID in
            try write(export.trace(of: caseID))
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
    private var writer = XESWriter()
    private var headers: [Digest: SourceHeader] = [:]
    private var logAttributes: [SourceAttribute] = []
    private(set) var report = ExportReport()

    /// Finds what was imported once for many rows: the headers of CSV sources and the attributes of
    /// XES logs.
    init(_ ledger: Ledger) throws {
        self.ledger = ledger
        var found: [(kind: String, bytes: [UInt8])] = []
        var next: UInt64 = 0
        var held: UInt64 = 1
        while next < held {
            held = try ledger.reading { (snapshot) throws(EventStoreError) in
                let end = min(next + 65_536, snapshot.arrivals)
                try snapshot.forEachArrival(from: next) {
                    (stored, leaf) throws(EventStoreError) in
                    guard stored.arrival < end else { return false }
                    found += try ledger.shared(stored, leaf, snapshot)
                    return true
                }
                next = end
                return snapshot.arrivals
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
    }

    mutating func begin() -> [UInt8] {
        self.writer.beginLog(
            self.logAttributes.isEmpty ? XESWriter.plainLog : self.logAttributes
        )
        return self.writer.takeBytes()
    }

    mutating func end() -> [UInt8] {
        self.writer.endLog()
        return self.writer.takeBytes()
    }

    mutating func trace(of caseID: Subject) throws -> [UInt8] {
        let rows = try self.ledger.reading { (snapshot) throws(EventStoreError) in
            var rows: [ExportRow] = []
            try snapshot.forEachEvent(of: caseID) { (stored, leaf) throws(EventStoreError) in
                rows.append(try self.ledger.exportRow(stored, leaf, snapshot))
                return true
            }
            return rows
        }
        let trace = rows.lazy.compactMap(\.trace).first
        self.writer.beginTrace(trace ?? ExportedEvent.trace(caseID: caseID.id))
        // A copy of an event in another log is the same event (C1).
        var seen: Set<EventID> = []
        for row in rows where seen.insert(row.event.id).inserted {
            self.writer.event(self.attributes(of: row))
            self.report.events += 1
        }
        self.writer.endTrace()
        self.report.cases += 1
        return self.writer.takeBytes()
    }

    private mutating func attributes(of row: ExportRow) -> [SourceAttribute] {
        let event = row.event
        guard case .caseObserved(let observed) = event.payload else {
            return ExportedEvent.attributes(
                type: event.typeName,
                actor: event.actor,
                occurred: event.occurred
            )
        }
        if let bytes = row.row {
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
        if row.hasRow { self.report.withheldRows += 1 }
        return ExportedEvent.attributes(observed: observed, occurred: event.occurred)
    }
}

/// An event and what of its row and trace is open here.
private struct ExportRow {
    let event: CaseEvent
    let hasRow: Bool
    let row: [UInt8]?
    let trace: [SourceAttribute]?
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
        _ stored: StoredEvent,
        _ leaf: Span<UInt8>,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> ExportRow {
        do throws(WireError) {
            let envelope = try EventEnvelope(leaf: leaf)
            let event = try CaseEvent(envelope, at: stored.address)
            var row: [UInt8]?
            var hasRow = false
            var trace: [SourceAttribute]?
            for (slot, reference) in envelope.draft.sections.enumerated() {
                let bytes = try? self.opened(
                    envelope.draft.id,
                    reference,
                    stored.arrival,
                    slot,
                    snapshot
                )
                if reference.kind == ImportSection.row {
                    hasRow = true
                    row = bytes
                } else if reference.kind == ImportSection.trace, let bytes {
                    trace = try? SourceAttribute.decode(bytes.span)
                }
            }
            return ExportRow(event: event, hasRow: hasRow, row: row, trace: trace)
        } catch {
            throw .damaged(table: "leaves", row: "\(stored.address): \(error)")
        }
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
