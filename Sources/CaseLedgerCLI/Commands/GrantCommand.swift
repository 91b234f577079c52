import ArgumentParser
import CaseLedger
import LedgerTypes

/// `caseledger grant`.
struct GrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "What partners may hold of this site's log.",
        discussion: """
            A partner is a peer that gets a part of what this site writes: the events that have a \
            label of its grant, with proof that none of them is missing, and hashes in place of \
            all others. It can neither read nor count those. What it writes itself comes here \
            whole. The newest grant of a partner takes the place of those before.

              caseledger peer add test.example/field - KEY --ledger support
              caseledger grant create test.example/field --case 4711 --ledger support
              caseledger sync test.example/field --ledger support

            A peer without a grant gets everything: give the grant before the first sync.
            """,
        subcommands: [
            GrantCreateCommand.self, GrantListCommand.self, GrantShowCommand.self,
            GrantRevokeCommand.self,
        ]
    )
}

/// `caseledger grant create`.
struct GrantCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Let a partner hold a part, from its next sync on.",
        discussion: """
            An event is let through if it has one of the labels. --case names a case, whole, its \
            history included; --label a name and a value that imports or services have put on \
            events, such as queue, brand, product or region. To widen or narrow what a partner \
            has, give it a new grant with all of its labels: what was added is filled in, of what \
            was left out nothing new is sent.

            Sealed sections, such as text, go along unless --sections names the kinds that may; \
            --sections none withholds all. Keys are given to a partner only for sections that go \
            along.

            Examples:
              caseledger grant create test.example/field --case 4711 --case 4712 --ledger support
              caseledger grant create test.example/field --label region=north --sections text \\
                --until 2027-01-01T00:00:00Z --ledger support
            """
    )

    @Argument(help: ArgumentHelp("The partner's site name.", valueName: "PARTNER"))
    var partner: String
    @Option(
        help: ArgumentHelp("A label that lets events through; repeat.", valueName: "NAME=VALUE")
    )
    var label: [String] = []
    @Option(name: .customLong("case"), help: ArgumentHelp("A case; repeat.", valueName: "ID"))
    var cases: [String] = []
    @Option(help: ArgumentHelp("Kinds of sections, by commas, or none.", valueName: "KINDS"))
    var sections: String?
    @Option(help: ArgumentHelp("When it begins (default: now).", valueName: "TIME"))
    var from: String?
    @Option(help: ArgumentHelp("When it ends (default: never).", valueName: "TIME"))
    var until: String?
    @Flag(help: "Take nothing that the partner writes.") var out = false

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    private var labels: [Label]? {
        var labels: [Label] = []
        for word in self.label {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
            labels.append(Label(name: String(parts[0]), value: String(parts[1])))
        }
        for word in self.cases {
            guard let subject = Subject("case:\(word)") else { return nil }
            labels.append(Label(name: Label.subjectName, value: subject.rawValue))
        }
        return labels
    }

    func validate() throws {
        guard let labels = self.labels else {
            throw ValidationError("A label is NAME=VALUE, a case an id.")
        }
        guard !labels.isEmpty else {
            throw ValidationError("Name a --label or a --case: a grant lets something through.")
        }
        for word in [self.from, self.until].compactMap(\.self) where Timestamp(rfc3339: word) == nil
        {
            throw ValidationError("\(word) is not a time such as 2027-01-01T00:00:00Z.")
        }
    }

    func run() async throws {
        let ledger = try self.options.open(.readWrite)
        defer { ledger.close() }
        let peer = try PeerChoice.peer(self.partner, of: ledger)
        guard let peer, let site = SiteName(peer.site), let labels = self.labels else {
            throw PeerChoice.unknown(self.partner)
        }
        let kinds = self.sections.map { text in
            text == "none" ? [] : text.split(separator: ",").map(String.init)
        }
        let grant = try await ledger.grant(
            to: site,
            labels,
            sections: kinds,
            from: self.from.flatMap { Timestamp(rfc3339: $0) },
            until: self.until.flatMap { Timestamp(rfc3339: $0) },
            takesBack: !self.out
        )
        if self.json { try JSONLines().print(grant) } else { GrantText.print(grant) }
    }
}

/// `caseledger grant list`.
struct GrantListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Print the grants given, and the parts held of other sites' logs.",
        discussion: """
            At the partner it says how many leaves of the home site's log are held, of how many.

              caseledger grant list --ledger support
            """
    )

    @Flag(help: "Also grants that were replaced, revoked or have expired.") var all = false
    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON, one object a line.") var json = false

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let lines = JSONLines()
        var isFirst = true
        for grant in try ledger.grants() where self.all || grant.state == .active {
            if self.json {
                try lines.print(grant)
                continue
            }
            if !isFirst { Terminal.line() }
            isFirst = false
            GrantText.print(grant)
        }
        for part in try ledger.heldParts() {
            if self.json {
                try lines.print(part)
                continue
            }
            if !isFirst { Terminal.line() }
            isFirst = false
            GrantText.print(part)
        }
    }
}

/// `caseledger grant show`.
struct GrantShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print one grant.",
        discussion: """
            ID is the beginning of a grant's id, or a partner's name for its newest grant.

              caseledger grant show test.example/field --ledger support
            """
    )

    @Argument(help: ArgumentHelp("A grant or a partner.", valueName: "ID")) var id: String
    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let grant = try GrantChoice.grant(self.id, of: ledger)
        if self.json { try JSONLines().print(grant) } else { GrantText.print(grant) }
    }
}

/// `caseledger grant revoke`.
struct GrantRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take a grant back.",
        discussion: """
            ID is the beginning of a grant's id, or a partner's name for its newest grant. The \
            partner is refused from then on, until it gets a new grant. What it holds stays with \
            it.

              caseledger grant revoke test.example/field --ledger support
            """
    )

    @Argument(help: ArgumentHelp("A grant or a partner.", valueName: "ID")) var id: String
    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open(.readWrite)
        defer { ledger.close() }
        let grant = try await ledger.revokeGrant(try GrantChoice.grant(self.id, of: ledger).id)
        if self.json { try JSONLines().print(grant) } else { GrantText.print(grant) }
    }
}

/// Which grant a word on the command line means.
enum GrantChoice {
    static func grant(_ word: String, of ledger: Ledger) throws -> PartnerGrant {
        let grants = try ledger.grants()
        let named = grants.filter { $0.partner == word || $0.partner.hasSuffix("/" + word) }
        if let newest = named.last, Set(named.map(\.partner)).count == 1 { return newest }
        let found = word.isEmpty ? [] : grants.filter { $0.id.hasPrefix(word) }
        guard let grant = found.first, found.count == 1 else {
            throw CommandFailure(
                found.isEmpty ? "there is no grant \(word)" : "\(word) may be several grants",
                nextStep: "caseledger grant list --all shows those there are",
                exit: .noInput
            )
        }
        return grant
    }
}

/// Grants and parts in words.
enum GrantText {
    static func print(_ grant: PartnerGrant) {
        Terminal.line("grant     \(grant.id)")
        Terminal.line("partner   \(grant.partner)")
        if let state = grant.state { Terminal.line("state     \(Self.words(state))") }
        Self.printTerms(grant)
    }

    static func print(_ part: HeldPart) {
        Terminal.line("log       \(part.origin)")
        let held = "\(part.leaves) of \(DisplayText.leaves(part.size))"
        Terminal.line("held      \(held)\(part.isComplete ? "" : ", not all of its scope yet")")
        guard let grant = part.grant else { return }
        Terminal.line("grant     \(grant.id)")
        Self.printTerms(grant)
    }

    private static func printTerms(_ grant: PartnerGrant) {
        Terminal.line("from      \(grant.from)")
        Terminal.line("until     \(grant.until ?? "never")")
        let sections = grant.sections.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") }
        Terminal.line("sections  \(sections ?? "all")")
        if !grant.takesBack { Terminal.line("takes     nothing back") }
        for label in grant.labels {
            let text = DisplayText.clean(label.value)
            Terminal.line("label     \(DisplayText.clean(label.name))=\(text)")
        }
    }

    private static func words(_ state: PartnerGrant.State) -> String {
        switch state {
        case .active: "active"
        case .replaced: "replaced by a newer one"
        case .revoked: "revoked"
        case .expired: "expired"
        case .notYet: "does not count yet"
        }
    }
}
