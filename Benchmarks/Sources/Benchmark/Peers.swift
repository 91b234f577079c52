import CBaseline

/// A peer that could not do its work.
struct PeerFailure: Error, CustomStringConvertible {
    let description: String
}

/// The bytes that every peer stores: as many as a row of the ledger has on average.
struct RowBytes: Sendable {
    let leaf: [UInt8]
    let section: [UInt8]

    /// Rows of these sizes.
    init(leaf: Int, section: Int) {
        self.leaf = Self.noise(leaf)
        self.section = Self.noise(section)
    }

    /// Rows of the mean size of those in a closed ledger's log.
    init(like ledgerPath: String) throws {
        let log = try RawLMDB(directory: "\(ledgerPath)/log")
        let rows = log.rows
        guard rows.leaves > 0, rows.sections > 0 else {
            throw PeerFailure(description: "\(ledgerPath)/log has no leaf or no section")
        }
        self.leaf = Self.noise(Int(rows.leaf_bytes / rows.leaves))
        self.section = Self.noise(Int(rows.section_bytes / rows.sections))
    }

    private static func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
    }
}

/// LMDB through its C API.
final class RawLMDB {
    private let handle: OpaquePointer

    init(directory: String) throws {
        guard let handle = raw_lmdb_open(directory, 1 << 36) else {
            throw PeerFailure(description: "LMDB does not open \(directory)")
        }
        self.handle = handle
    }

    deinit { raw_lmdb_close(self.handle) }

    /// How many rows there are, and how long.
    var rows: raw_lmdb_rows { raw_lmdb_measure(self.handle) }

    /// One durable commit.
    func commit(_ count: Int, _ bytes: RowBytes) throws {
        let code = raw_lmdb_commit(
            self.handle,
            Int32(count),
            bytes.leaf,
            bytes.leaf.count,
            bytes.section,
            bytes.section.count
        )
        guard code == 0 else { throw PeerFailure(description: "LMDB commit: \(code)") }
    }

    /// Reads every row once.
    func scan() throws {
        guard raw_lmdb_scan(self.handle) > 0 else { throw PeerFailure(description: "LMDB scan") }
    }

    /// Reads the rows of `count` leaves, each by its key.
    func read(from first: UInt64, count: Int) throws {
        guard raw_lmdb_read(self.handle, first, Int32(count)) > 0 else {
            throw PeerFailure(description: "LMDB read at \(first)")
        }
    }
}

/// SQLite: WAL, synchronous=FULL, an index by case.
final class RawSQLite {
    private let handle: OpaquePointer

    init(directory: String) throws {
        guard let handle = raw_sqlite_open(directory) else {
            throw PeerFailure(description: "SQLite does not open \(directory)")
        }
        self.handle = handle
    }

    deinit { raw_sqlite_close(self.handle) }

    /// One durable transaction of one insert.
    func insert(_ bytes: RowBytes) throws {
        let code = raw_sqlite_commit(
            self.handle,
            1,
            bytes.leaf,
            bytes.leaf.count,
            bytes.section,
            bytes.section.count
        )
        guard code == 0 else { throw PeerFailure(description: "SQLite insert: \(code)") }
    }
}
