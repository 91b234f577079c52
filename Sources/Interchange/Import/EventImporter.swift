internal import LedgerTypes

/// What an importer hands out for one row of the source.
package enum ImportItem: Hashable, Sendable {
    /// The row became an event.
    case row(ImportedRow)
    /// The row cannot become one. The caller stops, or sets it aside.
    case refused(RowError)

    /// The row, if it became an event.
    package var row: ImportedRow? {
        guard case .row(let row) = self else { return nil }
        return row
    }

    /// What is wrong with it, if it did not.
    package var error: RowError? {
        guard case .refused(let error) = self else { return nil }
        return error
    }
}

/// Turns a source's bytes into events ready to append, a chunk at a time. Belongs to one task.
///
/// Memory does not grow with the source: what depends on the rows before (the count of equal rows,
/// and the last `order` of each case where the source is ordered by file) lies in temporary files.
/// A second run over the same bytes hands out the same ids.
package final class EventImporter {
    /// What an import needs from outside.
    package struct Settings {
        /// Where temporary files are made; they are unlinked at once.
        package var temporaryDirectory: String
        /// Where the system keeps its time zones.
        package var zoneDirectory: String
        /// Makes a pseudonym of a name (PRIVACY.md 2); needed for mappings that have names.
        package var pseudonym: ((_ noun: String, _ name: String) -> String)?

        /// Creates settings.
        package init(
            temporaryDirectory: String,
            zoneDirectory: String = TimeZoneFile.systemDirectory,
            pseudonym: ((_ noun: String, _ name: String) -> String)? = nil
        ) {
            self.temporaryDirectory = temporaryDirectory
            self.zoneDirectory = zoneDirectory
            self.pseudonym = pseudonym
        }
    }

    private enum Reader {
        case csv(CSVRecordReader)
        case xes(XESReader)
    }

    private let mapping: ImportMapping
    private let settings: Settings
    private let zone: TimeZoneRules
    private let source: UnpackedSource
    private let equalRows: FingerprintTable
    private let lastOrders: FingerprintTable?
    private var reader: Reader
    /// Nil until the header of a CSV source has been read.
    private var interpreter: RowInterpreter?
    private var isAtEnd = false
    private var hasSniffed = false
    private var hasAttachedHead = false
    private var hasAttachedTrace = false

    /// The header of a CSV source, once it has been read.
    package private(set) var header: SourceHeader?

    /// Starts an import; reads the first bytes of the source.
    package init(
        source: ByteSource,
        mapping: ImportMapping,
        settings: Settings
    ) throws(ImportFailure) {
        let identities = [mapping.agent?.identities, mapping.actor?.identities]
        if identities.contains(.names) && settings.pseudonym == nil {
            throw .pseudonymsUnavailable
        }
        let zoneName = mapping.time.zone
        guard let zone = TimeZoneFile.rules(named: zoneName, directory: settings.zoneDirectory)
        else { throw .unknownZone(name: zoneName) }
        self.mapping = mapping
        self.settings = settings
        self.zone = zone
        self.source = try UnpackedSource(source)
        let directory = settings.temporaryDirectory
        self.equalRows = try FingerprintTable(directory: directory)
        self.lastOrders = mapping.order == .file ? try FingerprintTable(directory: directory) : nil
        switch mapping.format {
        case .csv:
            self.reader = .csv(CSVRecordReader(delimiter: mapping.delimiter))
        case .xes:
            self.reader = .xes(try XESReader())
            self.interpreter = RowInterpreter(
                mapping: mapping,
                zone: zone,
                indexes: [:],
                headerDigest: nil,
                fieldCount: 0,
                pseudonym: settings.pseudonym
            )
        }
    }

    /// The next rows, in file order; `nil` at the end. Never empty.
    package func next() throws(ImportFailure) -> [ImportItem]? {
        while !self.isAtEnd {
            let chunk = try self.source.next()
            self.isAtEnd = chunk.isEmpty
            if !self.hasSniffed {
                try self.sniff(chunk)
                self.hasSniffed = true
            }
            let items = try self.read(chunk)
            if !items.isEmpty { return items }
        }
        return nil
    }

    private func read(_ chunk: [UInt8]) throws(ImportFailure) -> [ImportItem] {
        var items: [ImportItem] = []
        switch self.reader {
        case .csv(var records):
            // The reader's buffer must have one owner while it changes.
            self.reader = .csv(CSVRecordReader(delimiter: self.mapping.delimiter))
            records.append(chunk)
            while let record = try records.next(isFinal: self.isAtEnd) {
                if let interpreter {
                    items.append(try self.item(.csv(record), interpreter))
                } else {
                    self.interpreter = try self.begin(header: record)
                }
            }
            self.reader = .csv(records)
            if self.isAtEnd && self.interpreter == nil { throw .empty }
        case .xes(let reader):
            guard let interpreter else { return [] }
            for event in try reader.feed(chunk, isFinal: self.isAtEnd) {
                if event.isFirstOfTrace { self.hasAttachedTrace = false }
                items.append(try self.item(.xes(event), interpreter))
            }
        }
        return items
    }

    private func item(
        _ record: SourceRecord,
        _ interpreter: RowInterpreter
    ) throws(ImportFailure) -> ImportItem {
        let row: InterpretedRow
        do throws(RowError) {
            row = try interpreter.interpret(record)
        } catch {
            return .refused(error)
        }
        let bytes: [UInt8]
        var attachments: [ImportSection] = []
        switch record {
        case .csv(let record):
            bytes = record.bytes
            if let header, !self.hasAttachedHead {
                attachments.append(ImportSection(kind: ImportSection.header, bytes: header.bytes))
            }
        case .xes(let event):
            bytes = SourceAttribute.encode(event.attributes)
            if case .xes(let reader) = self.reader, !self.hasAttachedHead {
                let log = SourceAttribute.encode(reader.log)
                attachments.append(ImportSection(kind: ImportSection.log, bytes: log))
            }
            if let trace = event.trace, !self.hasAttachedTrace {
                let trace = SourceAttribute.encode(trace)
                attachments.append(ImportSection(kind: ImportSection.trace, bytes: trace))
            }
            self.hasAttachedTrace = true
        }
        self.hasAttachedHead = true
        let id = ImportID(source: self.mapping.source, caseID: row.caseID, row: bytes)
        let equalBefore = try self.equalRows.update(id.fingerprint, initial: 0) { $0 + 1 }
        return .row(
            ImportedRow(
                id: id.id(occurred: row.occurred, equalBefore: UInt64(equalBefore)),
                subject: row.subject,
                occurred: row.occurred,
                order: try self.order(of: row),
                observed: row.observed,
                actor: row.actor,
                labels: row.labels,
                row: bytes,
                attachments: attachments,
                line: record.line
            )
        )
    }

    /// `occurred`; where the source is ordered by file, never before the row before it of its case.
    private func order(of row: InterpretedRow) throws(ImportFailure) -> Timestamp {
        guard let lastOrders else { return row.occurred }
        let key = ImportID.fingerprint(ofCase: row.caseID)
        let occurred = row.occurred.microseconds
        let last = try lastOrders.update(key, initial: .min) { max($0, occurred) }
        return Timestamp(microseconds: max(last, occurred))
    }
}

extension EventImporter {
    private func begin(header record: CSVRecord) throws(ImportFailure) -> RowInterpreter {
        if let offset = record.firstBadByte {
            throw .badHeader(line: record.line, reason: "byte \(offset) is not UTF-8")
        }
        guard !record.hasBadQuotes, !record.bytes.contains(0x0D) else {
            let reason = "a quote or a carriage return stands in a wrong place"
            throw .badHeader(line: record.line, reason: reason)
        }
        let names = record.fields.indices.map { record.text($0) }
        var indexes: [String: Int] = [:]
        for column in self.mapping.columns {
            let places = names.indices.filter { names[$0] == column.name }
            guard places.count == 1 else {
                throw .unusableColumn(
                    name: column.name,
                    isRepeated: !places.isEmpty,
                    header: names
                )
            }
            indexes[column.name] = places[0]
        }
        let header = SourceHeader(record: record.bytes, delimiter: self.mapping.delimiter)
        self.header = header
        return RowInterpreter(
            mapping: self.mapping,
            zone: self.zone,
            indexes: indexes,
            headerDigest: header.digest,
            fieldCount: names.count,
            pseudonym: self.settings.pseudonym
        )
    }

    /// Refuses bytes that are plainly of another format, with a name for what they are.
    private func sniff(_ chunk: [UInt8]) throws(ImportFailure) {
        let expected = self.mapping.format
        var head = chunk[...]
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { head = head.dropFirst(3) }
        let isWide = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
        if head.starts(with: Array("PK\u{3}\u{4}".utf8)) {
            throw .wrongFormat(expected: expected, found: "a ZIP archive; unpack it first")
        }
        let text = head.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        let isMarkup = text.first == UInt8(ascii: "<")
        switch expected {
        case .xes:
            guard isMarkup || isWide || text.isEmpty else {
                throw .wrongFormat(expected: .xes, found: "no XML")
            }
            if text.isEmpty && self.isAtEnd { throw .empty }
        case .csv:
            if isWide { throw .wrongFormat(expected: .csv, found: "UTF-16 text; use UTF-8") }
            if isMarkup { throw .wrongFormat(expected: .csv, found: "XML") }
            if head.prefix(4_096).contains(0) {
                throw .wrongFormat(expected: .csv, found: "binary data")
            }
        }
    }
}

@available(*, unavailable)
extension EventImporter: Sendable {}
