// swift-tools-version:6.3
import PackageDescription

let package = Package(
    name: "caseledger-benchmarks",
    dependencies: [
        .package(name: "caseledger", path: "..")
    ],
    targets: [
        // The peers in C, in their tightest loops, and a count of allocations.
        .target(
            name: "CBaseline",
            linkerSettings: [.linkedLibrary("lmdb"), .linkedLibrary("sqlite3")]
        ),
        .executableTarget(
            name: "Benchmark",
            dependencies: [
                "CBaseline",
                .product(name: "CaseLedger", package: "caseledger"),
                .product(name: "StoreBenchmark", package: "caseledger"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
