import ArgumentParser
import Distribution
import Egress
import LocalReceiver
import Logging
import Sealing
import Synchronization
import UnixSignals

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show it all on this machine: broker, service, receiver, deliveries, retries, dead letters.",
        discussion: """
            Starts a private RabbitMQ node, the service and an HTTP receiver on loopback, all in a temporary folder, \
            publishes plans over AMQP as WordClaw would, and shows the events as they come. Takes well under a minute, \
            needs nothing but RabbitMQ installed, and leaves nothing behind. Exit 1 where anything went otherwise than \
            it should.
            """)

    @Flag(help: "Show the service's log as well.") var verbose = false

    private static let limitSeconds = 60

    func run() async throws {
        let environment = Environment.variables
        let impatience = SecondSignal()
        defer { impatience.cancel() }
        let folder = try TemporaryFolder(prefix: "clawcast-demo")
        defer { folder.remove() }
        let secret = try WebhookKey.generateSymmetric()
        let checker = try SignatureChecker(secret: secret)
        let receiver = try await Receiver.start(verify: { headers, body in checker.accepts(headers, body) })
        let stage = DemoStage(
            receiver: receiver, secret: secret, output: .output(environment), diagnostics: .diagnostics(environment))
        do {
            try await play(on: stage, in: folder, environment)
        } catch {
            await receiver.stop()
            throw error
        }
        await receiver.stop()
    }

    /// - Throws: ``CommandFailure`` where the time is up; everything is stopped by then.
    private func play(on stage: DemoStage, in folder: TemporaryFolder, _ environment: [String: String]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve(stage, in: folder, environment) }
            group.addTask {
                try await Task.sleep(for: .seconds(Self.limitSeconds))
                throw CommandFailure(
                    "The demo has not come to its end within \(Self.limitSeconds) s.",
                    remediation: "See what is going on with `clawcast demo --verbose`.")
            }
            group.addTask {
                // From the first moment on: a node that is just starting has to be stopped, and the folder removed.
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    throw CommandFailure("The demo was interrupted.")
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Runs the service for as long as the story takes.
    private func serve(_ stage: DemoStage, in folder: TemporaryFolder, _ environment: [String: String]) async throws {
        var configuration = ServiceConfiguration(dataDirectory: folder.path, instance: "demo")
        configuration.http = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.egressAllow = [try CIDR("127.0.0.0/8")]
        let logger = Logger.service(level: verbose ? .info : .critical, format: .text, environment: environment)
        let composition = ServiceComposition(configuration: configuration, logger: logger)
        let story = DemoStory(stage: stage)
        story.begin()
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        try await composition.run { service in
            do {
                try await story.tell(service)
                outcome.withLock { $0 = .success(()) }
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
            await service.stop()
        }
        guard let result = outcome.withLock({ $0 }) else {
            throw CommandFailure(
                "The service stopped before it was ready.", remediation: "See why with `clawcast demo --verbose`.")
        }
        try result.get()
        story.end()
    }
}
