internal import LMDB
internal import LedgerTypes
internal import Merkle

// Tables that are checked row by row, whatever the leaves say.
extension LogVerification {
    /// The label rows: each names the newest leaf of an own log that has the label, with that
    /// sequence. That no leaf is newer was checked when the leaves were read.
    mutating func checkLabels(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        try transaction.forEach(in: self.tables.labels, from: nil) {
            (key, row) throws(EventStoreError) in
            self.report.indexRows += 1
            let place = [UInt8](copying: key)
            // Those of a log of which a part is held are compared with its leaves.
            if key.count > 4, Int(key.bigEndian32(at: 0)) < self.logs.count,
                self.logs[Int(key.bigEndian32(at: 0))].state.isPartial
            {
                return true
            }
            if let row = LabelRow(row), place.count > 5,
                try self.isNewest(row, place, transaction)
            {
                return true
            }
            self.report.add("labels \(key.hex)", "it does not name the label's newest leaf")
            return true
        }
    }

    private func isNewest(
        _ row: LabelRow,
        _ key: [UInt8],
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) -> Bool {
        let log = key.span.bigEndian32(at: 0)
        let nameEnd = 5 + Int(key[4])
        guard nameEnd <= key.count, Int(log) < self.logs.count,
            row.index < self.writtenHere[Int(log)],
            let leaf = try self.audit(log, row.index, transaction)
        else { return false }
        let name = String(decoding: key[5..<nameEnd], as: UTF8.self)
        let value = String(decoding: key[nameEnd...], as: UTF8.self)
        return leaf.audit.has(name, value, sequence: row.sequence)
            && key == Key.label(log: log, name: name, value: value)
    }

    /// The keys: each row of `keys` has its row of `keyOwners`, and the other way round. Needs no
    /// key: what is wrapped is not opened.
    mutating func checkKeys(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        try transaction.forEach(in: self.tables.keys, from: nil) {
            (key, row) throws(EventStoreError) in
            guard let id = KeyID(key), let known = KeyRow(keyID: id, row: row),
                known.row.span.equals(row), known.hasWraps
            else {
                self.report.add("keys \(key.hex)", "the row is malformed")
                return true
            }
            let owner = Key.keyOwner(known.owner, id)
            if try transaction.copy(for: owner.span, in: self.tables.keyOwners) != [] {
                self.report.add("keys \(key.hex)", "its owner does not list it")
            }
            return true
        }
        try transaction.forEach(in: self.tables.keyOwners, from: nil) {
            (key, row) throws(EventStoreError) in
            let end = key.count - 17
            var owner: Subject?
            if end > 0, key[end] == 0, row.isEmpty,
                let id = KeyID(key.extracting((end + 1)..<key.count)),
                let stored = try transaction.copy(for: Key.id(id).span, in: self.tables.keys)
            {
                owner = KeyRow(keyID: id, row: stored.span)?.owner
            }
            let text = owner.map { Array($0.rawValue.utf8) } ?? []
            if end <= 0 || !text.span.equals(key.extracting(0..<end)) {
                self.report.add("keyOwners \(key.hex)", "it lists a key that is not there")
            }
            return true
        }
    }

    /// The rows of `meta`: every one known and well-formed, none missing, and every site's name
    /// bound to the key of its newest log.
    mutating func checkMeta(
        _ transaction: borrowing ReadTransaction
    ) throws(EventStoreError) {
        var pins: [SiteName: [UInt8]] = [:]
        for log in self.logs.sorted(by: { $0.state.incarnation < $1.state.incarnation }) {
            pins[log.state.site] = log.state.genesis.siteKey
        }
        var missing: Set = [MetaKey.format, MetaKey.token, MetaKey.current]
        // A ledger that only earlier programs have written to has no copies of geneses.
        var uncopied = Set(self.logs.map(\.state.id))
        try transaction.forEach(in: self.tables.meta, from: nil) {
            (key, row) throws(EventStoreError) in
            let name = [UInt8](copying: key)
            missing.remove(name)
            let isRight: Bool
            if let hasForm = Self.hasForm(name, row) {
                isRight = hasForm
            } else if name.starts(with: MetaKey.genesisPrefix) {
                let id = LogID(Array(name.dropFirst(MetaKey.genesisPrefix.count)).span)
                isRight =
                    id.map { uncopied.remove($0) != nil } ?? false
                    && LogID(genesisLeaf: [UInt8](copying: row)) == id
            } else if name.starts(with: MetaKey.forkPrefix) {
                let id = Array(name.dropFirst(MetaKey.forkPrefix.count))
                let log = LogID(id.span)
                if log.flatMap({ ForkRecord(log: $0, row: row) }) == nil {
                    self.report.add("meta fork/", "the row is malformed")
                }
                return true
            } else if let site = Self.site(in: name, behind: MetaKey.pinPrefix),
                name == MetaKey.pin(site)
            {
                // A name may be bound before its first log comes.
                let expected = pins.removeValue(forKey: site)
                let pin = PinRow([UInt8](copying: row))
                isRight = expected.map { pin?.follows($0) ?? false } ?? (pin != nil)
            } else {
                isRight = Self.isPeer(name, row)
            }
            if !isRight {
                let text = String(decoding: name, as: UTF8.self)
                self.report.add("meta \(text)", "the row is unknown, malformed or wrong")
            }
            return true
        }
        if uncopied.count < self.logs.count {
            for log in uncopied.sorted() {
                self.report.add("meta genesis/ \(log.hex)", "the copy of leaf 0 is missing")
            }
        }
        for name in missing.map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            self.report.add("meta \(name)", "the row is missing")
        }
        for site in pins.keys.map(\.rawValue).sorted() {
            self.report.add("meta pin/\(site)", "the row is missing")
        }
    }

    /// Whether a row of `meta` of which only the form is known has it; `nil` for another row.
    private static func hasForm(_ name: [UInt8], _ row: Span<UInt8>) -> Bool? {
        switch name {
        case MetaKey.format: row.equals(Key.log(LedgerDirectory.format).span)
        case MetaKey.token: row.count == Anchor.tokenByteCount
        case MetaKey.current: row.count == 4
        case MetaKey.probe: row.count == 16
        case MetaKey.lackedUpTo: row.count == 8
        case _ where name.starts(with: MetaKey.lackedPrefix):
            name.count == MetaKey.lackedPrefix.count + 16 && row.count == 8
        case _ where name.starts(with: MetaKey.givenPrefix):
            name.count == MetaKey.givenPrefix.count + 16 && row.isEmpty
        case _ where name.starts(with: MetaKey.sharePrefix):
            name.count == MetaKey.sharePrefix.count + 16
        case _ where name.starts(with: MetaKey.partnerPrefix):
            Self.site(in: name, behind: MetaKey.partnerPrefix).map { MetaKey.partner($0) } == name
                && row.isEmpty
        case _ where name.starts(with: MetaKey.grantPrefix):
            name.count == MetaKey.grantPrefix.count + 16 && !row.isEmpty
        default: nil
        }
    }

    /// The site that the name of a row names behind `prefix`; `nil` if it is none.
    private static func site(in name: [UInt8], behind prefix: [UInt8]) -> SiteName? {
        SiteName(String(decoding: name.dropFirst(prefix.count), as: UTF8.self))
    }

    /// Whether a row of `meta` is a peer's name and address.
    private static func isPeer(_ name: [UInt8], _ row: Span<UInt8>) -> Bool {
        guard let site = Self.site(in: name, behind: MetaKey.peerPrefix),
            name == MetaKey.peer(site)
        else { return false }
        return (1...EventStore.peerAddressBytesMax).contains(row.count)
            && (try? UTF8Span(validating: row)) != nil
    }
}

extension KeyRow {
    /// Whether the wraps are one or more entries of kind u8 ‖ length u16 ‖ body, the site's own,
    /// kind 1, with 64 bytes (docs/FORMAT.md).
    var hasWraps: Bool {
        var rest = self.wrap[...]
        while rest.count >= 3 {
            let start = rest.startIndex
            let count = Int(rest[start + 1]) << 8 | Int(rest[start + 2])
            guard rest.count >= 3 + count, rest[start] != 1 || count == 64 else { return false }
            rest = rest.dropFirst(3 + count)
            if rest.isEmpty { return true }
        }
        return false
    }
}
