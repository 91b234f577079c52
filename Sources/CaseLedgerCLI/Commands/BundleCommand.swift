import ArgumentParser
import CaseLedger
import LedgerTypes

/// `caseledger bundle`.
struct BundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Sync by files, where no line reaches: create, verify, apply, receipt.",
        discussion: """
            A bundle is a file with what a sync would send, signed and proven. The receipt that \
            comes back says where the receiver stands, so that the next bundle holds only what is \
            new.

              caseledger bundle create --output all.clb --ledger support      # here
              caseledger bundle verify all.clb                                # anywhere
              caseledger bundle apply all.clb --ledger other                  # there
              caseledger bundle receipt --output other.vector --ledger other  # there
              caseledger bundle create --since other.vector --output new.clb --ledger support

            Applying a bundle twice changes nothing. Of a file that was cut, the whole packages \
            are taken in, and what is missing is said.
            """,
        subcommands: [Create.self, Verify.self, Apply.self, Receipt.self]
    )
}

extension BundleCommand {
    /// `caseledger bundle create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Write a bundle: everything, or what comes after a receiver's vector.",
            discussion: """
                  caseledger bundle create --output all.clb --ledger support
                  caseledger bundle create --since manila.vector --for support.example/manila \\
                    --split 700MB --output new.clb --ledger support
                  caseledger bundle create --since support.example/manila --output new.clb \\
                    --ledger support

                The first writes new.001.clb, new.002.clb and so on.
                The second goes on from the vector that the site gave last.
                """
        )

        @Option(
            help: ArgumentHelp(
                "The receiver's vector, from bundle receipt, or the site whose vector was given "
                    + "last; else everything.",
                valueName: "FILE|SITE"
            ),
            completion: .file()
        )
        var since: String?
        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("The only site that may apply it.", valueName: "SITE")
        )
        var recipient: String?
        @Option(help: ArgumentHelp("The most of one file, such as 700MB.", valueName: "SIZE"))
        var split: ByteCount?
        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("The file to write; whole, or not at all.", valueName: "FILE"),
            completion: .file()
        )
        var output: String
        @OptionGroup var options: LedgerOptions
        @OptionGroup var restore: RestoreOptions
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            if let recipient = self.recipient, SiteName(recipient) == nil {
                throw ValidationError("\(recipient) is not a site's name.")
            }
            if let split = self.split, split.bytes < ByteCount.splitMin {
                throw ValidationError("--split takes 64KiB or more.")
            }
        }

        func run() async throws {
            let vectors = KnownVectors(ledger: try self.options.directory())
            let vector = try self.since.map { try vectors.read($0) }
            let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
            defer { ledger.close() }
            let progress = Progress("bundle")
            var files = BundleFiles(output: self.output, isSplit: self.split != nil)
            let made = try await ledger.makeBundle(
                for: self.recipient.flatMap { SiteName($0) },
                since: vector,
                partBytesMax: self.split?.bytes,
                write: { try files.write($0) },
                progress: { progress.update($0, of: $1, unit: "events") }
            )
            progress.end()
            if let vector, let receiver = made.receiver {
                try vectors.remember(vector, of: receiver)
            }
            if self.json {
                try JSONLines().print(made)
            } else {
                for (path, part) in zip(files.paths, made.parts) {
                    Terminal.line("\(path): \(DisplayText.leaves(part.leaves))")
                }
                let files = DisplayText.counted(made.parts.count, "file")
                Terminal.line(
                    made.leaves > 0
                        ? Terminal.bold("\(DisplayText.leaves(made.leaves)) in \(files).")
                        : "The receiver lacks nothing."
                )
            }
            if let problem = made.problems.first {
                throw CommandFailure(
                    "\(problem); nothing of it is in the bundle",
                    nextStep: "sync with that site over a line, which shows the evidence",
                    exit: .protocolError
                )
            }
        }
    }

    /// `caseledger bundle verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Check bundles without a ledger: signatures, proofs, sections, completeness.",
            discussion: """
                Prints the key that signed, for comparison with what you know of the site. Exit \
                code 0 only if every file is whole; 65 otherwise.

                  caseledger bundle verify all.clb
                """
        )

        @Argument(
            help: ArgumentHelp("Bundles, in the order of their parts.", valueName: "FILE"),
            completion: .file()
        )
        var files: [String]
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            for file in self.files {
                let source = try BundleSource(file)
                let progress = Progress("bundle verify")
                let summary = try await Ledger.checkBundle(read: source.next) {
                    progress.update($0, of: $1, unit: "events")
                }
                progress.end()
                try BundleScreen.show(summary, file, isApplied: false, json: self.json)
            }
        }
    }

    /// `caseledger bundle apply`.
    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "apply",
            abstract: "Take bundles in, as a sync would.",
            discussion: """
                Parts of a set are applied in their order. Whole packages of a file that was \
                cut are kept; apply the whole file when it is there. Exit code 0 only if every \
                file was whole.

                  caseledger bundle apply new.001.clb new.002.clb --ledger other
                """
        )

        @Argument(
            help: ArgumentHelp("Bundles, in the order of their parts.", valueName: "FILE"),
            completion: .file()
        )
        var files: [String]
        @Flag(help: "Pin the keys of sites whose names have none yet.")
        var trustFirstUse = false
        @OptionGroup var options: LedgerOptions
        @OptionGroup var restore: RestoreOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let ledger = try self.options.open(.readWrite, onRestore: self.restore.policy)
            defer { ledger.close() }
            for file in self.files {
                let source = try BundleSource(file)
                let progress = Progress("bundle apply")
                let summary: BundleSummary
                do {
                    summary = try await ledger.applyBundle(
                        trustFirstUse: self.trustFirstUse,
                        read: source.next
                    ) { progress.update($0, of: $1, unit: "events") }
                } catch LedgerError.untrusted(let site, _) {
                    throw BundleScreen.untrusted(site)
                }
                progress.end()
                try BundleScreen.show(summary, file, isApplied: true, json: self.json)
            }
        }
    }

    /// `caseledger bundle receipt`.
    struct Receipt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "receipt",
            abstract: "Write where this ledger stands, to carry back to whoever makes bundles.",
            discussion: """
                  caseledger bundle receipt --output manila.vector --ledger support
                """
        )

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("The file to write; else standard output.", valueName: "FILE"),
            completion: .file()
        )
        var output: String?
        @OptionGroup var options: LedgerOptions

        func run() async throws {
            let ledger = try self.options.open(.readWrite)
            defer { ledger.close() }
            let vector = try ledger.vector()
            guard let output = self.output else { return Terminal.bytes(vector) }
            let file = try OutputFile(path: output, atomically: true)
            try file.write(vector)
            try file.close()
        }
    }
}
