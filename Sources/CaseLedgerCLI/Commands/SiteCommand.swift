import ArgumentParser
import CaseLedger

/// `caseledger site`.
struct SiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "site",
        abstract: "This site as its peers know it.",
        subcommands: [SiteKeyCommand.self]
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
