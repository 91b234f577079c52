internal import LMDB
package import LedgerTypes

/// A key that a section held here is sealed with, and that is not here.
package struct LackedKey: Hashable, Sendable {
    /// The key.
    package let id: KeyID
    /// The first leaf that refers to it, by arrival.
    package let arrival: UInt64
}

// Keys that other sites have (docs/SYNC.md, "KEYS").
extension EventStore {
    /// Notes which keys of the leaves held here are not here, so that another site can be asked for
    /// them. Goes on where it stopped the last time: each leaf is looked at once.
    ///
    /// A key whose wrap `isUsable` denies is as good as none: what it was wrapped under is lost.
    ///
    /// Reads on the calling thread, in short snapshots, and writes on the writer thread.
    package func noteLackedKeys(
        isUsable: @escaping @Sendable (KeyRow) -> Bool = { _ in true }
    ) async throws(EventStoreError) {
        while true {
            let found = try self.read { (snapshot) throws(EventStoreError) in
                try snapshot.nextLackedKeys(isUsable)
            }
            guard found.end > found.start else { return }
            try await self.perform { (writer) throws(EventStoreError) in
                try writer.note(found, isUsable)
            }
        }
    }

    /// Has ``noteLackedKeys(isUsable:)`` look at every leaf again.
    package func lookForKeysAnew() async throws(EventStoreError) {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.lookForKeysAnew()
        }
    }

    /// Keeps the keys of `rows` that are not here yet, or not usable, which another site gave. What
    /// was made of sealed text without them has to be made again: ``Snapshot/givenKeys(max:)``.
    package func keepGivenKeys(
        _ rows: [KeyRow],
        isUsable: @escaping @Sendable (KeyRow) -> Bool = { _ in true }
    ) async throws(EventStoreError) {
        try await self.perform { (writer) throws(EventStoreError) in
            try writer.keepGiven(rows, isUsable)
        }
    }
}

extension EventStore {
    /// Tells that rows of `views/` have been made again with these keys. On the calling thread; the
    /// writer notices that somebody else committed.
    package func settleGivenKeys(_ keys: [KeyRow]) throws(EventStoreError) {
        guard !self.configuration.isReadOnly else { throw .readOnly }
        try self.log.write { (transaction) throws(EventStoreError) in
            for row in keys {
                let given = MetaKey.given(row.keyID)
                do throws(LMDBError) {
                    _ = try transaction.delete(given.span, in: self.tables.meta)
                } catch {
                    throw .storage(error)
                }
            }
        }
    }
}

/// What a stretch of leaves lacks.
struct LackedKeys: Sendable {
    /// How many leaves one stretch has at most.
    static let stretch = 65_536

    /// The arrivals looked at.
    let start: UInt64
    /// The arrival after the last one.
    var end: UInt64
    /// Each key with the first leaf that refers to it.
    var keys: [KeyID: UInt64] = [:]
}

extension Snapshot {
    /// Keys that are lacked, by id, from the one after `last` on: at most `max`.
    package borrowing func lackedKeys(
        after last: KeyID? = nil,
        max: Int
    ) throws(EventStoreError) -> [LackedKey] {
        let prefix = MetaKey.lackedPrefix
        let bound = last.map { MetaKey.lacked($0) + [0] } ?? prefix
        var lacked: [LackedKey] = []
        try self.log.forEach(in: self.tables.meta, from: bound) {
            (key, row) throws(EventStoreError) in
            guard lacked.count < max, key.count == prefix.count + 16,
                key.extracting(..<prefix.count).equals(prefix.span)
            else { return false }
            guard row.count == 8, let id = KeyID(key.extracting(prefix.count...)) else {
                throw .damaged(table: "meta", row: key.hex)
            }
            lacked.append(LackedKey(id: id, arrival: row.bigEndianWord(at: 0)))
            return true
        }
        return lacked
    }

    /// The row of a key that is lacked; `nil` if it is not.
    package borrowing func lackedKey(_ id: KeyID) throws(EventStoreError) -> LackedKey? {
        let key = MetaKey.lacked(id)
        guard let row = try self.log.copy(for: key.span, in: self.tables.meta) else { return nil }
        guard row.count == 8 else { throw .damaged(table: "meta", row: key.span.hex) }
        return LackedKey(id: id, arrival: row.span.bigEndianWord(at: 0))
    }

    /// Keys that came from other sites and that rows of `views/` may not know of, by id.
    package borrowing func givenKeys(max: Int) throws(EventStoreError) -> [KeyRow] {
        let prefix = MetaKey.givenPrefix
        var ids: [KeyID] = []
        try self.log.forEach(in: self.tables.meta, from: prefix) {
            (key, _) throws(EventStoreError) in
            guard ids.count < max, key.count == prefix.count + 16,
                key.extracting(..<prefix.count).equals(prefix.span),
                let id = KeyID(key.extracting(prefix.count...))
            else { return false }
            ids.append(id)
            return true
        }
        var rows: [KeyRow] = []
        for id in ids {
            if let row = try self.key(id) { rows.append(row) }
        }
        return rows
    }

    /// Looks at the leaves that were not looked at yet, one stretch of them.
    borrowing func nextLackedKeys(
        _ isUsable: (KeyRow) -> Bool
    ) throws(EventStoreError) -> LackedKeys {
        let key = MetaKey.lackedUpTo
        let row = try self.log.copy(for: key.span, in: self.tables.meta)
        guard row == nil || row?.count == 8 else { throw .damaged(table: "meta", row: "lacks") }
        let start = row.map { $0.span.bigEndianWord(at: 0) } ?? 0
        var found = LackedKeys(start: start, end: start)
        let end = min(self.arrivals, start + UInt64(LackedKeys.stretch))
        guard start < end else { return found }
        var seen: Set<KeyID> = []
        try self.log.forEachLeaf(from: start, self.tables) {
            (place, leaf) throws(EventStoreError) in
            guard place.arrival < end else { return false }
            found.end = place.arrival + 1
            for section in (try? Leaf.sections(leaf)) ?? [] where !seen.contains(section.keyID) {
                // A key is of no use to somebody who does not get what it opens.
                let absence = try self.absence(of: section.digest)
                guard absence == nil || absence == .wanted else { continue }
                seen.insert(section.keyID)
                if let row = try self.key(section.keyID), isUsable(row) { continue }
                found.keys[section.keyID] = place.arrival
            }
            return true
        }
        return found
    }
}

extension Writer {
    /// Writes down what a stretch lacks, and that it was looked at.
    func note(
        _ found: LackedKeys,
        _ isUsable: (KeyRow) -> Bool
    ) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            let upTo = MetaKey.lackedUpTo
            let seen = try transaction.copy(for: upTo.span, in: self.tables.meta)
            // Another process was quicker.
            if let seen, seen.count == 8, seen.span.bigEndianWord(at: 0) >= found.end { return }
            for (id, arrival) in found.keys.sorted(by: { $0.key < $1.key }) {
                let lacked = MetaKey.lacked(id)
                let isHeld = try transaction.keyRow(id, self.tables).map(isUsable) ?? false
                let isNoted = try transaction.copy(for: lacked.span, in: self.tables.meta) != nil
                guard !isHeld, !isNoted else { continue }
                try transaction.put(arrival, for: lacked, self.tables)
            }
            try transaction.put(found.end, for: MetaKey.lackedUpTo, self.tables)
        }
        self.forget()
    }

    /// Forgets how far leaves were looked at for keys.
    func lookForKeysAnew() throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            try transaction.lookForKeysAnew(self.tables)
        }
        self.forget()
    }

    /// Keeps keys that another site gave. A key that came meanwhile stays as it is.
    func keepGiven(
        _ rows: [KeyRow],
        _ isUsable: (KeyRow) -> Bool
    ) throws(EventStoreError) {
        try self.write { (transaction) throws(EventStoreError) in
            for row in rows {
                let key = Key.id(row.keyID)
                let owner = Key.keyOwner(row.owner, row.keyID)
                let lacked = MetaKey.lacked(row.keyID)
                let former = try transaction.keyRow(row.keyID, self.tables)
                let isHeld = former.map(isUsable) ?? false
                let value = row.row
                let nothing: [UInt8] = []
                do throws(LMDBError) {
                    if !isHeld {
                        if let former, former.owner != row.owner {
                            let old = Key.keyOwner(former.owner, row.keyID)
                            _ = try transaction.delete(old.span, in: self.tables.keyOwners)
                        }
                        try transaction.put(value.span, for: key.span, in: self.tables.keys)
                        try transaction.put(
                            nothing.span,
                            for: owner.span,
                            in: self.tables.keyOwners
                        )
                    }
                    _ = try transaction.delete(lacked.span, in: self.tables.meta)
                    let given = MetaKey.given(row.keyID)
                    try transaction.put(nothing.span, for: given.span, in: self.tables.meta)
                } catch {
                    throw .storage(error)
                }
            }
        }
        self.forget()
    }
}

extension WriteTransaction {
    /// Forgets how far leaves were looked at for keys.
    mutating func lookForKeysAnew(_ tables: LogTables) throws(EventStoreError) {
        let upTo = MetaKey.lackedUpTo
        do throws(LMDBError) {
            _ = try self.delete(upTo.span, in: tables.meta)
        } catch {
            throw .storage(error)
        }
    }

    /// The wrapped key; `nil` if it is not here, or its row is damaged.
    fileprivate borrowing func keyRow(
        _ id: KeyID,
        _ tables: LogTables
    ) throws(EventStoreError) -> KeyRow? {
        let row = try self.copy(for: Key.id(id).span, in: tables.keys)
        return row.flatMap { KeyRow(keyID: id, row: $0.span) }
    }

    /// Puts a number into `meta`.
    fileprivate mutating func put(
        _ number: UInt64,
        for key: [UInt8],
        _ tables: LogTables
    ) throws(EventStoreError) {
        var row: [UInt8] = []
        row.appendBigEndian(number)
        do throws(LMDBError) {
            try self.put(row.span, for: key.span, in: tables.meta)
        } catch {
            throw .storage(error)
        }
    }
}
