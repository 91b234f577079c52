import CaseLedger
import LedgerTypes

extension Bench {
    private static let rounds = 3
    private static let readsMax = 5_000

    /// Everything that reads the ledger which the bulk append made, and its copy to a second site.
    func reads(_ raw: RawLMDB) async throws -> [Figure] {
        var figures = [try self.openings()]
        let ledger = try self.openLedger("bulk")
        defer { ledger.close() }
        let scan = try Elapsed.best(of: Self.rounds) { try raw.scan() }
        let scanRate = Double(self.events) / scan.wall
        figures.append(try self.replay(ledger, scanRate))
        figures += try self.verification(ledger, scanRate)
        figures += try self.caseReads(ledger, raw)
        figures.append(try await self.sync(ledger, scanRate))
        return figures
    }

    private func openings() throws -> Figure {
        var ledger: [Double] = []
        var peer: [Double] = []
        for _ in 0..<5 {
            let begin = Elapsed.now
            let opened = try self.openLedger("bulk")
            ledger.append((Elapsed.now - begin) * 1e3)
            opened.close()
            let pilot = Elapsed.now
            let raw = try RawLMDB(directory: "\(self.root)/one-lmdb")
            peer.append((Elapsed.now - pilot) * 1e3)
            _ = consume raw
        }
        return Figure(
            work: "open",
            unit: "ms",
            ledger: ledger.median,
            peerName: "LMDB",
            peer: peer.median
        )
    }

    private func replay(_ ledger: Ledger, _ scanRate: Double) throws -> Figure {
        let events = Double(self.events)
        let time = try Elapsed.best(of: Self.rounds) {
            let metrics = try ledger.recountedMetrics()
            guard metrics.events == Int64(self.events) else {
                throw PeerFailure(description: "the replay saw \(metrics.events) events")
            }
        }
        return Figure(
            work: "replay into case facts and metrics",
            unit: "events/s",
            ledger: events / time.wall,
            peerName: "LMDB scan",
            peer: scanRate,
            ledgerByCPU: events / time.cpu,
            bar: "first 300,000, then 1 million events/s on one core"
        )
    }

    private func verification(_ ledger: Ledger, _ scanRate: Double) throws -> [Figure] {
        let events = Double(self.events)
        let tree = try Elapsed.best(of: Self.rounds) {
            guard try ledger.verify(.tree).isSound else {
                throw PeerFailure(description: "the tree does not verify")
            }
        }
        var log = Double.infinity
        let total = try Elapsed.best(of: Self.rounds) {
            let begin = Elapsed.now
            var end = begin
            let summary = try ledger.verify { _, _ in end = Elapsed.now }
            log = min(log, end - begin)
            guard summary.isSound else {
                throw PeerFailure(description: "the ledger does not verify")
            }
        }
        return [
            Figure(
                work: "verify leaves, tiles and root",
                unit: "events/s",
                ledger: events / tree.wall,
                peerName: "LMDB scan",
                peer: scanRate,
                ledgerByCPU: events / tree.cpu,
                bar: "first 500,000, then 1 million events/s on one core"
            ),
            Figure(
                work: "verify the whole log: sections, labels and clocks too",
                unit: "events/s",
                ledger: events / log,
                peerName: "LMDB scan",
                peer: scanRate
            ),
            Figure(
                work: "verify everything: indexes too",
                unit: "events/s",
                ledger: events / total.wall,
                peerName: "LMDB scan",
                peer: scanRate,
                ledgerByCPU: events / total.cpu
            ),
        ]
    }

    private func caseReads(_ ledger: Ledger, _ raw: RawLMDB) throws -> [Figure] {
        let cases = self.events / Workload.eventsPerCase
        var ours: [Double] = []
        var peer: [Double] = []
        for turn in 0..<Self.readsMax {
            // A stride that is prime to any round number visits the cases in no order.
            let number = turn * 7_919 % cases
            let subject = try self.workload.subject(number)
            let begin = Elapsed.now
            let view = try ledger.caseView(of: subject)
            ours.append((Elapsed.now - begin) * 1e6)
            guard view.header.case == subject else {
                throw PeerFailure(description: "no view of \(subject.rawValue)")
            }
            let first = UInt64(number * Workload.eventsPerCase)
            let rawBegin = Elapsed.now
            try raw.read(from: first, count: Workload.eventsPerCase)
            peer.append((Elapsed.now - rawBegin) * 1e6)
        }
        return [(0.5, "median", nil), (0.99, "99th percentile", "50 microseconds")].map {
            (share, name, bar) in
            Figure(
                work: "read one case view, \(name)",
                unit: "microseconds",
                ledger: ours.quantile(share),
                peerName: "LMDB, its rows",
                peer: peer.quantile(share),
                bar: bar
            )
        }
    }

    private func sync(_ ledger: Ledger, _ scanRate: Double) async throws -> Figure {
        let copy = try self.makeLedger("copy")
        defer { copy.close() }
        let begin = Elapsed.now
        let summary = try await ledger.sync(with: copy)
        let seconds = Elapsed.now - begin
        guard summary.inStep else {
            throw PeerFailure(description: summary.problem ?? "the copy is not in step")
        }
        return Figure(
            work: "sync the full history into an empty ledger",
            unit: "events/s",
            ledger: Double(self.events) / seconds,
            peerName: "LMDB scan",
            peer: scanRate,
            bar: "150,000 events/s"
        )
    }
}
