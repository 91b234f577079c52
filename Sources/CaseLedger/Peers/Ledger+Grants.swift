internal import EventStore
public import LedgerTypes
internal import Replication

extension Ledger {
    /// Lets a partner hold a part of the log that this site writes, from its next sync on. The
    /// newest grant of a partner takes the place of those before: with more labels it fills in what
    /// the partner lacks, with fewer it stops what is new.
    ///
    /// - Parameters:
    ///   - partner: its site name, which must be bound to a key
    ///     (``addPeer(_:address:key:isPartner:)``).
    ///   - labels: an event with one of these is let through; every event of a case has the label
    ///     `subject` with the case's subject for its value.
    ///   - sections: the kinds of sealed sections that go along; all with `nil`.
    ///   - from: when it begins; now with `nil`.
    ///   - until: when it ends; never with `nil`.
    ///   - takesBack: whether what the partner writes itself comes here.
    /// - Returns: the grant.
    /// - Throws: ``LedgerError/grant(detail:)`` if it cannot be one, and errors of storage.
    public func grant(
        to partner: SiteName,
        _ labels: [Label],
        sections: [String]? = nil,
        from: Timestamp? = nil,
        until: Timestamp? = nil,
        takesBack: Bool = true
    ) async throws(LedgerError) -> PartnerGrant {
        let own = try self.siteKey()
        let records = try self.grantRecords()
        let number = records.filter { $0.grant.partner.site == partner }.map(\.grant.number).max()
        let key: [UInt8]?
        do throws(EventStoreError) {
            key = try self.store.pinnedKey(of: partner)
        } catch {
            throw LedgerError(error, path: self.path)
        }
        guard let key else { throw .grant(detail: "no key is known for \(partner)") }
        let grant = Grant(
            home: Grant.Party(site: self.store.siteName, key: own.bytes),
            partner: Grant.Party(site: partner, key: key),
            number: (number ?? 0) + 1,
            from: from ?? self.store.configuration.clock(),
            until: until,
            direction: takesBack ? .both : .out,
            sections: sections.map { .kinds($0) } ?? .all,
            labels: labels
        )
        guard let grant else {
            throw .grant(
                detail: "a grant has 1 to \(Grant.labelsMax) labels with a name and a value, "
                    + "names sections by a word, and ends after it begins"
            )
        }
        do throws(EventStoreError) {
            let note = try grant.note { (text) throws(EventStoreError) in
                try self.store.signAsSite(text)
            }
            let record = GrantRecord(grant: grant, note: note)
            try await self.store.putGrant(grant.id.bytes, record.row)
        } catch {
            throw LedgerError(error, path: self.path)
        }
        return try self.newestGrant(of: partner)
    }

    private func newestGrant(of partner: SiteName) throws(LedgerError) -> PartnerGrant {
        let grants = try self.grants().filter { $0.partner == partner.rawValue }
        guard let newest = grants.last else { throw .grant(detail: "the grant is gone") }
        return newest
    }

    /// Every grant that this site gave, by partner and age.
    public func grants() throws(LedgerError) -> [PartnerGrant] {
        let records = try self.grantRecords()
        let now = self.store.configuration.clock()
        return records.map { record in
            let isNewest = !records.contains {
                $0.grant.partner.site == record.grant.partner.site
                    && $0.grant.number > record.grant.number
            }
            return PartnerGrant(record, isNewest: isNewest, now: now)
        }
    }

    /// Takes a grant back: from now on its partner is refused. What it holds already stays with it.
    ///
    /// - Parameter id: the grant's id, as ``PartnerGrant/id`` has it.
    /// - Returns: the grant.
    /// - Throws: ``LedgerError/grant(detail:)`` if there is no such grant, and errors of storage.
    public func revokeGrant(_ id: String) async throws(LedgerError) -> PartnerGrant {
        guard var record = try self.grantRecords().first(where: { $0.grant.id.hex == id }) else {
            throw .grant(detail: "there is no grant \(id)")
        }
        record.isRevoked = true
        do throws(EventStoreError) {
            try await self.store.putGrant(record.grant.id.bytes, record.row)
        } catch {
            throw LedgerError(error, path: self.path)
        }
        guard let grant = try self.grants().first(where: { $0.id == id }) else {
            throw .grant(detail: "the grant is gone")
        }
        return grant
    }

    /// The logs of other sites of which this ledger holds a part, by origin.
    public func heldParts() throws(LedgerError) -> [HeldPart] {
        do throws(EventStoreError) {
            return try self.store.read { (snapshot) throws(EventStoreError) in
                var parts: [HeldPart] = []
                for log in try snapshot.logs() where log.isPartial {
                    let part = LocalPart(try snapshot.partialState(log))
                    parts.append(HeldPart(log, part, leaves: try snapshot.leavesHeld(log)))
                }
                return parts.sorted { $0.origin < $1.origin }
            }
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private func grantRecords() throws(LedgerError) -> [GrantRecord] {
        do throws(SyncError) {
            return try GrantRecord.all(in: self.store)
        } catch {
            throw .damaged(table: "meta", row: "grant/")
        }
    }
}

/// What a partner may hold.
public struct PartnerGrant: Hashable, Sendable, Encodable {
    /// Whether a grant counts.
    public enum State: String, Hashable, Sendable, Encodable {
        /// It counts.
        case active
        /// A newer one of the same partner took its place.
        case replaced
        /// It was taken back.
        case revoked
        /// Its time is over.
        case expired
        /// Its time has not come.
        case notYet
    }

    /// A label, and how much of it is held.
    public struct Part: Hashable, Sendable, Encodable {
        /// Its name; `subject` for all events of one subject.
        public let name: String
        /// Its value.
        public let value: String

        init(_ label: Label) {
            self.name = label.name
            self.value = label.value
        }
    }

    /// 32 hexadecimal digits.
    public let id: String
    /// The site that grants.
    public let home: String
    /// The site that it is for.
    public let partner: String
    /// Counts the grants of one partner, from 1.
    public let number: UInt64
    /// Whether it counts now; `nil` at the partner, which does not know.
    public let state: State?
    /// When it begins, RFC 3339.
    public let from: String
    /// When it ends, RFC 3339.
    public let until: String?
    /// Whether what the partner writes comes home.
    public let takesBack: Bool
    /// The kinds of sealed sections that go along; all with `nil`.
    public let sections: [String]?
    /// An event with one of these is let through.
    public let labels: [Part]

    init(_ grant: Grant, state: State?) {
        self.id = grant.id.hex
        self.home = grant.home.site.rawValue
        self.partner = grant.partner.site.rawValue
        self.number = grant.number
        self.state = state
        self.from = grant.from.rfc3339
        self.until = grant.until?.rfc3339
        self.takesBack = grant.direction == .both
        switch grant.sections {
        case .all: self.sections = nil
        case .kinds(let kinds): self.sections = kinds
        }
        self.labels = grant.labels.map { Part($0) }
    }

    init(_ record: GrantRecord, isNewest: Bool, now: Timestamp) {
        let state: State
        if record.isRevoked {
            state = .revoked
        } else if !isNewest {
            state = .replaced
        } else {
            switch record.grant.problem(at: now) {
            case .expired: state = .expired
            case .notYet: state = .notYet
            default: state = .active
            }
        }
        self.init(record.grant, state: state)
    }
}

/// A log of which a part is held.
public struct HeldPart: Hashable, Sendable, Encodable {
    /// 32 hexadecimal digits.
    public let log: String
    /// The name in checkpoints.
    public let origin: String
    /// The site that writes it.
    public let site: String
    /// The leaves that the copy speaks of.
    public let size: UInt64
    /// The leaves of those that are held; the others are known by hashes alone.
    public let leaves: UInt64
    /// Whether everything that the grant lets through was held at that size.
    public let isComplete: Bool
    /// The grant.
    public let grant: PartnerGrant?

    init(_ log: LogState, _ part: LocalPart, leaves: UInt64) {
        self.log = log.id.hex
        self.origin = log.origin
        self.site = log.site.rawValue
        self.size = log.position.size
        self.leaves = leaves
        self.isComplete = part.isComplete
        self.grant = part.grant.map { PartnerGrant($0, state: nil) }
    }
}
