import Distribution
import DistributionTesting
import LocalReceiver
import Testing

@testable import Adapters

/// What is said of a target that no attempt could succeed for.
@Suite(.timeLimit(.minutes(1))) struct WebhookEndpointTests {
    struct Unusable: Sendable, CustomTestStringConvertible {
        let signatures: JSON
        let credentials: [String: String]
        let names: String

        var testDescription: String { names }
    }

    static let unusable: [Unusable] = [
        Unusable(signatures: ["v1"], credentials: [:], names: "no secret"),
        Unusable(signatures: ["wordclaw"], credentials: [:], names: "no secret"),
        Unusable(signatures: ["v1a"], credentials: ["secret": WebhookFixture.secret], names: "no signingKey"),
        Unusable(
            signatures: ["v1", "wordclaw"], credentials: ["signingKey": WebhookFixture.signingKey], names: "no secret"),
        Unusable(signatures: ["v1"], credentials: ["secret": "hunter2"], names: "secret is malformed"),
        Unusable(
            signatures: ["v1"], credentials: ["secret": WebhookFixture.signingKey], names: "secret is malformed"),
        Unusable(
            signatures: ["v1a"], credentials: ["signingKey": WebhookFixture.secret], names: "signingKey is malformed"),
        Unusable(
            signatures: ["v1"], credentials: ["secret": WebhookFixture.secret, "previousSecret": "x"],
            names: "previousSecret is malformed"),
        Unusable(
            signatures: ["v1a"],
            credentials: ["signingKey": WebhookFixture.signingKey, "previousSigningKey": WebhookFixture.secret],
            names: "previousSigningKey is malformed"),
    ]

    @Test(arguments: unusable)
    func `nothing is sent without every signature that is listed`(_ unusable: Unusable) async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target(
                "/hook", ["signatures": unusable.signatures], credentials: unusable.credentials)
            let error = try #require(throws: DeliveryError.self) { try fixture.adapter.endpoint(for: target) }
            #expect(error.code == .credentialsUnavailable)
            #expect(error.certainty == .unsent)
            #expect(error.message.contains(unusable.names), "\(error.message)")
            for secret in unusable.credentials.values where secret.count > 3 { #expect(!"\(error)".contains(secret)) }
        }
    }

    @Test func `credentials that could not be opened say why`() async throws {
        try await WebhookFixture.run { fixture in
            var target = fixture.target()
            target.credentials = .unavailable(reason: "The master key is another one.")
            let error = try #require(throws: DeliveryError.self) { try fixture.adapter.endpoint(for: target) }
            let expected = DeliveryError(
                code: .credentialsUnavailable, message: "The master key is another one.", certainty: .unsent)
            #expect(error == expected)
        }
    }

    @Test func `a configuration that cannot be read is told as such`() async throws {
        try await WebhookFixture.run { fixture in
            var target = fixture.target()
            target.configuration["url"] = "ftp://receiver.example/?token=hush"
            let error = try #require(throws: DeliveryError.self) { try fixture.adapter.endpoint(for: target) }
            #expect(error.code == .validationError)
            #expect(error.certainty == .unsent)
            #expect(!error.message.contains("hush"))
        }
    }

    @Test func `a header admitted before the rule against secrets in clear is still sent`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target("/hook", ["headers": ["x-api-key": "old"]])
            let request = try await fixture.received(by: target)
            #expect(request?.header("x-api-key") == "old")
        }
    }

    @Test func `one endpoint serves many attempts at once`() async throws {
        try await WebhookFixture.run { fixture in
            let endpoint = try fixture.adapter.endpoint(for: fixture.target())
            let accepted = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let id = "msg_\(number)"
                        let result = await endpoint.deliver(.sample(id: id, body: "{\"n\":\(number)}"))
                        return result.outcome == .accepted(externalID: id, externalURL: nil)
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(accepted == 100)
            #expect(fixture.receiver.distinctDeliveries == 100)
            for request in fixture.receiver.requests() {
                let number = try #require(request.deliveryID).dropFirst(4)
                #expect(String(decoding: request.body, as: UTF8.self) == "{\"n\":\(number)}")
            }
        }
    }

    @Test func `a burst to one target leaves its connections to the next one`() async throws {
        try await WebhookFixture.run { fixture in
            let endpoint = try fixture.adapter.endpoint(for: fixture.target("/delay/100"))
            for _ in 1...2 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<64 { group.addTask { _ = await endpoint.deliver(.sample()) } }
                }
            }
            #expect(fixture.receiver.count() == 128)
            #expect(fixture.receiver.acceptedConnections <= 64)
        }
    }
}
