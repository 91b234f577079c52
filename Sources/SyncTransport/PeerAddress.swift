/// Where a peer is reached, as `caseledger peer add` takes it.
package enum PeerAddress: Hashable, Sendable {
    /// A directory of this machine, of the same operator.
    case directory(String)
    /// Another machine, by ssh: `ssh://[USER@]HOST[:PORT]/DIR`.
    case ssh(host: String, port: UInt16?, directory: String)
    /// A service that listens: `tls://HOST:PORT`.
    case tls(host: String, port: UInt16)
    /// Any command that carries bytes: `command:WORDS`.
    case command(String)
    /// Not reached from here: the peer comes to us. Written `-`.
    case none

    /// What the text of an address may begin with.
    package static let forms = "a directory, ssh://HOST/DIR, tls://HOST:PORT, command:WORDS or -"

    /// Reads an address; `nil` if it is none.
    package init?(_ text: String) {
        if text == "-" {
            self = .none
        } else if let rest = Self.rest(of: text, after: "command:") {
            guard !rest.isEmpty else { return nil }
            self = .command(rest)
        } else if let rest = Self.rest(of: text, after: "tls://") {
            guard let place = Self.hostAndPort(rest), let port = place.port else { return nil }
            self = .tls(host: place.host, port: port)
        } else if let rest = Self.rest(of: text, after: "ssh://") {
            guard let slash = rest.firstIndex(of: "/"),
                let place = Self.hostAndPort(String(rest[..<slash]))
            else { return nil }
            // As in other programs' addresses, /~/ is the home directory.
            let path = String(rest[slash...])
            let directory = Self.rest(of: path, after: "/~/") ?? path
            guard !directory.isEmpty, directory != "/" else { return nil }
            self = .ssh(host: place.host, port: place.port, directory: directory)
        } else {
            guard !text.isEmpty, !text.contains("://") else { return nil }
            self = .directory(text)
        }
    }

    /// The command that speaks to the peer, where one does.
    package var command: String? {
        switch self {
        case .command(let command): return command
        case .ssh(let host, let port, let directory):
            let remote =
                "caseledger serve --stdio --ledger \(Self.quoted(directory))"
            let words = port.map { "ssh -p \($0) -- " } ?? "ssh -- "
            return words + "\(Self.quoted(host)) \(Self.quoted(remote))"
        case .directory, .tls, .none: return nil
        }
    }

    /// Reads `HOST[:PORT]` or `[IPV6][:PORT]`.
    package static func hostAndPort(_ text: String) -> (host: String, port: UInt16?)? {
        var host = text[...]
        var port: UInt16?
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else {
                return nil
            }
            host = text[..<colon]
            port = number
        }
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        // A name that begins with a hyphen would be an option to ssh.
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._-:@%".utf8.contains(byte)
            }
        }
        guard isName, !host.isEmpty, host.first != "-", host.utf8.count <= 255 else { return nil }
        return (String(host), port)
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    /// `text` as one word of a shell.
    private static func quoted(_ text: String) -> String {
        let pieces = text.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + pieces.joined(separator: "'\\''") + "'"
    }
}
