package import EventStore
package import LedgerTypes
internal import Merkle

/// Makes a bundle, piece by piece: in one file, or in parts of limited size.
///
/// On the caller's task. The own log's checkpoint is anchored and signed first; what is appended
/// meanwhile is not in it. Leaves are hashed again on their way out, so that damage never leaves.
package struct BundleMaker {
    /// What is to be in it.
    package struct Options: Sendable {
        /// The site it is for; `nil` for anybody.
        package var recipient: SiteName?
        /// Where the receiver stands; logs that are not named are sent whole.
        package var since: [Position] = []
        /// The most bytes of a part; `nil` for one file.
        package var partBytesMax: UInt64?

        /// Creates options: everything, for anybody, in one file.
        package init() {}
    }

    /// What is to be written next.
    package enum Piece: Hashable, Sendable {
        /// A file begins: the part's number.
        case begin(UInt32)
        /// Bytes of it.
        case bytes([UInt8])
        /// It ends.
        case end(Part)
    }

    /// A part that is complete.
    package struct Part: Hashable, Sendable {
        /// Its number, from 1.
        package let number: UInt32
        /// Its bytes.
        package let byteCount: UInt64
        /// The leaves in it.
        package let leafCount: UInt64
        /// SHA-256 of everything before its END.
        package let digest: Digest
    }

    /// One log on its way.
    private struct Log {
        let target: Position
        let note: [UInt8]
        let old: Position
        var next: UInt64
        var isBegun = false
    }

    private let store: EventStore
    private let site: SiteName
    private let siteKey: [UInt8]
    private let options: Options
    private var source: PackageSource
    private var logs: [Log] = []
    private var current = 0
    private var queue: [Piece] = []
    private var isFinished = false
    // Of the part that is being written.
    private var part: UInt32 = 0
    private var frameCount: UInt64 = 0
    private var byteCount: UInt64 = 0
    private var leafCount: UInt64 = 0
    private var packageCount = 0
    private var digest = DigestWriter()

    /// Logs of which nothing is sent though the receiver seems to lack leaves, and why.
    package private(set) var problems: [LogID: SyncError] = [:]
    /// The leaves that will be in it.
    package let totalCount: UInt64
    /// The leaves that were written so far.
    package var writtenCount: UInt64 {
        self.logs.reduce(0) { $0 + $1.next - $1.old.size }
    }

    /// Plans a bundle of what `store` holds.
    package init(_ store: EventStore, _ options: Options) async throws(BundleError) {
        self.store = store
        self.options = options
        self.site = store.siteName
        self.source = PackageSource(store)
        do throws(EventStoreError) {
            self.siteKey = try store.siteKey()
        } catch {
            throw .sync(.store(error))
        }
        var logs: [Log] = []
        var problems: [LogID: SyncError] = [:]
        do throws(SyncError) {
            // What is held in part cannot be handed on as a whole.
            let whole = try await self.source.offer().filter { $0.part == nil }
            for log in whole.inSendingOrder {
                do throws(SyncError) {
                    guard let planned = try Self.plan(log, options.since, self.source) else {
                        continue
                    }
                    logs.append(planned)
                } catch {
                    guard error.log != nil else { throw error }
                    problems[log.id] = error
                }
            }
        } catch {
            throw .sync(error)
        }
        guard logs.count <= BundleLimits.logsMax else { throw .sync(.limit(.logs, log: nil)) }
        self.logs = logs
        self.problems = problems
        self.totalCount = logs.reduce(0) { $0 + $1.target.size - $1.next }
    }

    /// What of `log` goes to somebody whose logs stand at `since`; `nil` if nothing.
    private static func plan(
        _ log: LocalLog,
        _ since: [Position],
        _ source: PackageSource
    ) throws(SyncError) -> Log? {
        guard log.provable > 0 else { return nil }
        let checkpoint = try LogIdentity.checkpoint(log.note, of: log.id, genesis: log.genesis)
        let target = Position(log: log.id, size: checkpoint.size, root: checkpoint.root)
        let nothing = Position(log: log.id, size: 0, root: StateDigest.emptyRoot)
        guard let old = since.first(where: { $0.log == log.id }), old.size > 0 else {
            return Log(target: target, note: log.note, old: nothing, next: 0)
        }
        let root = try source.root(log.id, size: old.size)
        guard root == nil || root == old.root else { throw .forked(log.id) }
        // More of this ledger's own log than it wrote: a session would ask for the proof.
        if root == nil, log.writer == .thisLedger { throw .proofRequired(log.id) }
        guard old.size < target.size else { return nil }
        return Log(target: target, note: log.note, old: old, next: old.size)
    }

    /// The next piece; `nil` after the last.
    package mutating func next() throws(BundleError) -> Piece? {
        while self.queue.isEmpty {
            guard !self.isFinished else { return nil }
            do throws(SyncError) {
                try self.produce()
            } catch {
                throw .sync(error)
            }
            if let max = self.options.partBytesMax, self.byteCount > max {
                throw .partTooSmall(bytesNeeded: self.byteCount)
            }
        }
        return self.queue.removeFirst()
    }

    private mutating func produce() throws(SyncError) {
        if self.part == 0 { try self.begin() }
        while self.current < self.logs.count,
            self.logs[self.current].next == self.logs[self.current].target.size
        { self.current += 1 }
        guard self.current < self.logs.count else {
            self.end(goesOn: false)
            self.isFinished = true
            return
        }
        let log = self.logs[self.current]
        let outgoing = try self.source.package(PackageRequest(from: log.next, to: log.target))
        let frames = try Self.encode(outgoing.blobs.map(\.frame) + [outgoing.package.frame])
        var opening = log.isBegun ? [] : try self.opening(of: log)
        if !self.hasRoom(opening + frames), self.packageCount > 0 {
            self.end(goesOn: true)
            for index in self.logs.indices { self.logs[index].isBegun = false }
            try self.begin()
            opening = try self.opening(of: log)
        }
        for frame in opening + frames { self.write(frame, isFrame: true) }
        self.logs[self.current].isBegun = true
        self.logs[self.current].next = outgoing.package.end
        self.leafCount += UInt64(outgoing.package.entries.count)
        self.packageCount += 1
    }

    private func hasRoom(_ frames: [[UInt8]]) -> Bool {
        guard let max = self.options.partBytesMax else { return true }
        let count = frames.reduce(UInt64(BundleEnd.byteCount)) { $0 + UInt64($1.count) }
        return self.byteCount + count <= max
    }

    private static func encode(_ frames: [Frame]) throws(SyncError) -> [[UInt8]] {
        var encoded: [[UInt8]] = []
        for frame in frames { encoded.append(try frame.encoded()) }
        return encoded
    }

    /// What a log's packages go on from in this part.
    private func opening(of log: Log) throws(SyncError) -> [[UInt8]] {
        let id = log.target.log
        let read = try self.source.checkpointProof(id, oldSize: log.next, size: log.target.size)
        let checkpoint = CheckpointMessage(
            log: id,
            oldSize: log.next,
            proof: read.proof,
            genesis: log.next == 0 ? read.genesis : [],
            note: log.note
        )
        guard log.next > 0 else { return try Self.encode([checkpoint.frame]) }
        let start = log.next / UInt64(SyncLimits.entriesMax) * UInt64(SyncLimits.entriesMax)
        let base = BundleBase(
            log: id,
            genesis: read.genesis,
            hashes: try self.source.leafHashes(id, start..<log.next)
        )
        return try Self.encode([base.frame, checkpoint.frame])
    }

    private mutating func begin() throws(SyncError) {
        guard self.part < BundleLimits.partsMax else { throw .limit(.parts, log: nil) }
        self.part += 1
        self.frameCount = 0
        self.byteCount = 0
        self.leafCount = 0
        self.packageCount = 0
        self.digest = DigestWriter()
        self.queue.append(.begin(self.part))
        var entries: [BundleManifest.Entry] = []
        for log in self.logs where log.next < log.target.size {
            entries.append(BundleManifest.Entry(old: try self.position(log), new: log.target))
        }
        entries.sort { $0.log < $1.log }
        let manifest = BundleManifest(
            site: self.site,
            siteKey: self.siteKey,
            recipient: self.options.recipient,
            part: self.part,
            entries: entries
        )
        let note: [UInt8]
        do throws(EventStoreError) {
            note = try manifest.note { (text) throws(EventStoreError) in
                try self.store.signAsSite(text)
            }
        } catch {
            throw .store(error)
        }
        var bytes = BundleDecoder.magic
        bytes.appendBigEndian(UInt32(note.count))
        self.write(bytes + note, isFrame: false)
    }

    /// Where the receiver stands when this part begins.
    private func position(_ log: Log) throws(SyncError) -> Position {
        guard log.next > log.old.size else { return log.old }
        guard let root = try self.source.root(log.target.log, size: log.next) else {
            throw .damaged(log.target.log)
        }
        return Position(log: log.target.log, size: log.next, root: root)
    }

    private mutating func write(_ bytes: [UInt8], isFrame: Bool) {
        self.digest.update(bytes.span)
        self.byteCount += UInt64(bytes.count)
        if isFrame { self.frameCount += 1 }
        self.queue.append(.bytes(bytes))
    }

    private mutating func end(goesOn: Bool) {
        let digest = self.digest.finalize()
        let end = BundleEnd(frameCount: self.frameCount, goesOn: goesOn, digest: digest)
        self.queue.append(.bytes(end.frame.plainBytes))
        let part = Part(
            number: self.part,
            byteCount: self.byteCount + UInt64(BundleEnd.byteCount),
            leafCount: self.leafCount,
            digest: digest
        )
        self.byteCount = part.byteCount
        self.queue.append(.end(part))
    }
}
