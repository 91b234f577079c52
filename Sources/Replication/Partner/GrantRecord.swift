package import EventStore
internal import LedgerTypes

/// A grant of this site, as its ledger keeps it.
package struct GrantRecord: Hashable, Sendable {
    /// The grant.
    package let grant: Grant
    /// Its note.
    package let note: [UInt8]
    /// Whether it was taken back.
    package var isRevoked: Bool

    /// Creates a record.
    package init(grant: Grant, note: [UInt8], isRevoked: Bool = false) {
        self.grant = grant
        self.note = note
        self.isRevoked = isRevoked
    }

    /// The row that keeps it: u8 1 if it was taken back ‖ the note.
    package var row: [UInt8] { [self.isRevoked ? 1 : 0] + self.note }

    /// Reads a row.
    package init(row: [UInt8]) throws(SyncError) {
        guard let state = row.first, state < 2 else { throw .grant(.malformed) }
        self.note = Array(row.dropFirst())
        self.grant = try Grant(note: self.note)
        self.isRevoked = state == 1
    }

    /// Every grant that `store` keeps, by partner and number.
    package static func all(in store: EventStore) throws(SyncError) -> [GrantRecord] {
        let rows: [[UInt8]]
        do throws(EventStoreError) {
            rows = try store.grantRows()
        } catch {
            throw .store(error)
        }
        var records: [GrantRecord] = []
        for row in rows { records.append(try GrantRecord(row: row)) }
        return records.sorted { one, other in
            let names = (one.grant.partner.site.rawValue, other.grant.partner.site.rawValue)
            return names.0 == names.1 ? one.grant.number < other.grant.number : names.0 < names.1
        }
    }
}

extension [GrantRecord] {
    /// The grant under which `site` is served at `moment`: the one with the highest number; `nil`
    /// if it never had one and is not said to be a partner.
    func serving(
        _ site: SiteName,
        isPartner: Bool,
        at moment: Timestamp
    ) throws(SyncError) -> GrantRecord? {
        let given = self.filter { $0.grant.partner.site == site }
        guard let newest = given.max(by: { $0.grant.number < $1.grant.number }) else {
            guard !isPartner else { throw .grant(.missing) }
            return nil
        }
        if newest.isRevoked { throw .grant(.revoked) }
        if let problem = newest.grant.problem(at: moment) { throw .grant(problem) }
        return newest
    }
}

/// Why a part of a log is held: the row that a partner keeps with it.
package struct ShareNote: Hashable, Sendable {
    /// Whether everything that the head says was here once.
    package let isComplete: Bool
    /// The signed grant.
    package let grant: [UInt8]
    /// The signed scope head.
    package let head: [UInt8]

    /// Creates a row.
    package init(isComplete: Bool, grant: [UInt8], head: [UInt8]) {
        self.isComplete = isComplete
        self.grant = grant
        self.head = head
    }

    /// The row: u8 1 if complete ‖ u32 length ‖ grant ‖ u32 length ‖ head.
    package var row: [UInt8] {
        [self.isComplete ? 1 : 0] + ScopeMessage(grant: self.grant, head: self.head).frame.body
    }

    /// Reads a row; `nil` if it is not one.
    package init?(row: [UInt8]) {
        guard let state = row.first, state < 2,
            let notes = try? ScopeMessage(Frame(type: .scope, body: Array(row.dropFirst())))
        else { return nil }
        self.isComplete = state == 1
        self.grant = notes.grant
        self.head = notes.head
    }
}

/// What a session knows of a log of which its side holds a part.
package struct LocalPart: Hashable, Sendable {
    /// What is held.
    package let state: PartialState
    /// The grant under which it is; `nil` while nothing says so.
    package let grant: Grant?
    /// Whether all of the grant's scope is held.
    package let isComplete: Bool

    /// Reads what the store keeps.
    package init(_ state: PartialState) {
        self.state = state
        let share = ShareNote(row: state.share)
        self.grant = share.flatMap { try? Grant(note: $0.grant) }
        self.isComplete = share?.isComplete ?? false
    }
}
