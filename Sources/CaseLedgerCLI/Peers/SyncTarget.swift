import CaseLedger
import Glibc
import LedgerTypes
import SyncTransport

/// The other side of a sync: where it is and, for a peer, who it must be.
struct SyncTarget {
    /// Where it is.
    let address: PeerAddress
    /// The site that must answer; `nil` when any known one may.
    let site: SiteName?
    /// What to call it in messages.
    let name: String

    /// Whether a stream leads there, and not a path of this machine.
    var isStream: Bool {
        if case .directory = self.address { false } else { true }
    }

    init(command: String) {
        self.init(.command(command), command)
    }

    init(_ peer: Peer) throws(CommandFailure) {
        guard let address = PeerAddress(peer.address), let site = SiteName(peer.site) else {
            throw CommandFailure(
                "the address of \(peer.site) is none: \(DisplayText.clean(peer.address))",
                nextStep: "caseledger peer add \(peer.site) ADDRESS",
                exit: .configuration
            )
        }
        guard address != .none else {
            throw CommandFailure(
                "\(peer.site) has no address here: it comes to us",
                nextStep: "sync at the other side, or caseledger peer add \(peer.site) ADDRESS",
                exit: .usage
            )
        }
        self.address = address
        self.site = site
        self.name = peer.site
    }

    /// What `word` means: a peer by its whole name, an address, a directory, or a peer by the last
    /// part of its name.
    init(_ word: String, of ledger: Ledger) throws {
        let peers = try ledger.peers()
        if let peer = peers.first(where: { $0.site == word }) {
            try self.init(peer)
        } else if word.contains("://") || word.hasPrefix("command:") {
            guard let address = PeerAddress(word) else {
                throw CommandFailure(
                    "\(DisplayText.clean(word)) is not an address",
                    nextStep: "write \(PeerAddress.forms)",
                    exit: .usage
                )
            }
            self.init(address, word)
        } else if unsafe access(word, F_OK) != 0, let peer = try PeerChoice.peer(word, of: ledger) {
            try self.init(peer)
        } else {
            self.init(.directory(word), word)
        }
    }

    private init(_ address: PeerAddress, _ name: String) {
        self.address = address
        self.site = nil
        self.name = name
    }
}
