internal import LMDB
package import LedgerTypes

// Wrapped keys, and why sections are absent.
extension Snapshot {
    /// The wrapped key; `nil` if it is not here.
    package borrowing func key(_ id: KeyID) throws(EventStoreError) -> KeyRow? {
        let key = Key.id(id)
        guard let row = try self.log.copy(for: key.span, in: self.tables.keys) else { return nil }
        guard let found = KeyRow(keyID: id, row: row.span) else {
            throw .damaged(table: "keys", row: key.span.hex)
        }
        return found
    }

    /// Gives `body` every wrapped key, by id, until it returns false. A damaged row is passed over.
    package borrowing func forEachKey(
        _ body: (KeyRow) throws(EventStoreError) -> Bool
    ) throws(EventStoreError) {
        try self.log.forEach(in: self.tables.keys, from: nil) {
            (key, row) throws(EventStoreError) in
            guard let id = KeyID(key), let found = KeyRow(keyID: id, row: row) else { return true }
            return try body(found)
        }
    }

    /// The wrapped keys of `owner`, by key id.
    package borrowing func keys(of owner: Subject) throws(EventStoreError) -> [KeyRow] {
        let bound = Array(owner.rawValue.utf8) + [0]
        var ids: [KeyID] = []
        try self.log.forEach(in: self.tables.keyOwners, from: bound) {
            (key, _) throws(EventStoreError) in
            guard key.count == bound.count + 16, key.extracting(..<bound.count).equals(bound.span)
            else { return false }
            guard let id = KeyID(key.extracting(bound.count...)) else { return false }
            ids.append(id)
            return true
        }
        var rows: [KeyRow] = []
        for id in ids {
            guard let row = try self.key(id) else {
                throw .damaged(table: "keyOwners", row: id.hex)
            }
            rows.append(row)
        }
        return rows
    }

    /// Why the section with this digest is not here; `nil` if no row says so.
    package borrowing func absence(of section: Digest) throws(EventStoreError) -> Absence? {
        let key = Key.digest(section)
        guard let row = try self.log.copy(for: key.span, in: self.tables.absent) else {
            return nil
        }
        guard let byte = row.first, let absence = Absence(rawValue: byte) else {
            throw .damaged(table: "absent", row: key.span.hex)
        }
        return absence
    }
}
