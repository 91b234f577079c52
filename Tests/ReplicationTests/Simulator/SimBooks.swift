import LedgerTypes

@testable import Replication

/// What the simulation knows and no site does: which events were acknowledged to whom, which leaves
/// were ever written, and what is broken.
final class SimBooks {
    /// What was broken; empty when all is well.
    private(set) var violations: [String] = []
    /// Events that somebody was told are safe, and that a disk still holds.
    private(set) var promised: Set<UInt128> = []
    private var eventCount: UInt64 = 0
    private var lineageCount = 0
    /// Every leaf that a writer wrote, per log and index.
    private var written: [LogID: [Int: Set<Digest>]] = [:]
    /// What left a host, per log, index and life of the directory.
    private var left: [LogID: [Int: [Int: Digest]]] = [:]
    /// Up to where each site said that a log is on its disk.
    private var acknowledgements: [Int: [LogID: UInt64]] = [:]

    func violate(_ text: String) { self.violations.append(text) }

    func newEvent() -> UInt64 {
        self.eventCount += 1
        return self.eventCount
    }

    func newLineage() -> Int {
        self.lineageCount += 1
        return self.lineageCount
    }

    func acknowledged(_ events: [UInt128]) { self.promised.formUnion(events) }

    /// A disk is about to go: what no other holds is lost with it, as nothing can be done.
    func lose(_ events: Set<UInt128>) { self.promised.subtract(events) }

    func wrote(_ log: FakeLog, at index: Int) {
        self.written[log.id, default: [:]][index, default: []].insert(log.hashes[index])
    }

    /// Logs in which two leaves were written under one index.
    var forkedLogs: Set<LogID> {
        Set(self.written.filter { $0.value.values.contains { $0.count > 1 } }.keys)
    }

    func wasWritten(_ log: FakeLog, at index: Int) -> Bool {
        self.written[log.id]?[index]?.contains(log.hashes[index]) ?? false
    }

    /// Everything of `log` has left, or may have.
    func leaves(_ log: FakeLog, lineage: Int) {
        for (index, hash) in log.hashes.enumerated() {
            self.left[log.id, default: [:]][index, default: [:]][lineage] = hash
        }
    }

    /// A directory whose STATE is its own must not write an index anew that has left it.
    func checkReuse(_ log: FakeLog, at index: Int, lineage: Int) {
        guard let hash = self.left[log.id]?[index]?[lineage], hash != log.hashes[index] else {
            return
        }
        self.violate("index \(index) of log \(log.id.short) was used again after it had left")
    }

    func acknowledged(_ position: Position, by site: Int) {
        let known = self.acknowledgements[site]?[position.log] ?? 0
        self.acknowledgements[site, default: [:]][position.log] = max(known, position.size)
    }

    /// A crash loses nothing that the site said was on disk.
    func checkKept(_ site: SimSite) {
        for (log, size) in self.acknowledgements[site.number] ?? [:] {
            guard let held = site.disk.logs[log] ?? site.disk.quarantine[log]?.last else {
                self.violate("site \(site.number) acknowledged log \(log.short) and lost it")
                continue
            }
            if held.size < size {
                self.violate(
                    "site \(site.number) acknowledged \(size) leaves of log \(log.short), "
                        + "after a crash it holds \(held.size)"
                )
            }
        }
    }

    func forgetAcknowledgements(of site: SimSite) { self.acknowledgements[site.number] = nil }
}
