import ArgumentParser
import CaseLedger
import LedgerTypes
import SyncTransport

/// `caseledger peer`.
struct PeerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "The sites that this one keeps in step with.",
        discussion: """
            Peers are known by their site's name and key; both sides add each other once.

              caseledger site key --ledger support          # there: what its operator sends you
              caseledger peer add test.example/manila tls://manila:7421 KEY --ledger support
              caseledger sync test.example/manila --ledger support
            """,
        subcommands: [PeerAddCommand.self, PeerListCommand.self, PeerRemoveCommand.self]
    )
}

/// `caseledger peer add`.
struct PeerAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a peer, or change its address.",
        discussion: """
            NAME is the peer's site name, KEY what caseledger site key prints there. The name is \
            bound to the key for good: a second key for it is refused, unless the first one names \
            it (caseledger site rotate-key there). Without a KEY it is bound \
            by the first sync with --trust-first-use.

            A peer gets everything that this ledger holds, unless it is a --partner: then it gets \
            what caseledger grant create lets through, and nothing before. That stays as it is \
            when its address is changed.

            ADDRESS is one of
              DIR                     a directory of this machine, of the same operator
              ssh://[USER@]HOST/DIR   runs caseledger serve --stdio there; /~/DIR from its home
              tls://HOST:PORT         a caseledger serve --listen
              command:WORDS           any command that carries bytes
              -                       none: the peer comes to us

            Examples:
              caseledger peer add test.example/manila tls://manila:7421 KEY --ledger support
              caseledger peer add test.example/field - KEY --partner --ledger support
            """
    )

    @Argument(help: ArgumentHelp("The peer's site name.", valueName: "NAME"))
    var name: String
    @Argument(help: ArgumentHelp("Where it is reached.", valueName: "ADDRESS"))
    var address: String
    @Argument(help: ArgumentHelp("Its key, from caseledger site key.", valueName: "KEY"))
    var key: String?

    @Flag(exclusivity: .exclusive) var share: PeerShare?
    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard SiteName(self.name) != nil else {
            throw ValidationError("\(self.name) is not a site's name.")
        }
        guard PeerAddress(self.address) != nil else {
            throw ValidationError("\(self.address) is not an address: \(PeerAddress.forms).")
        }
    }

    func run() async throws {
        guard let site = SiteName(self.name) else { return }
        let ledger = try self.options.open(.readWrite)
        defer { ledger.close() }
        let peer = try await ledger.addPeer(
            site,
            address: self.address,
            key: self.key,
            isPartner: self.share.map { $0 == .partner }
        )
        if self.json { try JSONLines().print(peer) } else { PeerText.print(peer) }
        if peer.key == nil {
            Terminal.note("caseledger: no key is known for \(peer.site) yet")
            Terminal.note(
                "  next: add it again with its KEY, or sync once with --trust-first-use and "
                    + "compare phrases"
            )
        }
    }
}

/// What a peer may have.
enum PeerShare: String, EnumerableFlag {
    case partner, whole

    static func help(for value: PeerShare) -> ArgumentHelp? {
        switch value {
        case .partner: "It gets what grants let through, and else nothing."
        case .whole: "It gets everything, unless it has a grant (the default)."
        }
    }
}

/// `caseledger peer list`.
struct PeerListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print every peer with its address, key and phrase.",
        discussion: """
            To compare a key on the phone, let the other side read out what its caseledger \
            site key shows. "before" is the phrase of a key that the peer had and replaced.

              caseledger peer list --ledger support
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON, one object a line.") var json = false

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let lines = JSONLines()
        for (number, peer) in try ledger.peers().enumerated() {
            if self.json {
                try lines.print(peer)
            } else {
                if number > 0 { Terminal.line() }
                PeerText.print(peer)
            }
        }
    }
}

/// `caseledger peer remove`.
struct PeerRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a peer.",
        discussion: """
            It is not synced with any more, and caseledger serve --listen lets it in no more. \
            History that came from it stays, and so does the key that its name is bound to.

              caseledger peer remove test.example/field --ledger support
            """
    )

    @Argument(help: ArgumentHelp("The peer's site name.", valueName: "NAME"))
    var name: String
    @OptionGroup var options: LedgerOptions

    func run() async throws {
        let ledger = try self.options.open(.readWrite)
        defer { ledger.close() }
        let peer = try PeerChoice.peer(self.name, of: ledger)
        guard let peer, let site = SiteName(peer.site), try await ledger.removePeer(site) else {
            throw PeerChoice.unknown(self.name)
        }
        Terminal.line("removed \(peer.site)")
    }
}

/// A peer in words.
enum PeerText {
    static func print(_ peer: Peer) {
        Terminal.line("peer     \(peer.site)")
        Terminal.line("address  \(DisplayText.clean(peer.address))")
        Terminal.line("key      \(peer.key ?? "not known yet")")
        if let phrase = peer.phrase { Terminal.line("phrase   \(phrase)") }
        Terminal.line("gets     \(peer.isPartner ? "what grants let through" : "everything")")
        for key in peer.former ?? [] { Terminal.line("before   \(key.phrase)") }
    }
}

/// Which peer a word on the command line means.
enum PeerChoice {
    /// The peer of that name, or the only one whose name ends in `/word`.
    static func peer(_ word: String, of ledger: Ledger) throws -> Peer? {
        let peers = try ledger.peers()
        if let peer = peers.first(where: { $0.site == word }) { return peer }
        let short = peers.filter { $0.site.hasSuffix("/" + word) }
        guard short.count < 2 else {
            throw CommandFailure(
                "\(word) may be \(short.map(\.site).joined(separator: " or "))",
                nextStep: "write the whole name",
                exit: .usage
            )
        }
        return short.first
    }

    static func unknown(_ word: String) -> CommandFailure {
        CommandFailure(
            "there is no peer \(word)",
            nextStep: "caseledger peer list shows those there are",
            exit: .noInput
        )
    }
}
