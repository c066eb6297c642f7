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
        let credentials = try WebhookCredentials.complete(draft.credentials, for: configuration.signatures)
        return AdmittedTarget(
            configuration: configuration.json, credentials: credentials.all,
            generatedCredentials: credentials.generated)
    }

    package func render(_ input: RenderingInput) throws(Refusal) -> RenderedBody {
        WebhookBody.render(input)
    }

    package func endpoint(for target: Target) throws(DeliveryError) -> any DeliveryEndpoint {
        do {
            let configuration = try WebhookConfiguration(target.configuration)
            let signing = try WebhookSigning(configuration.signatures, credentials: target.credentials)
            return WebhookEndpoint(
                configuration: configuration, signing: signing, timeouts: target.delivery.timeouts, client: client,
                time: time)
        } catch let refusal as Refusal {
            throw DeliveryError(code: refusal.code, message: refusal.message, certainty: .unsent)
        } catch let error as DeliveryError {
            throw error
        } catch {
            throw DeliveryError(code: .internalError, message: "The target cannot be prepared.", certainty: .unsent)
        }
    }
}
