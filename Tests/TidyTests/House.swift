/// What each target may import from this package: the table of docs/ARCHITECTURE.md. An arrow that
/// is not here does not exist.
let arrows: [String: Set<String>] = [
    "LMDB": ["CLMDB", "CPosixShims"],
    "LedgerTypes": [],
    "Merkle": ["CSHA256", "LedgerTypes"],
    "CaseDomain": ["LedgerTypes"],
    "EventStore": ["LMDB", "Merkle", "LedgerTypes", "CPosixShims"],
    "Sealing": ["EventStore", "LedgerTypes"],
    "Projections": ["EventStore", "CaseDomain", "LedgerTypes"],
    "Replication": ["EventStore", "Merkle", "Sealing", "LedgerTypes", "CZlib"],
    "SyncTransport": ["Replication", "LedgerTypes", "CPosixShims", "CNetwork"],
    "SyncService": ["CaseLedger", "LedgerTypes", "Replication", "SyncTransport"],
    "Interchange": ["CaseDomain", "LedgerTypes", "CZlib", "CExpat", "CSQLite"],
    "CaseLedger": [
        "CaseDomain", "EventStore", "Interchange", "LedgerTypes", "Projections", "Replication",
        "Sealing",
    ],
    "Simulation": ["CaseLedger", "CaseDomain", "Interchange", "LedgerTypes"],
    "CaseLedgerCLI": [
        "CaseLedger", "Simulation", "SyncTransport", "SyncService", "Replication", "CaseDomain",
        "LedgerTypes",
    ],
    "StoreBenchmark": ["CaseDomain", "CaseLedger", "EventStore", "LedgerTypes", "Merkle"],
    "LedgerTesting": [
        "CFaults", "CaseDomain", "CaseLedger", "EventStore", "Interchange", "LMDB", "LedgerTypes",
        "Merkle",
        "Projections", "Replication", "Sealing", "SyncTransport",
    ],
]

/// Modules from outside that only the named targets may import.
let outsideArrows: [String: Set<String>] = [
    "Crypto": ["Merkle", "Sealing", "Interchange"],
    "ArgumentParser": ["CaseLedgerCLI"],
    "Foundation": ["CaseLedgerCLI"],
    "FoundationXML": [],
    "Dispatch": [],
]

/// Targets whose declarations may be `public`; everything else that is shared is `package`.
let publicTargets: Set<String> = [
    "CaseLedger", "LedgerTypes", "CaseDomain", "LedgerTesting", "StoreBenchmark",
]

/// One spelling that may not appear, and what to write instead.
struct Ban: Sendable {
    let text: String
    let instead: String
    /// Targets where it may appear all the same.
    var except: Set<String> = []
}

let bans: [Ban] = [
    Ban(text: "try" + "!", instead: "a typed throw, or a precondition with a reason"),
    Ban(text: "as" + "! ", instead: "a pattern match"),
    Ban(text: " print(", instead: "the CLI's output type", except: ["CaseLedgerCLI"]),
    Ban(text: "FIX" + "ME", instead: "a test, or an issue"),
    Ban(text: "TO" + "DO", instead: "an issue"),
    Ban(
        text: "MDB_WRITE" + "MAP",
        instead: "nothing: ENOSPC under it is SIGBUS (docs/SAFETY.md)",
        except: ["LMDB"]
    ),
    Ban(
        text: "MDB_NO" + "SYNC",
        instead: "nothing: a power cut corrupts the log (docs/SAFETY.md)",
        except: ["LMDB"]
    ),
    Ban(text: "fatal" + "Error(", instead: "a typed throw, or a precondition with a reason"),
    Ban(text: "Date" + "()", instead: "the clock passed in", except: ["CaseLedgerCLI"]),
]

/// The most lines of a file.
let fileLinesMax = 600
/// The most columns of a line.
let lineColumnsMax = 100
/// The most lines of a function.
let functionLinesMax = 70
