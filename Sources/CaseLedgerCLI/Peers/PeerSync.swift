import CaseLedger
import FoundationEssentials
import LedgerTypes
import Replication
import SyncService
import SyncTransport
import Synchronization

/// One sync with another side, noted in the journal.
struct PeerSync {
    let ledger: Ledger
    let trustFirstUse: Bool
    /// Whether each side gets the keys that it lacks.
    let sharesKeys: Bool
    /// The other side's state directory, where it is a directory.
    let otherState: String
    let onRestore: Ledger.RestorePolicy
    /// Writes down what is said over a stream.
    var recorder: SessionRecorder?
    /// Told what was rotten here and put right, if that is looked for first (`--deep`).
    var repaired: (@Sendable (ScrubReport) -> Void)?

    /// Syncs once; `progress` gets the leaves moved so far.
    func run(
        _ target: SyncTarget,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> SyncSummary {
        let journal = SyncJournal(folder: try self.ledger.siteFolder())
        let moved = Mutex<SyncProgress?>(nil)
        do {
            let summary: SyncSummary
            if case .directory(let directory) = target.address {
                summary = try await self.sync(with: directory, target.site, progress)
            } else {
                summary = try await self.sync(over: target) { now in
                    moved.withLock { $0 = now }
                    progress(Int(clamping: now.received + now.sent))
                }
            }
            self.note(RoundOutcome(summary), of: summary.peer, in: journal)
            return summary
        } catch {
            if let site = target.site {
                var outcome = RoundOutcome(
                    failed: error,
                    after: moved.withLock { $0 },
                    held: try? self.ledger.heldCount()
                )
                if let failure = error as? CommandFailure { outcome.error = failure.message }
                self.note(outcome, of: site.rawValue, in: journal)
            }
            throw error
        }
    }

    /// Notes when a peer is tried again.
    func note(next: Timestamp, of peer: String) {
        guard let folder = try? self.ledger.siteFolder() else { return }
        let journal = SyncJournal(folder: folder)
        guard var state = (try? journal.read())?[peer] else { return }
        state.next = next.rfc3339
        state.received = 0
        state.sent = 0
        try? journal.write(state)
    }

    private func note(_ outcome: RoundOutcome, of peer: String, in journal: SyncJournal) {
        let now = self.ledger.now
        let known = (try? journal.read())?[peer]
        var state = known ?? PeerState(peer: peer, now: now)
        state.received = 0
        state.sent = 0
        state.take(outcome, now: now)
        do throws(SyncJournal.Failure) {
            try journal.write(state)
        } catch {
            Terminal.note(
                "caseledger: the journal of syncs was not written: \(error.path): "
                    + errorText(error.code)
            )
        }
    }

    /// A directory under the one name that it has without links.
    private static func place(of directory: String) -> String {
        URL(filePath: directory).resolvingSymlinksInPath().path
    }

    private func sync(
        with other: String,
        _ site: SiteName?,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> SyncSummary {
        // In step with itself any ledger is, and the other site would still have nothing.
        guard Self.place(of: other) != Self.place(of: self.ledger.path) else {
            throw CommandFailure(
                "\(other) is this ledger itself",
                nextStep: "name the directory of the other site's ledger",
                exit: .usage
            )
        }
        let peer = try Ledger.open(
            at: other,
            state: self.otherState,
            access: .readWrite,
            onRestore: self.onRestore
        )
        defer { peer.close() }
        let found = try peer.siteKey().site
        guard site == nil || site?.rawValue == found else {
            throw CommandFailure(
                "\(other) is the ledger of \(found), not of \(site?.rawValue ?? "")",
                nextStep: "caseledger peer add \(site?.rawValue ?? "") ADDRESS, with the right one",
                exit: .configuration
            )
        }
        if let repaired { repaired(try await self.ledger.repair(from: peer)) }
        return try await self.ledger.sync(
            with: peer,
            sharingKeys: self.sharesKeys,
            progress: progress
        )
    }

    private func sync(
        over target: SyncTarget,
        _ progress: @escaping @Sendable (SyncProgress) -> Void
    ) async throws -> SyncSummary {
        if let repaired {
            // A session of its own, if something has to be fetched: what it says is held here is
            // less than what is.
            let open = Mutex<PeerLink?>(nil)
            let failure = Mutex<CommandFailure?>(nil)
            do throws(LedgerError) {
                let source = RepairSource.stream(
                    of: target.site,
                    trustFirstUse: self.trustFirstUse
                ) {
                    do {
                        let link = try await self.link(target)
                        open.withLock { $0 = link }
                        return (link.stream, link.key)
                    } catch {
                        failure.withLock { $0 = error as? CommandFailure }
                        throw error
                    }
                }
                repaired(try await self.ledger.repair(from: [source]))
            } catch {
                if let failure = failure.withLock({ $0 }) { throw failure }
                let exit = await open.withLock({ $0 })?.finish()
                throw CommandFailure(error, target, exit ?? nil)
            }
            _ = await open.withLock({ $0 })?.finish()
        }
        let link = try await self.link(target)
        do throws(LedgerError) {
            let summary = try await self.ledger.sync(
                over: self.recorder?.recording(link.stream) ?? link.stream,
                expecting: target.site,
                transportKey: link.key,
                trustFirstUse: self.trustFirstUse,
                keySharing: self.sharesKeys ? .any : .none,
                progress: progress
            )
            _ = await link.finish()
            return summary
        } catch {
            let exit = await link.finish()
            // A command then ends because this side gave up, or told so itself.
            switch error {
            case .untrusted, .otherKey: throw CommandFailure(error)
            default: throw CommandFailure(error, target, exit)
            }
        }
    }

    private func link(_ target: SyncTarget) async throws -> PeerLink {
        do {
            return try await PeerLink.open(
                target.address,
                of: self.ledger,
                taking: try self.taken(target),
                environment: ProcessEnvironment.all,
                limits: TLSLimits()
            )
        } catch let error as LinkError {
            throw CommandFailure(error, target.name)
        }
    }

    /// Whom TLS may find there.
    private func taken(_ target: SyncTarget) throws -> PeerLink.Taken {
        guard case .tls = target.address else { return .any }
        guard let site = target.site else {
            return self.trustFirstUse ? .any : .keys(try self.ledger.peerKeys())
        }
        if let key = try self.ledger.peers().first(where: { $0.site == site.rawValue })?.keyBytes {
            return .key(key)
        }
        guard self.trustFirstUse else {
            throw CommandFailure.untrusted(site.rawValue, byPeer: false)
        }
        return .any
    }
}

extension CommandFailure {
    /// A peer that was not reached.
    init(_ error: LinkError, _ name: String) {
        let name = DisplayText.clip(DisplayText.clean(name), to: 200)
        switch error {
        case .start(let call, let code):
            self.init(
                "the command cannot be started: \(call): \(errorText(code))",
                exit: .unavailable
            )
        case .connection(.refusedKey):
            self.init(
                "\(name) holds another key than the one known here; nothing was sent",
                nextStep: "compare phrases with its operator: caseledger site key there, "
                    + "caseledger peer list here",
                exit: .protocolError
            )
        case .connection(.handshake(let text)):
            self.init(
                "\(name): no handshake: \(text)",
                nextStep: "see that a caseledger serve --listen answers there, and that this "
                    + "site is among its peers",
                exit: .protocolError
            )
        case .connection(let error):
            self.init(
                "\(name) is not reached: \(ErrorText.words(error))",
                nextStep: "see that a caseledger serve --listen answers there; try again",
                exit: .temporaryFailure
            )
        case .noStream:
            self.init("\(name) is not the address of a peer", exit: .usage)
        }
    }

    /// A session that broke, with how the command ended if that explains it.
    init(_ error: LedgerError, _ target: SyncTarget, _ exit: CommandTransport.Exit?) {
        let failure = CommandFailure(error)
        if let exit, !exit.isSuccess {
            let end =
                switch exit {
                case .status(let status): "exit code \(status)"
                case .signal(let signal): "signal \(signal)"
                }
            let command = target.address.command ?? target.name
            self.init(
                "the command ended with \(end): \(DisplayText.clip(command, to: 200)) "
                    + "(\(failure.message))",
                nextStep: "run the command on its own to see why; its own words stand above",
                exit: .unavailable
            )
        } else if case .tls = target.address, failure.message.contains("alert") {
            self.init(
                "\(target.name) does not let this site in (\(failure.message))",
                nextStep: "its operator adds this site: caseledger peer add, with the key that "
                    + "caseledger site key prints here",
                exit: .unavailable
            )
        } else {
            self = failure
        }
    }
}
