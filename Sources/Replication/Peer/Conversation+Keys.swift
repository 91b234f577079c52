internal import EventStore
internal import LedgerTypes
internal import Sealing

// Data keys between sites.
extension Conversation {
    /// Whether sections are held whose keys are not, if keys are shared at all.
    static func lacksKeys(
        _ store: EventStore,
        _ options: SyncPeer.Options
    ) async throws(SyncError) -> Bool {
        guard let keys = options.keys, options.keySharing != .none else { return false }
        return try await !Self.lackedKeys(store, keys, after: nil, max: 1).isEmpty
    }

    private static func lackedKeys(
        _ store: EventStore,
        _ keys: KeyStore,
        after last: KeyID?,
        max: Int
    ) async throws(SyncError) -> [LackedKey] {
        do throws(EventStoreError) {
            try await store.noteLackedKeys { keys.isUsable($0) }
            return try store.read { (snapshot) throws(EventStoreError) in
                try snapshot.lackedKeys(after: last, max: max)
            }
        } catch {
            throw .store(error)
        }
    }

    /// A request for the next keys that are lacked.
    mutating func askForKeys(
        _ transcript: [UInt8],
        after last: KeyID?
    ) async throws(SyncError) -> [Directive] {
        guard let keys = self.options.keys else { return self.session.ask(nil) }
        let max = self.options.keysAskedAtOnce
        let lacked = try await Self.lackedKeys(self.store, keys, after: last, max: max)
        guard !lacked.isEmpty else { return self.session.ask(nil) }
        let recipient = KeyRecipient()
        self.recipient = recipient
        var request = KeyRequest(recipient: recipient.publicKey, ids: lacked.map(\.id))
        request.signature = try self.sign(transcript, request.signed)
        return self.session.ask(request)
    }

    /// What is here of the keys that the peer asks for.
    func answers(
        to request: KeyRequest,
        _ transcript: [UInt8]
    ) throws(SyncError) -> [KeyAnswer] {
        guard let keys = self.options.keys else { throw .unexpected(.keys) }
        var answers: [KeyAnswer] = []
        var ids = try self.allowed(request.ids)[...]
        repeat {
            let part = Array(ids.prefix(SyncLimits.keysInAnswerMax))
            ids = ids.dropFirst(part.count)
            let sealed: SealedKeys
            do throws(SealingError) {
                sealed = try keys.give(part, to: request.recipient, info: transcript)
            } catch {
                throw self.failure(error)
            }
            var answer = KeyAnswer(isLast: ids.isEmpty, keys: sealed)
            answer.signature = try self.sign(transcript, answer.signed)
            answers.append(answer)
        } while !ids.isEmpty
        return answers
    }

    /// Keeps the keys of an answer that open what they are for.
    mutating func keep(
        _ answer: KeyAnswer,
        _ transcript: [UInt8]
    ) async throws(SyncError) -> [Directive] {
        guard let keys = self.options.keys, let recipient = self.recipient else {
            throw .unexpected(.keys)
        }
        let opened: [(key: DataKey, owner: Subject)]
        do throws(SealingError) {
            opened = try recipient.open(answer.keys, info: transcript)
        } catch {
            throw self.failure(error)
        }
        let fitting = try self.fitting(opened.map(\.key))
        let now = self.store.configuration.clock()
        let former = try self.formerRows(of: fitting)
        let rows = opened.filter { fitting.contains($0.key.id) }.map { (key, owner) in
            // One that was here, and whose wrap nothing opens any more, was here all the time.
            let time = former[key.id].map { keys.timeGiven($0) } ?? now
            return keys.row(keeping: key, of: owner, givenAt: time)
        }
        do throws(EventStoreError) {
            try await self.store.keepGivenKeys(rows) { keys.isUsable($0) }
        } catch {
            throw .store(error)
        }
        return self.session.keptKeys(
            received: rows.count,
            refused: opened.count - rows.count,
            isLast: answer.isLast
        )
    }

    private func formerRows(of ids: Set<KeyID>) throws(SyncError) -> [KeyID: KeyRow] {
        do throws(EventStoreError) {
            return try self.store.read { (snapshot) throws(EventStoreError) in
                var rows: [KeyID: KeyRow] = [:]
                for id in ids { rows[id] = try snapshot.key(id) }
                return rows
            }
        } catch {
            throw .store(error)
        }
    }

    /// Those of `keys` that open the first section that is held and sealed with them. A key of
    /// which no section is here is taken at its giver's word.
    private func fitting(_ keys: [DataKey]) throws(SyncError) -> Set<KeyID> {
        do throws(EventStoreError) {
            return try self.store.read { (snapshot) throws(EventStoreError) in
                var fitting: Set<KeyID> = []
                for key in keys where try Self.fits(key, snapshot) { fitting.insert(key.id) }
                return fitting
            }
        } catch {
            throw .store(error)
        }
    }

    private static func fits(
        _ key: DataKey,
        _ snapshot: borrowing Snapshot
    ) throws(EventStoreError) -> Bool {
        guard let lacked = try snapshot.lackedKey(key.id),
            let leaf = try snapshot.leaf(arrival: lacked.arrival),
            let draft = try? EventEnvelope(leaf: leaf).draft,
            let place = draft.sections.firstIndex(where: { $0.keyID == key.id }),
            let bytes = try snapshot.section(arrival: lacked.arrival, slot: UInt8(place + 1))
        else { return true }
        return
            (try? SealedSection.open(
                bytes,
                as: draft.sections[place],
                event: draft.id,
                under: key
            )) != nil
    }

    private func sign(_ transcript: [UInt8], _ signed: [UInt8]) throws(SyncError) -> [UInt8] {
        do throws(EventStoreError) {
            return try self.store.signAsSite(KeysMessage.digest(transcript, signed))
        } catch {
            throw .store(error)
        }
    }

    private func failure(_ error: SealingError) -> SyncError {
        switch error {
        case .store(let error): .store(error)
        case .exchangeRefused: .badKeys(self.session.peerHello?.site.rawValue ?? "?")
        default: .storage("the keys cannot be read: \(error)", isRetryable: false)
        }
    }
}
