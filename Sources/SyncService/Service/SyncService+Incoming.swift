internal import CaseLedger
internal import LedgerTypes
internal import Replication
internal import SyncTransport

// Peers that come.
extension SyncService {
    /// Lets peers in until the listener closes.
    func answer(_ listener: TCPListener) async {
        await withDiscardingTaskGroup { group in
            while let connection = await listener.accept() {
                let number = await self.state.connect(
                    incomingMax: self.configuration.connectionsMax,
                    close: { connection.shutDown() }
                )
                guard let number else {
                    await self.refuse(connection.remote, "limit", "too many connections")
                    continue
                }
                // Each on a task and threads of its own: who is slow holds up nobody else.
                group.addTask {
                    await self.answer(connection, number)
                    await self.state.disconnect(number)
                }
            }
            group.cancelAll()
        }
    }

    private func answer(_ connection: TCPConnection, _ number: UInt64) async {
        let remote = connection.remote
        let secured: TLSStream
        do {
            let taken: PeerLink.Taken =
                self.configuration.trustFirstUse ? .any : .keys(try self.ledger.peerKeys())
            let identity = try self.ledger.tlsIdentity(taking: taken)
            secured = try await TLSStream.answer(
                connection,
                as: identity,
                self.configuration.limits
            )
        } catch let error as ConnectionError {
            var reason = "handshake"
            if case .refusedKey = error { reason = "key" }
            if case .silent = error { reason = "silent" }
            return await self.refuse(remote, reason, ErrorText.words(error))
        } catch {
            return await self.refuse(remote, "ledger", ErrorText.words(for: error))
        }
        let stream = secured.stream
        guard await self.state.secure(number, close: { await stream.close() }) else {
            return await stream.close()
        }
        self.note("peer.came") { $0.remote = remote }
        let end = await self.converse(
            over: stream,
            number,
            answering: true,
            expecting: nil,
            key: secured.peerKey
        )
        if let peer = end.peer, let outcome = end.outcome, await !self.state.isStopping {
            await self.state.note(outcome, of: peer)
        }
        self.note("peer.left", end.failure == nil ? .info : .warning) {
            $0.peer = end.peer
            $0.remote = remote
            $0.detail = end.failure.map { ErrorText.words(for: $0) }
        }
    }

    private func refuse(_ remote: String, _ reason: String, _ detail: String) async {
        await self.state.refuse(reason)
        self.note("peer.refused", .warning) {
            $0.remote = remote
            $0.detail = detail
        }
    }
}
