import API
import Distribution
import Orchestrator
import ServiceLifecycle
import Synchronization

/// Tells once that the service is up, and stays beside it until it stops.
final class ReadinessAnnouncer: Service {
    private let api: APIServer
    private let health: ServiceHealth
    private let onReady: @Sendable (RunningService) async -> Void
    private let adminKey: Secret
    private let adminKeyFile: String
    private let amqpURL: Secret
    private let useCases: DistributionUseCases
    private let group = Mutex<ServiceGroup?>(nil)

    init(
        api: APIServer, health: ServiceHealth, onReady: @escaping @Sendable (RunningService) async -> Void,
        adminKey: Secret, adminKeyFile: String, amqpURL: Secret, useCases: DistributionUseCases
    ) {
        self.api = api
        self.health = health
        self.onReady = onReady
        self.adminKey = adminKey
        self.adminKeyFile = adminKeyFile
        self.amqpURL = amqpURL
        self.useCases = useCases
    }

    /// Names the group that ``RunningService/stop`` stops.
    func stops(with group: ServiceGroup) {
        self.group.withLock { $0 = group }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let port = try? await self.api.boundPort() else { return }
            guard (try? await self.health.untilReady()) != nil else { return }
            await self.onReady(self.running(port: port))
            // A service that returns ends its group.
            try? await gracefulShutdown()
        }
    }

    private func running(port: Int) -> RunningService {
        let group = group.withLock { $0 }
        return RunningService(
            apiAddress: api.configuration.url(port: port), adminKey: adminKey, adminKeyFile: adminKeyFile,
            amqpURL: amqpURL, useCases: useCases, stop: { await group?.triggerGracefulShutdown() })
    }
}
