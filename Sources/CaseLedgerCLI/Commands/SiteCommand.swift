import ArgumentParser
import CaseLedger

/// `caseledger site`.
struct SiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "This site as its peers know it.",
        subcommands: [
            SiteKeyCommand.self, SiteRotateKeyCommand.self, SiteRecoverKeysCommand.self,
        ]
    )
}

/// `caseledger site key`.
struct SiteKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Print this site's name, public key and phrase.",
        discussion: """
            Send the key to your peers' operators; it is not secret. They add it with \
            caseledger peer add. The phrase is the same key in eight words: read it out on the \
            phone, and the other side compares it with what its peer list shows.

              caseledger site key --ledger support
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let key = try ledger.siteKey()
        if self.json { return try JSONLines().print(key) }
        Terminal.line("site    \(key.site)")
        Terminal.line("key     \(key.key)")
        Terminal.line("phrase  \(key.phrase)")
    }
}

/// `caseledger site rotate-key`.
struct SiteRotateKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key",
        abstract: "Give this site a new key.",
        discussion: """
            Makes a new signing key, with the old one's signature that it is the next. Peers take \
            it by that at their next sync, and let the old one in no more; nobody has to do \
            anything there. A new log begins; what the old key signed stays good.

            Back up afterwards: a backup from before holds the old key.

              caseledger site rotate-key --ledger support
              caseledger backup /backup/support --ledger support
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let key = try await Ledger.rotateSiteKey(
            at: try self.options.directory(),
            state: self.options.stateDirectory()
        )
        if self.json { return try JSONLines().print(key) }
        Terminal.line("site    \(key.site)")
        Terminal.line("key     \(key.key)")
        Terminal.line("phrase  \(key.phrase)")
        Terminal.note("caseledger: peers take the new key at their next sync")
        Terminal.note("  next: caseledger backup, since older backups hold the old key")
    }
}

/// `caseledger site recover-keys`.
struct SiteRecoverKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover-keys",
        abstract: "Go on after the loss of the keys that open the keys of customers.",
        discussion: """
            If a copy of the lost files (kek-*.key, from caseledger backup --keys) is left, put \
            it back instead: then nothing else is needed. Without it, this makes a new one, and \
            peers that have the keys of customers give them back, one by one, with caseledger \
            sync OTHER --share-keys at both sides. Nothing is removed, so that a copy that is \
            found later still helps.

              caseledger site recover-keys --ledger support
              caseledger sync ssh://host/support --share-keys --ledger support
            """
    )

    @Option(
        help: ArgumentHelp(
            "The operator's pseudonym key, if it is lost as well.",
            valueName: "FILE"
        ),
        completion: .file()
    )
    var pseudonymKey: String?

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let recovery = try await Ledger.recoverKeys(
            at: try self.options.directory(),
            state: self.options.stateDirectory(),
            pseudonymKey: try self.pseudonymKey.map { try FileInput.bytes(of: $0, max: 1_024) }
        )
        if self.json { return try JSONLines().print(recovery) }
        if recovery.isNew {
            Terminal.line("Epoch \(recovery.epoch) begins: a new key-encryption key was made.")
        } else {
            Terminal.line("Epoch \(recovery.epoch): nothing is lost, nothing was made.")
        }
        Terminal.line("\(recovery.usable) keys of customers open, \(recovery.lost) do not.")
        guard recovery.lost > 0 else { return }
        Terminal.line("Next: caseledger sync OTHER --share-keys")
    }
}
