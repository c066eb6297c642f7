import Distribution
import DistributionTesting
import Egress
import LocalReceiver
import Sealing

@testable import Adapters

/// A webhook adapter that may connect to this machine, and a receiver on a real socket for it.
struct WebhookFixture: Sendable {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let previousSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    static let signingKey =
        "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg=="

    let receiver: Receiver
    let client: OutboundClient
    let time: ManualTime
    let adapter: WebhookAdapter

    /// Starts both and stops them when the body is done.
    static func run(
        policy: AddressPolicy? = nil, _ body: (WebhookFixture) async throws -> Void
    ) async throws {
        let receiver = try await Receiver.start()
        let policy = try policy ?? AddressPolicy(allowed: [CIDR("127.0.0.0/8")])
        let client = OutboundClient(configuration: OutboundClientConfiguration(policy: policy))
        let time = ManualTime()
        let fixture = WebhookFixture(
            receiver: receiver, client: client, time: time, adapter: WebhookAdapter(client: client, time: time))
        do {
            try await body(fixture)
        } catch {
            await fixture.stop()
            throw error
        }
        await fixture.stop()
    }

    private func stop() async {
        await client.shutdown()
        await receiver.stop()
    }

    func target(
        _ path: String = "/hook", _ configuration: JSONObject = [:],
        credentials: [String: String] = ["secret": secret], timeouts: DeliveryTimeouts = DeliveryTimeouts()
    ) -> Target {
        var configuration = configuration
        configuration["url"] = .string(receiver.url(path))
        return Sample.target(
            configuration: configuration, credentials: credentials.mapValues { Secret($0) },
            delivery: DeliverySettings(timeouts: timeouts))
    }

    func deliver(_ attempt: DeliveryAttempt = .sample(), to target: Target) async throws -> DeliveryResult {
        try await adapter.endpoint(for: target).deliver(attempt)
    }

    /// Delivers and returns what the receiver saw of it.
    func received(_ attempt: DeliveryAttempt = .sample(), by target: Target) async throws -> ReceivedRequest? {
        _ = try await deliver(attempt, to: target)
        return receiver.requests().last
    }
}

extension DeliveryAttempt {
    /// The example of the Standard Webhooks specification, unless something else matters.
    static func sample(
        id: String = "msg_p5jXN8AQM9LWM0D4loKWxJek", startedAt: Timestamp = Timestamp(milliseconds: 1_614_265_330_000),
        contentType: String = "application/json", body: String = #"{"test": 2432232314}"#, trace: TraceContext? = nil
    ) -> DeliveryAttempt {
        DeliveryAttempt(
            deliveryID: DeliveryID(text: id) ?? Sample.deliveryID(1), startedAt: startedAt, contentType: contentType,
            body: Array(body.utf8), trace: trace)
    }
}
