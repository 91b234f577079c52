internal import LedgerTypes
internal import Merkle

extension SyncSession {
    /// HELLO; `peer` is the other site as far as it is known.
    mutating func sayHello(to peer: SiteName?) -> Directive {
        if self.scope.scope != nil { self.keepShared() }
        var hello = Hello(
            site: self.configuration.site,
            siteKey: self.configuration.siteKey,
            nonce: self.configuration.nonce,
            stateDigest: self.digest
        )
        if let peer {
            hello.views =
                self.sortedLogs
                .filter { $0.genesis.site == peer && $0.writer != .thisLedger }
                .sorted { $0.genesis.incarnation > $1.genesis.incarnation }
                .prefix(SyncLimits.viewsMax)
                .map(\.position)
        }
        hello.features = self.keyFeatures(for: peer)
        hello.features.formUnion([.selects, .cosigns])
        if self.configuration.follows { hello.features.insert(.follows) }
        if !self.configuration.successions.isEmpty {
            hello.features.insert(.rekeyed)
            hello.successions = self.configuration.successions
        }
        self.stateScope(in: &hello)
        self.ownHello = hello
        return .send(hello.frame)
    }

    /// The digest over every position on this side, as this session knows them.
    var digest: Digest { self.digest(over: self.logs.values.map(\.position)) }

    /// Leaves out what this session is not about.
    private mutating func keepShared() {
        self.logs = [:]
        for log in self.shared(self.allLogs) { self.logs[log.id] = log }
    }

    mutating func takeHello(_ hello: Hello) throws(SyncError) -> [Directive] {
        try self.admit(hello)
        self.peerHello = hello
        try self.settleScope(hello, hello.site)
        if self.scope.scope != nil { self.keepShared() }
        var directives: [Directive] = []
        if self.ownHello == nil { directives.append(self.sayHello(to: hello.site)) }
        guard let own = self.ownHello else { throw .unexpected(.hello) }
        if own.stateDigest == hello.stateDigest, own.wantedCount == 0, hello.wantedCount == 0,
            !self.hasKeysToShare
        {
            return directives + [self.finish(peerDigest: hello.stateDigest, isInStep: true)]
        }
        self.state = .awaitingAuthentication
        return directives + [.sign(self.transcript(own, hello)), .prepareOffer]
    }

    /// Whether this peer may speak at all.
    private func admit(_ hello: Hello) throws(SyncError) {
        guard hello.nonce != self.configuration.nonce else { throw .ownKey }
        if let key = self.configuration.transportKey, key != hello.siteKey {
            throw .transportKeyMismatch(hello.site.rawValue)
        }
        let isOwnKey = hello.siteKey == self.configuration.siteKey
        // Both sides sign the same transcript: over a stream, a peer that carries this site's key
        // could send this site's own AUTH back to it.
        if isOwnKey, self.configuration.policy != .sameOperator { throw .ownKey }
        if let expected = self.configuration.expectedPeer, expected != hello.site {
            throw .otherSite(hello.site.rawValue)
        }
        guard isOwnKey == (hello.site == self.configuration.site) else {
            throw .siteKeyChanged(hello.site.rawValue)
        }
        if !isOwnKey {
            try self.trusted.admit(hello.site, key: hello.siteKey, by: hello.successions)
        }
    }

    /// Whose keys and logs are taken, as far as this session knows.
    var trusted: TrustedKeys {
        var trusted = TrustedKeys(
            site: self.configuration.site,
            siteKey: self.configuration.siteKey,
            policy: self.configuration.policy,
            pins: self.configuration.pins
        )
        for log in self.allLogs { trusted.held[log.id] = log.genesis }
        for (id, log) in self.logs { trusted.held[id] = log.genesis }
        for (id, incoming) in self.incoming { trusted.held[id] = incoming.genesis }
        return trusted
    }

    /// Binds a name to a key as `body` does, and notes it for the report.
    mutating func pin(_ body: (inout TrustedKeys) -> [Directive]) -> [Directive] {
        var trusted = self.trusted
        let before = self.configuration.pins
        let directives = body(&trusted)
        self.configuration.pins = trusted.pins
        // By HELLO, or by leaf 0 of a log that came in the middle of a session.
        for (site, key) in trusted.pins where before[site] != nil && before[site] != key {
            self.rekeyed = SyncReport.PinnedSite(site: site, key: key)
        }
        for directive in directives {
            guard case .pin(let site, let key) = directive else { continue }
            self.pinned.append(SyncReport.PinnedSite(site: site, key: key))
        }
        return directives
    }

    /// SHA-256("cl/auth/1" ‖ the initiator's HELLO ‖ the responder's HELLO), each the whole frame.
    func transcript(_ own: Hello, _ peer: Hello) -> [UInt8] {
        let isInitiator = self.configuration.role == .initiator
        let first = isInitiator ? own : peer
        let second = isInitiator ? peer : own
        return Digest.sha256(
            domain: "cl/auth/1",
            first.frame.plainBytes,
            second.frame.plainBytes
        ).bytes
    }

    /// The answer to ``Directive/sign(_:)``.
    package func authenticate(with signature: [UInt8]) -> [Directive] {
        [.send(Authentication(signature: signature).frame)]
    }

    /// The answer to ``Directive/prepareOffer``: every log as it stands now, the own one with a
    /// checkpoint of its whole size.
    package mutating func offer(_ logs: [LocalLog]) throws(SyncError) -> [Directive] {
        guard logs.count <= SyncLimits.logsMax else { throw .limit(.logs, log: nil) }
        self.logs = [:]
        for log in self.shared(logs) { self.logs[log.id] = log }
        let selections = self.selections()
        let views = self.peerHello?.views ?? []
        var entries = self.sortedLogs.filter { !views.contains($0.position) }.map { log in
            Vector.Entry(
                position: log.position,
                provable: log.provable,
                isFrozen: log.isFrozen,
                isPartial: log.part != nil
            )
        }
        // Of its own logs the peer would take silence for "equal", also of one that is lost here.
        for log in Set(views.map(\.log)) where self.logs[log] == nil {
            guard entries.count < SyncLimits.logsMax else { break }
            let nothing = Position(log: log, size: 0, root: StateDigest.emptyRoot)
            entries.append(Vector.Entry(position: nothing, provable: 0))
        }
        entries.sort { $0.position.log < $1.position.log }
        return selections + [.send(Vector(entries: entries).frame)] + self.sayIntervals()
    }

    /// SELECTs for logs that are to be repaired. A peer that does not know them sends everything
    /// from the first rotten leaf on.
    private mutating func selections() -> [Directive] {
        let isHonoured = self.peerHello?.features.contains(.selects) ?? false
        var frames: [Directive] = []
        for log in self.sortedLogs {
            guard let repair = log.repair else { continue }
            if isHonoured {
                frames.append(.send(repair.selection.frame))
            } else {
                self.logs[log.id]?.repair = nil
            }
        }
        return frames
    }

    /// Before its VECTOR a side may say which leaves of a log it wants, each log once.
    mutating func takeSelection(_ selection: Selection) throws(SyncError) -> [Directive] {
        guard self.peerSelections.count < SyncLimits.logsMax else {
            throw .limit(.logs, log: selection.log)
        }
        guard self.peerSelections.updateValue(selection, forKey: selection.log) == nil else {
            throw .unexpected(.selection)
        }
        return []
    }

    mutating func takeAuthentication(
        _ authentication: Authentication
    ) throws(SyncError) -> [Directive] {
        guard let own = self.ownHello, let peer = self.peerHello else {
            throw .unexpected(.authentication)
        }
        guard let key = VerifyingKey(peer.siteKey),
            key.isValid(authentication.signature, for: self.transcript(own, peer))
        else { throw .authenticationFailed(peer.site.rawValue) }
        self.isPeerAuthenticated = true
        self.state = .awaitingVector
        return self.pin { $0.pin(peer.site, key: peer.siteKey, by: peer.successions) }
    }
}
