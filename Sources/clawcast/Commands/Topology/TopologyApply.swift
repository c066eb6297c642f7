import AMQP
import ArgumentParser
import BrokerRabbitMQ

struct TopologyApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Declare exchanges, queues and bindings; what exists stays as it is.")

    @OptionGroup var options: ServiceOptions

    func run() async throws {
        let environment = Environment.variables
        let configuration = try options.load(environment: environment)
        let topology = Topology(namespace: configuration.namespace)
        do {
            try await BrokerVisit.make(
                to: try TopologyCommand.brokerURL(of: configuration), as: "clawcast topology apply"
            ) { connection in
                try await connection.withChannel { try await topology.declare(on: $0) }
            }
        } catch let error as AMQPError {
            throw CommandFailure(
                "\(error)", remediation: "See what differs with `clawcast topology check`; remove or migrate it.")
        }
        Terminal.output(environment).line(
            "Declared \(topology.exchanges.count) exchanges, \(topology.queues.count) queues and "
                + "\(topology.bindings.count) bindings.")
    }
}
