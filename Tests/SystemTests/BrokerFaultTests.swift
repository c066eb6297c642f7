import AMQP
import LocalBroker
import LocalReceiver
import Logging
import Orchestrator
import Testing

@testable import clawcast

@Suite("A broker that dies", .timeLimit(.minutes(2)))
struct BrokerFaultTests {
    @Test func `killed in the middle of a thousand deliveries, it costs nothing`() async throws {
        var logger = Logger(label: "broker-fault-test")
        logger.logLevel = .critical
        let broker = try await PrivateBroker.startTemporary(logger: logger)
        let outcome = await Outcome {
            try await TestSystem.with(amqpURL: broker.amqpURL) { system in
                let targets = try await Crowd.createTargets(on: system, receiver: system.receiver)
                await Crowd.publish(to: targets, over: system.client)
                await system.receiver.waitForRequests(Crowd.deliveries / 3)
                await broker.kill()
                #expect(system.receiver.count() < Crowd.deliveries)
                try await broker.restart()
                try await Crowd.checkEvents(system.events)
                try Crowd.checkDeliveries(try LedgerFile(system), system.receiver)
                for target in targets {
                    #expect(try await system.depth("distribution.jobs.webhook.\(target)") == 0)
                }
            }
        }
        await broker.stop(removingDirectory: true)
        try outcome.get()
    }
}
