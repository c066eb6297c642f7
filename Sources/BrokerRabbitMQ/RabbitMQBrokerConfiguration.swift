package import AMQP
package import Distribution

/// Where the broker is and how an installation uses it.
package struct RabbitMQBrokerConfiguration: Sendable {
    /// Both connections are made with it; their names are made from `instance`.
    package var connection: ConnectionConfiguration
    package var namespace: BrokerNamespace
    /// This process among others of its kind, for the broker's list of connections and consumers.
    package var instance: String
    /// The installed channels; each gets a queue of dead letters.
    package var channels: [ChannelType]
    package var ladder: DelayLadder
    /// Plan messages in hand and unsettled at most.
    package var planPrefetch: UInt16
    /// Orphaned job messages in hand and unsettled at most.
    package var orphanPrefetch: UInt16
    /// Target queues on one AMQP channel, which a failure of one of them reopens for all; 50 to 100 is sensible.
    package var targetsPerGroup: Int
    /// How long a target's queue counts as new. RabbitMQ 3.10 may leave without leader a quorum queue that was declared
    /// within about the last second before it was killed; one that is lost while it is new is asked for in seconds.
    package var queueRecency = Duration.seconds(10)
    /// How often something is published that goes nowhere, to learn whether the broker holds publishers back.
    package var alarmCheckInterval = Duration.seconds(5)
    /// How often queues are looked for that somebody may have deleted.
    package var queueCheckInterval = Duration.seconds(20)

    package init(
        connection: ConnectionConfiguration, namespace: BrokerNamespace = .standard, instance: String = "clawcast",
        channels: [ChannelType] = [.webhook, .feed, .partner], ladder: DelayLadder = .standard,
        planPrefetch: UInt16 = 64, orphanPrefetch: UInt16 = 64, targetsPerGroup: Int = 64
    ) {
        self.connection = connection
        self.namespace = namespace
        self.instance = instance
        self.channels = channels
        self.ladder = ladder
        self.planPrefetch = planPrefetch
        self.orphanPrefetch = orphanPrefetch
        self.targetsPerGroup = max(targetsPerGroup, 1)
    }

    /// - Parameter url: `amqp://` or `amqps://`; a secret.
    /// - Throws: `AMQPError.invalidURL`, which does not repeat the password.
    package init(
        url: String, namespace: BrokerNamespace = .standard, instance: String = "clawcast"
    ) throws(AMQPError) {
        self.init(connection: try ConnectionConfiguration(url: url), namespace: namespace, instance: instance)
    }

    package var topology: Topology {
        Topology(namespace: namespace, channels: channels, ladder: ladder)
    }

    /// The connection's settings under a name that tells instance and purpose apart.
    func connection(for purpose: String) -> ConnectionConfiguration {
        var named = connection
        named.connectionName = "\(instance) \(purpose)"
        // The codec keeps a block of this size for each channel, and most messages are far smaller.
        named.frameMax = min(named.frameMax, 32_768)
        return named
    }
}
