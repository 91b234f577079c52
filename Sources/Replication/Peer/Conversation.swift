internal import EventStore
internal import LedgerTypes
internal import Merkle
internal import Sealing

/// One session with its store and its stream: performs what ``SyncSession`` asks for.
struct Conversation {
    let store: EventStore
    let options: SyncPeer.Options
    private let output: AsyncStream<[UInt8]>.Continuation
    var session: SyncSession
    /// The key that the keys asked for last are sealed to.
    var recipient: KeyRecipient?
    private var decoder = FrameDecoder()
    private var builders: [LogID: PackageBuilder] = [:]
    /// Verified packages that will share the next commit.
    private var pending: [VerifiedPackage] = []
    private var pendingByteCount = 0
    private var report: SyncReport?

    init(
        _ store: EventStore,
        as role: SyncSession.Role,
        _ options: SyncPeer.Options,
        _ output: AsyncStream<[UInt8]>.Continuation,
        lacksKeys: Bool
    ) throws(SyncError) {
        self.store = store
        self.options = options
        self.output = output
        do throws(EventStoreError) {
            var configuration = SyncSession.Configuration(
                role: role,
                site: store.siteName,
                siteKey: try store.siteKey(),
                nonce: store.configuration.random(16),
                policy: options.policy,
                pins: try store.pins(),
                expectedPeer: options.expectedPeer
            )
            configuration.sessionBytesMax = options.sessionBytesMax
            configuration.lacksKeys = lacksKeys
            configuration.keySharing = options.keys == nil ? .none : options.keySharing
            let logs = try store.read { (snapshot) throws(EventStoreError) in try snapshot.logs() }
            self.session = SyncSession(configuration, logs: logs.map { LocalLog($0) })
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
            while self.report == nil, let frame = try self.decoder.next() {
                try await self.perform(try self.session.receive(frame))
            }
            // Nothing whole is left to read at once: what was verified becomes durable.
            try await self.commit()
        }
    }

    private mutating func perform(_ directives: [Directive]) async throws(SyncError) {
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
            do throws(EventStoreError) {
                return self.session.authenticate(with: try self.store.signAsSite(bytes))
            } catch {
                throw .store(error)
            }
        case .prepareOffer: return try self.session.offer(try await self.offer())
        case .readCheckpointProof(let log, let oldSize, let size):
            return self.answer(log) { (conversation) throws(SyncError) in
                try conversation.checkpointProof(log, oldSize: oldSize, size: size)
            }
        case .readLeafHashes(let log, let range):
            return self.session.takeLeafHashes(of: log, try self.leafHashes(log, range))
        case .readPackage(let request):
            return self.answer(request.log) { (conversation) throws(SyncError) in
                conversation.session.sendPackage(try conversation.package(request))
            }
        case .readOwnRoot(let log, let size):
            return self.session.judgeOwnLog(log, size: size, root: try self.root(log, size: size))
        case .commit(let package):
            self.pending.append(package)
            self.pendingByteCount += package.byteCount
            if self.pendingByteCount >= SyncLimits.commitBytesMax { try await self.commit() }
        case .pin(let site, let key): try await self.pin(site, key)
        case .suspectOwnLog(let log, _): try await self.freeze(log)
        case .freeze(let evidence):
            if evidence.isConclusive { try await self.freeze(evidence.log) }
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
        while !self.pending.isEmpty {
            let packages = self.pending
            self.pending = []
            self.pendingByteCount = 0
            switch await self.keep(packages) {
            case .success(let positions): try await self.acknowledge(positions)
            case .failure(let error):
                guard error.isAboutOneLog else { throw error }
                try await self.commitEachLog(packages)
            }
            self.options.progress(self.session.progress)
        }
    }

    /// One log was refused: the others are kept without it.
    private mutating func commitEachLog(_ packages: [VerifiedPackage]) async throws(SyncError) {
        var logs: [LogID] = []
        for package in packages where !logs.contains(package.log) { logs.append(package.log) }
        for log in logs {
            switch await self.keep(packages.filter { $0.log == log }) {
            case .success(let positions): try await self.acknowledge(positions)
            case .failure(let error):
                guard error.isAboutOneLog else { throw error }
                try await self.perform(self.session.refused(log, error))
            }
        }
    }

    private func keep(_ packages: [VerifiedPackage]) async -> Result<[Position], SyncError> {
        do throws(EventStoreError) {
            return .success(try await self.store.receive(packages.map { ForeignBatch($0) }))
        } catch {
            return .failure(.store(error))
        }
    }

    /// Each log once, with where it stands after the commit.
    private mutating func acknowledge(_ positions: [Position]) async throws(SyncError) {
        for (place, position) in positions.enumerated()
        where !positions[(place + 1)...].contains(where: { $0.log == position.log }) {
            try await self.perform(try self.session.committed(position))
        }
    }

    private func pin(_ site: SiteName, _ key: [UInt8]) async throws(SyncError) {
        do throws(EventStoreError) {
            try await self.store.pin(site, key: key)
        } catch {
            throw .store(error)
        }
    }

    private func freeze(_ log: LogID) async throws(SyncError) {
        do throws(EventStoreError) {
            try await self.store.freeze(log)
        } catch {
            throw .store(error)
        }
    }
}

// What is sent.
extension Conversation {
    /// Every log as it stands, the own one with a checkpoint of exactly what is offered. A store
    /// that may not sign offers what it signed before.
    private func offer() async throws(SyncError) -> [LocalLog] {
        let current: LogState?
        do throws(EventStoreError) {
            current = try await self.store.checkpoint()
        } catch {
            switch error {
            case .suspect, .readOnly: current = nil
            default: throw .store(error)
            }
        }
        return try self.store.read { (snapshot) throws(SyncError) in
            do throws(EventStoreError) {
                return try snapshot.logs().map { log in
                    LocalLog(log.id == current?.id ? current ?? log : log)
                }
            } catch {
                throw .store(error)
            }
        }
    }

    private mutating func checkpointProof(
        _ id: LogID,
        oldSize: UInt64,
        size: UInt64
    ) throws(SyncError) -> [Directive] {
        let read = try self.store.read { (snapshot) throws(SyncError) -> ([Digest], [UInt8]) in
            let log = try snapshot.held(id)
            guard oldSize > 0 else { return ([], log.genesis.leaf) }
            let proof = try MerkleTree.consistencyProof(from: oldSize, to: size) {
                (level, index) throws(SyncError) in
                try snapshot.hash(log, level: level, index: index)
            }
            return (proof, [])
        }
        return self.session.offerCheckpoint(of: id, proof: read.0, genesis: read.1)
    }

    private mutating func package(_ request: PackageRequest) throws(SyncError) -> OutgoingPackage {
        var builder = self.builders[request.log] ?? PackageBuilder(log: request.log)
        let package = try self.store.read { (snapshot) throws(SyncError) in
            let log = try snapshot.held(request.log)
            return try builder.build(
                request,
                leaves: { (range, body) throws(SyncError) in
                    try snapshot.walk(log, range, body)
                },
                node: { (level, index) throws(SyncError) in
                    try snapshot.hash(log, level: level, index: index)
                }
            )
        }
        self.builders[request.log] = builder
        return package
    }

    private func leafHashes(_ id: LogID, _ range: Range<UInt64>) throws(SyncError) -> [Digest] {
        try self.store.read { (snapshot) throws(SyncError) in
            let log = try snapshot.held(id)
            var hashes: [Digest] = []
            for index in range { hashes.append(try snapshot.hash(log, level: 0, index: index)) }
            return hashes
        }
    }

    private func root(_ id: LogID, size: UInt64) throws(SyncError) -> Digest? {
        try self.store.read { (snapshot) throws(SyncError) in
            let log = try snapshot.held(id)
            guard size <= log.position.size else { return nil }
            do throws(EventStoreError) {
                return try snapshot.root(log, size: size)
            } catch {
                throw .store(error)
            }
        }
    }
}

extension Snapshot {
    fileprivate borrowing func held(_ id: LogID) throws(SyncError) -> LogState {
        do throws(EventStoreError) {
            if let log = try self.log(id) { return log }
        } catch {
            throw .store(error)
        }
        throw .damaged(id)
    }

    fileprivate borrowing func hash(
        _ log: LogState,
        level: Int,
        index: UInt64
    ) throws(SyncError) -> Digest {
        do throws(EventStoreError) {
            return try self.node(log, level: level, index: index)
        } catch {
            throw .store(error)
        }
    }

    /// Hands out the stored leaves of `range` with their sections until `body` returns false.
    fileprivate borrowing func walk(
        _ log: LogState,
        _ range: Range<UInt64>,
        _ body: (PackageBuilder.StoredLeaf) throws(SyncError) -> Bool
    ) throws(SyncError) {
        try self.forEachLeaf(inLog: log.id, from: range.lowerBound) {
            (place, leaf) throws(SyncError) in
            guard place.address.index < range.upperBound else { return false }
            let stored = try PackageBuilder.StoredLeaf([UInt8](copying: leaf)) {
                (slot, reference) throws(SyncError) in
                try self.held(log, place, slot: slot, reference)
            }
            return try body(stored)
        }
    }

    private borrowing func held(
        _ log: LogState,
        _ place: StoredLeaf,
        slot: Int,
        _ reference: SectionReference
    ) throws(SyncError) -> VerifiedPackage.Section {
        do throws(EventStoreError) {
            if let bytes = try self.section(arrival: place.arrival, slot: UInt8(slot + 1)) {
                return .present(bytes)
            }
            switch try self.absence(of: reference.digest) {
            case .purged: return .purged
            case .withheld, .wanted: return .withheld
            // Not here, and no row says why.
            case nil: throw EventStoreError.damaged(table: "leaves", row: reference.digest.hex)
            }
        } catch {
            throw .store(error)
        }
    }
}
