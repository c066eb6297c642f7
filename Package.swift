// swift-tools-version: 6.3

import PackageDescription

/// The layers, from the bottom up; a target imports only what stands above it here. `swift build
/// --explicit-target-dependency-import-check error` (in `deploy/test`) keeps it so.
let package = Package(
    name: "clawcast",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "clawcast", targets: ["clawcast"]),
        .executable(name: "clawcast-bench", targets: ["clawcast-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        // System libraries: module maps and inline shims, nothing clever.
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        // Protocol clients that know no business word.
        .target(
            name: "AMQP",
            dependencies: [
                "CRabbitMQ",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "Egress",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // The domain: pure, no I/O, no time and no randomness of its own.
        .target(name: "Distribution"),
        .target(name: "Sealing", dependencies: ["Distribution", "COpenSSL"]),

        // The ports' real implementations.
        .target(
            name: "LedgerSQLite",
            dependencies: [
                "Distribution", "Sealing", "CSQLite",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "BrokerRabbitMQ",
            dependencies: [
                "Distribution", "AMQP",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(name: "Adapters", dependencies: ["Distribution", "Egress", "Sealing"]),

        // What decides, and the façade that every protocol calls.
        .target(
            name: "Orchestrator",
            dependencies: [
                "Distribution", "Sealing",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "PrometheusExport",
            dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")]
        ),
        .target(
            name: "API",
            dependencies: [
                "Orchestrator", "Distribution", "Sealing", "PrometheusExport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // A private broker and a receiver that misbehaves on demand: demo, bench and tests use them.
        .target(name: "LocalBroker", dependencies: [.product(name: "Logging", package: "swift-log")]),
        .target(
            name: "LocalReceiver",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // Commands, configuration, composition root.
        .executableTarget(
            name: "clawcast",
            dependencies: [
                "API", "Adapters", "AMQP", "BrokerRabbitMQ", "Distribution", "Egress", "LedgerSQLite", "LocalBroker",
                "LocalReceiver", "Orchestrator", "PrometheusExport", "Sealing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            linkerSettings: [.compactRelease]
        ),
        .executableTarget(
            name: "clawcast-bench",
            dependencies: [
                "AMQP", "Distribution", "Egress", "LedgerSQLite", "LocalBroker", "LocalReceiver", "Orchestrator",
                "Sealing",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        // Tests. Only test targets import `DistributionTesting` (it links `Testing`).
        .target(name: "DistributionTesting", dependencies: ["Distribution"]),
        .testTarget(
            name: "AMQPTests",
            dependencies: [
                "AMQP", "LocalBroker",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "EgressTests",
            dependencies: [
                "Egress", "LocalReceiver",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(name: "DistributionTests", dependencies: ["Distribution", "DistributionTesting"]),
        .testTarget(name: "SealingTests", dependencies: ["Sealing", "Distribution"]),
        .testTarget(
            name: "LedgerSQLiteTests",
            dependencies: [
                "LedgerSQLite", "Distribution", "DistributionTesting", "Sealing",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "BrokerRabbitMQTests",
            dependencies: [
                "BrokerRabbitMQ", "AMQP", "Distribution", "DistributionTesting", "LocalBroker",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "AdaptersTests",
            dependencies: [
                "Adapters", "Distribution", "DistributionTesting", "Egress", "Sealing", "LocalReceiver",
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "OrchestratorTests",
            dependencies: [
                "Orchestrator", "Distribution", "DistributionTesting", "Sealing",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Orchestrator", "Distribution", "DistributionTesting",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "PrometheusExportTests",
            dependencies: ["PrometheusExport", .product(name: "CoreMetrics", package: "swift-metrics")]
        ),
        .testTarget(
            name: "LocalBrokerTests",
            dependencies: ["LocalBroker", .product(name: "Logging", package: "swift-log")]
        ),
        .testTarget(
            name: "LocalReceiverTests",
            dependencies: [
                "LocalReceiver",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "clawcast", "API", "AMQP", "BrokerRabbitMQ", "Distribution", "DistributionTesting", "Egress",
                "LocalBroker", "LocalReceiver", "Orchestrator", "Sealing",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            exclude: ["Python"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}

/// What ten thousand simulated worlds spend their time in is optimised in debug builds, too, and keeps every check that
/// those have: assertions, and the bounds of unsafe buffers.
let simulated = ["Distribution", "Orchestrator", "DistributionTesting", "SimulationTests"]
for target in package.targets where simulated.contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug)))
}

extension LinkerSetting {
    /// An executable whose relocations are packed and whose symbols nobody can look up: some 6 MB of tables otherwise, read
    /// at every start and resident from then on. The linker that can do so comes with Swift.
    fileprivate static var compactRelease: LinkerSetting {
        .unsafeFlags(
            ["-use-ld=lld"]
                + ["-z", "pack-relative-relocs", "--no-export-dynamic", "--icf=safe"].flatMap { ["-Xlinker", $0] },
            .when(platforms: [.linux], configuration: .release))
    }
}
