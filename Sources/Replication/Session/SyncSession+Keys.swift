package import LedgerTypes
internal import Sealing

/// With which peers a side shares data keys: gives what they ask for, and asks for what it lacks.
package enum KeySharing: Hashable, Sendable {
    /// With nobody.
    case none
    /// With whoever is at the other end.
    case any
    /// With these sites.
    case with(Set<SiteName>)

    /// Whether keys are shared with `peer`, which is `nil` while it is not known.
    func includes(_ peer: SiteName?) -> Bool {
        switch self {
        case .none: false
        case .any: true
        case .with(let sites): peer.map(sites.contains) ?? false
        }
    }
}

/// Where a session is with data keys.
struct KeyPhase: Sendable {
    /// Whether a request is on its way, or being made.
    var isAsking = false
    /// Whether everything lacked was asked for.
    var isDone = false
    /// The keys of the request on its way that have not come.
    var awaited: Set<KeyID> = []
    /// The last key asked for.
    var last: KeyID?
    var report = SyncReport.Keys()
}

// Data keys between sites. They travel after everything else, so that keys of leaves that came in
// this session are asked for as well.
extension SyncSession {
    /// What HELLO says about keys. A key that is being pinned on first use is nobody to give keys
    /// to.
    func keyFeatures(for peer: SiteName?) -> Hello.Features {
        guard self.configuration.policy != .trustFirstUse,
            self.configuration.keySharing.includes(peer)
        else { return [] }
        return self.configuration.lacksKeys ? [.sharesKeys, .lacksKeys] : .sharesKeys
    }

    /// Whether both sides share keys.
    private var sharesKeys: Bool {
        guard let own = self.ownHello, let peer = self.peerHello else { return false }
        return own.features.contains(.sharesKeys) && peer.features.contains(.sharesKeys)
    }

    /// Whether a key may have to move although the logs are equal.
    var hasKeysToShare: Bool {
        guard self.sharesKeys, let own = self.ownHello, let peer = self.peerHello else {
            return false
        }
        return own.features.union(peer.features).contains(.lacksKeys)
    }

    private var sessionTranscript: [UInt8]? {
        guard let own = self.ownHello, let peer = self.peerHello else { return nil }
        return self.transcript(own, peer)
    }

    /// What to do about keys before DONE; `nil` when nothing is left to do.
    mutating func askForKeys() -> [Directive]? {
        guard self.sharesKeys, !self.keys.isDone, !self.isDoneSent,
            let transcript = self.sessionTranscript
        else { return nil }
        guard !self.keys.isAsking else { return [] }
        self.keys.isAsking = true
        return [.askForKeys(transcript: transcript, after: self.keys.last)]
    }

    /// The answer to ``Directive/askForKeys(transcript:after:)``.
    package mutating func ask(_ request: KeyRequest?) -> [Directive] {
        guard let request, let last = request.ids.last else {
            self.keys.isAsking = false
            self.keys.isDone = true
            return self.proceed()
        }
        self.keys.awaited = Set(request.ids)
        self.keys.last = last
        return [.send(request.frame)]
    }

    mutating func takeKeys(_ message: KeysMessage) throws(SyncError) -> [Directive] {
        guard self.sharesKeys, let transcript = self.sessionTranscript, let peer = self.peerHello
        else { throw .unexpected(.keys) }
        guard message.isSigned(by: peer.siteKey, in: transcript) else {
            throw .badKeys(peer.site.rawValue)
        }
        switch message {
        case .request(let request):
            // The peer is through once it has said so.
            guard self.peerDone == nil else { throw .unexpected(.keys) }
            return [.giveKeys(request, transcript: transcript)]
        case .answer(let answer):
            guard self.keys.isAsking, !self.keys.awaited.isEmpty,
                answer.keys.entries.allSatisfy({ self.keys.awaited.contains($0.id) })
            else { throw .unexpected(.keys) }
            for entry in answer.keys.entries { self.keys.awaited.remove(entry.id) }
            // So that an answer with nothing more in it is not taken for a second one.
            if answer.isLast { self.keys.awaited = [] }
            return [.keepKeys(answer, transcript: transcript)]
        }
    }

    /// The answer to ``Directive/giveKeys(_:transcript:)``.
    package mutating func give(_ answers: [KeyAnswer]) -> [Directive] {
        self.keys.report.given += answers.reduce(0) { $0 + $1.keys.entries.count }
        return answers.map { .send($0.frame) }
    }

    /// The answer to ``Directive/keepKeys(_:transcript:)``.
    package mutating func keptKeys(received: Int, refused: Int, isLast: Bool) -> [Directive] {
        self.keys.report.received += received
        self.keys.report.refused += refused
        guard isLast else { return [] }
        self.keys.isAsking = false
        return self.proceed()
    }
}
