internal import EventStore
internal import LedgerTypes

/// How a ledger is: what happened to it, what that touched, and what to do next.
public struct HealthReport: Hashable, Sendable, Encodable {
    /// How bad something is.
    public enum Severity: String, Hashable, Sendable, Encodable {
        /// Nothing has to be done.
        case well
        /// Something should be done, and nothing is lost meanwhile.
        case warning
        /// Something must be done before this site goes on.
        case trouble
    }

    /// One thing that was looked at.
    public struct Finding: Hashable, Sendable, Encodable {
        /// What it is about, in a word or two.
        public let subject: String
        /// How bad it is.
        public let severity: Severity
        /// What happened.
        public let what: String
        /// What it touched; `nil` where all is well.
        public var touched: String?
        /// The arguments of `caseledger` that are the next step, without the ledger's own.
        public var next: String?
    }

    /// The site that the ledger belongs to.
    public let site: String
    /// The log that it appends to.
    public let log: String
    /// What was looked at, what is worst first.
    public let findings: [Finding]

    /// Whether nothing has to be done.
    public var isWell: Bool { self.findings.allSatisfy { $0.severity == .well } }

    /// The one command to run next; `nil` if all is well.
    public var next: String? {
        self.findings.first { $0.severity != .well && $0.next != nil }?.next
    }
}

extension Ledger {
    /// Looks at everything that can go wrong with a copy of a ledger: the anchor, forks, events
    /// that nobody else holds, frozen logs, sections that are missing, keys, the device, `views/`.
    /// Changes nothing. What is in the bytes is ``verify(_:progress:modelProgress:)``'s business.
    ///
    /// - Returns: what was found, with the next step.
    /// - Throws: errors of storage.
    public func examine() throws(LedgerError) -> HealthReport {
        let forks = try self.forks()
        let peers = try self.peers()
        let keys = try self.keyFindings()
        do throws(EventStoreError) {
            let own = try self.store.ownLogCondition()
            let storage = try self.store.storageCondition()
            let branches = try EventStore.setAsideBranches(self.path)
            let logs = try self.store.read { (snapshot) throws(EventStoreError) in
                try snapshot.logs()
            }
            let scrubs = self.scrubFindings()
            // Rot comes first: a rotten leaf can look like another history.
            var findings = scrubs.filter { $0.severity != .well } + [Self.finding(own)]
            findings += Self.findings(forks, own, branches)
            findings += logs.filter { $0.isFrozen && !$0.isOwn }.map { Self.frozen($0, logs) }
            findings += self.findings(storage)
            findings += keys
            findings += try self.receiptFindings(own, logs, forks)
            findings += scrubs.filter { $0.severity == .well }
            let order: [HealthReport.Severity] = [.trouble, .warning, .well]
            // Where only one peer is known, the next command is whole.
            let other = peers.count == 1 ? peers[0].site : "OTHER"
            for place in findings.indices {
                findings[place].next = findings[place].next?
                    .replacing("OTHER", with: other)
            }
            return HealthReport(
                site: own.log.site.rawValue,
                log: own.log.origin,
                findings: order.flatMap { severity in
                    findings.filter { $0.severity == severity }
                }
            )
        } catch {
            throw LedgerError(error, path: self.path)
        }
    }

    private static func finding(_ own: OwnLogCondition) -> HealthReport.Finding {
        let log = "\(own.log.origin), \(own.log.position.size) leaves"
        guard let reason = own.reason else {
            let left = own.anchored.map { "; \($0) of them have left the host" } ?? ""
            return HealthReport.Finding(subject: "own log", severity: .well, what: log + left)
        }
        let what: String
        switch reason {
        case .shorter:
            what = "an old copy was put back: \(own.anchored ?? 0) leaves have left this host"
        case .otherRoot: what = "another history has left this host than the one that is here"
        case .unknownToken: what = "another copy of this ledger was opened since this one was"
        case .noAnchor: what = "its anchor is missing: STATE was lost, or this is a copy"
        case .noKey: what = "its signing key is missing: STATE was lost, or this is a copy"
        case .contradicted: what = "a peer holds what its own key signed, and it is not here"
        }
        return HealthReport.Finding(
            subject: "own log",
            severity: .trouble,
            what: what,
            touched: "\(log); nothing is appended or signed, reading goes on",
            next: "sync OTHER --on-restore new-incarnation"
        )
    }

    private static func findings(
        _ forks: [ForkSummary],
        _ own: OwnLogCondition,
        _ branches: [SetAsideBranch]
    ) -> [HealthReport.Finding] {
        var findings: [HealthReport.Finding] = []
        for fork in forks where !fork.isResolved && fork.log != own.log.id.hex && fork.isOwn {
            let peer = fork.peer.map { " (shown by \($0))" } ?? ""
            switch fork.kind {
            case .reverted:
                findings.append(
                    HealthReport.Finding(
                        subject: "lost tail",
                        severity: .warning,
                        what: "\(fork.origin) went back in time\(peer)",
                        touched: "its later events are at peers",
                        next: "sync OTHER"
                    )
                )
            case .divergent where fork.index == nil:
                findings.append(
                    HealthReport.Finding(
                        subject: "fork",
                        severity: .trouble,
                        what: "\(fork.origin) has two histories\(peer)",
                        touched: "where they part is not known yet; the next sync finds it",
                        next: "sync OTHER"
                    )
                )
            case .divergent, .unsigned:
                let index = fork.index ?? 0
                let why =
                    fork.kind == .unsigned
                    ? "ends with events that were never signed" : "has two histories\(peer)"
                findings.append(
                    HealthReport.Finding(
                        subject: fork.kind == .unsigned ? "unsigned" : "fork",
                        severity: .trouble,
                        what: "\(fork.origin) \(why)",
                        touched: "\(fork.events) events from index \(index) on are only here",
                        next: "fork resolve --all"
                    )
                )
            }
        }
        for branch in branches {
            findings.append(
                HealthReport.Finding(
                    subject: "set aside",
                    severity: .well,
                    what: "log \(branch.log.short) from index \(branch.start) on is kept in "
                        + "quarantine/"
                )
            )
        }
        return findings
    }

    private static func frozen(_ log: LogState, _ logs: [LogState]) -> HealthReport.Finding {
        let later = logs.filter { $0.site == log.site && $0.incarnation > log.incarnation }
        let what = "the key of \(log.origin) signed two histories"
        if let newest = later.map(\.incarnation).max() {
            return HealthReport.Finding(
                subject: "fork",
                severity: .well,
                what: "\(what); its site goes on in e\(newest)"
            )
        }
        return HealthReport.Finding(
            subject: "fork",
            severity: .warning,
            what: what,
            touched: "nothing more is taken of it; its site has to begin a new incarnation",
            next: "sync OTHER"
        )
    }

    private func findings(_ storage: StorageCondition) -> [HealthReport.Finding] {
        var findings: [HealthReport.Finding] = []
        let megabytes = { (bytes: UInt64) in "\(bytes >> 20) MiB" }
        let isFull = storage.freeBytes < 1 << 30 && storage.freeBytes < storage.usedBytes
        findings.append(
            HealthReport.Finding(
                subject: "device",
                severity: isFull ? .warning : .well,
                what: "\(megabytes(storage.usedBytes)) in use, "
                    + (isFull ? "\(megabytes(storage.freeBytes)) free" : "enough is free"),
                touched: isFull ? "appends fail when it is full; nothing is lost then" : nil
            )
        )
        findings.append(
            HealthReport.Finding(
                subject: "lists",
                severity: .well,
                what: storage.arrivalsBehind == 0
                    ? "up to date" : "\(storage.arrivalsBehind) leaves are not indexed yet"
            )
        )
        if let wanted = storage.absent[.wanted] {
            findings.append(
                HealthReport.Finding(
                    subject: "sections",
                    severity: .warning,
                    what: "\(wanted) sealed sections are wanted",
                    touched: "their texts cannot be read until a peer sends them",
                    next: "sync OTHER"
                )
            )
        }
        return findings
    }

    /// Compares this site's logs with what peers confirmed to hold of them.
    private func receiptFindings(
        _ own: OwnLogCondition,
        _ logs: [LogState],
        _ forks: [ForkSummary]
    ) throws(EventStoreError) -> [HealthReport.Finding] {
        // What is known to be wrong with a log is told already.
        var told = Set(forks.filter { !$0.isResolved }.map(\.log))
        if own.reason != nil { told.insert(own.log.id.hex) }
        var findings: [HealthReport.Finding] = []
        for receipt in try self.store.contradictedReceipts() {
            guard let log = logs.first(where: { $0.id == receipt.position.log }),
                !told.contains(log.id.hex)
            else { continue }
            let isLonger = receipt.position.size > log.position.size
            findings.append(
                HealthReport.Finding(
                    subject: "receipt",
                    severity: .trouble,
                    what: "\(receipt.peer) confirmed \(receipt.position.size) leaves of "
                        + log.origin,
                    touched: isLonger
                        ? "\(log.position.size) are here: an old copy was put back"
                        : "another history of it is here",
                    next: "sync \(receipt.peer) --on-restore new-incarnation"
                )
            )
        }
        let receipts = try self.store.receipts().filter { $0.position.log == own.log.id }
        if findings.isEmpty, let newest = receipts.max(by: { $0.position.size < $1.position.size })
        {
            let sites = receipts.count == 1 ? "1 peer" : "\(receipts.count) peers"
            findings.append(
                HealthReport.Finding(
                    subject: "receipts",
                    severity: .well,
                    what: "\(sites) confirmed it, \(newest.peer) \(newest.position.size) leaves"
                )
            )
        }
        return findings
    }

    /// What doctor says of the keys of texts.
    private func keyFindings() throws(LedgerError) -> [HealthReport.Finding] {
        let lost = try self.countKeys().lost
        if self.keys == nil {
            return [
                HealthReport.Finding(
                    subject: "keys",
                    severity: .warning,
                    what: "the site's key-encryption keys are not here",
                    touched: "sealed texts show as withheld; events replicate and verify",
                    next: "site recover-keys"
                )
            ]
        }
        guard lost > 0 else { return [] }
        return [
            HealthReport.Finding(
                subject: "keys",
                severity: .warning,
                what: "\(lost) customers' keys are wrapped under a key that is lost",
                touched: "their texts show as withheld until a peer gives the keys back",
                next: "sync OTHER --share-keys"
            )
        ]
    }
}
