internal import LMDB
internal import LedgerTypes

/// The open tables of one projection.
struct ProjectionTables: Sendable {
    /// ``ViewTable/projections``.
    let tracking: Table
    /// ``ViewTable/units``.
    let units: Table
    /// ``ViewTable/lookups``.
    let lookups: Table
    /// ``ViewTable/sums``, of a projection that keeps some.
    let sums: Table?

    /// Opens the tables; `nil` if one is missing and `create` is not set. The calling thread holds
    /// no transaction.
    init?(
        _ environment: Environment,
        _ number: UInt8,
        keepsSums: Bool,
        create: Bool
    ) throws(LMDBError) {
        guard
            let tracking = try environment.table(
                named: ViewTable.projections.rawValue,
                create: create
            ),
            let units = try environment.table(
                named: ViewTable.units.name(of: number),
                create: create
            ),
            let lookups = try environment.table(
                named: ViewTable.lookups.name(of: number),
                create: create
            )
        else { return nil }
        self.tracking = tracking
        self.units = units
        self.lookups = lookups
        guard keepsSums else {
            self.sums = nil
            return
        }
        guard
            let sums = try environment.table(named: ViewTable.sums.name(of: number), create: create)
        else { return nil }
        self.sums = sums
    }
}

/// How far a projection has come, stored in the transaction that wrote the rows it speaks of.
///
/// The row in `projections`, by the projection's number: version u32 ‖ salt u64 ‖ arrivals u64 ‖ a
/// place ‖ 0, or 1 ‖ a place ‖ the unit that the sweep goes on with. A place: u32 number of logs ‖
/// (log number u32 ‖ log id ‖ size u64 ‖ root) for each, by number.
struct ProjectionTracking: Hashable, Sendable {
    /// A fold of every unit once, under way.
    struct Sweep: Hashable, Sendable {
        /// What is folded when the sweep is done.
        var base: Tracking
        /// Units before this one are done. Empty at the beginning.
        var next: [UInt8]
    }

    /// The version of the rows.
    var version: UInt32
    /// What they depend on beside the log.
    var salt: UInt64
    /// What is folded: every unit with an event after that has to be folded again.
    var place = Tracking()
    /// A sweep, if one is under way.
    var sweep: Sweep?

    /// Nothing folded.
    init(_ projection: Projection) {
        self.version = projection.version
        self.salt = projection.salt
    }

    /// Whether the rows are those of `projection`.
    func fits(_ projection: Projection) -> Bool {
        self.version == projection.version && self.salt == projection.salt
    }

    /// Reads the row of a projection; `nil` if there is none, or a damaged one.
    init?<Views: LogReading & ~Copyable & ~Escapable>(
        _ transaction: borrowing Views,
        _ tables: ProjectionTables,
        _ number: UInt8
    ) throws(LMDBError) {
        let key = [number]
        guard let row = try transaction.value(for: key.span, in: tables.tracking), row.count >= 12
        else { return nil }
        self.version = row.bigEndian32(at: 0)
        self.salt = row.bigEndianWord(at: 4)
        var offset = 12
        guard let place = Tracking(row: row, &offset) else { return nil }
        self.place = place
        guard offset < row.count else { return nil }
        offset += 1
        guard row[offset - 1] == 1 else { return }
        guard let base = Tracking(row: row, &offset) else { return nil }
        let next = [UInt8](copying: row.extracting(offset..<row.count))
        self.sweep = Sweep(base: base, next: next)
    }

    /// Writes the row.
    func write(
        _ transaction: inout WriteTransaction,
        _ tables: ProjectionTables,
        _ number: UInt8
    ) throws(LMDBError) {
        var row: [UInt8] = []
        row.appendBigEndian(self.version)
        row.appendBigEndian(self.salt)
        self.place.append(to: &row)
        row.append(self.sweep == nil ? 0 : 1)
        if let sweep = self.sweep {
            sweep.base.append(to: &row)
            row += sweep.next
        }
        let key = [number]
        try transaction.put(row.span, for: key.span, in: tables.tracking)
    }
}

extension Tracking {
    private static let logBytes = 60

    /// Reads the place that begins at `offset`, which moves behind it; `nil` if it is malformed.
    fileprivate init?(row: Span<UInt8>, _ offset: inout Int) {
        guard row.count - offset >= 12 else { return nil }
        self.init()
        self.arrivals = row.bigEndianWord(at: offset)
        let count = Int(row.bigEndian32(at: offset + 8))
        offset += 12
        guard count <= (row.count - offset) / Self.logBytes else { return nil }
        for _ in 0..<count {
            guard let id = LogID(row.extracting(offset + 4..<offset + 20)),
                let root = Digest(row.extracting(offset + 28..<offset + 60))
            else { return nil }
            self.logs[row.bigEndian32(at: offset)] = Log(
                id: id,
                size: row.bigEndianWord(at: offset + 20),
                root: root
            )
            offset += Self.logBytes
        }
    }

    fileprivate func append(to row: inout [UInt8]) {
        row.appendBigEndian(self.arrivals)
        row.appendBigEndian(UInt32(self.logs.count))
        for (number, log) in self.logs.sorted(by: { $0.key < $1.key }) {
            row.appendBigEndian(number)
            row += log.id.bytes
            row.appendBigEndian(log.size)
            log.root.append(to: &row)
        }
    }
}
