import AMQP
import Distribution
import LocalBroker
import LocalReceiver
import Logging
import Orchestrator
import Testing

@testable import clawcast

extension BrokerFaultTests {
    @Test func `a target's queue that is deleted under its consumer loses nothing of what was in it`() async throws {
        let node = try OwnNode.current
        try await TestSystem.with(amqpURL: try await node.createVirtualHost("deleted")) { system in
            let convoy = try await Convoy.prepare("deleted", on: system, targets: 2, delay: 100, maxInFlight: 1)
            await convoy.send(0..<20, over: system.client)
            await system.receiver.waitForRequests(4)
            let queue = "distribution.jobs.webhook.\(convoy.targets[0])"
            let lost = try await system.client.withChannel { try await $0.deleteQueue(name: queue) }
            #expect(lost > 0)
            await convoy.send(20..<22, over: system.client)
            try await convoy.arrive(22, at: system)
            #expect(try await system.depth(queue) == 0)
        }
    }

    @Test func `a target whose queue somebody else has declared is in quarantine until that one is deleted`()
        async throws
    {
        let node = try OwnNode.current
        let log = CapturedLog()
        let url = try await node.createVirtualHost("usurped")
        try await TestSystem.with(
            amqpURL: url, logger: log.logger(level: .notice),
            { system in
                let convoy = try await Convoy.prepare("usurped", on: system, targets: 2, delay: 100, maxInFlight: 1)
                await convoy.send(0..<10, over: system.client)
                await system.receiver.waitForRequests(4)
                let (target, neighbour) = (convoy.targets[0], convoy.targets[1])
                let queue = "distribution.jobs.webhook.\(target)"
                try await Self.usurp(queue, of: target, over: system.client)
                let api = try APIProbe(system)
                let shown = try await Self.problem(of: target, over: api, on: system)
                #expect(shown["code"]?.stringValue == "QUEUE_REFUSED")
                #expect(shown["message"]?.stringValue?.contains("PRECONDITION_FAILED") == true)
                #expect(
                    shown["remediation"]?.stringValue?.contains("delete_queue --vhost 'usurped' '\(queue)'") == true)
                #expect(try await api.get("/targets/\(neighbour)").data["queueProblem"] == .null)
                #expect(try await api.get("/targets").list.map { $0["queueProblem"] == .null } == [false, true])
                let metrics = try await api.send("GET", absolute: "/metrics").text
                #expect(metrics.contains("clawcast_targets_in_quarantine 1"))
                // Logged once it is shown.
                while !log.text.contains("delete_queue") {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                let sheet = try await Self.show(target, of: system)
                #expect(sheet.contains("Queue problem"))

                // The neighbour goes on; the target's jobs wait in the ledger and do not go round.
                await convoy.send(10..<14, over: system.client)
                await system.receiver.waitForRequests(14, at: "/delay/100/usurped/1")
                #expect(try await system.depth("distribution.orphans") == 0)
                #expect(system.receiver.count(at: "/delay/100/usurped/0") < 14)
                #expect(try await system.ready { _ in true }.status == 200)

                try await system.client.withChannel { _ = try await $0.deleteQueue(name: queue) }
                try await convoy.arrive(14, at: system)
                #expect(try await api.get("/targets/\(target)").data["queueProblem"] == .null)
                while !log.text.contains("can be used again") {
                    try Task.checkCancellation()
                    await Task.yield()
                }
            })
    }

    /// Puts a classic queue in the place of a target's, bound as that was.
    private static func usurp(_ queue: String, of target: TargetID, over client: Connection) async throws {
        // The service declares a queue again that has been deleted: be quicker.
        while true {
            do {
                try await client.withChannel { channel in
                    async let deletion = channel.deleteQueue(name: queue)
                    async let declaration = channel.declareQueue(name: queue, arguments: ["x-queue-type": "classic"])
                    _ = try await (deletion, declaration)
                    try await channel.bindQueue(
                        queue: queue, exchange: "distribution.jobs", routingKey: "webhook.\(target)")
                }
                return
            } catch AMQPError.channelClosed(406, _) {
                continue
            }
        }
    }

    /// The problem of a target's queue, once there is one.
    private static func problem(
        of target: TargetID, over api: APIProbe, on system: TestSystem
    ) async throws -> JSONObject {
        while system.service.useCases.queueProblem(of: target) == nil {
            try Task.checkCancellation()
            await Task.yield()
        }
        return try #require(try await api.get("/targets/\(target)").data["queueProblem"]?.objectValue)
    }

    private static func show(_ target: TargetID, of system: TestSystem) async throws -> String {
        let run = try await CLIProgram.run(
            ["targets", "show", "\(target)"],
            [
                "CLAWCAST_DATA_DIR": system.dataDirectory,
                "CLAWCAST_HTTP": String(system.service.apiAddress.dropFirst(7)),
            ])
        #expect(run.code == 0, "\(run.errors)")
        return run.output
    }
}
