internal import EventStore
internal import LedgerTypes

/// Verified packages that will share the next commit, from a session or out of a bundle.
struct CommitGroup {
    /// What became of one log's packages.
    enum Outcome {
        /// They are on disk, and the copy stands here.
        case kept(Position)
        /// The store took none of them.
        case refused(LogID, SyncError)
    }

    /// What a commit has to know beside the packages.
    struct Context: Sendable {
        /// What is rotten here, of logs of which nothing else is written.
        var damages: Set<Damage> = []
        /// Told what of it was put right.
        var repaired: @Sendable ([Damage]) -> Void = { _ in }
        /// Who sent the packages.
        var peer: SiteName?
    }

    var context = Context()
    private var packages: [VerifiedPackage] = []
    private var byteCount = 0

    /// Whether there is nothing to commit.
    var isEmpty: Bool { self.packages.isEmpty }

    /// Whether it is time to commit.
    var isFull: Bool { self.byteCount >= SyncLimits.commitBytesMax }

    /// Adds a package.
    mutating func append(_ package: VerifiedPackage) {
        self.packages.append(package)
        self.byteCount += package.byteCount
    }

    /// Makes everything durable in one commit and forgets it. If the store refuses one log, the
    /// others are kept without it.
    ///
    /// - Throws: what concerns more than one log, such as a full disk.
    mutating func commit(to store: EventStore) async throws(SyncError) -> [Outcome] {
        let packages = self.packages
        let context = self.context
        self = CommitGroup()
        self.context = context
        switch await Self.keep(packages, in: store, context) {
        case .success(let outcomes): return outcomes
        case .failure(let error):
            guard error.isAboutOneLog else { throw error }
        }
        var logs: [LogID] = []
        for package in packages where !logs.contains(package.log) { logs.append(package.log) }
        var outcomes: [Outcome] = []
        for log in logs {
            switch await Self.keep(packages.filter({ $0.log == log }), in: store, context) {
            case .success(let kept): outcomes += kept
            case .failure(let error):
                guard error.isAboutOneLog else { throw error }
                outcomes.append(.refused(log, error))
            }
        }
        return outcomes
    }

    /// Each log once, with where it stands after the commit.
    private static func keep(
        _ packages: [VerifiedPackage],
        in store: EventStore,
        _ context: Context
    ) async -> Result<[Outcome], SyncError> {
        var positions: [Position] = []
        let rotten = Set(context.damages.map(\.log))
        do throws(EventStoreError) {
            for package in packages where rotten.contains(package.log) {
                positions.append(try await Self.repair(package, in: store, context))
            }
            let others = packages.filter { !rotten.contains($0.log) }
            if !others.isEmpty {
                for position in try await store.receive(others.map { ForeignBatch($0) }) {
                    positions.append(try Self.proven(position, by: others, in: store))
                }
            }
        } catch {
            if case .fork(let address, _, _) = error {
                await Self.note(address, packages, in: store, context)
            }
            return .failure(.store(error))
        }
        var outcomes: [Outcome] = []
        for (place, position) in positions.enumerated()
        where !positions[(place + 1)...].contains(where: { $0.log == position.log }) {
            outcomes.append(.kept(position))
        }
        return .success(outcomes)
    }
}
