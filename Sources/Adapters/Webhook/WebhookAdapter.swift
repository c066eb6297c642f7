package import Distribution
package import Egress
import Sealing

/// Delivers by POST as Standard Webhooks describes it: the exact bytes of the job, signed afresh on every attempt.
package struct WebhookAdapter: DistributionAdapter {
    private let client: OutboundClient
    private let time: any TimeSource

    package init(client: OutboundClient, time: any TimeSource) {
        self.client = client
        self.time = time
    }

    package var channelType: ChannelType { .webhook }

    package func admit(_ draft: TargetDraft) throws(Refusal) -> AdmittedTarget {
        let configuration = try WebhookConfiguration(draft.configuration)
        try configuration.refuseSecretsInClear()
        let credentials = try WebhookCredentials.complete(draft.credentials, for: configuration)
        return AdmittedTarget(
            configuration: configuration.json, credentials: credentials.all,
            generatedCredentials: credentials.generated)
    }

    package func render(_ input: RenderingInput) throws(Refusal) -> RenderedBody {
        WebhookBody.render(input)
    }

    package func endpoint(for target: Target) throws(DeliveryError) -> any DeliveryEndpoint {
        let configuration = try Self.stored(target.configuration)
        let signing = try WebhookSigning(configuration.signatures, credentials: target.credentials)
        return WebhookEndpoint(
            configuration: configuration, signing: signing,
            secretHeaders: WebhookCredentials.headers(in: target.credentials),
            timeouts: target.delivery.timeouts, client: client, time: time)
    }

    private static func stored(_ configuration: JSONObject) throws(DeliveryError) -> WebhookConfiguration {
        do throws(Refusal) {
            return try WebhookConfiguration(configuration)
        } catch {
            throw DeliveryError(code: error.code, message: Sanitizer.message(error.message), certainty: .unsent)
        }
    }
}
