import LedgerTypes
import Merkle
import Sealing

@testable import Replication

/// A session with a fake store behind it, and the bytes it has to say.
struct FakeSide {
    var store: FakeStore
    var session: SyncSession
    var decoder = FrameDecoder()
    var out: [UInt8] = []
    var report: SyncReport?
    var error: SyncError?
    var commits: [VerifiedPackage] = []
    var builders: [LogID: PackageBuilder] = [:]
    var bytesSent = 0
    var framesSent: [FrameType] = []
    /// Keys to ask for, once.
    var lacked: [KeyID] = []
    /// A key to give, whatever is asked for.
    var given: KeyID?
    /// Changes a frame on its way out; `nil` drops it.
    var tamper: (@Sendable (Frame) -> Frame?)?

    init(
        _ store: FakeStore,
        role: SyncSession.Role,
        policy: TrustPolicy = .sameOperator,
        expecting peer: SiteName? = nil,
        nonce: UInt8? = nil
    ) {
        self.store = store
        let nonce = nonce ?? (role == .initiator ? 1 : 2)
        let configuration = SyncSession.Configuration(
            role: role,
            site: store.site,
            siteKey: store.siteKey.publicKey,
            nonce: [UInt8](repeating: nonce, count: 16),
            policy: policy,
            pins: store.pins,
            expectedPeer: peer
        )
        self.session = SyncSession(configuration, logs: store.locals)
    }

    var isOver: Bool { self.report != nil || self.error != nil }

    mutating func start() {
        do throws(SyncError) {
            try self.perform(try self.session.start())
        } catch {
            self.fail(error)
        }
    }

    /// Takes bytes of the peer and commits what they complete.
    mutating func take(_ bytes: [UInt8]) {
        guard !self.isOver else { return }
        do throws(SyncError) {
            self.decoder.append(bytes)
            while let frame = try self.decoder.next() {
                try self.perform(try self.session.receive(frame))
                guard !self.isOver else { return }
            }
            while !self.commits.isEmpty {
                let package = self.commits.removeFirst()
                try self.perform(try self.session.committed(self.store.keep(package)))
            }
        } catch {
            self.fail(error)
        }
    }

    private mutating func fail(_ error: SyncError) {
        self.error = error
        self.send(ErrorMessage(error).frame)
    }

    private mutating func send(_ frame: Frame) {
        guard let frame = self.tamper.map({ $0(frame) }) ?? frame else { return }
        guard let bytes = try? frame.encoded() else { return }
        self.framesSent.append(frame.type)
        self.bytesSent += bytes.count
        self.out += bytes
    }

    private mutating func perform(_ directives: [Directive]) throws(SyncError) {
        var queue = directives[...]
        while let directive = queue.popFirst() {
            queue = try self.perform(directive) + queue
        }
    }

    private mutating func perform(_ directive: Directive) throws(SyncError) -> [Directive] {
        switch directive {
        case .send(let frame): self.send(frame)
        case .sign(let bytes):
            return self.session.authenticate(with: self.store.siteKey.sign(bytes))
        case .prepareOffer:
            self.store.sign()
            return try self.session.offer(self.store.locals)
        case .readCheckpointProof(let log, let oldSize, let size):
            let held = self.held(log)
            let proof =
                oldSize == 0
                ? []
                : try MerkleTree.consistencyProof(from: oldSize, to: size, read: held.node)
            return self.session.offerCheckpoint(
                of: log,
                proof: proof,
                genesis: oldSize == 0 ? held.leaves[0] : []
            )
        case .readLeafHashes(let log, let range):
            let hashes = self.held(log).hashes[Int(range.lowerBound)..<Int(range.upperBound)]
            return self.session.takeLeafHashes(of: log, Array(hashes))
        case .readPackage(let request):
            var builder = self.builders[request.log] ?? PackageBuilder(log: request.log)
            let held = self.held(request.log)
            do throws(SyncError) {
                let package = try builder.build(request, leaves: held.walk, node: held.node)
                self.builders[request.log] = builder
                return self.session.sendPackage(package)
            } catch {
                return self.session.readFailed(request.log, error)
            }
        case .readScope, .readPart, .commitPart, .keepShare: break
        case .readOwnRoot(let log, let size):
            let held = self.held(log)
            return self.session.judgeOwnLog(
                log,
                size: size,
                root: size <= held.size ? held.root(size) : nil
            )
        case .commit(let package): self.commits.append(package)
        case .cosign(let position, let note):
            return self.session.acknowledge(position, with: self.store.cosign(note))
        case .keepReceipt(let receipt): self.store.receipts.append(receipt)
        case .pin(let site, let key), .rebind(let site, let key, _): self.store.pins[site] = key
        case .suspectOwnLog(let log, _): self.store.suspects.append(log)
        case .freeze(let evidence): self.store.forks.append(evidence)
        case .askForKeys(let transcript, _):
            guard !self.lacked.isEmpty else { return self.session.ask(nil) }
            var request = KeyRequest(recipient: Samples.digest.bytes, ids: self.lacked)
            self.lacked = []
            request.signature = self.store.siteKey.sign(
                KeysMessage.digest(transcript, request.signed)
            )
            return self.session.ask(request)
        case .giveKeys(_, let transcript):
            var keys = SealedKeys(encapsulated: Samples.digest.bytes, entries: [])
            if let given, let owner = Subject("customer:a") {
                let sealed = [UInt8](repeating: 1, count: SealedKeys.sealedByteCount)
                keys.entries.append(SealedKeys.Entry(id: given, owner: owner, sealed: sealed))
            }
            var answer = KeyAnswer(isLast: true, keys: keys)
            answer.signature = self.store.siteKey.sign(
                KeysMessage.digest(transcript, answer.signed)
            )
            return self.session.give([answer])
        case .keepKeys(let answer, _):
            return self.session.keptKeys(
                received: answer.keys.entries.count,
                refused: 0,
                isLast: answer.isLast
            )
        case .finish(let report): self.report = report
        }
        return []
    }

    private func held(_ log: LogID) -> FakeLog {
        guard let held = self.store.logs[log] else { preconditionFailure("\(log) is not held") }
        return held
    }
}

extension FakeLog {
    func node(level: Int, index: UInt64) throws(SyncError) -> Digest {
        let start = Int(index << UInt64(level))
        return MerkleTree.root(of: self.hashes.span.extracting(start..<start + 1 << level))
    }

    func walk(
        _ range: Range<UInt64>,
        _ body: (PackageBuilder.StoredLeaf) throws(SyncError) -> Bool
    ) throws(SyncError) {
        for index in Int(range.lowerBound)..<Int(range.upperBound) {
            let stored = try PackageBuilder.StoredLeaf(self.leaves[index]) { (slot, _) in
                self.sections[index][slot].map { .present($0) } ?? .withheld
            }
            guard try body(stored) else { return }
        }
    }
}

/// Two sides joined by a wire without a size.
struct FakePair {
    var initiator: FakeSide
    var responder: FakeSide
    /// Times the direction of the wire changed with bytes on it.
    var turns = 0

    init(_ initiator: FakeSide, _ responder: FakeSide) {
        self.initiator = initiator
        self.responder = responder
    }

    /// Two stores of one operator.
    init(_ first: FakeStore, _ second: FakeStore, policy: TrustPolicy = .sameOperator) {
        self.init(
            FakeSide(first, role: .initiator, policy: policy),
            FakeSide(second, role: .responder, policy: policy)
        )
    }

    var isOver: Bool { self.initiator.isOver && self.responder.isOver }

    /// Runs until neither side has anything to say.
    mutating func run() {
        self.initiator.start()
        self.responder.start()
        while !self.initiator.out.isEmpty || !self.responder.out.isEmpty {
            self.turns += 1
            let forth = self.initiator.out
            self.initiator.out = []
            self.responder.take(forth)
            let back = self.responder.out
            self.responder.out = []
            self.initiator.take(back)
        }
    }
}
