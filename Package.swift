// swift-tools-version:6.3
import PackageDescription

/// Settings every Swift target in this package builds with.
let houseSettings: [SwiftSetting] = [
    // `any` is written where a value is boxed.
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // An import is an implementation detail unless a signature needs it.
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // A member is visible only where its module is imported, so the arrows stay honest.
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // Conformances of isolated types are isolated as well.
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0470-isolated-conformances.md
    .enableUpcomingFeature("InferIsolatedConformances"),
    // An async function runs where its caller runs unless it says otherwise.
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // A weak capture cannot be reassigned behind a closure's back.
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0481-weak-let.md
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    // `@_lifetime`: promised source-stable, see swift-nio's Package.swift.
    .enableExperimentalFeature("Lifetimes"),
    // Every call that could break memory safety is marked `unsafe`.
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
    .strictMemorySafety(),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0480-swiftpm-warning-control.md
    .treatAllWarnings(as: .error),
]

/// Settings of the tests. In release the code under test is optimised and the tests are not: what
/// `#expect` expands to takes longer to optimise than all the sources.
let testSettings = houseSettings + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let package = Package(
    name: "caseledger",
    products: [
        .library(name: "CaseLedger", targets: ["CaseLedger", "CaseDomain", "LedgerTypes"]),
        .executable(name: "caseledger", targets: ["CaseLedgerCLI"]),
        // For Benchmarks/ only, which is a package of its own and so cannot see `package` API.
        .library(name: "StoreBenchmark", targets: ["StoreBenchmark"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLMDB",
            pkgConfig: "lmdb",
            providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .systemLibrary(
            name: "CExpat",
            pkgConfig: "expat",
            providers: [.apt(["libexpat1-dev"]), .brew(["expat"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
        ),
        .target(name: "CPosixShims"),
        .target(
            name: "CNetwork",
            dependencies: [
                "COpenSSL"
            ]
        ),
        .target(name: "CFaults"),
        .target(name: "CSHA256"),
        .target(
            name: "LMDB",
            dependencies: [
                "CLMDB",
                "CPosixShims",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "LedgerTypes",
            swiftSettings: houseSettings
        ),
        .target(
            name: "Merkle",
            dependencies: [
                "CSHA256",
                "LedgerTypes",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "CaseDomain",
            dependencies: [
                "LedgerTypes"
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "EventStore",
            dependencies: [
                "LMDB",
                "Merkle",
                "LedgerTypes",
                "CPosixShims",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Sealing",
            dependencies: [
                "EventStore",
                "LedgerTypes",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Projections",
            dependencies: [
                "EventStore",
                "CaseDomain",
                "LedgerTypes",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Replication",
            dependencies: [
                "EventStore",
                "Merkle",
                "Sealing",
                "LedgerTypes",
                "CZlib",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "SyncTransport",
            dependencies: [
                "Replication",
                "LedgerTypes",
                "CPosixShims",
                "CNetwork",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Interchange",
            dependencies: [
                "CaseDomain",
                "LedgerTypes",
                "CZlib",
                "CExpat",
                "CSQLite",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [.embedInCode("Presets")],
            swiftSettings: houseSettings
        ),
        .target(
            name: "CaseLedger",
            dependencies: [
                "CaseDomain",
                "EventStore",
                "Interchange",
                "LedgerTypes",
                "Projections",
                "Replication",
                "Sealing",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "SyncService",
            dependencies: [
                "CaseLedger",
                "LedgerTypes",
                "Replication",
                "SyncTransport",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "Simulation",
            dependencies: [
                "CaseLedger",
                "CaseDomain",
                "Interchange",
                "LedgerTypes",
            ],
            resources: [.embedInCode("Presets")],
            swiftSettings: houseSettings
        ),
        .executableTarget(
            name: "CaseLedgerCLI",
            dependencies: [
                "CaseLedger",
                "Simulation",
                "SyncService",
                "SyncTransport",
                "Replication",
                "CaseDomain",
                "LedgerTypes",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "StoreBenchmark",
            dependencies: [
                "CaseDomain",
                "CaseLedger",
                "EventStore",
                "LedgerTypes",
                "Merkle",
            ],
            swiftSettings: houseSettings
        ),
        .target(
            name: "LedgerTesting",
            dependencies: [
                "CFaults",
                "LedgerTypes",
            ],
            swiftSettings: houseSettings
        ),
        .testTarget(
            name: "LMDBTests",
            dependencies: [
                "LMDB",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "LedgerTypesTests",
            dependencies: [
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "MerkleTests",
            dependencies: [
                "Merkle",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "CaseDomainTests",
            dependencies: [
                "CaseDomain",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "EventStoreTests",
            dependencies: [
                "EventStore",
                "LedgerTypes",
                "LMDB",
                "Merkle",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SealingTests",
            dependencies: [
                "Sealing",
                "EventStore",
                "LedgerTypes",
                "LedgerTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ProjectionsTests",
            dependencies: [
                "Projections",
                "EventStore",
                "CaseDomain",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ReplicationTests",
            dependencies: [
                "Replication",
                "EventStore",
                "Sealing",
                "LedgerTypes",
                "Merkle",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SyncTransportTests",
            dependencies: [
                "SyncTransport",
                "Replication",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SyncServiceTests",
            dependencies: [
                "SyncService",
                "SyncTransport",
                "Replication",
                "CaseLedger",
                "CaseDomain",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "InterchangeTests",
            dependencies: [
                "Interchange",
                "CaseDomain",
                "LedgerTypes",
                "LedgerTesting",
            ],
            exclude: ["Export/Golden"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "CaseLedgerTests",
            dependencies: [
                "CaseLedger",
                "CaseDomain",
                "EventStore",
                "Projections",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Simulation",
                "CaseLedger",
                "CaseDomain",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ScenarioTests",
            dependencies: [
                "CaseLedger",
                "CaseDomain",
                "LedgerTypes",
                "LedgerTesting",
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "ParserTests",
            dependencies: [
                "CaseDomain",
                "EventStore",
                "Interchange",
                "LedgerTesting",
                "LedgerTypes",
                "Merkle",
                "Replication",
                "Sealing",
            ],
            exclude: ["Fuzz"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "CaseLedgerCLI",
                "LedgerTesting",
            ],
            exclude: ["Golden"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "TidyTests",
            swiftSettings: testSettings
        ),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzzing instruments everything, so tools/fuzz builds it apart: the parsers of ParserTests as a
// program.
// For ThreadSanitizer: storage, sealing and sync, without what builds on them.
if Context.environment["CASELEDGER_STORAGE_ONLY"] != nil {
    let others: Set = [
        "CaseDomain", "Projections", "Interchange", "CaseLedger", "Simulation", "CaseLedgerCLI",
        "StoreBenchmark", "SyncService", "SyncServiceTests", "CaseDomainTests", "ProjectionsTests",
        "InterchangeTests", "CaseLedgerTests", "SimulationTests", "ScenarioTests", "ParserTests",
        "CLITests",
    ]
    package.products = []
    package.targets.removeAll { others.contains($0.name) }
}

if Context.environment["CASELEDGER_FUZZ"] != nil {
    package.targets.removeAll { $0.name == "ParserTests" }
    package.targets += [
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CaseDomain", "EventStore", "Interchange", "LedgerTesting", "LedgerTypes",
                "Merkle", "Replication", "Sealing",
            ],
            path: "Tests/ParserTests",
            exclude: ["MutationTests.swift"],
            swiftSettings: testSettings
        )
    ]
}
