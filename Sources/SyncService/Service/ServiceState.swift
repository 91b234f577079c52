package import CaseLedger
internal import LedgerTypes
package import Replication

/// What a running service knows: connections, counters, and how it stands with each peer.
///
/// An actor; asked by the tasks of all connections.
actor ServiceState {
    /// A line about rounds in step, with nothing moved, is written this seldom.
    private static let quietMicroseconds: Int64 = 60_000_000
    /// A line about rounds that moved something is written this seldom.
    private static let busyMicroseconds: Int64 = 5_000_000

    /// One open stream.
    private struct Connection {
        let isIncoming: Bool
        let close: @Sendable () async -> Void
        var peer: String?
    }

    /// What is counted for a peer since the service began.
    struct Counters {
        var rounds: [PeerState.Standing: UInt64] = [:]
        var received: UInt64 = 0
        var sent: UInt64 = 0
    }

    private let ledger: Ledger
    private let journal: SyncJournal
    private let log: @Sendable (ServiceLine) -> Void
    private var connections: [UInt64: Connection] = [:]
    private var connectionsEver: UInt64 = 0
    private var states: [String: PeerState]
    private var written: [String: Timestamp] = [:]
    private(set) var counters: [String: Counters] = [:]
    private(set) var refusedCounts: [String: UInt64] = [:]
    private(set) var isStopping = false

    init(
        _ ledger: Ledger,
        _ journal: SyncJournal,
        _ log: @escaping @Sendable (ServiceLine) -> Void
    ) {
        self.ledger = ledger
        self.journal = journal
        self.log = log
        self.states = (try? journal.read()) ?? [:]
    }

    /// Counts a stream in; `nil` when the service stops, or more came in than may.
    func connect(
        incomingMax: Int? = nil,
        close: @escaping @Sendable () async -> Void
    ) -> UInt64? {
        let incoming = self.connections.values.count { $0.isIncoming }
        guard !self.isStopping, incoming < incomingMax ?? .max else { return nil }
        self.connectionsEver += 1
        self.connections[self.connectionsEver] = Connection(
            isIncoming: incomingMax != nil,
            close: close
        )
        return self.connectionsEver
    }

    /// Puts what closes a stream in the place of what closed its connection.
    func secure(_ number: UInt64, close: @escaping @Sendable () async -> Void) -> Bool {
        guard !self.isStopping, let old = self.connections[number] else { return false }
        self.connections[number] = Connection(
            isIncoming: old.isIncoming,
            close: close,
            peer: old.peer
        )
        return true
    }

    /// Notes who is at the far end of a stream.
    func identify(_ number: UInt64, as peer: String) { self.connections[number]?.peer = peer }

    /// Counts a stream out.
    func disconnect(_ number: UInt64) { self.connections[number] = nil }

    /// Whether the peer is connected, whoever began.
    func isConnected(_ peer: String) -> Bool {
        self.connections.values.contains { $0.peer == peer }
    }

    /// How many streams are open, (incoming, outgoing).
    var connectionCounts: (incoming: Int, outgoing: Int) {
        let incoming = self.connections.values.count { $0.isIncoming }
        return (incoming, self.connections.count - incoming)
    }

    /// How it stands with each peer, by name.
    var peerStates: [PeerState] { self.states.values.sorted { $0.peer < $1.peer } }

    /// Counts a connection that was not let in.
    func refuse(_ reason: String) { self.refusedCounts[reason, default: 0] += 1 }

    /// Lets no more in and closes what is open; a commit under way is finished.
    func stop() async {
        guard !self.isStopping else { return }
        self.isStopping = true
        let open = self.connections.values.map(\.close)
        for close in open { await close() }
    }

    /// Takes in what a round came to; writes it down if it is time. `next` is when the peer is
    /// tried again, where it has to be.
    func note(_ outcome: RoundOutcome, of peer: String, next: Timestamp? = nil) {
        let now = self.ledger.now
        var state = self.states[peer] ?? PeerState(peer: peer, now: now)
        let former = state
        state.take(outcome, now: now)
        state.next = next?.rfc3339
        self.counters[peer, default: Counters()].rounds[outcome.standing, default: 0] += 1
        self.counters[peer, default: Counters()].received += outcome.received
        self.counters[peer, default: Counters()].sent += outcome.sent
        let age = self.written[peer].map { now.microseconds(since: $0) } ?? .max
        let isBusy = state.received + state.sent > 0
        let isDue =
            state.standing != former.standing || state.error != former.error || next != nil
            || age >= (isBusy ? Self.busyMicroseconds : Self.quietMicroseconds)
        if isDue { self.write(&state, now) }
        self.states[peer] = state
    }

    /// Writes down what was not written yet.
    func flush() {
        for (peer, var state) in self.states.sorted(by: { $0.key < $1.key })
        where self.written[peer] != nil && state.received + state.sent > 0 {
            self.write(&state, self.ledger.now)
            self.states[peer] = state
        }
    }

    private func write(_ state: inout PeerState, _ now: Timestamp) {
        do throws(SyncJournal.Failure) {
            try self.journal.write(state)
        } catch {
            var line = ServiceLine("journal.failed", .warning, now: now)
            line.detail = "\(error.path): errno \(error.code)"
            self.log(line)
        }
        state.received = 0
        state.sent = 0
        self.written[state.peer] = now
    }
}

extension RoundOutcome {
    /// What a round that went through came to.
    package init(_ summary: SyncSummary) {
        self.init(standing: summary.inStep ? .inStep : .apart)
        self.received = summary.logs.reduce(0) { $0 + $1.received }
        self.sent = summary.logs.reduce(0) { $0 + $1.sent }
        self.held = summary.logs.reduce(0) { $0 + $1.size }
        self.error = summary.problem
    }

    /// What a round that broke came to, as far as it came.
    package init(failed error: any Error, after progress: SyncProgress?, held: UInt64?) {
        self.init(standing: .failing)
        self.error = ErrorText.words(for: error)
        guard let progress else { return }
        self.received = progress.received
        self.sent = progress.sent
        self.toSend = progress.toSend
        self.toReceive = progress.toReceive
        self.held = held
    }
}
