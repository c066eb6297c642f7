import ArgumentParser
import Distribution

struct TopologyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Export, declare or check what Clawcast needs at the broker.",
        discussion: """
            `clawcast run` declares exchanges, queues and bindings itself. Policies and users cannot be declared over \
            AMQP: load the exported definitions with `rabbitmqctl import_definitions`, then set passwords.
            """,
        subcommands: [TopologyExport.self, TopologyApply.self, TopologyCheckCommand.self])

    /// The URL of a broker that is not the service's own.
    static func brokerURL(of configuration: ServiceConfiguration) throws(CommandFailure) -> Secret {
        guard let url = configuration.amqpURL else {
            throw CommandFailure(
                "No broker is configured.",
                remediation: "Set CLAWCAST_AMQP_URL or --amqp-url-file; "
                    + "`clawcast run` keeps a private broker in order by itself.")
        }
        return url
    }
}
