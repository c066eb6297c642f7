import AMQP
import Distribution
import LocalBroker
import LocalReceiver
import Testing

@testable import clawcast

extension BrokerFaultTests {
    @Test(arguments: [
        ("memory", ["set_vm_memory_high_watermark", "0.00001"], ["set_vm_memory_high_watermark", "absolute", "1GB"]),
        ("disk", ["set_disk_free_limit", "1000000GB"], ["set_disk_free_limit", "256MB"]),
    ])
    func `low on memory or disk it is told of, delivers on, and gets the rest once it is well`(
        name: String, alarm: [String], relief: [String]
    ) async throws {
        let node = try OwnNode.current
        let url = try await node.createVirtualHost(name)
        try await TestSystem.with(amqpURL: url) { system in
            let convoy = try await Convoy.prepare(name, on: system, delay: 150, maxInFlight: 1)
            await convoy.send(0..<20, over: system.client)
            await system.receiver.waitForRequests(10)
            let outcome = await Outcome {
                try await node.rabbitmqctl(alarm)
                // A client that publishes is held back, as the service is with the next event.
                async let held: Void = convoy.send(20..<30, over: system.client)
                let answer = try await system.ready { $0.contains { $0.hasPrefix("broker blocked") } }
                #expect(answer.status == 503)
                #expect(answer.code == "BROKER_UNAVAILABLE")
                #expect(answer.object["error"]?.stringValue?.contains("low on \(name)") == true)
                #expect(answer.object["remediation"]?.stringValue?.contains("rabbitmqctl status") == true)
                // What is in the target queues already is delivered and acked.
                let metrics = try await APIProbe(system).send("GET", absolute: "/metrics")
                #expect(metrics.text.contains("clawcast_ready 0"))
                await system.receiver.waitForRequests(80)
                try await node.rabbitmqctl(relief)
                await held
            }
            if case .failure = Result(catching: { try outcome.get() }) { try await node.rabbitmqctl(relief) }
            try outcome.get()
            try await convoy.arrive(30, at: system)
            try await system.becomesReady()
        }
    }
}
