internal import LMDB

/// The open tables of `log/`.
struct LogTables: Sendable {
    /// ``LogTable/leaves``.
    let leaves: Table
    /// ``LogTable/runs``.
    let runs: Table
    /// ``LogTable/tiles``.
    let tiles: Table
    /// ``LogTable/heads``.
    let heads: Table
    /// ``LogTable/logs``.
    let logs: Table
    /// ``LogTable/logIDs``.
    let logIDs: Table
    /// ``LogTable/labels``.
    let labels: Table
    /// ``LogTable/commits``.
    let commits: Table
    /// ``LogTable/checkpoints``.
    let checkpoints: Table
    /// ``LogTable/keys``.
    let keys: Table
    /// ``LogTable/keyOwners``.
    let keyOwners: Table
    /// ``LogTable/absent``.
    let absent: Table
    /// ``LogTable/meta``.
    let meta: Table

    /// Opens every table, making those that are missing if `create` is set. The calling thread
    /// holds no transaction.
    init(_ environment: Environment, create: Bool) throws(EventStoreError) {
        func open(_ name: LogTable) throws(EventStoreError) -> Table {
            let table: Table?
            do throws(LMDBError) {
                table = try environment.table(named: name.rawValue, create: create)
            } catch {
                throw .storage(error)
            }
            guard let table else { throw .damaged(table: name.rawValue, row: "") }
            return table
        }
        self.leaves = try open(.leaves)
        self.runs = try open(.runs)
        self.tiles = try open(.tiles)
        self.heads = try open(.heads)
        self.logs = try open(.logs)
        self.logIDs = try open(.logIDs)
        self.labels = try open(.labels)
        self.commits = try open(.commits)
        self.checkpoints = try open(.checkpoints)
        self.keys = try open(.keys)
        self.keyOwners = try open(.keyOwners)
        self.absent = try open(.absent)
        self.meta = try open(.meta)
    }
}
