package import EventStore
package import LedgerTypes
package import Sealing

/// Runs sessions of one ledger: the shell around ``SyncSession``.
///
/// On the caller's task, with one more task that writes, so that neither direction waits for the
/// other. A session ends when both sides are through, at an error, or when the stream ends; closing
/// the stream is how it is cancelled. Whatever was acknowledged is durable then.
package struct SyncPeer: Sendable {
    /// What a session is to do.
    package struct Options: Sendable {
        /// Whose keys are taken.
        package var policy: TrustPolicy
        /// The site that must answer; `nil` when any may.
        package var expectedPeer: SiteName?
        /// The key that the transport has proven to be the peer's; `nil` where it proves none.
        package var transportKey: [UInt8]?
        /// Whether the stream may stay open for another round.
        var follows = false
        /// The most bytes of bodies to take.
        package var sessionBytesMax = SyncLimits.sessionBytesMax
        /// With which peers data keys are shared; with none unless ``keys`` is given.
        package var keySharing = KeySharing.none
        /// The data keys of the ledger.
        package var keys: KeyStore?
        /// How many keys one KEYS asks for.
        package var keysAskedAtOnce = SyncLimits.keysMax
        /// What is rotten here, of logs that the peer is asked to send again from there on.
        package var damages: Set<Damage> = []
        /// Told what of ``damages`` was put right.
        package var repaired: @Sendable ([Damage]) -> Void = { _ in }
        /// Told how far the session is, after each package that was sent or kept.
        package var progress: @Sendable (SyncProgress) -> Void = { _ in }

        /// Creates options.
        package init(policy: TrustPolicy, expectedPeer: SiteName? = nil) {
            self.policy = policy
            self.expectedPeer = expectedPeer
        }
    }

    private let store: EventStore

    /// A peer that speaks for `store`.
    package init(_ store: EventStore) { self.store = store }

    /// Runs one session and closes the stream.
    package func run(
        over stream: ByteStream,
        as role: SyncSession.Role,
        _ options: Options
    ) async throws(SyncError) -> SyncReport {
        let (chunks, output) = AsyncStream.makeStream(of: [UInt8].self)
        async let writing = Self.write(chunks, to: stream)
        let outcome = await self.converse(as: role, options, output) {
            (conversation) throws(SyncError) in try await conversation.run(over: stream)
        }
        output.finish()
        let writeFailure = await writing
        await stream.close()
        return try Self.result(outcome, writeFailure)
    }

    private static func result(
        _ outcome: Result<SyncReport, SyncError>,
        _ writeFailure: SyncError?
    ) throws(SyncError) -> SyncReport {
        switch outcome {
        case .success(let report): return report
        case .failure(.streamEnded): throw writeFailure ?? .streamEnded
        case .failure(let error): throw error
        }
    }

    /// Runs a session, and if the peer follows as well, another one on the same stream whenever
    /// either side's logs grew or one of `nudges` says so; closes the stream at the end.
    ///
    /// Ends without an error when the stream ends between two rounds, or when `afterRound`, which
    /// is given what each came to, returns false.
    package func follow(
        over stream: ByteStream,
        as role: SyncSession.Role,
        _ options: Options,
        nudges: AsyncStream<Void>,
        afterRound: @escaping @Sendable (SyncReport) async -> Bool
    ) async throws(SyncError) -> SyncReport {
        var options = options
        options.follows = true
        let (chunks, output) = AsyncStream.makeStream(of: [UInt8].self)
        let inbox = FollowInbox()
        // The last two end with this function, which cancels them.
        async let writing = Self.write(chunks, to: stream)
        async let reading: Void = inbox.read(stream)
        async let _: Void = inbox.watch(self.store)
        async let _: Void = inbox.relay(nudges)
        let outcome: Result<SyncReport, SyncError>
        outcome = await self.converse(as: role, options, output) {
            (conversation) throws(SyncError) in
            try await conversation.follow(inbox, afterRound)
        }
        output.finish()
        let writeFailure = await writing
        inbox.close()
        await stream.close()
        await reading
        return try Self.result(outcome, writeFailure)
    }

    /// Brings two ledgers of one operator in step in this process; returns what each side reports.
    /// With the key stores of both their data keys are shared.
    package static func syncLocally(
        _ one: EventStore,
        _ two: EventStore,
        keys: (KeyStore, KeyStore)? = nil,
        progress: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(SyncError) -> (SyncReport, SyncReport) {
        let (forth, back) = MemoryPipe.streams()
        var options = Options(policy: .sameOperator)
        options.keySharing = keys == nil ? .none : .any
        var quiet = options
        options.keys = keys?.0
        quiet.keys = keys?.1
        options.progress = progress
        if try Self.areTied(one, to: two) { options.expectedPeer = two.siteName }
        async let other = SyncPeer(two).result(over: back, as: .responder, quiet)
        let own = await SyncPeer(one).result(over: forth, as: .initiator, options)
        let pair = (own, await other)
        // Of two failures the one that was not heard from the other side says why.
        if case (.failure(.remote), .failure(let error)) = pair { throw error }
        return (try pair.0.get(), try pair.1.get())
    }

    /// Whether a grant may be between two ledgers, so that the first has to say under which.
    private static func areTied(
        _ one: EventStore,
        to two: EventStore
    ) throws(SyncError) -> Bool {
        do throws(EventStoreError) {
            guard one.siteName != two.siteName else { return false }
            if try !one.grantRows().isEmpty { return true }
            if try !one.partners().isEmpty { return true }
            let site = two.siteName
            return try one.read { (snapshot) throws(EventStoreError) in
                try snapshot.logs().contains { $0.isPartial && $0.site == site }
            }
        } catch {
            throw .store(error)
        }
    }

    /// Fetches what is rotten in `one` from `two`, another ledger of the same operator.
    package static func repairLocally(
        _ one: EventStore,
        from two: EventStore,
        _ options: Options
    ) async throws(SyncError) {
        let (forth, back) = MemoryPipe.streams()
        async let other = SyncPeer(two).result(
            over: back,
            as: .responder,
            Options(policy: .sameOperator)
        )
        let own = await SyncPeer(one).result(over: forth, as: .initiator, options)
        let pair = (own, await other)
        if case (.failure(.remote), .failure(let error)) = pair { throw error }
        _ = try pair.0.get()
    }

    private func result(
        over stream: ByteStream,
        as role: SyncSession.Role,
        _ options: Options
    ) async -> Result<SyncReport, SyncError> {
        do throws(SyncError) {
            return .success(try await self.run(over: stream, as: role, options))
        } catch {
            return .failure(error)
        }
    }

    /// Writes what comes until there is no more. After a failure the rest is dropped: the peer may
    /// still have said why, so reading goes on.
    private static func write(
        _ chunks: AsyncStream<[UInt8]>,
        to stream: ByteStream
    ) async -> SyncError? {
        var failure: SyncError?
        for await chunk in chunks where failure == nil {
            do throws(SyncError) {
                try await stream.write(chunk)
            } catch {
                failure = error
            }
        }
        return failure
    }

    private func converse(
        as role: SyncSession.Role,
        _ options: Options,
        _ output: AsyncStream<[UInt8]>.Continuation,
        _ body: (inout Conversation) async throws(SyncError) -> SyncReport
    ) async -> Result<SyncReport, SyncError> {
        do throws(SyncError) {
            let lacksKeys = try await Conversation.lacksKeys(self.store, options)
            var conversation = try Conversation(
                self.store,
                as: role,
                options,
                output,
                lacksKeys: lacksKeys
            )
            defer { options.progress(conversation.progress) }
            return .success(try await body(&conversation))
        } catch {
            // What the peer said itself, or cannot hear, is not said to it.
            switch error {
            case .remote, .stream, .streamEnded: break
            default: output.yield(ErrorMessage(error).frame.plainBytes)
            }
            return .failure(error)
        }
    }
}
