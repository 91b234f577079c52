import ArgumentParser

/// Exit codes, as in sysexits.h. docs: README, "Exit codes".
enum Sysexit: Int32 {
    /// Done.
    case ok = 0
    /// The arguments are wrong.
    case usage = 64
    /// The input is wrong, or the ledger does not verify.
    case dataError = 65
    /// A file or directory to read is not there.
    case noInput = 66
    /// A peer cannot be reached, or a needed thing is missing.
    case unavailable = 69
    /// A fault of this program.
    case software = 70
    /// Something cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed, a full disk included.
    case ioError = 74
    /// Try again later.
    case temporaryFailure = 75
    /// A peer broke the protocol, or proved something false.
    case protocolError = 76
    /// Permission is missing.
    case noPermission = 77
    /// A mapping, or the ledger's set-up, is wrong.
    case configuration = 78

    /// The code as ArgumentParser's.
    var code: ExitCode { ExitCode(self.rawValue) }
}

/// An error as the command line shows it: what happened, where, and what to do next.
struct CommandFailure: Error {
    /// What happened, and what it touched.
    let message: String
    /// The next step.
    let nextStep: String?
    /// The exit code.
    let exit: Sysexit

    init(_ message: String, nextStep: String? = nil, exit: Sysexit) {
        self.message = message
        self.nextStep = nextStep
        self.exit = exit
    }

    /// Prints the error; returns what to throw to ArgumentParser.
    func report() -> ExitCode {
        Terminal.flush()
        Terminal.note("caseledger: \(self.message)")
        if let nextStep = self.nextStep { Terminal.note("  next: \(nextStep)") }
        return self.exit.code
    }
}
