package import CaseLedger
internal import LedgerTypes
package import Replication
package import SyncTransport

/// Why a peer was not reached.
package enum LinkError: Error, Hashable, Sendable {
    /// The command cannot be started: the call and its `errno`.
    case start(call: String, code: Int32)
    /// The connection cannot be had.
    case connection(ConnectionError)
    /// The address is not one that a stream leads to.
    case noStream
}

/// An open stream to a peer.
package struct PeerLink: Sendable {
    /// The stream.
    package let stream: ByteStream
    /// The key that TLS has proven to be the peer's; `nil` over a command, where AUTH proves it.
    package let key: [UInt8]?
    private let command: CommandTransport?

    /// Whom TLS takes.
    package enum Taken: Sendable {
        /// The peer with this key.
        case key([UInt8])
        /// Any of these.
        case keys([[UInt8]])
        /// Any, and the name is bound to its key on first use.
        case any
    }

    /// Opens a stream to `address`.
    package static func open(
        _ address: PeerAddress,
        of ledger: Ledger,
        taking taken: Taken,
        environment: [String],
        limits: TLSLimits
    ) async throws -> PeerLink {
        if case .tls(let host, let port) = address {
            let identity = try ledger.tlsIdentity(taking: taken)
            do throws(ConnectionError) {
                let secured = try await TLSStream.connect(
                    host: host,
                    port: port,
                    as: identity,
                    limits
                )
                return PeerLink(stream: secured.stream, key: secured.peerKey, command: nil)
            } catch {
                throw LinkError.connection(error)
            }
        }
        guard let command = address.command else { throw LinkError.noStream }
        do throws(CommandTransport.StartError) {
            let transport = try CommandTransport.start(
                command,
                environment: environment,
                idleMilliseconds: limits.idleMilliseconds
            )
            return PeerLink(stream: transport.stream, key: nil, command: transport)
        } catch {
            throw LinkError.start(call: error.call, code: error.code)
        }
    }

    /// Closes the stream; how the command ended, if there was one.
    package func finish() async -> CommandTransport.Exit? {
        guard let command = self.command else {
            await self.stream.close()
            return nil
        }
        return await command.finish()
    }
}

extension Ledger {
    /// This site in TLS.
    package func tlsIdentity(taking taken: PeerLink.Taken) throws(LedgerError) -> TLSIdentity {
        let keys: TLSIdentity.Taken =
            switch taken {
            case .key(let key): .keys([key])
            case .keys(let keys): .keys(keys)
            case .any: .any
            }
        return TLSIdentity(
            seed: try self.siteSeed(),
            changes: try self.keyChanges(),
            taking: keys
        )
    }

    /// The keys of all peers.
    package func peerKeys() throws(LedgerError) -> [[UInt8]] {
        try self.peers().compactMap(\.keyBytes)
    }

    /// The leaves held here, of all logs.
    package func heldCount() throws(LedgerError) -> UInt64 {
        try self.logs().reduce(0) { $0 + $1.position.size }
    }
}
