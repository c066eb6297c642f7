import ArgumentParser
import BrokerRabbitMQ

struct TopologyCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare the broker's exchanges and queues with what is needed.",
        discussion: "Nothing is changed. Bindings and policies cannot be seen over AMQP; exit 1 where anything differs."
    )

    @OptionGroup var options: ServiceOptions

    func run() async throws {
        let environment = Environment.variables
        let configuration = try options.load(environment: environment)
        let topology = Topology(namespace: configuration.namespace)
        let check = try await BrokerVisit.make(
            to: try TopologyCommand.brokerURL(of: configuration), as: "clawcast topology check"
        ) { try await TopologyCheck(of: topology, over: $0) }
        let output = Terminal.output(environment)
        for thing in check.missing { output.line(output.styled("missing ", .yellow) + " " + DisplayText.safe(thing)) }
        for thing in check.different { output.line(output.styled("differs ", .red) + " " + DisplayText.safe(thing)) }
        for thing in check.refused { output.line(output.styled("refused ", .yellow) + " " + DisplayText.safe(thing)) }
        guard check.isClean else { throw CommandFailure.silent }
        output.line("\(topology.exchanges.count) exchanges and \(topology.queues.count) queues are as they should be.")
    }
}
