import LedgerTesting
import LedgerTypes
import Merkle

@testable import Replication

/// One end of a session between simulated sites.
final class SimEnd {
    let site: SimSite
    private var session: SyncSession
    private var decoder = FrameDecoder()
    private var builders: [LogID: PackageBuilder] = [:]
    private var pending: [VerifiedPackage] = []
    /// What it has to say and the network has not taken yet.
    var out: [UInt8] = []
    private(set) var report: SyncReport?
    private(set) var error: SyncError?
    /// Whether a leaf is changed in each PACKAGE on its way out: a relay that lies.
    let lies: Bool

    init(_ site: SimSite, role: SyncSession.Role, nonce: [UInt8], lies: Bool) {
        self.site = site
        self.lies = lies
        let configuration = SyncSession.Configuration(
            role: role,
            site: site.name,
            siteKey: site.siteKey.publicKey,
            nonce: nonce,
            policy: .sameOperator,
            pins: site.disk.pins
        )
        self.session = SyncSession(configuration, logs: site.synced.locals)
        self.attempt { (end) throws(SyncError) in try end.perform(try end.session.start()) }
    }

    var isOver: Bool { self.report != nil || self.error != nil }
    /// Whether verified packages wait for their commit.
    var hasPending: Bool { !self.pending.isEmpty }

    private func attempt(_ body: (SimEnd) throws(SyncError) -> Void) {
        do throws(SyncError) {
            try body(self)
        } catch {
            self.error = error
            self.out += ErrorMessage(error).frame.plainBytes
        }
    }

    /// Takes bytes off the network.
    func take(_ bytes: [UInt8]) {
        guard !self.isOver else { return }
        self.attempt { (end) throws(SyncError) in
            end.decoder.append(bytes)
            while !end.isOver, let frame = try end.decoder.next() { try end.take(frame) }
        }
    }

    private func take(_ frame: Frame) throws(SyncError) {
        if frame.type == .acknowledgement, let peer = self.peer?.site.number {
            self.site.books.acknowledged(try Acknowledgement(frame).position, by: peer)
        }
        switch (self.site.plant, frame.type) {
        case (.skipsTheProof, .package): try self.perform(try self.believe(Package(frame)))
        case (.trustsTheRememberedVector, .vector):
            try self.perform(try self.session.receive(self.remembered(try Vector(frame))))
        default: try self.perform(try self.session.receive(frame))
        }
    }

    weak var peer: SimEnd?

    /// Makes what was verified durable, then says so.
    func commit() {
        guard !self.isOver, !self.pending.isEmpty else { return }
        let packages = self.pending
        self.pending = []
        self.attempt { (end) throws(SyncError) in
            let acknowledgesFirst = end.site.plant == .acknowledgesBeforeCommit
            for package in packages {
                switch end.site.keep(package) {
                case .success(let position):
                    if !acknowledgesFirst { end.site.commit() }
                    try end.perform(try end.session.committed(position))
                case .failure(let error):
                    try end.perform(end.session.refused(package.log, error))
                }
            }
        }
    }

    private func perform(_ directives: [Directive]) throws(SyncError) {
        var queue = directives[...]
        while let directive = queue.popFirst() { queue = try self.perform(directive) + queue }
    }

    private func perform(_ directive: Directive) throws(SyncError) -> [Directive] {
        switch directive {
        case .send(let frame): self.out += try self.changed(frame).encoded()
        case .sign(let bytes):
            return self.session.authenticate(with: self.site.siteKey.sign(bytes))
        case .prepareOffer:
            self.site.sign()
            return try self.session.offer(self.site.synced.locals)
        case .readCheckpointProof(let log, let oldSize, let size):
            guard let held = self.site.synced.logs[log], size <= held.size, oldSize <= size else {
                return self.session.readFailed(log, .damaged(log))
            }
            let proof =
                oldSize == 0
                ? [] : try MerkleTree.consistencyProof(from: oldSize, to: size, read: held.node)
            return self.session.offerCheckpoint(
                of: log,
                proof: proof,
                genesis: oldSize == 0 ? held.leaves[0] : []
            )
        case .readLeafHashes(let log, let range):
            let hashes = self.site.synced.logs[log]?.hashes ?? []
            guard Int(range.upperBound) <= hashes.count else { throw .damaged(log) }
            let part = hashes[Int(range.lowerBound)..<Int(range.upperBound)]
            return self.session.takeLeafHashes(of: log, Array(part))
        case .readPackage(let request): return self.package(request)
        case .readScope, .readPart, .commitPart, .keepShare: break
        case .readOwnRoot(let log, let size):
            let held = self.site.synced.logs[log]
            let root = held.flatMap { size <= $0.size ? $0.root(size) : nil }
            return self.session.judgeOwnLog(log, size: size, root: root)
        case .commit(let package): self.pending.append(package)
        case .cosign(let position, _):
            return self.session.acknowledge(position, with: [])
        case .pin(let site, let key): self.site.pin(site, key)
        case .suspectOwnLog(let log, _): self.site.suspect(log)
        case .freeze(let evidence): if evidence.isConclusive { self.site.freeze(evidence) }
        case .finish(let report): self.report = report
        default: break
        }
        return []
    }

    private func package(_ request: PackageRequest) -> [Directive] {
        var builder = self.builders[request.log] ?? PackageBuilder(log: request.log)
        do throws(SyncError) {
            guard let held = self.site.synced.logs[request.log], request.endMax <= held.size else {
                throw .damaged(request.log)
            }
            let package = try builder.build(request, leaves: held.walk, node: held.node)
            self.builders[request.log] = builder
            return self.session.sendPackage(package)
        } catch {
            return self.session.readFailed(request.log, error)
        }
    }

    private func changed(_ frame: Frame) -> Frame {
        guard self.lies, frame.type == .package, var package = try? Package(frame) else {
            return frame
        }
        let last = package.entries.count - 1
        let byte = package.entries[last].leaf.count - 1
        package.entries[last].leaf[byte] ^= 1
        return package.frame
    }

    // Planted bugs.

    /// What a receiver would make of a package that it does not check.
    private func believe(_ package: Package) throws(SyncError) -> [Directive] {
        guard var incoming = self.session.incoming[package.log], let target = incoming.target else {
            return []
        }
        incoming.next = package.end
        self.session.incoming[package.log] = incoming
        let verified = VerifiedPackage(
            log: package.log,
            start: package.start,
            entries: package.entries.map { entry in
                VerifiedPackage.Entry(
                    leaf: entry.leaf,
                    hash: MerkleHash.leaf(entry.leaf.span),
                    sections: []
                )
            },
            genesis: package.start == 0 ? incoming.genesis : nil,
            note: incoming.note,
            target: target
        )
        return [.commit(verified)]
    }

    private func remembered(_ vector: Vector) -> Frame {
        guard let peer = self.session.peerHello?.site else { return vector.frame }
        var known = self.site.remembered[peer] ?? [:]
        for entry in vector.entries {
            let log = entry.position.log
            if let old = known[log], old.position.size >= entry.position.size { continue }
            known[log] = entry
        }
        self.site.remembered[peer] = known
        return Vector(
            entries: known.values.sorted { $0.position.log < $1.position.log }
        ).frame
    }
}

/// A session over a network that delivers when it likes, and cuts.
final class SimLink {
    let ends: [SimEnd]
    let sites: [Int]

    init(_ one: SimSite, _ two: SimSite, nonce: UInt64, lies: Bool) {
        func bytes(_ first: UInt8) -> [UInt8] {
            var bytes: [UInt8] = [UInt8](repeating: first, count: 8)
            bytes.appendBigEndian(nonce)
            return bytes
        }
        let initiator = SimEnd(one, role: .initiator, nonce: bytes(1), lies: lies)
        let responder = SimEnd(two, role: .responder, nonce: bytes(2), lies: false)
        initiator.peer = responder
        responder.peer = initiator
        self.ends = [initiator, responder]
        self.sites = [one.number, two.number]
    }

    /// Delivers up to `count` bytes from one end to the other.
    func deliver(from end: Int, _ count: Int) {
        let bytes = Array(self.ends[end].out.prefix(count))
        self.ends[end].out.removeFirst(bytes.count)
        if !bytes.isEmpty { self.ends[1 - end].take(bytes) }
    }

    /// Whether nothing will happen any more.
    var isOver: Bool { self.ends.allSatisfy(\.isOver) || self.isSilent }

    private var isSilent: Bool {
        self.ends.allSatisfy { $0.out.isEmpty && !$0.hasPending }
    }

    /// Runs to the end on a good network.
    func run() {
        while !self.isOver {
            for end in 0..<2 {
                self.deliver(from: end, .max)
                for end in self.ends { end.commit() }
            }
        }
    }
}
