import CaseLedger
import Foundation
import LedgerTypes

/// The folder and the workload of one run.
struct Bench: Sendable {
    let root: String
    let events: Int
    let workload = Workload()

    init(root: String, events: Int) throws {
        self.root = root
        self.events = events
        try FileManager.default.createDirectory(
            atPath: root,
            withIntermediateDirectories: true
        )
    }

    /// Removes what the run left.
    func clean() { try? FileManager.default.removeItem(atPath: self.root) }

    /// A new folder of the run.
    func folder(_ name: String) throws -> String {
        let path = "\(self.root)/\(name)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        return path
    }

    /// A new ledger of the run.
    func makeLedger(_ name: String) throws -> Ledger {
        guard let site = SiteName("bench.example/\(name)") else {
            throw PeerFailure(description: "\(name) makes no site name")
        }
        return try Ledger.create(
            at: "\(self.root)/\(name)",
            state: "\(self.root)/\(name)-state",
            site: SiteProfile(name: site)
        )
    }

    /// Opens a ledger of the run again.
    func openLedger(_ name: String) throws -> Ledger {
        try Ledger.open(at: "\(self.root)/\(name)", state: "\(self.root)/\(name)-state")
    }

    /// What the rows of this workload weigh: measured on a small ledger of their own.
    func rowBytes() async throws -> RowBytes {
        let ledger = try self.makeLedger("pilot")
        _ = try await ledger.append(try self.workload.events(ofCases: 0..<50, in: ledger))
        ledger.close()
        return try RowBytes(like: "\(self.root)/pilot")
    }
}
