internal import EventStore
internal import LedgerTypes
internal import Merkle
internal import Sealing

/// One session with its store and its stream: performs what ``SyncSession`` asks for.
struct Conversation {
    let store: EventStore
    var source: PackageSource
    let options: SyncPeer.Options
    private let role: SyncSession.Role
    private let output: AsyncStream<[UInt8]>.Continuation
    var session: SyncSession
    /// The key that the keys asked for last are sealed to.
    var recipient: KeyRecipient?
    var decoder = FrameDecoder()
    /// Verified packages that will share the next commit.
    private var pending = CommitGroup()
    /// Verified parts of a log that will share the next commit.
    private var parts: [(VerifiedPart, share: [UInt8]?, checkpoint: [UInt8])] = []
    /// What the session came to, once it has.
    private(set) var report: SyncReport?

    init(
        _ store: EventStore,
        as role: SyncSession.Role,
        _ options: SyncPeer.Options,
        _ output: AsyncStream<[UInt8]>.Continuation,
        lacksKeys: Bool
    ) throws(SyncError) {
        self.store = store
        self.source = PackageSource(store)
        self.options = options
        self.role = role
        self.output = output
        self.pending.context.damages = options.damages
        self.pending.context.repaired = options.repaired
        let peer = options.expectedPeer
        self.session = try Self.session(store, role, options, with: peer, lacksKeys: lacksKeys)
    }

    private static func session(
        _ store: EventStore,
        _ role: SyncSession.Role,
        _ options: SyncPeer.Options,
        with peer: SiteName?,
        lacksKeys: Bool
    ) throws(SyncError) -> SyncSession {
        do throws(EventStoreError) {
            var configuration = SyncSession.Configuration(
                role: role,
                site: store.siteName,
                siteKey: try store.siteKey(),
                nonce: store.configuration.random(16),
                policy: options.policy,
                pins: try store.pins(),
                expectedPeer: peer
            )
            configuration.sessionBytesMax = options.sessionBytesMax
            configuration.transportKey = options.transportKey
            configuration.follows = options.follows
            configuration.lacksKeys = lacksKeys
            configuration.grants = try Self.grants(of: store)
            configuration.partners = try store.partners()
            configuration.successions = try store.keySuccessions()
            configuration.now = store.configuration.clock()
            configuration.keySharing = options.keys == nil ? .none : options.keySharing
            let logs = try store.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
            let claims = try PackageSource(store).claims(logs, damages: options.damages, shown: [])
            return SyncSession(configuration, logs: claims)
        } catch {
            throw .store(error)
        }
    }

    /// Talks until both sides are through.
    mutating func run(over stream: ByteStream) async throws(SyncError) -> SyncReport {
        try await self.perform(try self.session.start())
        while true {
            if let report = self.report { return report }
            let bytes = try await stream.read()
            guard !bytes.isEmpty else { throw .streamEnded }
            self.decoder.append(bytes)
            try await self.takeFrames()
        }
    }

    /// Begins another session with the same peer on the same stream.
    mutating func beginRound(with peer: SiteName, speaking: Bool) async throws(SyncError) {
        let lacksKeys = try await Self.lacksKeys(self.store, self.options)
        self.report = nil
        self.source = PackageSource(self.store)
        self.recipient = nil
        self.session = try Self.session(
            self.store,
            self.role,
            self.options,
            with: peer,
            lacksKeys: lacksKeys
        )
        try await self.perform(try self.session.start(speaking: speaking))
    }

    /// Takes what is whole of what was read, up to the end of a session.
    mutating func takeFrames() async throws(SyncError) {
        while self.report == nil, let frame = try self.decoder.next() {
            try await self.perform(try self.session.receive(frame))
        }
        // Nothing whole is left to read at once: what was verified becomes durable.
        try await self.commit()
    }

    /// How far the session is.
    var progress: SyncProgress { self.session.progress }

    mutating func perform(_ directives: [Directive]) async throws(SyncError) {
        var queue = directives[...]
        while let directive = queue.popFirst() {
            let answers = try await self.perform(directive)
            if !answers.isEmpty { queue = answers + queue }
        }
    }

    /// Does what `directive` says; returns what the session wants next.
    private mutating func perform(_ directive: Directive) async throws(SyncError) -> [Directive] {
        switch directive {
        case .send(let frame):
            self.output.yield(try frame.encoded())
            if frame.type == .package { self.options.progress(self.session.progress) }
        case .sign(let bytes):
            return self.session.authenticate(with: try self.sign(bytes))
        case .prepareOffer:
            let shown = self.session.peerHello?.views ?? []
            self.pending.context.peer = self.session.peerHello?.site
            let damages = self.options.damages
            let logs = try await self.source.offer(damages: damages, shown: shown)
            return try self.session.offer(logs)
        case .readCheckpointProof(let log, let oldSize, let size):
            return self.answer(log) { (conversation) throws(SyncError) in
                let read = try conversation.source.checkpointProof(
                    log,
                    oldSize: oldSize,
                    size: size
                )
                return conversation.session.offerCheckpoint(
                    of: log,
                    proof: read.proof,
                    genesis: oldSize == 0 ? read.genesis : []
                )
            }
        case .readLeafHashes(let log, let range):
            return self.session.takeLeafHashes(of: log, try self.source.leafHashes(log, range))
        case .readPackage(let request):
            return self.answer(request.log) { (conversation) throws(SyncError) in
                conversation.session.sendPackage(try conversation.source.package(request))
            }
        case .readScope(let request): return try await self.answer(request)
        case .readPart(let log):
            return self.answer(log) { (conversation) throws(SyncError) in
                let (part, isLast) = try conversation.source.part(log)
                return conversation.session.sendPart(part, isLast: isLast)
            }
        case .commitPart(let part, let share, let checkpoint):
            try await self.take((part, share, checkpoint))
        case .keepShare(let log, let share): try await self.keep(share, of: log)
        case .readOwnRoot(let log, let size):
            let root = try self.source.root(log, size: size)
            return self.session.judgeOwnLog(log, size: size, root: root)
        case .commit(let package):
            self.pending.append(package)
            if self.pending.isFull { try await self.commit() }
        case .cosign(let position, let note):
            // A store that may not sign confirms without.
            let cosignature = try? self.store.cosign(note)
            return self.session.acknowledge(position, with: cosignature ?? [])
        case .keepReceipt(let receipt): try self.keep(receipt)
        case .pin(let site, let key): try await self.pin(site, key)
        case .rebind(let site, let key, let successions):
            try await self.rebind(site, key, successions)
        case .suspectOwnLog(let log, let evidence):
            try await self.freeze(log, self.record(log, evidence))
        case .freeze(let evidence): try await self.keep(evidence)
        case .askForKeys(let transcript, let last):
            return try await self.askForKeys(transcript, after: last)
        case .giveKeys(let request, let transcript):
            return self.session.give(try self.answers(to: request, transcript))
        case .keepKeys(let answer, let transcript):
            return try await self.keep(answer, transcript)
        case .finish(let report): self.report = report
        }
        return []
    }

    /// Keeps a part with the next commit.
    private mutating func take(
        _ part: (VerifiedPart, share: [UInt8]?, checkpoint: [UInt8])
    ) async throws(SyncError) {
        self.parts.append(part)
        if self.parts.count >= SyncLimits.windowPackagesMax / 2 { try await self.commit() }
    }

    /// Part of the log is durable, or a reason why it cannot be.
    private mutating func commitParts() async throws(SyncError) {
        let parts = self.parts
        guard !parts.isEmpty else { return }
        self.parts = []
        let position: Position
        do throws(EventStoreError) {
            position = try await self.store.receive(
                parts.map { PartialBatch($0.0, share: $0.1, checkpoint: $0.2) }
            )
        } catch {
            throw .store(error)
        }
        for part in parts {
            try await self.perform(
                try self.session.committedPart(position, leafCount: part.0.entries.count)
            )
        }
    }

    /// A read for sending that fails concerns one log.
    private mutating func answer(
        _ log: LogID,
        _ body: (inout Conversation) throws(SyncError) -> [Directive]
    ) -> [Directive] {
        do throws(SyncError) {
            return try body(&self)
        } catch {
            return self.session.readFailed(log, error)
        }
    }
}

// What is kept.
extension Conversation {
    /// Makes what was verified durable in one commit, then acknowledges it.
    private mutating func commit() async throws(SyncError) {
        try await self.commitParts()
        guard !self.pending.isEmpty else { return }
        for outcome in try await self.pending.commit(to: self.store) {
            switch outcome {
            case .kept(let position):
                try await self.perform(try self.session.committed(position))
            case .refused(let log, let error):
                try await self.perform(self.session.refused(log, error))
            }
        }
        self.options.progress(self.session.progress)
    }

    private func keep(_ receipt: DeliveryReceipt) throws(SyncError) {
        do throws(EventStoreError) {
            try self.store.keep(receipt)
        } catch {
            throw .store(error)
        }
    }

    private func sign(_ bytes: [UInt8]) throws(SyncError) -> [UInt8] {
        do throws(EventStoreError) {
            return try self.store.signAsSite(bytes)
        } catch {
            throw .store(error)
        }
    }

    private func rebind(
        _ site: SiteName,
        _ key: [UInt8],
        _ successions: [KeySuccession]
    ) async throws(SyncError) {
        do throws(EventStoreError) {
            try await self.store.rebind(site, to: key, by: successions)
        } catch {
            throw .store(error)
        }
    }

    private func pin(_ site: SiteName, _ key: [UInt8]) async throws(SyncError) {
        do throws(EventStoreError) {
            try await self.store.pin(site, key: key)
        } catch {
            throw .store(error)
        }
    }
}
