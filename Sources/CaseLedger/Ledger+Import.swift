internal import CaseDomain
internal import EventStore
internal import Interchange
internal import LedgerTypes
internal import Sealing

extension Ledger {
    /// Imports a history: each row becomes one `case.observed` that holds the row, sealed.
    ///
    /// Repeatable and resumable: ids are computed from the rows, so a second run of the same file,
    /// or of a longer extract, adds only what is new. Rows are appended in batches; after an error
    /// everything before it is durable, and the next run goes on from there. Memory stays flat.
    ///
    /// - Parameters:
    ///   - mapping: how rows become events.
    ///   - temporaryDirectory: where tables that grow with the file lie; they are unlinked at once.
    ///   - next: gives the next bytes of the file, plain or gzipped; empty at the end.
    ///   - badRow: gets the bytes to write into a file of rows that cannot be imported; without it
    ///     the first such row ends the import.
    ///   - progress: gets the rows done so far.
    /// - Returns: how many rows became events now, were events before, or were set aside.
    /// - Throws: ``LedgerError/row(line:what:)``, ``LedgerError/source(_:)``, errors of appending,
    ///   and what `next` and `badRow` throw.
    /// Cancelling the task ends the import after the batch that is under way.
    public func importHistory(
        mapping: HistoryMapping,
        temporaryDirectory: String = "/tmp",
        next: @escaping () throws -> [UInt8],
        badRow: (([UInt8]) throws -> Void)? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws -> ImportReport {
        guard let keys = self.keys else { throw LedgerError.permission(path: "kek-1.key") }
        let source = SourceErrors(next)
        let pseudonyms = self.pseudonyms
        let importer: EventImporter
        do throws(ImportFailure) {
            importer = try EventImporter(
                source: source.bytes,
                mapping: mapping.mapping,
                settings: EventImporter.Settings(
                    temporaryDirectory: temporaryDirectory,
                    pseudonym: pseudonyms.map { key in
                        { key.pseudonym(noun: $0, id: $1) }
                    }
                )
            )
        } catch {
            throw source.error(error)
        }
        var run = ImportRun(ledger: self, keys: keys)
        var rejects = RejectsFile()
        do {
            while let items = try Self.next(importer, source) {
                for item in items {
                    run.report.rows += 1
                    switch item {
                    case .row(let row): try await run.take(row)
                    case .refused(let error):
                        guard let badRow else {
                            throw LedgerError.row(line: error.line, what: error.message)
                        }
                        try badRow(rejects.bytes(for: error, header: importer.header))
                        run.reject(error)
                    }
                }
                progress(run.report.rows)
                try Task.checkCancellation()
            }
        } catch {
            // What was read before the error is good: it is appended before the error is told.
            try? await run.finish()
            throw error
        }
        try await run.finish()
        if let badRow, run.report.rejected > 0 { try badRow(rejects.end()) }
        progress(run.report.rows)
        return run.report
    }

    private static func next(
        _ importer: EventImporter,
        _ source: SourceErrors
    ) throws -> [ImportItem]? {
        do throws(ImportFailure) {
            return try importer.next()
        } catch {
            throw source.error(error)
        }
    }
}

/// Keeps the caller's own error while the importer only knows that reading failed.
private final class SourceErrors {
    private let next: () throws -> [UInt8]
    private var thrown: (any Error)?

    init(_ next: @escaping () throws -> [UInt8]) { self.next = next }

    var bytes: ByteSource {
        ByteSource { () throws(ImportFailure) in
            do {
                return try self.next()
            } catch {
                self.thrown = error
                throw .unreadable(code: 0)
            }
        }
    }

    func error(_ failure: ImportFailure) -> any Error {
        self.thrown ?? LedgerError.source(failure.description)
    }
}

extension RowError {
    /// What is wrong, without the line.
    fileprivate var message: String {
        let place = self.column.map { " in column \"\($0)\"" } ?? ""
        let value = self.excerpt.map { ": \"\($0)\"" } ?? ""
        return "\(self.problem)\(place)\(value)"
    }
}

/// An import under way: rows are sealed here while the batch before them is being written.
private struct ImportRun {
    /// The rows of one batch.
    static let batchRows = 1_024
    /// The sealed bytes of one batch, after which it is handed on.
    static let batchBytes = 8 << 20

    var report = ImportReport()
    private let ledger: Ledger
    private let keys: KeyStore
    private let comparison: ContentComparison
    private var requests: [AppendRequest] = []
    private var lines: [Int] = []
    private var bytes = 0
    private var underWay: Batch?

    /// A batch that is being written.
    private struct Batch {
        let task: Task<[AppendOutcome], Never>
        let requests: [AppendRequest]
        let lines: [Int]
    }

    init(ledger: Ledger, keys: KeyStore) {
        self.ledger = ledger
        self.keys = keys
        self.comparison = ledger.comparison(kinds: [ImportSection.row])
    }

    mutating func reject(_ error: RowError) {
        self.report.rejected += 1
        guard self.report.firstRejects.count < ImportReport.rejectsMax else { return }
        self.report.firstRejects.append(.init(line: error.line, what: error.message))
    }

    mutating func take(_ row: ImportedRow) async throws {
        let request: AppendRequest
        do throws(SealingError) {
            request = try self.request(row)
        } catch {
            throw LedgerError.row(
                line: row.line,
                what: "\(LedgerError(error, event: row.id, path: self.ledger.path))"
            )
        }
        self.requests.append(request)
        self.lines.append(row.line)
        self.bytes += row.row.count + 1_024
        if self.requests.count >= Self.batchRows || self.bytes >= Self.batchBytes {
            try await self.hand()
        }
    }

    /// Waits for everything that is under way.
    mutating func finish() async throws {
        if !self.requests.isEmpty { try await self.hand() }
        try await self.settle()
    }

    private mutating func hand() async throws {
        try await self.settle()
        let requests = self.requests
        let store = self.ledger.store
        self.underWay = Batch(
            task: Task(name: "import batch") { await store.append(requests) },
            requests: requests,
            lines: self.lines
        )
        self.requests = []
        self.lines = []
        self.bytes = 0
    }

    /// Waits for the batch under way and counts what became of it.
    private mutating func settle() async throws {
        guard let batch = self.underWay else { return }
        self.underWay = nil
        var failure: (any Error)?
        for (place, outcome) in await batch.task.value.enumerated() {
            switch outcome {
            case .appended:
                self.report.appended += 1
                self.keys.confirm(batch.requests[place].keyRows)
            case .alreadyAppended: self.report.alreadyHeld += 1
            case .failed(let error):
                let error = LedgerError(error, path: self.ledger.path)
                if failure == nil { failure = Self.located(error, line: batch.lines[place]) }
            case .conflict, .refused:
                if failure == nil { failure = LedgerError.overloaded }
            }
        }
        if let failure { throw failure }
    }

    private static func located(_ error: LedgerError, line: Int) -> LedgerError {
        switch error {
        case .eventTooLarge(_, let bytes, let maximum):
            .row(line: line, what: "the event would have \(bytes) bytes, more than \(maximum)")
        case .invalidEvent(_, let what): .row(line: line, what: what)
        default: error
        }
    }

    private func request(_ row: ImportedRow) throws(SealingError) -> AppendRequest {
        let sealing = try self.keys.key(for: row.subject)
        var sections = [PlainSection(kind: ImportSection.row, bytes: row.row)]
        for section in row.attachments {
            sections.append(PlainSection(kind: section.kind, bytes: section.bytes))
        }
        let payload = EventPayload.caseObserved(row.observed)
        let event = try PreparedEvent.sealing(
            EventDraft(
                id: row.id,
                type: payload.typeName,
                subject: row.subject,
                occurred: row.occurred,
                isHistory: true,
                actor: row.actor,
                labels: row.labels,
                body: payload.body
            ),
            sections,
            under: sealing.key,
            order: row.order,
            random: SystemRandom.bytes
        )
        return AppendRequest(
            events: [event],
            sameContent: self.comparison.rule([row.id: sections]),
            keyRows: sealing.newRow.map { [$0] } ?? []
        )
    }
}
