internal import CaseLedger
internal import LedgerTypes
internal import SyncTransport

// Figures in the text form that Prometheus reads.
extension SyncService {
    /// Shows figures to whoever asks, until the listener closes.
    func show(_ listener: TCPListener) async {
        await withDiscardingTaskGroup { group in
            while let connection = await listener.accept() {
                group.addTask {
                    await PlainHTTP.answer(connection) { path in
                        path == "/metrics" ? await self.figures() : nil
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Every figure.
    func figures() async -> String {
        var page = FigurePage()
        let logs = (try? self.ledger.logs()) ?? []
        page.begin("caseledger_log_leaves", "gauge", "Leaves held of a log.")
        for log in logs { page.add(["origin": log.origin], Double(log.position.size)) }
        let open = await self.state.connectionCounts
        page.begin("caseledger_connections", "gauge", "Open connections with peers.")
        page.add(["direction": "in"], Double(open.incoming))
        page.add(["direction": "out"], Double(open.outgoing))
        page.begin("caseledger_refused_total", "counter", "Connections that were not let in.")
        for (reason, count) in await self.state.refusedCounts.sorted(by: { $0.key < $1.key }) {
            page.add(["reason": reason], Double(count))
        }
        await self.addCounters(to: &page)
        await self.addStates(to: &page)
        self.addScrubs(to: &page)
        return page.text
    }

    private func addCounters(to page: inout FigurePage) async {
        let counters = await self.state.counters.sorted { $0.key < $1.key }
        page.begin("caseledger_rounds_total", "counter", "Rounds with a peer, by how they ended.")
        for (peer, counts) in counters {
            for (standing, count) in counts.rounds.sorted(by: { $0.key.rawValue < $1.key.rawValue })
            {
                page.add(["peer": peer, "result": standing.rawValue], Double(count))
            }
        }
        page.begin("caseledger_leaves_received_total", "counter", "Leaves taken in from a peer.")
        for (peer, counts) in counters { page.add(["peer": peer], Double(counts.received)) }
        page.begin("caseledger_leaves_sent_total", "counter", "Leaves that a peer acknowledged.")
        for (peer, counts) in counters { page.add(["peer": peer], Double(counts.sent)) }
    }

    private func addScrubs(to page: inout FigurePage) {
        let notes = self.ledger.scrubs()
        page.begin(
            "caseledger_scrub_last_timestamp_seconds",
            "gauge",
            "When stored bytes were last rehashed."
        )
        for (scope, isWhole) in [("everything", true), ("hashes", false)] {
            let last = notes.last { $0.bytes > 0 && ($0.isWhole || !isWhole) }
            guard let time = last?.ended else { continue }
            page.add(["scope": scope], Double(time.microseconds) / 1_000_000)
        }
        page.begin("caseledger_scrub_rotten_rows", "gauge", "Stored rows that are rotten still.")
        if let last = notes.last { page.add([:], Double(last.rotten - last.repaired)) }
        page.begin("caseledger_repaired_rows_total", "counter", "Rows put right, by the journal.")
        page.add([:], Double(notes.reduce(0) { $0 + $1.repaired }))
    }

    private func addStates(to page: inout FigurePage) async {
        let states = await self.state.peerStates
        let held = try? self.ledger.heldCount()
        page.begin("caseledger_peer_in_step", "gauge", "1 if the last round ended in step.")
        for state in states { page.add(["peer": state.peer], state.standing == .inStep ? 1 : 0) }
        page.begin(
            "caseledger_peer_last_in_step_timestamp_seconds",
            "gauge",
            "When the last round in step ended."
        )
        for state in states {
            guard let time = state.lastInStep.flatMap({ Timestamp(rfc3339: $0) }) else { continue }
            page.add(["peer": state.peer], Double(time.microseconds) / 1_000_000)
        }
        page.begin("caseledger_peer_to_send_leaves", "gauge", "Leaves that a peer still lacks.")
        for state in states {
            page.add(["peer": state.peer], Double(state.toSend(held: held ?? state.held)))
        }
        page.begin("caseledger_peer_to_receive_leaves", "gauge", "Leaves a peer has still to send.")
        for state in states { page.add(["peer": state.peer], Double(state.toReceive)) }
    }
}

extension PeerState {
    /// The leaves that the peer lacks now that `held` are here.
    package func toSend(held: UInt64) -> UInt64 {
        self.toSend + (held > self.held ? held - self.held : 0)
    }
}

/// A page in the text exposition format of Prometheus, version 0.0.4.
struct FigurePage {
    private(set) var text = ""
    private var name = ""

    /// Begins a figure.
    mutating func begin(_ name: String, _ type: String, _ help: String) {
        self.name = name
        self.text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    /// Adds a value of the figure that was begun.
    mutating func add(_ labels: KeyValuePairs<String, String>, _ value: Double) {
        let words = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        let whole = Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        let labels = words.isEmpty ? "" : "{\(words.joined(separator: ","))}"
        self.text += "\(self.name)\(labels) \(whole)\n"
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }
}
