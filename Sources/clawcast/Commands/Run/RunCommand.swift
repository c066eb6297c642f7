import ArgumentParser
import Distribution
import Logging
import UnixSignals

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the service.",
        discussion: """
            Without a broker's URL it runs a private RabbitMQ node of its own, loopback only, that ends with it. The \
            first start makes the data folder, the master key and the admin key that the other commands read.

            SIGTERM or Ctrl-C stops it gracefully: what is in flight ends or is given back within 10 s. A second one ends \
            it at once; nothing is lost either way.

            EXAMPLES
              clawcast run
              CLAWCAST_AMQP_URL=amqp://clawcast:…@rabbit/ clawcast run --http 0.0.0.0:4005
              clawcast run --egress-allow 10.0.0.0/8 --print-config
            """)

    @OptionGroup var options: ServiceOptions
    @Flag(help: "Show the settings and where each comes from, secrets redacted, and do nothing else.")
    var printConfig = false

    func run() async throws {
        let environment = Environment.variables
        let configuration = try options.load(environment: environment)
        if printConfig {
            let output = Terminal.output(environment)
            return output.write(ConfigurationReport(configuration).table.rendered(on: output))
        }
        let logger = Logger.service(
            level: configuration.logLevel, format: configuration.logFormat, environment: environment)
        let impatience = SecondSignal()
        defer { impatience.cancel() }
        logger.notice(
            "Starting.", metadata: ["version": "\(Release.version)", "folder": "\(configuration.dataDirectory)"])
        let crash = try CrashOnCue(environment: environment)
        crash?.announce(logger)
        let composition = ServiceComposition(
            configuration: configuration, logger: logger, gracefulShutdownSignals: [.sigterm, .sigint],
            crashPoints: crash, adjustSettings: { crash?.hasten(&$0) })
        do {
            try await composition.run { service in
                logger.notice(
                    "Ready.", metadata: ["api": "\(service.apiAddress)", "adminKey": "\(service.adminKeyFile)"])
            }
        } catch {
            logger.critical(
                "The service has failed.", metadata: ["error": "\(error)", "http": "\(configuration.http)"])
            throw CommandFailure.silent
        }
        logger.notice("Stopped.")
    }
}
