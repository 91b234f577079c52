internal import EventStore
public import LedgerTypes
internal import Replication

extension Ledger {
    /// Makes a bundle: what a session would send, for a receiver that no line reaches.
    ///
    /// What is appended meanwhile is not in it. Runs on the caller's task, in little memory.
    ///
    /// - Parameters:
    ///   - recipient: the site it is for; anybody may apply it if none is named.
    ///   - vector: the receiver's signed vector, see ``vector()``: the bundle goes on from there.
    ///     Without one it holds everything.
    ///   - partBytesMax: the most bytes of a file; one file if not given.
    ///   - write: gets the files, piece by piece.
    ///   - progress: gets the leaves written so far, and how many there are.
    /// - Returns: what it was made of.
    /// - Throws: ``LedgerError/bundle(detail:)``,
    ///   ``LedgerError/bundlePartTooSmall(bytesNeeded:)``, errors of storage, and what `write`
    ///   throws.
    public func makeBundle(
        for recipient: SiteName? = nil,
        since vector: [UInt8]? = nil,
        partBytesMax: UInt64? = nil,
        write: (BundlePiece) throws -> Void,
        progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> BundleMade {
        if let recipient { try self.requireWhole(recipient) }
        var options = BundleMaker.Options()
        options.recipient = recipient
        options.partBytesMax = partBytesMax
        let receiver = try vector.map { (bytes) throws(LedgerError) in try self.vector(bytes) }
        options.since = receiver?.positions ?? []
        var maker: BundleMaker
        do throws(BundleError) {
            maker = try await BundleMaker(self.store, options)
        } catch {
            throw LedgerError(error)
        }
        var parts: [BundlePart] = []
        while let piece = try Self.next(&maker) {
            if case .end(let part) = piece { parts.append(part) }
            try write(piece)
            progress(Int(clamping: maker.writtenCount), Int(clamping: maker.totalCount))
        }
        let problems = maker.problems.sorted { $0.key < $1.key }
        return BundleMade(
            leaves: maker.totalCount,
            receiver: receiver?.site.rawValue,
            parts: parts,
            problems: problems.map { "log \($0.key.short): \($0.value)" }
        )
    }

    /// Throws if `recipient` may not have everything, which is what a bundle brings.
    private func requireWhole(_ recipient: SiteName) throws(LedgerError) {
        let isPartner: Bool
        do throws(EventStoreError) {
            isPartner = try self.partners().contains(recipient)
        } catch {
            throw LedgerError(error, path: self.path)
        }
        guard !isPartner else {
            throw .grant(detail: "\(recipient) is a partner, and a bundle holds everything")
        }
    }

    private static func next(_ maker: inout BundleMaker) throws(LedgerError) -> BundlePiece? {
        do throws(BundleError) {
            switch try maker.next() {
            case .begin(let number): return .begin(number)
            case .bytes(let bytes): return .bytes(bytes)
            case .end(let part):
                return .end(
                    BundlePart(
                        part: part.number,
                        bytes: part.byteCount,
                        leaves: part.leafCount,
                        sha256: part.digest.hex
                    )
                )
            case nil: return nil
            }
        } catch {
            throw LedgerError(error)
        }
    }

    /// Where the logs of another site stood when it signed `vector`.
    private func vector(_ bytes: [UInt8]) throws(LedgerError) -> PositionNote {
        do throws(BundleError) {
            let note = try PositionNote(note: bytes)
            let known: Set<[UInt8]>
            do throws(EventStoreError) {
                known = try self.store.keys(of: note.site)
            } catch {
                throw .sync(.store(error))
            }
            // Of a site that is not known here, nothing worse than a useless bundle can come.
            guard known.isEmpty || known.contains(note.siteKey) else {
                throw .siteKeyChanged(note.site.rawValue)
            }
            return note
        } catch {
            throw LedgerError(error)
        }
    }

    /// Checks a bundle without a ledger: signatures, proofs, sections, order, and that nothing is
    /// missing. Whose the key is that signed it, is for the caller to know.
    ///
    /// - Parameters:
    ///   - read: gives the file's next bytes, empty at its end.
    ///   - progress: gets the leaves verified so far, and how many there are.
    /// - Returns: what it is, and what is missing.
    /// - Throws: ``LedgerError/bundle(detail:)`` if not even the manifest can be believed, and what
    ///   `read` throws.
    public static func checkBundle(
        read: () throws -> [UInt8],
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> BundleSummary {
        var options = BundleReader.Options()
        options.progress = { progress(Int(clamping: $0), Int(clamping: $1)) }
        return try await Self.read(BundleReader(checkingOnly: options), read)
    }

    /// Takes a bundle in, as a session would. Applying it again changes nothing. Of a file that was
    /// cut or damaged, what came before is kept.
    ///
    /// - Parameters:
    ///   - trustFirstUse: whether keys that are not pinned yet are pinned now.
    ///   - read: gives the file's next bytes, empty at its end.
    ///   - progress: gets the leaves verified so far, and how many there are.
    /// - Returns: what was taken in, and what is missing.
    /// - Throws: ``LedgerError/bundle(detail:)``, ``LedgerError/leavesMissing(_:)``,
    ///   ``LedgerError/untrusted(site:byPeer:)``, errors of storage, and what `read` throws.
    public func applyBundle(
        trustFirstUse: Bool = false,
        read: () throws -> [UInt8],
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> BundleSummary {
        var options = BundleReader.Options(policy: trustFirstUse ? .trustFirstUse : .pinned)
        options.progress = { progress(Int(clamping: $0), Int(clamping: $1)) }
        let reader: BundleReader
        do throws(BundleError) {
            reader = try BundleReader(into: self.store, options)
        } catch {
            throw LedgerError(error)
        }
        return try await Self.read(reader, read)
    }

    private static func read(
        _ reader: BundleReader,
        _ read: () throws -> [UInt8]
    ) async throws -> BundleSummary {
        var reader = reader
        while !reader.isOver {
            let bytes = try read()
            guard !bytes.isEmpty else { break }
            do throws(BundleError) {
                try await reader.take(bytes)
            } catch {
                throw LedgerError(error)
            }
        }
        do throws(BundleError) {
            return BundleSummary(try reader.finish())
        } catch {
            throw LedgerError(error)
        }
    }

    /// Where every log of this ledger stands, signed by its site: the receipt for a bundle, from
    /// which the next one goes on.
    public func vector() throws(LedgerError) -> [UInt8] {
        do throws(BundleError) {
            return try PositionNote.signed(for: self.store)
        } catch {
            throw LedgerError(error)
        }
    }
}

/// Leaves that a bundle goes on from.
public struct MissingLeaves: Hashable, Sendable {
    /// The log.
    public let log: LogID
    /// How many of its leaves have to be held.
    public let needed: UInt64
    /// How many are.
    public let held: UInt64
}

extension LedgerError {
    /// The error that a refused bundle amounts to.
    fileprivate init(_ error: BundleError) {
        switch error {
        case .untrusted(let site): self = .untrusted(site: site, byPeer: false)
        case .siteKeyChanged(let site): self = .otherKey(site: site)
        case .missing(let prerequisites):
            self = .leavesMissing(
                prerequisites.map {
                    MissingLeaves(log: $0.position.log, needed: $0.position.size, held: $0.held)
                }
            )
        case .partTooSmall(let bytes): self = .bundlePartTooSmall(bytesNeeded: bytes)
        case .sync(let error):
            self = .peer(detail: error.description, isRetryable: error.isRetryable)
        default: self = .bundle(detail: error.description)
        }
    }
}
