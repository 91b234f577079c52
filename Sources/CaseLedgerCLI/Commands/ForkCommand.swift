import ArgumentParser
import CaseLedger
import LedgerTypes

/// `caseledger fork`.
struct ForkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork",
        abstract: "Show logs with two histories, and end them.",
        discussion: """
            A log has two histories when a machine went back in time and went on writing, or when \
            two copies of it did. What was seen first by others stays; the other branch is set \
            aside, and its events can be appended again.

              caseledger fork --ledger support
              caseledger fork resolve --all --ledger support
            """,
        subcommands: [ForkListCommand.self, ForkResolveCommand.self],
        defaultSubcommand: ForkListCommand.self
    )
}

/// `caseledger fork list`.
struct ForkListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show every fork that is known, with the events that are only here."
    )

    @OptionGroup var options: LedgerOptions
    @Option(help: ArgumentHelp("The most events to list of a fork.", valueName: "COUNT"))
    var limit = 20
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let ledger = try self.options.open()
        defer { ledger.close() }
        let forks = try ledger.forks()
        for fork in forks {
            if self.json {
                try JSONLines().print(fork)
            } else {
                try ForkScreen.show(fork, try ledger.events(of: fork, max: self.limit))
            }
        }
        if forks.isEmpty, !self.json { Terminal.line("No log here has two histories.") }
    }
}

/// `caseledger fork resolve`.
struct ForkResolveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Set branches aside that others do not hold, and append their events again.",
        discussion: """
            Nothing is chosen by itself: say --all, --none, or --keep ID for each event. A branch \
            stays whole under quarantine/ in the ledger's directory; events that were left can be \
            appended later by running this again. Stop every program that has the ledger open.

            Another site's log is only set aside when it is named with --log; it comes again from \
            the next peer that is synced with.

              caseledger fork resolve --all --ledger support
            """
    )

    @OptionGroup var options: LedgerOptions
    @Flag(help: "Append every event of the branches again.") var all = false
    @Flag(help: "Append none of them.") var none = false
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Append this event; may be repeated.", valueName: "ID")
    )
    var keep: [String] = []
    @Option(help: ArgumentHelp("Only forks of this log.", valueName: "LOG")) var log: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let path = try self.options.directory()
        guard let choice = try self.choice() else {
            let ledger = try self.options.open()
            defer { ledger.close() }
            for fork in try ledger.forks() where !fork.isResolved {
                try ForkScreen.show(fork, try ledger.events(of: fork, max: 20))
            }
            throw CommandFailure(
                "which of these events are to be appended again is for you to say",
                nextStep: "add --all, --none, or --keep ID for each event",
                exit: .usage
            )
        }
        var only: LogID?
        if let log = self.log {
            only = LogID(hex: log)
            guard only != nil else {
                throw CommandFailure(
                    "\"\(DisplayText.clean(log))\" is no log id",
                    nextStep: "caseledger fork --json shows them, 32 digits each",
                    exit: .usage
                )
            }
        }
        let resolution = try await Ledger.resolveForks(
            at: path,
            state: self.options.stateDirectory(),
            choice,
            log: only
        )
        if self.json {
            try JSONLines().print(resolution)
            return
        }
        for branch in resolution.branches {
            Terminal.line("log \(branch.log.prefix(16)) from index \(branch.index) on:")
            Terminal.line(
                "  \(DisplayText.counted(branch.appended, "event")) appended again, "
                    + "\(branch.held) held already, "
                    + "\(branch.left) left"
            )
            Terminal.line("  kept in \(branch.path)")
        }
        Terminal.line("Next: caseledger sync OTHER --ledger \(path)")
    }

    private func choice() throws -> ForkChoice? {
        let given = [self.all, self.none, !self.keep.isEmpty].filter { $0 }.count
        guard given <= 1 else {
            throw CommandFailure(
                "--all, --none and --keep exclude each other",
                nextStep: "say one of them",
                exit: .usage
            )
        }
        if self.all { return .all }
        if self.none { return ForkChoice.none }
        guard !self.keep.isEmpty else { return nil }
        return .keep(
            try self.keep.map { text in
                guard let id = EventID(text) else {
                    let what = "\"\(DisplayText.clean(text))\" is no event id"
                    throw CommandFailure(
                        what,
                        nextStep: "caseledger fork lists the events with their ids",
                        exit: .usage
                    )
                }
                return id
            }
        )
    }
}

/// A fork as people see it.
enum ForkScreen {
    static func show(_ fork: ForkSummary, _ events: [BranchEvent]) throws {
        let state = fork.isResolved ? "over" : "open"
        let index = fork.index.map { " from index \($0) on" } ?? ""
        Terminal.line("\(fork.origin): \(fork.kind.rawValue)\(index), \(state)")
        if let peer = fork.peer { Terminal.line("  shown by \(peer), \(fork.found ?? "")") }
        guard !fork.isResolved else { return }
        for event in events {
            Terminal.line("  \(event.id)  \(event.type)  \(DisplayText.clean(event.subject))")
        }
        let more = Int(clamping: fork.events) - events.count
        if more > 0 { Terminal.line("  and \(more) more") }
    }
}
