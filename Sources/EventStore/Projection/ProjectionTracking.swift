internal import LMDB
internal import LedgerTypes

/// The two sides of one projection: rows that are read, and room to make them anew beside those.
///
/// Which side is read stands in `projections` under the number ‖ 255; without that row the first.
/// The other side has no tracking row but while a rebuild is under way.
struct ProjectionSides: Sendable {
    /// The sides that are open; the second once it was needed.
    private(set) var sides: [ProjectionTables]
    private let number: UInt8

    /// Opens the first side, and the second if it is there; `nil` if there is none. The calling
    /// thread holds no transaction.
    init?(
        _ environment: Environment,
        _ projection: Projection,
        create: Bool
    ) throws(LMDBError) {
        let keepsSums = projection.derive != nil
        let number = projection.number
        guard
            let first = try ProjectionTables(
                environment,
                number,
                side: 0,
                keepsSums: keepsSums,
                create: create
            )
        else { return nil }
        let second = try ProjectionTables(
            environment,
            number,
            side: 1,
            keepsSums: keepsSums,
            create: false
        )
        self.sides = [first] + (second.map { [$0] } ?? [])
        self.number = number
    }

    /// Makes the second side if it is missing. The calling thread holds no transaction.
    mutating func openBoth(
        _ environment: Environment,
        _ projection: Projection
    ) throws(LMDBError) {
        guard self.sides.count < 2 else { return }
        let second = try ProjectionTables(
            environment,
            self.number,
            side: 1,
            keepsSums: projection.derive != nil,
            create: true
        )
        if let second { self.sides.append(second) }
    }

    private var sideKey: [UInt8] { [self.number, 255] }

    /// The number of the side that is read.
    private func readSide<Views: LogReading & ~Copyable & ~Escapable>(
        _ transaction: borrowing Views
    ) throws(LMDBError) -> Int {
        let key = self.sideKey
        let row = try transaction.value(for: key.span, in: self.sides[0].tracking)
        guard let row else { return 0 }
        return row.count == 1 && row[0] == 1 ? 1 : 0
    }

    /// The tables that are read; `nil` if another process made them and they are not open yet.
    func read<Views: LogReading & ~Copyable & ~Escapable>(
        _ transaction: borrowing Views
    ) throws(LMDBError) -> ProjectionTables? {
        let side = try self.readSide(transaction)
        return side < self.sides.count ? self.sides[side] : nil
    }

    /// The other tables; `nil` if they are not open.
    func spare<Views: LogReading & ~Copyable & ~Escapable>(
        _ transaction: borrowing Views
    ) throws(LMDBError) -> ProjectionTables? {
        let side = 1 - (try self.readSide(transaction))
        return side < self.sides.count ? self.sides[side] : nil
    }

    /// From this transaction on the other side is read; the rows of the one before go.
    func turn(_ transaction: inout WriteTransaction) throws(LMDBError) {
        let side = try self.readSide(transaction)
        guard self.sides.count == 2 else { return }
        try self.sides[side].clear(&transaction)
        let row = [UInt8(1 - side)]
        let key = self.sideKey
        try transaction.put(row.span, for: key.span, in: self.sides[0].tracking)
    }
}

/// The open tables of one side of a projection.
struct ProjectionTables: Sendable {
    /// ``ViewTable/projections``.
    let tracking: Table
    /// Under what its tracking stands.
    let key: [UInt8]
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
        side: UInt8,
        keepsSums: Bool,
        create: Bool
    ) throws(LMDBError) {
        self.key = side == 0 ? [number] : [number, side]
        guard
            let tracking = try environment.table(
                named: ViewTable.projections.rawValue,
                create: create
            ),
            let units = try environment.table(
                named: ViewTable.units.name(of: number, side: side),
                create: create
            ),
            let lookups = try environment.table(
                named: ViewTable.lookups.name(of: number, side: side),
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
            let sums = try environment.table(
                named: ViewTable.sums.name(of: number, side: side),
                create: create
            )
        else { return nil }
        self.sums = sums
    }

    /// Drops every row, and how far they had come.
    func clear(_ transaction: inout WriteTransaction) throws(LMDBError) {
        try transaction.clear(self.units)
        try transaction.clear(self.lookups)
        if let sums = self.sums { try transaction.clear(sums) }
        _ = try transaction.delete(self.key.span, in: self.tracking)
    }
}

/// How far a projection has come, stored in the transaction that wrote the rows it speaks of.
///
/// The row in `projections`, by the projection's number, on the second side ‖ 1: version u32 ‖ salt
/// u64 ‖ arrivals u64 ‖ a place ‖ 0, or 1 ‖ a place ‖ the unit that the sweep goes on with. A
/// place: u32 number of logs ‖ (log number u32 ‖ log id ‖ size u64 ‖ root) for each, by number.
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
        _ tables: ProjectionTables
    ) throws(LMDBError) {
        let key = tables.key
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
        _ tables: ProjectionTables
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
        let key = tables.key
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
