import CaseLedger
import LedgerTypes
import SyncService
import SyncTransport

/// `caseledger sync --all`: every peer that has an address, once or again and again.
struct PeerRounds {
    let sync: PeerSync
    /// How often; `nil` for once.
    let every: Duration?
    let json: Bool

    /// When a peer is due, and how often it failed in a row.
    private struct Turn {
        var due = ContinuousClock.now
        var failures = 0
    }

    /// One line of the outcome.
    private struct Line: Encodable {
        let peer: String
        let inStep: Bool
        let received: UInt64
        let sent: UInt64
        let error: String?
    }

    /// Syncs with each; false if one that was tried last did not come into step.
    func run() async throws -> Bool {
        var turns: [String: Turn] = [:]
        var random = SystemRandomNumberGenerator()
        while true {
            var isAllWell = true
            let peers = try self.sync.ledger.peers()
            for peer in peers where peer.address != "-" {
                var turn = turns[peer.site] ?? Turn()
                guard turn.due <= .now else {
                    isAllWell = isAllWell && turn.failures == 0
                    continue
                }
                let isWell = await self.visit(peer)
                isAllWell = isAllWell && isWell
                if let every = self.every {
                    turn.failures = isWell ? 0 : turn.failures + 1
                    // Not all at the same moment, and a peer that is away less and less often.
                    var backoff = Backoff()
                    backoff.first = every
                    backoff.longest = max(every, backoff.longest)
                    let wait =
                        isWell
                        ? every : backoff.wait(failures: turn.failures + 1, using: &random)
                    turn.due = .now + wait
                    let microseconds = Int64(wait / .microseconds(1))
                    let next = self.sync.ledger.now.adding(microseconds: microseconds)
                    self.sync.note(next: next, of: peer.site)
                    turns[peer.site] = turn
                }
            }
            Terminal.flush()
            guard let every = self.every else { return isAllWell }
            let due = turns.values.map(\.due).min() ?? .now + every
            try await Task.sleep(until: max(due, .now + .milliseconds(10)), clock: .continuous)
        }
    }

    private func visit(_ peer: Peer) async -> Bool {
        let line: Line
        do {
            let summary = try await self.sync.run(try SyncTarget(peer)) { _ in }
            SyncCommand.notePins(summary)
            let outcome = RoundOutcome(summary)
            line = Line(
                peer: peer.site,
                inStep: summary.inStep,
                received: outcome.received,
                sent: outcome.sent,
                error: summary.inStep ? nil : outcome.error ?? "the two sides are not in step"
            )
        } catch {
            let text =
                (error as? CommandFailure)?.message
                ?? (error as? LedgerError).map { CommandFailure($0).message } ?? "\(error)"
            line = Line(peer: peer.site, inStep: false, received: 0, sent: 0, error: text)
        }
        if self.json {
            try? JSONLines().print(line)
        } else if let error = line.error {
            Terminal.line("\(line.peer): \(DisplayText.clean(error))")
        } else {
            Terminal.line("\(line.peer): in step, received \(line.received), sent \(line.sent)")
        }
        return line.error == nil
    }
}
