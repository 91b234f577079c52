internal import CaseDomain
internal import EventStore
public import LedgerTypes
internal import Projections
internal import Sealing

extension Ledger {
    /// Makes a new ledger in a directory that is missing or empty.
    ///
    /// Writes the site's key, a signed genesis and `site.registered`; secrets go to `state`, which
    /// must not lie inside the ledger.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - state: where log keys, the anchor and key-encryption keys go.
    ///   - site: who the ledger belongs to.
    ///   - pseudonymKey: the key that the operator's sites share, 32 bytes or 64 hexadecimal
    ///     digits; one is made if there is none.
    ///   - clock: tells the time; the system's clock if not given. For tests and simulations.
    /// - Returns: the ledger, open for writing.
    /// - Throws: ``LedgerError/alreadyExists(path:)`` and errors of the file system.
    public static func create(
        at path: String,
        state: String,
        site: SiteProfile,
        pseudonymKey: [UInt8]? = nil,
        clock: (@Sendable () -> Timestamp)? = nil
    ) throws(LedgerError) -> Ledger {
        var key: PseudonymKey?
        if let pseudonymKey {
            key = PseudonymKey(contents: pseudonymKey)
            guard key != nil else { throw .malformedFile(path: "the pseudonym key") }
        }
        do throws(EventStoreError) {
            var configuration = Self.configuration(path, state, isReadOnly: false)
            if let clock { configuration.clock = clock }
            let store = try EventStore.create(
                configuration,
                site: EventStore::SiteDescription(name: site.name)
            ) { (_, now) throws(EventStoreError) in
                Self.registration(of: site, now: now)
            }
            return try Self.ledger(store, state: state, pseudonymKey: key, mayCreate: true)
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Opens a ledger.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - state: where its secrets lie. Without them a read-only ledger shows sealed text as
    ///     withheld, and one for writing does not open.
    ///   - access: what it is opened for.
    ///   - onRestore: what to do when this copy was restored or cloned.
    ///   - clock: tells the time; the system's clock if not given. For tests and simulations.
    /// - Returns: the ledger.
    /// - Throws: ``LedgerError/notALedger(path:)``,
    ///   ``LedgerError/newerFormat(path:found:supported:)`` and errors of the file system.
    public static func open(
        at path: String,
        state: String,
        access: Access = .readWrite,
        onRestore: RestorePolicy = .refuse,
        clock: (@Sendable () -> Timestamp)? = nil
    ) throws(LedgerError) -> Ledger {
        do throws(EventStoreError) {
            var configuration = Self.configuration(path, state, isReadOnly: access == .readOnly)
            if let clock { configuration.clock = clock }
            configuration.onRestore = onRestore == .refuse ? .refuse : .newIncarnation
            let store = try EventStore.open(configuration, firstEvent: Self.repeatedRegistration)
            return try Self.ledger(store, state: state, pseudonymKey: nil, mayCreate: false)
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    static func configuration(
        _ path: String,
        _ state: String,
        isReadOnly: Bool
    ) -> EventStore.Configuration {
        var configuration = EventStore.Configuration(
            directory: path,
            stateDirectory: state,
            clock: SystemRandom.now,
            random: SystemRandom.bytes
        )
        configuration.isReadOnly = isReadOnly
        configuration.crossReference = Attachment.crossReference
        configuration.crossReferenceTypes = Attachment.types
        return configuration
    }

    private static func ledger(
        _ store: EventStore,
        state: String,
        pseudonymKey: PseudonymKey?,
        mayCreate: Bool
    ) throws(EventStoreError) -> Ledger {
        let path = store.configuration.directory
        do throws(EventStoreError) {
            let folder = try Self.siteFolder(of: store)
            var pseudonyms = try? PseudonymKey(folder: folder)
            var keks = try? KeyEncryptionKeys(folder: folder)
            if mayCreate {
                do throws(SealingError) {
                    keks = try .openOrCreate(folder: folder, random: SystemRandom.bytes)
                    let fresh = pseudonymKey ?? PseudonymKey(bytes: SystemRandom.bytes(32))
                    pseudonyms = try fresh?.store(in: folder, random: SystemRandom.bytes)
                } catch {
                    throw error.storeError(path: folder)
                }
            }
            let ledger = Ledger(
                path: path,
                store: store,
                keys: keks.map { Self.keyStore($0, store) },
                pseudonyms: pseudonyms,
                summaries: Self.summaries(store, keks, pseudonyms),
                clock: store.configuration.clock
            )
            // Who only reads looks for it when it is asked for.
            if !store.configuration.isReadOnly {
                try store.maintain(ledger.summaries.projection)
                // Keys that came, and a kill before they were made use of. What fails here is tried
                // again with the next keys.
                if ledger.keys != nil { try? ledger.useGivenKeys() }
            }
            return ledger
        } catch {
            store.close()
            throw error
        }
    }

    /// The read model of lists. The store keeps it, so it must not keep the store; its keys are in
    /// memory beside those of the ledger, since it is made on another thread.
    private static func summaries(
        _ store: EventStore,
        _ keks: KeyEncryptionKeys?,
        _ pseudonyms: PseudonymKey?
    ) -> CaseSummaries {
        guard let keks, let pseudonyms else {
            return CaseSummaries(openText: nil, blind: nil, salt: 0)
        }
        let rows = KeyStore.Rows(
            ofOwner: { [weak store] (owner) throws(EventStoreError) in
                guard let store else { throw .closed }
                return try store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.keys(of: owner)
                }
            },
            ofKey: { [weak store] (id) throws(EventStoreError) in
                guard let store else { throw .closed }
                return try store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.key(id)
                }
            }
        )
        let keys = KeyStore(
            keks: keks,
            rows: rows,
            random: SystemRandom.bytes,
            cachedMax: 4_096
        )
        return CaseSummaries(
            openText: Self.textOpener(keys),
            blind: { pseudonyms.blindIndex(kind: $0.kind.name, form: $0.form) },
            salt: pseudonyms.blindIndexFingerprint
        )
    }

    private static func keyStore(_ keks: KeyEncryptionKeys, _ store: EventStore) -> KeyStore {
        let rows = KeyStore.Rows(
            ofOwner: { (owner) throws(EventStoreError) in
                try store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.keys(of: owner)
                }
            },
            ofKey: { (id) throws(EventStoreError) in
                try store.read { (snapshot) throws(EventStoreError) in
                    try snapshot.key(id)
                }
            }
        )
        return KeyStore(keks: keks, rows: rows, random: SystemRandom.bytes)
    }

    /// The event at index 1 of a new incarnation: what the site said of itself last.
    private static func repeatedRegistration(
        _ snapshot: borrowing Snapshot,
        now: Timestamp
    ) throws(EventStoreError) -> PreparedEvent? {
        guard let site = try snapshot.logs().first(where: \.isCurrent)?.site,
            let subject = Subject(kind: "site", id: site.rawValue)
        else { return nil }
        var newest: EventDraft?
        try snapshot.forEachEvent(of: subject, backwards: true) {
            (_, leaf) throws(EventStoreError) in
            guard let draft = try? EventEnvelope(leaf: leaf).draft,
                draft.type == EventType.siteRegistered.rawValue
            else { return true }
            newest = draft
            return false
        }
        guard var draft = newest else { return nil }
        draft.id = SystemRandom.eventID(at: now)
        draft.occurred = now
        draft.isHistory = false
        draft.causation = nil
        return PreparedEvent(draft: draft)
    }

    /// The event at index 1: kind, operator and time zone of the site.
    private static func registration(of site: SiteProfile, now: Timestamp) -> PreparedEvent? {
        guard let subject = Subject(kind: "site", id: site.name.rawValue) else { return nil }
        var payload = SiteRegistered()
        payload.kind = site.kind
        payload.operator = site.company
        payload.timeZone = site.timeZone
        let event = ProposedEvent(
            id: SystemRandom.eventID(at: now),
            subject: subject,
            occurred: now,
            actor: ActorSnapshot(
                actorID: "caseledger",
                kind: .system,
                siteID: site.name.rawValue,
                siteKind: site.kind
            ),
            payload: .siteRegistered(payload)
        )
        return PreparedEvent(draft: event.draft())
    }
}

extension SealingError {
    /// What the failure amounts to for somebody who opens a ledger.
    func storeError(path: String) -> EventStoreError {
        switch self {
        case .file(let path, let code): .file(path: path, code: code)
        case .missingFile(let path): .file(path: path, code: 2)
        case .malformedFile(let path): .malformedFile(path: path)
        case .exposed(let path, _): .permission(path: path)
        case .store(let error): error
        default: .malformedFile(path: path)
        }
    }
}
