internal import CPosixShims
internal import Glibc
internal import LMDB
package import LedgerTypes

/// A branch of a log that was set aside: the whole `log/` as it was, kept as evidence.
package struct SetAsideBranch: Hashable, Sendable {
    /// The log that the branch was of.
    package let log: LogID
    /// The index of the branch's first leaf.
    package let start: UInt64
    /// The directory that it lies in now, an environment like `log/`.
    package let path: String

    /// Where the branches of the ledger in `directory` are kept.
    static func folder(_ directory: String) -> String { directory + "/quarantine" }

    /// Reads what the name of a directory in the folder says; `nil` if it is not such a name.
    init?(name: String, folder: String) {
        let parts = name.split(separator: "-")
        guard parts.count >= 2, let log = LogID(hex: String(parts[0])),
            let start = UInt64(parts[1])
        else { return nil }
        self.init(log: log, start: start, path: "\(folder)/\(name)")
    }

    init(log: LogID, start: UInt64, path: String) {
        self.log = log
        self.start = start
        self.path = path
    }
}

extension EventStore {
    /// Writes `log/` anew without the leaves of `log` from `start` on, and keeps the old one under
    /// `quarantine/`. With `start` 0 the whole log goes, and comes again from a peer; so does every
    /// log of which a part is held.
    ///
    /// Nobody may have the ledger open; a program that has it open all the same can append no more.
    /// Order of effects: the new `log/` is whole and flushed; the two change places in one step;
    /// the old one loses its row `current`, so that nothing is appended to it. A kill before the
    /// change leaves the ledger as it was.
    package static func setAside(
        _ log: LogID,
        from start: UInt64,
        _ configuration: Configuration
    ) throws(EventStoreError) -> SetAsideBranch {
        let directory = LedgerDirectory(path: configuration.directory)
        try directory.check(writing: true)
        let environment: Environment
        do throws(LMDBError) {
            environment = try Environment.open(
                path: directory.log,
                mapBytes: configuration.mapBytes,
                tablesMax: 32
            )
        } catch {
            throw .storage(error)
        }
        defer { environment.release() }
        let tables = try LogTables(environment, create: false)
        let new = directory.path + "/log.new"
        try Files.removeEnvironment(new)
        let branch = try Self.nextBranch(log, start, directory)
        let copier = LeafCopier(environment: environment, tables: tables)
        // The write transaction keeps every other writer away until the two have changed places.
        try environment.write { (transaction) throws(EventStoreError) in
            let cut = Cut(log: log, start: start, path: new, found: configuration.clock())
            try cut.build(transaction, copier, mapBytes: configuration.mapBytes)
            guard unsafe caseledger_exchange(new, directory.log) == 0 else {
                throw Files.failure(directory.log)
            }
            guard unsafe rename(new, branch.path) == 0 else { throw Files.failure(branch.path) }
            try Files.syncDirectory(directory.path)
            let current = MetaKey.current
            do throws(LMDBError) {
                _ = try transaction.delete(current.span, in: tables.meta)
            } catch {
                throw .storage(error)
            }
        }
        // Made of another history; it is made again.
        try Files.removeEnvironment(directory.views, keepingDirectory: true)
        return branch
    }

    private static func nextBranch(
        _ log: LogID,
        _ start: UInt64,
        _ directory: LedgerDirectory
    ) throws(EventStoreError) -> SetAsideBranch {
        let folder = SetAsideBranch.folder(directory.path)
        try Files.makeDirectory(folder)
        var path = "\(folder)/\(log.hex)-\(start)"
        var number = 2
        while Files.exists(path) {
            path = "\(folder)/\(log.hex)-\(start)-\(number)"
            number += 1
        }
        return SetAsideBranch(log: log, start: start, path: path)
    }

    /// The branches that were set aside, by name.
    package static func setAsideBranches(
        _ directory: String
    ) throws(EventStoreError) -> [SetAsideBranch] {
        let folder = SetAsideBranch.folder(directory)
        guard Files.isDirectory(folder) else { return [] }
        return try Files.names(in: folder).sorted().compactMap {
            SetAsideBranch(name: $0, folder: folder)
        }
    }

    /// Gives `body` the leaves of a branch that was set aside, in order, with their sections.
    package static func forEachLeaf(
        of branch: SetAsideBranch,
        mapBytes: Int,
        _ body: (_ index: UInt64, _ leaf: [UInt8], _ sections: [[UInt8]]) throws(EventStoreError)
            -> Void
    ) throws(EventStoreError) {
        let environment: Environment
        do throws(LMDBError) {
            environment = try Environment.open(
                path: branch.path,
                mapBytes: mapBytes,
                tablesMax: 32,
                readOnly: true
            )
        } catch {
            throw .storage(error)
        }
        defer { environment.release() }
        let tables = try LogTables(environment, create: false)
        let held = try environment.read { (transaction) throws(EventStoreError) in
            try transaction.arrivalsHeld(tables)
        }
        try LeafCopier(environment: environment, tables: tables).forEach(0..<held) {
            (copied) throws(EventStoreError) in
            guard copied.address.log == branch.log, copied.address.index >= branch.start else {
                return
            }
            try body(copied.address.index, copied.leaf, copied.sections.map(\.bytes))
        }
    }
}

/// A `log/` that is written anew without a branch.
private struct Cut {
    let log: LogID
    let start: UInt64
    let path: String
    let found: Timestamp

    func build(
        _ transaction: borrowing WriteTransaction,
        _ copier: LeafCopier,
        mapBytes: Int
    ) throws(EventStoreError) {
        let tables = copier.tables
        let logs = try transaction.logStates(tables)
        guard let state = logs.first(where: { $0.id == self.log }) else {
            throw .unknownLog(self.log)
        }
        // A log that is appended to may have left the host: a new incarnation comes first.
        guard !state.isCurrent else { throw .suspect(self.log, .contradicted) }
        var written = try transaction.leavesWritten(tables)
        if let count = written[self.log] { written[self.log] = min(count, self.start) }
        let builder = try LogBuilder(
            path: self.path,
            mapBytes: mapBytes,
            site: (logs.first(where: \.isCurrent) ?? state).site,
            written: written
        )
        var clock: Int64?
        try copier.forEach(0..<(try transaction.arrivalsHeld(tables))) {
            (copied) throws(EventStoreError) in
            var copied = copied
            // A commit of which only the first leaves go begins with the first one that stays.
            clock = copied.clock ?? clock
            if copied.address.log == self.log, copied.address.index >= self.start { return }
            copied.clock = clock
            clock = nil
            try builder.append(copied)
        }
        try builder.flush()
        // Parts of logs are left out, and come again with the next sync.
        for log in logs where log.id != self.log && !log.isPartial {
            guard builder.positions[log.id] == log.position else {
                throw .damaged(table: "heads", row: Key.log(log.number).span.hex)
            }
        }
        try builder.finish(try self.rest(transaction, tables, logs, state))
    }

    private func rest(
        _ transaction: borrowing WriteTransaction,
        _ tables: LogTables,
        _ logs: [LogState],
        _ state: LogState
    ) throws(EventStoreError) -> LogBuilder.Rest {
        var rest = try LogBuilder.Rest(transaction, tables, logs)
        rest.logs = rest.logs.map { log in
            guard log.id == self.log else { return log }
            return LogBuilder.Rest.Log(
                id: log.id,
                isCurrent: false,
                isFrozen: false,
                note: log.note
            )
        }
        // A part is rotten, not forked.
        guard !state.isPartial else { return rest }
        var record =
            try transaction.forkRecord(of: self.log, tables)
            ?? ForkRecord(
                log: self.log,
                kind: .unsigned,
                found: self.found,
                peer: nil,
                held: state.checkpoint ?? [],
                shown: []
            )
        record.forkIndex = self.start
        record.isResolved = true
        let key = MetaKey.fork(self.log)
        rest.meta.removeAll { $0.key == key }
        rest.meta.append((key, record.row))
        return rest
    }
}

extension LogBuilder.Rest {
    /// What stands beside the leaves of a `log/`, all of it.
    init(
        _ transaction: borrowing some (LogReading & ~Copyable & ~Escapable),
        _ tables: LogTables,
        _ logs: [LogState]
    ) throws(EventStoreError) {
        var rest = Self()
        rest.logs = logs.map { log in
            Log(
                id: log.id,
                isCurrent: log.isCurrent,
                isFrozen: log.isFrozen,
                note: log.checkpoint
            )
        }
        try transaction.forEach(in: tables.keys, from: nil, backwards: false) {
            (key, row) throws(EventStoreError) in
            if let id = KeyID(key) { rest.keys.append((id, [UInt8](copying: row))) }
            return true
        }
        try transaction.forEach(in: tables.absent, from: nil, backwards: false) {
            (key, row) throws(EventStoreError) in
            rest.absent.append(([UInt8](copying: key), [UInt8](copying: row)))
            return true
        }
        try transaction.forEach(in: tables.meta, from: nil, backwards: false) {
            (key, row) throws(EventStoreError) in
            let name = [UInt8](copying: key)
            if name != MetaKey.current && name != MetaKey.format {
                rest.meta.append((name, [UInt8](copying: row)))
            }
            return true
        }
        self = rest
    }
}
