internal import CaseLedger
internal import Glibc
package import SyncTransport

/// Errors in words, for the log and the journal.
package enum ErrorText {
    /// The words for `error`.
    package static func words(for error: any Error) -> String {
        switch error {
        case let error as LinkError: self.words(error)
        case LedgerError.peer(let detail, _): detail
        case LedgerError.untrusted(let site, let byPeer):
            byPeer
                ? "the peer does not know the key of this site, \(site)"
                : "the key of site \(site) is not known here"
        case LedgerError.otherKey(let site): "site \(site) shows another key than the one known"
        default: "\(error)"
        }
    }

    private static func words(_ error: LinkError) -> String {
        switch error {
        case .start(let call, let code): "\(call): errno \(code)"
        case .connection(let error): Self.words(error)
        case .noStream: "no stream leads there"
        }
    }

    /// The words for a connection that could not be had.
    package static func words(_ error: ConnectionError) -> String {
        switch error {
        case .unreachable(let text): text
        case .refusedKey: "it holds another key than the one known"
        case .handshake(let text): "no handshake: \(text)"
        case .silent: "no handshake in time"
        }
    }
}
