import LocalBroker
import Logging
import ServiceLifecycle

/// Starts the private broker again when its process ends by itself; connections find it on the same port.
struct PrivateBrokerKeeper: Service {
    let broker: PrivateBroker
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await broker.exited()
                guard !Task.isCancelled else { return }
                logger.error("The private broker has ended; starting it again.")
                do {
                    try await broker.restart()
                } catch {
                    logger.error("The private broker could not be started.", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .seconds(2))
                }
            }
        }
    }
}
