package import EventStore
package import LedgerTypes
internal import Merkle

/// How a session is limited by a grant.
enum SessionScope: Hashable, Sendable {
    /// This side is home, and serves a partner under this grant.
    case home(GrantRecord)
    /// This side is the partner; what the peer lets it have comes with SCOPE.
    case partner
}

/// Where a session under a grant is.
struct ScopePhase: Sendable {
    var scope: SessionScope?
    /// Home: INTERVALS has not come, or is being answered. Partner: the scope is not all here.
    var isOpen = false
    /// Partner: SCOPE, until the log's CHECKPOINT has come.
    var waiting: ScopeMessage?
    /// Partner: the notes that are kept with the copy.
    var message: ScopeMessage?
    /// Partner: what is being taken in.
    var incoming: IncomingScope?
    /// Partner: PARTs that are not durable yet.
    var commitsOpen = 0
    /// Partner: the grant under which its copy is complete.
    var held = GrantID.none
}

/// What a partner is to be sent.
package struct ScopeRequest: Hashable, Sendable {
    /// The grant.
    package let grant: Grant
    /// The log, as its checkpoint says.
    package let target: Position
    /// How many leaves the partner's copy speaks of.
    package let heldSize: UInt64
    /// Up to where it holds each label.
    package let labels: [Label: LabelPlace]
    /// Whether what it holds is sent again, for the sections that did not go along before.
    package let startsOver: Bool
}

// Sessions under a grant (docs/SYNC.md, "Partners").
extension SyncSession {
    /// Whether the scope of a grant is still being dealt with.
    var isScopeOpen: Bool { self.scope.isOpen || self.scope.commitsOpen > 0 }

    private var homeGrant: GrantRecord? {
        if case .home(let record) = self.scope.scope { record } else { nil }
    }

    /// Finds out from what is known of `site`, the peer, whether a grant limits the session. Its
    /// name is enough, since no other key than its own comes so far: a partner that changes its key
    /// is the same partner.
    mutating func settleScope(_ hello: Hello?, _ site: SiteName) throws(SyncError) {
        let given = try self.configuration.grants.serving(
            site,
            isPartner: self.configuration.partners.contains(site),
            at: self.configuration.now
        )
        let stated = hello.map { GrantID($0.grant.span) ?? .none } ?? .none
        let peerGrants = hello?.features.contains(.grants) ?? false
        if let given {
            if let own = self.ownHello, own.grant != given.grant.id.bytes {
                throw .grant(.unstated)
            }
            guard !peerGrants else { throw .grant(.otherParty) }
            self.scope.scope = .home(given)
            return
        }
        self.scope.held = self.part(of: site)?.grantHeld ?? .none
        if peerGrants {
            self.scope.scope = .partner
        } else if stated != .none || hello != nil && self.part(of: site) != nil {
            throw .grant(.unknown)
        } else if self.scope.held != .none {
            self.scope.scope = .partner
        }
    }

    /// The newest log of a site of which a part is held here.
    private func part(of site: SiteName) -> LocalLog? {
        self.allLogs.filter { $0.part != nil && $0.genesis.site == site }
            .max { $0.genesis.incarnation < $1.genesis.incarnation }
    }

    /// The logs of `logs` that this session is about.
    func shared(_ logs: [LocalLog]) -> [LocalLog] {
        let peer = self.peerHello?.site ?? self.expectedParty
        switch self.scope.scope {
        case nil: return logs.filter { $0.part == nil }
        case .home(let record):
            let partner = record.grant.partner.site
            return logs.filter { log in
                log.writer == .thisLedger
                    || record.grant.direction == .both && log.part == nil
                        && log.genesis.site == partner
            }
        case .partner:
            let newest = peer.flatMap { self.part(of: $0) }
            let isOut = newest?.part?.grant?.direction == .out
            return logs.filter { log in
                log.id == newest?.id || log.part == nil && log.writer != .otherSite && !isOut
            }
        }
    }

    /// The site that must answer, if it is known.
    private var expectedParty: SiteName? {
        self.configuration.expectedPeer.flatMap { self.configuration.pins[$0] == nil ? nil : $0 }
    }

    /// Settles what is known before the peer has spoken.
    mutating func settleExpectedScope() throws(SyncError) {
        guard let site = self.expectedParty else { return }
        try self.settleScope(nil, site)
    }

    /// What HELLO says of the grant.
    func stateScope(in hello: inout Hello) {
        switch self.scope.scope {
        case nil: break
        case .home(let record):
            hello.grant = record.grant.id.bytes
            hello.features.insert(.grants)
        case .partner: hello.grant = self.scope.held.bytes
        }
    }

    /// The digest over `positions`, under the grant if there is one.
    func digest(over positions: [Position]) -> Digest {
        let grant: GrantID
        switch self.scope.scope {
        case nil: return StateDigest.over(positions)
        case .home(let record): grant = record.grant.id
        case .partner: grant = self.scope.held
        }
        return Digest.sha256(
            domain: "cl/scope/1",
            grant.bytes,
            StateDigest.over(positions).bytes
        )
    }

    /// The digest that this session would state if this side held `logs`.
    func digest(ofAll logs: [LocalLog]) -> Digest {
        self.digest(over: self.shared(logs).map(\.position))
    }

    // MARK: Home

    mutating func takeIntervals(_ message: IntervalsMessage) throws(SyncError) -> [Directive] {
        guard let record = self.homeGrant, self.scope.isOpen, !self.isReading,
            !self.scopeAnswered
        else { throw .unexpected(.intervals) }
        self.scopeAnswered = true
        guard let log = self.logs.values.first(where: { $0.writer == .thisLedger }),
            self.problems[log.id] == nil, log.provable > 0
        else {
            self.scope.isOpen = false
            return self.proceed()
        }
        let heldSize = self.peerPosition(of: log)?.size ?? 0
        let checkpoint = try LogIdentity.checkpoint(log.note, of: log.id, genesis: log.genesis)
        guard checkpoint.size == log.provable, heldSize <= checkpoint.size,
            heldSize == 0 || message.log == log.id
        else { throw .unexpected(.intervals) }
        // Sections that did not go along under the grant before are sent with their leaves again.
        let before = self.configuration.grants.first { $0.grant.id == message.grant }?.grant
        let isAllHeld = before?.sections.includes(record.grant.sections) ?? (message.grant == .none)
        let held = message.log == log.id && isAllHeld ? message.entries : []
        var labels: [Label: LabelPlace] = [:]
        for entry in held where entry.newest.index < heldSize {
            labels[entry.label] = entry.newest
        }
        self.isReading = true
        let request = ScopeRequest(
            grant: record.grant,
            target: Position(log: log.id, size: checkpoint.size, root: checkpoint.root),
            heldSize: heldSize,
            labels: labels,
            startsOver: !isAllHeld
        )
        return [.readScope(request)]
    }

    /// The answer to ``Directive/readScope(_:)``: the signed head, and how many leaves are to come.
    package mutating func sendScope(
        _ request: ScopeRequest,
        head: [UInt8],
        leafCount: Int
    ) -> [Directive] {
        self.isReading = false
        self.scope.isOpen = false
        guard let record = self.homeGrant, let log = self.logs[request.target.log] else {
            return []
        }
        let message = ScopeMessage(
            startsOver: request.startsOver,
            grant: record.note,
            head: head
        )
        if leafCount > 0 || request.heldSize < request.target.size {
            var outgoing = Outgoing(
                oldSize: request.heldSize,
                target: request.target,
                note: log.note
            )
            outgoing.isPartial = true
            outgoing.isCheckpointSent = request.heldSize == request.target.size
            self.outgoing.append(outgoing)
        }
        return [.send(message.frame)] + self.proceed()
    }

    /// The answer to ``Directive/readPart(_:)``.
    package mutating func sendPart(_ part: OutgoingPart, isLast: Bool) -> [Directive] {
        self.isReading = false
        guard let index = self.outgoing(part.part.log) else { return self.proceed() }
        let frames = part.blobs.map(\.frame) + [part.part.frame]
        let byteCount = frames.reduce(0) { $0 + $1.body.count }
        self.outgoing[index].isRead = isLast
        self.outgoing[index].leafCount += UInt64(part.part.entries.count)
        self.outgoing[index].window.append(
            Outgoing.Sent(
                leaves: UInt64(part.part.entries.count),
                end: part.part.range.upperBound,
                byteCount: byteCount
            )
        )
        return frames.map { .send($0) } + self.proceed()
    }

    /// One PART is durable at the partner.
    mutating func takePartAcknowledgement(
        _ position: Position,
        _ index: Int
    ) throws(SyncError) -> [Directive] {
        let log = self.outgoing[index]
        guard !log.window.isEmpty, position.size <= log.target.size,
            position.size != log.target.size || position.root == log.target.root
        else { throw .badAcknowledgement(position.log) }
        self.outgoing[index].window.removeFirst()
        if log.isRead, log.window.count == 1 {
            guard position.size == log.target.size else { throw .badAcknowledgement(position.log) }
            self.sentCounts[position.log] = log.leafCount
            self.outgoing.remove(at: index)
        }
        return self.proceed()
    }

    // MARK: Partner

    /// INTERVALS, which a partner sends behind its VECTOR.
    func sayIntervals() -> [Directive] {
        guard self.scope.scope == .partner, let peer = self.peerHello else { return [] }
        let log = self.part(of: peer.site)
        let labels = log?.part?.state.labels ?? [:]
        let entries = labels.map { ScopeHead.Entry(label: $0.key, newest: $0.value) }
            .sorted { Label.precedes($0.label, $1.label) }
            .prefix(Grant.labelsMax)
        let message = IntervalsMessage(
            grant: log?.part?.grant?.id ?? .none,
            log: log?.id ?? LogID(rawValue: 0),
            entries: Array(entries)
        )
        return [.send(message.frame)]
    }

    mutating func takeScope(_ message: ScopeMessage) throws(SyncError) -> [Directive] {
        guard self.scope.scope == .partner, self.scope.isOpen, self.scope.message == nil,
            let peer = self.peerHello
        else { throw .unexpected(.scope) }
        let grant = try Grant(note: message.grant)
        guard grant.home.site == peer.site, self.isOfPeer(grant.home.key, peer),
            grant.partner.site == self.configuration.site, self.isOwn(grant.partner.key),
            grant.id.bytes == peer.grant
        else { throw .grant(.otherParty) }
        self.scope.message = message
        if self.incoming.keys.contains(where: { self.isOfHome($0) }) {
            self.scope.waiting = message
            return []
        }
        // The copy has the log's size already.
        guard let log = self.part(of: peer.site).flatMap({ self.logs[$0.id] }),
            self.problems[log.id] == nil
        else {
            self.scope.isOpen = false
            return self.proceed()
        }
        try self.beginScope(message, log.genesis, target: log.position)
        guard self.scope.incoming?.isComplete ?? false else { return [] }
        self.scope.isOpen = false
        self.scope.held = grant.id
        let note = ShareNote(isComplete: true, grant: message.grant, head: message.head)
        return [.keepShare(log.id, note.row)] + self.proceed()
    }

    /// Whether the peer has `key`, or had it when it signed.
    private func isOfPeer(_ key: [UInt8], _ peer: Hello) -> Bool {
        key == peer.siteKey || peer.successions.formerKeys(of: peer.siteKey).contains(key)
            || self.trusted.knows(peer.site, key: key)
    }

    /// Whether this site has `key`, or had it.
    private func isOwn(_ key: [UInt8]) -> Bool {
        let own = self.configuration
        return key == own.siteKey || own.successions.formerKeys(of: own.siteKey).contains(key)
            || self.trusted.knows(own.site, key: key)
    }

    /// Whether a log that is coming is the one that the grant is about.
    func isOfHome(_ log: LogID) -> Bool {
        guard let local = self.logs[log] else { return true }
        return local.part != nil
    }

    /// The log's CHECKPOINT has been verified; what SCOPE said of it can be as well.
    mutating func beginWaitingScope(_ incoming: Incoming) throws(SyncError) -> Bool {
        guard self.scope.scope == .partner, let target = incoming.target,
            self.isOfHome(target.log)
        else { return false }
        guard let message = self.scope.waiting, let genesis = incoming.genesis else {
            throw .unexpected(.checkpoint)
        }
        guard let peer = self.peerHello, genesis.site == peer.site,
            genesis.siteKey == peer.siteKey
        else { throw .grant(.otherParty) }
        self.scope.waiting = nil
        try self.beginScope(message, genesis, target: target)
        return true
    }

    private mutating func beginScope(
        _ message: ScopeMessage,
        _ genesis: Genesis,
        target: Position
    ) throws(SyncError) {
        let state = self.logs[target.log]?.part?.state
        self.scope.incoming = try IncomingScope(
            grant: try Grant(note: message.grant),
            head: try ScopeHead(note: message.head, of: target.log, genesis: genesis),
            target: target,
            genesisLeaf: genesis.leaf,
            range: state?.range ?? CompactRange(),
            labels: message.startsOver ? [:] : state?.labels ?? [:]
        )
    }

    mutating func takePart(_ part: Part) throws(SyncError) -> [Directive] {
        defer { self.blobs.removeAll() }
        guard self.scope.scope == .partner else { throw .unexpected(.part) }
        guard self.problems[part.log] == nil else { return [] }
        guard var scope = self.scope.incoming, let message = self.scope.message,
            self.scope.isOpen
        else { throw .unexpected(.part) }
        let isNew = self.logs[part.log] == nil && scope.position.size == 0
        let verified = try scope.take(part, self.blobs)
        self.scope.incoming = scope
        self.scope.commitsOpen += 1
        if scope.isComplete {
            self.scope.isOpen = false
            self.scope.held = scope.grant.id
        }
        var pins: [Directive] = []
        if isNew, let genesis = self.incoming[part.log]?.genesis {
            pins = self.pin { $0.pin(genesis) }
        }
        // A copy that is complete under one grant is under that one until it is under the next.
        let wasComplete = self.logs[part.log]?.part?.isComplete ?? false
        let note = ShareNote(
            isComplete: scope.isComplete,
            grant: message.grant,
            head: message.head
        )
        let share = scope.isComplete || !wasComplete ? note.row : nil
        let checkpoint = self.incoming[part.log]?.note ?? []
        return pins + [.commitPart(verified, share: share, checkpoint: checkpoint)]
    }

    /// The answer to ``Directive/commitPart(_:share:checkpoint:)``, now durable: where the copy
    /// stands.
    package mutating func committedPart(
        _ position: Position,
        leafCount: Int
    ) throws(SyncError) -> [Directive] {
        let log = position.log
        self.scope.commitsOpen -= 1
        self.receivedCounts[log, default: 0] += UInt64(leafCount)
        if let local = self.logs[log] {
            self.logs[log] = local.moved(to: position)
        } else if let genesis = self.incoming[log]?.genesis {
            // The home site began another log: the session is about that one now.
            for former in self.logs.values where former.part != nil { self.logs[former.id] = nil }
            self.logs[log] = LocalLog(position: position, genesis: genesis, writer: .otherSite)
        }
        let acknowledgement = Acknowledgement(position: position)
        var directives: [Directive] = [.send(acknowledgement.frame)]
        guard !self.isScopeOpen else { return directives }
        if let target = self.scope.incoming?.target {
            guard position == target else { throw .damaged(log) }
            if let incoming = self.incoming[log] {
                self.logs[log]?.note = incoming.note
                self.logs[log]?.provable = target.size
            }
        }
        self.incoming[log] = nil
        directives += self.proceed()
        return directives
    }

    /// Home has sent everything: so nothing of the scope may be missing.
    func requireWholeScope() throws(SyncError) {
        guard self.scope.scope == .partner, self.scope.isOpen else { return }
        guard let incoming = self.scope.incoming else { throw .unexpected(.done) }
        try incoming.finish()
    }
}

extension LocalLog {
    /// The grant under which all of a scope is held.
    var grantHeld: GrantID? {
        guard let part = self.part, part.isComplete else { return nil }
        return part.grant?.id
    }
}
