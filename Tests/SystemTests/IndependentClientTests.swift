import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Sealing
import Testing

@testable import clawcast

@Suite("Clients that others wrote", .timeLimit(.minutes(2)))
struct IndependentClientTests {
    @Test func `pika publishes a plan with a confirm and reads its events in order`() async throws {
        try await TestSystem.with { system in
            let queue = "distribution.events.python"
            try await system.client.withChannel { channel in
                _ = try await channel.declareQueue(name: queue, arguments: ["x-queue-type": "quorum"])
                try await channel.bindQueue(
                    queue: queue, exchange: "distribution.events", routingKey: "distribution.1.#")
            }
            let targets = [
                try await system.createTarget(path: "/one").id,
                try await system.createTarget(
                    path: "/fail-first/1/503", settings: ["retry": RetryTests.schedule("[0.1]")]
                )
                .id,
            ]
            let plan = JSON.object(Plans.owner(key: "python", targets: targets))
            let output = try await Python.run(
                "publish_and_read.py", [queue], input: plan.serialized(),
                environment: ["AMQP_URL": system.service.amqpURL.reveal()])
            let events = try output.split(separator: "\n").map { try #require(try JSON.parse(String($0)).objectValue) }
                .filter { $0["data"]?.objectValue?["plan"] != nil }
            let types = events.map { $0["type"]?.stringValue ?? "" }
            #expect(types.first == "distribution.plan.accepted")
            #expect(types.last == "distribution.plan.completed")
            #expect(types.count { $0 == "distribution.job.succeeded" } == 2)
            #expect(types.count { $0 == "distribution.job.retrying" } == 1)
            #expect(events.compactMap { $0["sequence"]?.stringValue.flatMap { Int($0) } } == Array(1...5))
            #expect(events.allSatisfy { $0["specversion"]?.stringValue == "1.0" })
        }
    }

    @Test func `the package of Standard Webhooks verifies what receivers get`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                path: "/fail-first/1/503",
                settings: ["retry": RetryTests.schedule("[0.1]")], config: ["signatures": .array(["v1", "wordclaw"])])
            for number in 0..<5 {
                try await system.publish(
                    Plans.owner(key: "signed-\(number)", targets: [target.id], version: Int64(number)))
            }
            try await system.events.wait(for: 5, type: "plan.completed")
            let secret = try #require(target.credentials["secret"])
            let requests = system.receiver.requests()
            #expect(requests.count == 10)
            var input: [UInt8] = []
            for request in requests {
                let headers = request.headers.filter { $0.0.hasPrefix("webhook-") }.map { ($0.0, JSON.string($0.1)) }
                let line: JSON = .object([
                    "secret": .string(secret.reveal()), "headers": .object(JSONObject(headers)),
                    "body": .string(String(decoding: request.body, as: UTF8.self)),
                ])
                input += line.serialized() + [UInt8(ascii: "\n")]
                let wordClaw = try WordClawSigner(secret: secret).signature(body: request.body)
                #expect(request.header("x-wordclaw-signature") == wordClaw)
            }
            let output = try await Python.run("verify_webhooks.py", input: input)
            #expect(output == "10\n")
        }
    }

    @Test func `the published vector of Standard Webhooks comes out as published`() throws {
        let signer = try WebhookSigner(secrets: [Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])
        let signature = try signer.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }
}
