import AMQP
import Distribution
import Logging
import NIOPosix

/// A short stay at the broker: connect, do something, leave.
enum BrokerVisit {
    /// - Throws: ``CommandFailure`` where the broker cannot be reached, else what the body throws.
    static func make<Result: Sendable>(
        to url: Secret, as name: String, _ body: @escaping @Sendable (Connection) async throws -> Result
    ) async throws -> Result {
        var configuration: ConnectionConfiguration
        do throws(AMQPError) {
            configuration = try ConnectionConfiguration(url: url.reveal())
        } catch {
            throw CommandFailure("\(error)")
        }
        do throws(TLSOptionsError) {
            try configuration.tls?.check()
        } catch {
            throw CommandFailure("\(error.code.rawValue): \(error.message)", remediation: error.remediation)
        }
        configuration.connectionName = name
        let connection = Connection(
            configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: name) { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await connection.run() }
            defer { group.cancelAll() }
            try await opened(connection, at: configuration)
            return try await body(connection)
        }
    }

    /// Returns once the connection is open; unlike the service, a command gives up at the first failure.
    private static func opened(_ connection: Connection, at configuration: ConnectionConfiguration) async throws {
        for await state in connection.states() {
            switch state {
            case .connected, .blocked: return
            case .connecting(_, nil): continue
            case .connecting(_, let reason?): throw unreachable(configuration, reason)
            case .closed: throw unreachable(configuration, .notConnected)
            }
        }
        throw unreachable(configuration, .notConnected)
    }

    private static func unreachable(_ configuration: ConnectionConfiguration, _ reason: AMQPError) -> CommandFailure {
        CommandFailure(
            "No connection to the broker at \(configuration.host):\(configuration.port). \(reason)",
            remediation: reason.remediation)
    }
}
