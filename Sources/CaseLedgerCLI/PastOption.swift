import ArgumentParser
import CaseLedger
import LedgerTypes

/// The earlier moment from which something is looked at.
struct PastOption: ParsableArguments {
    @Option(help: ArgumentHelp("Only what had happened by then.", valueName: "TIME"))
    var asOf: String?

    @Option(help: ArgumentHelp("Only what this site held by then.", valueName: "TIME"))
    var asKnown: String?

    /// The text that was given.
    var text: String? { self.asKnown ?? self.asOf }

    /// The moment; `nil` for the present.
    func moment() throws(CommandFailure) -> PastMoment? {
        switch (self.asOf, self.asKnown) {
        case (nil, nil): return nil
        case (let text?, nil): return .asOf(try TimeOption.time(text))
        case (nil, let text?): return .asKnown(try TimeOption.time(text))
        case (_?, _?):
            throw CommandFailure(
                "--as-of and --as-known are two different pasts",
                nextStep: "give one of them",
                exit: .usage
            )
        }
    }
}
