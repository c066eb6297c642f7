import ArgumentParser
import BrokerRabbitMQ

struct TopologyExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print the definitions in RabbitMQ's own format.",
        discussion: """
            EXAMPLE
              clawcast topology export > definitions.json && rabbitmqctl import_definitions definitions.json
            """)

    @Option(help: "The virtual host to write them for.") var vhost = "/"
    @OptionGroup var options: ServiceOptions

    func run() throws {
        let environment = Environment.variables
        let configuration = try options.load(environment: environment)
        let topology = Topology(namespace: configuration.namespace)
        Terminal.output(environment).write(topology.definitionsJSON(virtualHost: vhost))
    }
}
