internal import LMDB
internal import LedgerTypes
internal import Merkle

extension EventStore {
    /// Adds to the backup in `directory` what is new since its last run; makes it if it is missing.
    /// Appends go on meanwhile. The backup holds the ledger as it stood when the run began.
    ///
    /// A backup leaves the host: the own log's checkpoint is signed first, and its anchor raised,
    /// where this store may do so. STATE is never in it.
    package func backup(
        to directory: String,
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) async throws(EventStoreError) -> BackupSummary {
        if !self.configuration.isReadOnly, self.suspicion == nil { _ = try await self.checkpoint() }
        let target = BackupDirectory(path: directory)
        try target.make()
        var known = try target.known()
        let content = try self.log.read { (transaction) throws(EventStoreError) in
            try BackupContent(transaction, self.tables, after: known, directory)
        }
        let first = known.header?.arrivals.upperBound ?? 0
        var summary = BackupSummary(
            segment: 0,
            leaves: content.arrivals - first,
            total: content.arrivals,
            bytes: 0,
            positions: content.logs.map(\.position)
        )
        guard content.isNew(after: known) else { return summary }
        let ownGenesis = content.genesis
        let header = BackupSegment.Header(
            number: (known.header?.number ?? 0) + 1,
            arrivals: first..<content.arrivals,
            previous: known.digest,
            siteKey: ownGenesis.siteKey,
            site: ownGenesis.site
        )
        let writer = try BackupSegmentWriter(path: target.segment(header.number))
        try writer.append(.header, header.bytes)
        let copier = LeafCopier(environment: self.log, tables: self.tables)
        var done: UInt64 = 0
        try copier.forEach(header.arrivals) { (leaf) throws(EventStoreError) in
            try writer.append(leaf)
            done += 1
            if done & 0xFFF == 0 { progress(done, summary.leaves) }
        }
        for log in content.logs { try writer.append(.log, log.bytes) }
        for (key, value) in content.meta {
            try writer.append(.meta, [UInt8(key.count)] + key + value)
        }
        for bucket in content.buckets { try writer.append(.bucket, bucket.bytes) }
        let own = LedgerDirectory(path: self.configuration.directory)
        if let signer = try own.signer(ownGenesis.siteKey) {
            try KeyFile.write(signer, to: target.siteKey)
        }
        known.digest = try writer.finish()
        known.header = header
        known.logs = content.logs
        known.meta = content.meta
        known.bucketDigests = content.bucketDigests
        try target.save(known)
        summary.segment = header.number
        summary.bytes = writer.byteCount
        return summary
    }

    /// Reads every byte of a backup and rebuilds every tree in it: segments, sections, roots and
    /// signed checkpoints.
    package static func verifyBackup(
        _ directory: String,
        progress: (_ leaves: UInt64) -> Void = { _ in }
    ) throws(EventStoreError) -> BackupContents {
        var check = BackupCheck(path: directory)
        let state = try BackupDirectory(path: directory).forEachLeaf {
            (leaf) throws(EventStoreError) in
            try check.take(leaf)
            if check.leaves & 0xFFF == 0 { progress(check.leaves) }
        }
        return try check.finish(state)
    }

    /// Makes a ledger out of a backup. It holds everything that the backup does; its token is new,
    /// so that opening it for writing finds that it was restored, and begins a new incarnation.
    package static func restore(
        _ directory: String,
        _ configuration: Configuration,
        progress: (_ leaves: UInt64) -> Void = { _ in }
    ) throws(EventStoreError) -> BackupContents {
        let source = BackupDirectory(path: directory)
        let contents = try Self.verifyBackup(directory) { _ in }
        let target = LedgerDirectory(path: configuration.directory)
        try target.make()
        try Files.removeEnvironment(target.log)
        // What each log's leaves were written by has to be known before the first of them.
        let end = try source.known()
        guard let header = end.header else { throw .malformedFile(path: source.segment(1)) }
        var written: [LogID: UInt64] = [:]
        for log in end.logs { written[log.position.log] = log.written }
        let builder = try LogBuilder(
            path: target.log,
            mapBytes: configuration.mapBytes,
            site: header.site,
            written: written
        )
        var count: UInt64 = 0
        let state = try source.forEachLeaf { (leaf) throws(EventStoreError) in
            try builder.append(leaf)
            count += 1
            if count & 0xFFF == 0 { progress(count) }
        }
        try builder.flush()
        for log in state.logs where builder.positions[log.position.log] != log.position {
            throw .malformedFile(path: source.segment(header.number))
        }
        var rest = state.rest
        rest.meta.removeAll { $0.key == MetaKey.token || $0.key == MetaKey.probe }
        rest.meta.append((MetaKey.token, configuration.random(Anchor.tokenByteCount)))
        try builder.finish(rest)
        if let key = try Files.read(source.siteKey) {
            try Files.write(key, to: target.siteKey, isSecret: true)
        }
        try target.writeMarker()
        return contents
    }
}

extension BackupSegmentWriter {
    fileprivate func append(_ leaf: CopiedLeaf) throws(EventStoreError) {
        if let clock = leaf.clock {
            var body: [UInt8] = []
            body.appendBigEndian(clock)
            try self.append(.clock, body)
        }
        var body = leaf.address.log.bytes
        body.appendBigEndian(leaf.address.index)
        try self.append(.leaf, body + leaf.leaf)
        for section in leaf.sections {
            try self.append(.section, [section.slot] + section.bytes)
        }
    }
}

extension BackupState {
    /// What stands beside the leaves of the ledger that is restored.
    fileprivate var rest: LogBuilder.Rest {
        var rest = LogBuilder.Rest()
        rest.logs = self.logs.map { log in
            LogBuilder.Rest.Log(
                id: log.position.log,
                isCurrent: log.isCurrent,
                isFrozen: log.isFrozen,
                note: log.note.isEmpty ? nil : log.note
            )
        }
        for bucket in self.buckets.values.sorted(by: { $0.first < $1.first }) {
            for (key, value) in bucket.rows {
                if bucket.table == 1, let id = KeyID(key.span) {
                    rest.keys.append((id, value))
                } else if bucket.table == 2 {
                    rest.absent.append((key, value))
                }
            }
        }
        rest.meta = self.meta
        return rest
    }
}

/// What a run of a backup finds beside the leaves, in one snapshot.
private struct BackupContent: Sendable {
    let arrivals: UInt64
    let logs: [BackupSegment.Log]
    let genesis: Genesis
    let meta: [(key: [UInt8], value: [UInt8])]
    /// Those that the backup does not hold as they are.
    let buckets: [BackupSegment.Bucket]
    /// All that are not empty.
    let bucketDigests: [[UInt8]: Digest]

    init(
        _ transaction: borrowing ReadTransaction,
        _ tables: LogTables,
        after known: BackupState,
        _ directory: String
    ) throws(EventStoreError) {
        self.arrivals = try transaction.arrivalsHeld(tables)
        let states = try transaction.logStates(tables).filter { !$0.isPartial }
        guard let own = states.first(where: \.isCurrent) else {
            throw .damaged(table: "meta", row: "current")
        }
        self.genesis = own.genesis
        // A backup of another history is not gone on with.
        for log in known.logs {
            guard let state = states.first(where: { $0.id == log.position.log }),
                state.position.size >= log.position.size,
                try transaction.root(log: state.number, size: log.position.size, tables)
                    == log.position.root
            else { throw .otherHistory(path: directory) }
        }
        // A ledger that was restored lacks the parts that it held: its arrivals are counted anew.
        if let header = known.header {
            var expected = known.logs.reduce(0) { $0 + $1.position.size }
            let end = header.arrivals.upperBound
            for log in try transaction.logStates(tables) where log.isPartial {
                expected += try transaction.leavesHeld(log, before: end, tables)
            }
            guard expected == end else { throw .otherHistory(path: directory) }
        }
        let written = try transaction.leavesWritten(tables)
        self.logs = states.map { state in
            BackupSegment.Log(
                position: state.position,
                isCurrent: state.isCurrent,
                isFrozen: state.isFrozen,
                written: written[state.id] ?? 0,
                note: state.checkpoint ?? []
            )
        }
        let rest = try LogBuilder.Rest(transaction, tables, [])
        self.meta = rest.meta.filter { (key, _) in
            key.count < 256 && key != MetaKey.probe && key != MetaKey.token
                && !key.starts(with: MetaKey.sharePrefix)
        }
        var buckets: [[UInt8]: BackupSegment.Bucket] = [:]
        func add(_ table: UInt8, _ key: [UInt8], _ value: [UInt8]) {
            let first = key.first ?? 0
            let empty = BackupSegment.Bucket(table: table, first: first, rows: [])
            buckets[[table, first], default: empty].rows.append((key, value))
        }
        for (id, row) in rest.keys { add(1, id.bytes, row) }
        for (digest, row) in rest.absent { add(2, digest, row) }
        // One that is empty now is written once more, so that what it held goes.
        self.bucketDigests = buckets.mapValues(\.digest)
        for name in known.bucketDigests.keys where buckets[name] == nil {
            buckets[name] = BackupSegment.Bucket(table: name[0], first: name[1], rows: [])
        }
        let digests = self.bucketDigests
        self.buckets = buckets.filter { digests[$0.key] != known.bucketDigests[$0.key] }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    /// Whether anything differs from what the backup holds.
    func isNew(after known: BackupState) -> Bool {
        guard let header = known.header else { return true }
        return header.arrivals.upperBound != self.arrivals || !self.buckets.isEmpty
            || known.logs != self.logs
            || !known.meta.elementsEqual(self.meta) { $0.key == $1.key && $0.value == $1.value }
    }
}

/// Rebuilds the trees of a backup and compares them with what it says of itself.
private struct BackupCheck {
    let path: String
    private var trees: [LogID: TileBuilder] = [:]
    private var geneses: [LogID: Genesis] = [:]
    private(set) var leaves: UInt64 = 0
    private var sections: UInt64 = 0

    init(path: String) { self.path = path }

    mutating func take(_ leaf: CopiedLeaf) throws(EventStoreError) {
        let log = leaf.address.log
        if leaf.address.index == 0 {
            self.geneses[log] = try Writer.genesis(leaf.leaf, of: log)
        }
        var tree = self.trees.removeValue(forKey: log) ?? TileBuilder()
        guard tree.size == leaf.address.index, self.geneses[log] != nil else {
            throw .gap(log, held: tree.size, start: leaf.address.index)
        }
        tree.append(MerkleHash.leaf(leaf.leaf.span)) { _ in }
        self.trees[log] = tree
        self.leaves += 1
        guard !leaf.sections.isEmpty else { return }
        let references = (try? Leaf.sections(leaf.leaf.span)) ?? []
        for section in leaf.sections {
            let place = Int(section.slot) - 1
            guard references.indices.contains(place),
                SectionReference.digest(of: section.bytes.span) == references[place].digest
            else { throw .sectionMismatch(leaf.address, slot: section.slot) }
            self.sections += 1
        }
    }

    func finish(_ state: BackupState) throws(EventStoreError) -> BackupContents {
        // Arrivals also count the leaves of logs that were held in part, which are not in it.
        guard let header = state.header, header.arrivals.upperBound >= self.leaves,
            state.logs.count == self.trees.count
        else { throw .malformedFile(path: self.path) }
        for log in state.logs {
            let id = log.position.log
            guard let tree = self.trees[id], let genesis = self.geneses[id],
                tree.size == log.position.size, tree.root == log.position.root
            else { throw .damaged(table: "heads", row: id.hex) }
            try Self.check(log, genesis)
        }
        return BackupContents(
            site: header.site,
            segments: header.number,
            leaves: self.leaves,
            sections: self.sections,
            positions: state.logs.map(\.position)
        )
    }

    /// The note is the log's own key's, and says what the log is where it is for all of it.
    private static func check(
        _ log: BackupSegment.Log,
        _ genesis: Genesis
    ) throws(EventStoreError) {
        guard !log.note.isEmpty else { return }
        let origin = LogState.origin(of: genesis, id: log.position.log)
        guard let name = KeyName(origin), let key = VerifyingKey(genesis.logKey),
            let note = try? SignedNote(parsing: log.note.span),
            let checkpoint = try? Checkpoint(
                opening: note,
                log: NoteVerifier(name: name, key: key)
            ), checkpoint.size <= log.position.size,
            checkpoint.size < log.position.size || checkpoint.root == log.position.root
        else { throw .damaged(table: "checkpoints", row: log.position.log.hex) }
    }
}

extension EventStore {
    /// Copies the key files of one folder to another, each whole and readable by the owner only.
    /// A file that is there already stays as it is.
    package static func copySecrets(
        from folder: String,
        to directory: String
    ) throws(EventStoreError) {
        guard Files.isDirectory(folder) else { return }
        try Files.makeDirectory(directory, mode: 0o700)
        for name in try Files.names(in: folder).sorted() where name.hasSuffix(".key") {
            guard let bytes = try Files.read("\(folder)/\(name)"),
                !Files.exists("\(directory)/\(name)")
            else { continue }
            try Files.write(bytes, to: "\(directory)/\(name)", isSecret: true)
        }
    }

    /// The first key that the site of a ledger had.
    package static func firstSiteKey(
        of configuration: Configuration
    ) throws(EventStoreError) -> [UInt8] {
        var configuration = configuration
        configuration.isReadOnly = true
        let store = try Self.open(configuration)
        defer { store.close() }
        return try store.firstSiteKey()
    }
}
