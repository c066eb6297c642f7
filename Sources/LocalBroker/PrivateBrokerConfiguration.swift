/// How a private RabbitMQ node is to be run.
package struct PrivateBrokerConfiguration: Sendable {
    /// The node's data folder; made when it is missing. Messages, ports, cookie and credentials live here.
    package var directory: String
    /// Whether the HTTP management API is served. It costs memory, idle CPU and five seconds of every stop.
    package var management: Bool
    /// The virtual host that `amqpURL` names. `/` always exists; another one is made on start.
    package var virtualHost: String
    /// The node's memory in bytes above which it blocks publishers.
    package var memoryHighWatermarkBytes: Int
    /// The free disk space in bytes below which the node blocks publishers.
    package var diskFreeLimitBytes: Int
    /// The time in seconds from spawning the node to a handshake that works. A loaded machine needs fifteen.
    package var startupTimeoutSeconds: Int
    /// Whether the node's data is worthless: the node is killed instead of stopped, the folder is removed
    /// when it ends, and `restart()` is refused.
    package var isEphemeral: Bool
    /// The number of Erlang schedulers, which is the number of cores the node can keep busy; nil means all.
    package var schedulers: Int?

    package init(
        directory: String,
        management: Bool = false,
        virtualHost: String = "/",
        memoryHighWatermarkBytes: Int = 1 << 30,
        diskFreeLimitBytes: Int = 256 << 20,
        startupTimeoutSeconds: Int = 90,
        isEphemeral: Bool = false,
        schedulers: Int? = nil
    ) {
        self.directory = directory
        self.management = management
        self.virtualHost = virtualHost
        self.memoryHighWatermarkBytes = memoryHighWatermarkBytes
        self.diskFreeLimitBytes = diskFreeLimitBytes
        self.startupTimeoutSeconds = startupTimeoutSeconds
        self.isEphemeral = isEphemeral
        self.schedulers = schedulers
    }
}
