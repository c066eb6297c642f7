package import Logging
import Synchronization

/// A RabbitMQ node of our own: a child process that listens on loopback only and ends with its parent, even when the
/// parent is killed.
///
/// Ports, cookie and credentials are made at random for each data folder and kept there with mode 0600, so a node that
/// is started again in the same folder is the same node with the same messages. Two nodes in different folders never
/// meet. A node left behind in the folder by a killed parent is stopped before a new one starts.
///
/// A broker that is released without `stop()` stops its node in the background.
package final class PrivateBroker: Sendable {
    let configuration: PrivateBrokerConfiguration
    let installation: Installation
    let directory: NodeDirectory
    let identity: NodeIdentity
    let logger: Logger
    let supervisor: Mutex<Supervisor>

    init(_ launch: NodeLaunch, _ identity: NodeIdentity, _ supervisor: Supervisor) {
        configuration = launch.configuration
        installation = launch.installation
        directory = launch.directory
        logger = launch.logger
        self.identity = identity
        self.supervisor = Mutex(supervisor)
    }

    /// Starts a node and returns when it has accepted an AMQP login.
    ///
    /// Where another program has taken a kept port in the meantime, new ports are chosen.
    ///
    /// - Throws: `notInstalled`, `directoryUnusable`, `directoryInUse`, `startFailed` with the node's last words, or
    ///   `startTimedOut`. Nothing is left running then.
    package static func start(
        _ configuration: PrivateBrokerConfiguration, logger: Logger
    ) async throws(LocalBrokerError) -> PrivateBroker {
        let launch = NodeLaunch(
            configuration: configuration,
            installation: try .locate(),
            directory: try NodeDirectory(preparing: configuration.directory),
            logger: logger
        )
        let broker = try await launch.start()
        if configuration.virtualHost != "/" { _ = try await broker.createVirtualHost(configuration.virtualHost) }
        return broker
    }

    /// Starts a node in a new folder under `/tmp`, for a test that stops, kills or freezes it.
    ///
    /// End it with `stop(removingDirectory: true)`.
    ///
    /// - Throws: as `start(_:logger:)` does.
    package static func startTemporary(
        management: Bool = false, logger: Logger
    ) async throws(LocalBrokerError) -> PrivateBroker {
        try await start(
            PrivateBrokerConfiguration(directory: try NodeDirectory.temporary(), management: management),
            logger: logger)
    }

    /// The URL of the node that is kept in a folder, whether it runs or not, with its administrator's password: a secret.
    ///
    /// - Returns: nil where no node has been made there yet.
    /// - Throws: `directoryUnusable` where its identity cannot be read.
    package static func amqpURL(
        inDirectory directory: String, virtualHost: String = "/"
    ) throws(LocalBrokerError) -> String? {
        try NodeDirectory(existing: directory).loadIdentity()?.amqpURL(virtualHost: virtualHost)
    }

    /// The node's process number while it runs.
    package var processID: Int32? { NodeProcesses(mark: identity.mark).machine() }

    /// The node's administrator; a secret.
    package var credentials: BrokerCredentials { identity.credentials }

    /// The broker's URL with its administrator's password: a secret, never log it.
    package var amqpURL: String { amqpURL(virtualHost: configuration.virtualHost) }

    /// The management API's base URL without credentials; nil where it is not served.
    package var managementURL: String? {
        configuration.management ? "http://127.0.0.1:\(identity.ports.management)" : nil
    }

    func amqpURL(virtualHost: String) -> String { identity.amqpURL(virtualHost: virtualHost) }

    /// Returns when the node's process has ended, for whatever reason, or when the task is cancelled.
    package func exited() async { await current.exited() }

    /// Whether the node's process lives.
    package var isRunning: Bool { !current.hasExited }

    var current: Supervisor { supervisor.withLock { $0 } }
}
