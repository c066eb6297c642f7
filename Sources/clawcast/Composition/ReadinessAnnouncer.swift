import Orchestrator
import ServiceLifecycle
import Synchronization

/// Tells once that the service is up, and stays beside it until it stops.
final class ReadinessAnnouncer: Service {
    private let listening: AsyncStream<Int>
    private let health: ServiceHealth
    private let onReady: @Sendable (RunningService) async -> Void
    private let describe: @Sendable (_ port: Int, _ stop: @escaping @Sendable () async -> Void) -> RunningService
    private let group = Mutex<ServiceGroup?>(nil)

    /// - Parameter listening: The port that the API listens on, once it does.
    init(
        listening: AsyncStream<Int>, health: ServiceHealth,
        onReady: @escaping @Sendable (RunningService) async -> Void,
        describe: @escaping @Sendable (_ port: Int, _ stop: @escaping @Sendable () async -> Void) -> RunningService
    ) {
        self.listening = listening
        self.health = health
        self.onReady = onReady
        self.describe = describe
    }

    /// Names the group that ``RunningService/stop`` stops.
    func stops(with group: ServiceGroup) {
        self.group.withLock { $0 = group }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let port = await self.listening.first(where: { _ in true }),
                (try? await self.health.untilReady()) != nil
            else { return }
            let group = self.group.withLock { $0 }
            await self.onReady(self.describe(port, { await group?.triggerGracefulShutdown() }))
            // A service that returns ends its group.
            try? await gracefulShutdown()
        }
    }
}
