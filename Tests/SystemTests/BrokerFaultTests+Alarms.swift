import AMQP
import Distribution
import LocalBroker
import LocalReceiver
import Logging
import Orchestrator
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

    @Test func `an alarm is noticed while nothing is published; callers' plans are kept and go out afterwards`()
        async throws
    {
        let node = try OwnNode.current
        let url = try await node.createVirtualHost("unnoticed")
        let log = CapturedLog()
        // An idle target would be delivered to at once, without the broker.
        try await TestSystem.with(
            amqpURL: url, logger: log.logger(level: .notice), settings: { $0.startsPromptly = false }
        ) { system in
            let target = try await system.createTarget(path: "/ok/unnoticed")
            try await system.deliverMarker("before", to: target)
            let probe = try APIProbe(system)
            let outcome = await Outcome {
                try await node.rabbitmqctl(["set_vm_memory_high_watermark", "0.00001"])
                // Nobody publishes anything; the service asks by itself.
                let ready = try await system.ready { $0.contains { $0.hasPrefix("broker blocked") } }
                #expect(ready.status == 503)
                for number in 0..<200 {
                    let plan = Plans.owner(key: "caller-\(number)", targets: [target.id])
                    #expect(try await probe.send("POST", "/plans", plan).status == 201)
                }
                let metrics = try await probe.send("GET", absolute: "/metrics").text
                #expect(metrics.contains("clawcast_broker_blocked 1"))
                #expect(try await system.service.useCases.totals().owedJobs == 200)
                #expect(system.receiver.count(at: "/ok/unnoticed") == 1)
                try await node.rabbitmqctl(["set_vm_memory_high_watermark", "absolute", "1GB"])
            }
            if case .failure = Result(catching: { try outcome.get() }) {
                try await node.rabbitmqctl(["set_vm_memory_high_watermark", "absolute", "1GB"])
            }
            try outcome.get()
            try await system.becomesReady()
            try await system.events.wait(for: 201, type: "plan.completed")
            #expect(system.receiver.count(at: "/ok/unnoticed") == 201)
            #expect(try await probe.send("GET", absolute: "/metrics").text.contains("clawcast_broker_blocked 0"))
            #expect(log.count(of: "The broker holds publishers back") == 1)
            #expect(log.count(of: "The broker takes messages again") == 1)
        }
    }
}
