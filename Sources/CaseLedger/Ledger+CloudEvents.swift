internal import CaseDomain
internal import EventStore
internal import Interchange
public import LedgerTypes
internal import Projections
internal import Sealing

/// What an export of CloudEvents wrote.
public struct CloudEventReport: Hashable, Sendable {
    /// Events.
    public internal(set) var events = 0
    /// Events whose sealed text is not open here: it stands as `{"sealed": true}`.
    public internal(set) var withheldTexts = 0
    /// Imported rows, which this format does not hold.
    public internal(set) var rows = 0
}

extension Ledger {
    /// Writes events as CloudEvents 1.0 in JSON, one a line: every log's in order of arrival, or
    /// those of one case, its contacts and what was merged into it in the order of its story.
    ///
    /// `append` takes each line again: it is the same event, with the same id. Sealed fields are
    /// written open where their keys are here. A log's genesis is no event and is left out. Memory
    /// stays flat.
    ///
    /// - Parameters:
    ///   - caseID: only this case.
    ///   - past: what had happened, or was held, at an earlier moment; `nil` for now.
    ///   - write: gets the bytes as they come.
    ///   - progress: gets the events done so far.
    /// - Returns: how much was written.
    /// - Throws: ``LedgerError/unknownSubject(_:)``, errors of storage and what `write` throws.
    public func exportCloudEvents(
        of caseID: Subject? = nil,
        in past: PastMoment? = nil,
        write: ([UInt8]) throws -> Void,
        progress: (Int) -> Void = { _ in }
    ) throws -> CloudEventReport {
        var report = CloudEventReport()
        let cut = try past.map { try self.cut($0).reading } ?? .everything
        if let caseID {
            for line in try self.cloudEvents(of: caseID, cut) { try report.write(line, write) }
            progress(report.events)
            return report
        }
        let held = try self.reading { (snapshot) throws(EventStoreError) in
            min(snapshot.arrivals, cut.arrivalsEnd)
        }
        var next: UInt64 = 0
        while next < held {
            let end = min(next + 1_024, held)
            for line in try self.cloudEvents(next..<end, cut) { try report.write(line, write) }
            next = end
            progress(report.events)
        }
        return report
    }

    private func cloudEvents(
        _ arrivals: Range<UInt64>,
        _ cut: ReadingCut
    ) throws(LedgerError) -> [CloudEventLine] {
        try self.reading { (snapshot) throws(EventStoreError) in
            var origins = CloudEventOrigins()
            var lines: [CloudEventLine] = []
            try snapshot.forEachArrival(from: arrivals.lowerBound) {
                (stored, leaf) throws(EventStoreError) in
                guard stored.arrival < arrivals.upperBound else { return false }
                if cut.occurredEnd != nil, let keys = try? LeafKeys(leaf: leaf),
                    !cut.includes(arrival: stored.arrival, occurred: keys.occurred)
                {
                    return true
                }
                let line = try self.cloudEvent(
                    stored.address,
                    stored.arrival,
                    leaf,
                    &origins,
                    snapshot
                )
                if let line { lines.append(line) }
                return true
            }
            return lines
        }
    }

    private func cloudEvents(
        of caseID: Subject,
        _ cut: ReadingCut
    ) throws(LedgerError) -> [CloudEventLine] {
        let lines = try self.reading { (snapshot) throws(EventStoreError) in
            var origins = CloudEventOrigins()
            var lines: [CloudEventLine] = []
            let events = try CaseReader(cut: cut).load(caseID, snapshot).events
            for event in events.sorted(by: { $0.folds(before: $1) }) {
                guard let arrival = try snapshot.arrival(at: event.address),
                    let leaf = try snapshot.leaf(arrival: arrival)
                else { throw .damaged(table: "leaves", row: "\(event.address)") }
                let line = try self.cloudEvent(event.address, arrival, leaf, &origins, snapshot)
                if let line { lines.append(line) }
            }
            return lines
        }
        guard !lines.isEmpty else { throw .unknownSubject(caseID) }
        return lines
    }

    private func cloudEvent(
        _ address: EventAddress,
        _ arrival: UInt64,
        _ leaf: Span<UInt8>,
        _ origins: inout CloudEventOrigins,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> CloudEventLine? {
        guard !Genesis.isGenesis(leaf) else { return nil }
        let envelope: EventEnvelope
        var payload: EventPayload
        do throws(WireError) {
            envelope = try EventEnvelope(leaf: leaf)
            payload = try EventPayload(typeName: envelope.draft.type, body: envelope.draft.body)
        } catch {
            throw .damaged(table: "leaves", row: "\(address): \(error)")
        }
        var line = CloudEventLine()
        for section in envelope.draft.sections {
            if section.kind == SealedText.sectionKind { line.hasWithheldText = true }
            if section.kind == ImportSection.row { line.hasRow = true }
        }
        if let text = try? self.text(of: envelope.draft, arrival, snapshot) {
            payload.open(text)
            line.hasWithheldText = false
        }
        let event = CloudEvent(
            envelope,
            payload: payload,
            origin: try origins.origin(of: address.log, snapshot),
            index: address.index
        )
        guard let bytes = try? event.line else {
            throw .damaged(table: "leaves", row: "\(address): its data is not JSON")
        }
        line.bytes = bytes
        return line
    }
}

/// One event as it is written.
private struct CloudEventLine {
    var bytes: [UInt8] = []
    var hasWithheldText = false
    var hasRow = false
}

/// The names of logs that were looked up.
private struct CloudEventOrigins {
    private var known: [LogID: String] = [:]

    mutating func origin(
        of log: LogID,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> String {
        if let origin = self.known[log] { return origin }
        let origin = try snapshot.log(log)?.origin ?? log.hex
        self.known[log] = origin
        return origin
    }
}

extension CloudEventReport {
    fileprivate mutating func write(
        _ line: CloudEventLine,
        _ write: ([UInt8]) throws -> Void
    ) throws {
        try write(line.bytes)
        self.events += 1
        if line.hasWithheldText { self.withheldTexts += 1 }
        if line.hasRow { self.rows += 1 }
    }
}
