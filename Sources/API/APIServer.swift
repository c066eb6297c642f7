import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
package import Orchestrator
package import PrometheusExport
import ServiceLifecycle

/// The HTTP server: REST under `/api/distribution`, and health, readiness and metrics (contract, section 7).
///
/// It listens while ``run()`` runs. On graceful shutdown it takes no further connection, finishes the requests in hand
/// and returns.
package struct APIServer: Service {
    private let configuration: APIConfiguration
    private let application: Application<RouterResponder<APIContext>>

    /// - Parameters:
    ///   - onListening: is told the port that was bound, once connections are accepted.
    package init(
        configuration: APIConfiguration, useCases: DistributionUseCases, metrics: PrometheusMetricsFactory,
        eventLoopGroup: (any EventLoopGroup)? = nil, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        let router = APIRouter(configuration: configuration, useCases: useCases, metrics: metrics)
        var options = ApplicationConfiguration(address: .hostname(configuration.host, port: configuration.port))
        options.availableConnectionsDelegate = MaximumAvailableConnections(configuration.maximumConnections)
        application = Application(
            router: router.build(), server: .http1(configuration: Self.channel(configuration)),
            configuration: options,
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                logger.info("The API is listening.", metadata: ["port": "\(port)"])
                await onListening(port)
            },
            eventLoopGroupProvider: eventLoopGroup.map { .shared($0) } ?? .singleton, logger: logger)
    }

    package func run() async throws {
        try await application.run()
    }

    private static func channel(_ configuration: APIConfiguration) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: .seconds(configuration.idleSeconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 8_192, maxHeaderListSize: 32_768, maxHeaderFieldCount: 100))
    }
}
