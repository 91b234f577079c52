internal import EventStore
public import LedgerTypes

/// What one look at the stored bytes came to: a line of the journal `scrubs.jsonl`, in the site's
/// folder of the state directory.
public struct ScrubNote: Hashable, Sendable, Codable {
    /// What was done.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// Looked, and changed nothing.
        case scrub
        /// Made again what follows from other rows.
        case mend
        /// Fetched the rest from a peer.
        case deep
    }

    /// When it ended, RFC 3339.
    public let time: String
    /// What was done.
    public let kind: Kind
    /// Whether everything was looked at, or leaves and hashes only.
    public let isWhole: Bool
    /// The peer that was asked, if one was named.
    public let peer: String?
    /// Bytes that were read.
    public let bytes: UInt64
    /// How many rows were rotten.
    public let rotten: UInt64
    /// How many of them were put right.
    public let repaired: UInt64
    /// Some of what is rotten still.
    public let left: [ScrubReport.Damage]
    /// Some of what was put right.
    public let mended: [ScrubReport.Damage]

    /// When it ended.
    public var ended: Timestamp? { Timestamp(rfc3339: self.time) }

    /// Whether something is left to be put right.
    public var isRotten: Bool { self.repaired < self.rotten }
}

extension Ledger {
    /// The rows that one line of the journal names.
    private static let notedMax = 20

    /// What looks at the stored bytes have come to, oldest first: as far as the journal goes back.
    ///
    /// - Returns: one for each; none where the state directory is not here.
    public func scrubs() -> [ScrubNote] {
        guard let folder = try? self.siteFolder() else { return [] }
        return (try? JournalFile(folder: folder, name: "scrubs").read(ScrubNote.self)) ?? []
    }

    /// Writes down what came of a look. A repair never fails for it.
    func note(
        _ report: inout ScrubReport,
        _ kind: ScrubNote.Kind,
        _ scope: ScrubScope,
        peer: String? = nil
    ) {
        let note = ScrubNote(
            time: self.now.rfc3339,
            kind: kind,
            isWhole: scope == .everything,
            peer: peer,
            bytes: report.bytes,
            rotten: report.count,
            repaired: report.repairedCount,
            left: Array(
                report.damages.lazy.filter { [repaired = report.repaired] in
                    !repaired.contains($0)
                }.prefix(Self.notedMax)
            ),
            mended: Array(report.repaired.prefix(Self.notedMax))
        )
        guard let folder = try? self.siteFolder() else { return }
        do throws(JournalFile.Failure) {
            try JournalFile(folder: folder, name: "scrubs").append(note)
            report.isJournalled = true
        } catch {
            // The report says so.
        }
    }

    /// What doctor says of the stored bytes.
    func scrubFindings() -> [HealthReport.Finding] {
        let notes = self.scrubs()
        guard let last = notes.last else { return [] }
        let now = self.now
        let day = { (note: ScrubNote) in
            let days = note.ended.map { now.microseconds(since: $0) / 86_400_000_000 } ?? 0
            return days <= 0 ? "today" : days == 1 ? "yesterday" : "\(days) days ago"
        }
        var findings: [HealthReport.Finding] = []
        if last.isRotten {
            let first = last.left.first.map { ": \($0.kind) \($0.place)" } ?? ""
            findings.append(
                HealthReport.Finding(
                    subject: "rot",
                    severity: .trouble,
                    what: "\(last.rotten - last.repaired) stored rows are rotten\(first)",
                    touched: "found \(day(last)); reading them fails, all else goes on",
                    next: "sync OTHER --deep"
                )
            )
        }
        let repairs = notes.filter { $0.repaired > 0 }
        if let newest = repairs.last {
            let count = repairs.reduce(0) { $0 + $1.repaired }
            let place = newest.mended.first.map { ", \($0.kind) \($0.place)" } ?? ""
            let peer = newest.peer.map { " from \($0)" } ?? ""
            findings.append(
                HealthReport.Finding(
                    subject: "repairs",
                    severity: .well,
                    what: "\(count) rows put right so far, last \(day(newest))\(place)\(peer)"
                )
            )
        }
        if let whole = notes.last(where: { $0.isWhole && $0.bytes > 0 }) {
            findings.append(
                HealthReport.Finding(
                    subject: "scrub",
                    severity: .well,
                    what: "every stored byte was last rehashed \(day(whole))"
                )
            )
        }
        return findings
    }
}
