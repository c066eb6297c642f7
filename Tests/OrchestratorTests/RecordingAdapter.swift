import Distribution
import Synchronization

/// An adapter whose bodies say what they were rendered from, and whose endpoints are a ``RecordingReceiver``.
struct RecordingAdapter: DistributionAdapter {
    let channelType: ChannelType
    let receiver: RecordingReceiver

    func admit(_ draft: TargetDraft) throws(Refusal) -> AdmittedTarget {
        guard draft.configuration["url"] != nil else {
            throw Refusal(.validationError, "config.url is required.", remediation: "Add it.")
        }
        guard draft.credentials["secret"] == nil else {
            return AdmittedTarget(
                configuration: draft.configuration, credentials: draft.credentials, generatedCredentials: [])
        }
        var credentials = draft.credentials
        credentials["secret"] = Secret("generated")
        return AdmittedTarget(
            configuration: draft.configuration, credentials: credentials, generatedCredentials: ["secret"])
    }

    func render(_ input: RenderingInput) throws(Refusal) -> RenderedBody {
        let text = "\(channelType) \(input.contentItemID).\(input.contentVersion) excerpt=\(input.excerptOnly)"
        return RenderedBody(contentType: "text/plain", bytes: Array(text.utf8))
    }

    func endpoint(for target: Target) throws(DeliveryError) -> any DeliveryEndpoint {
        if case .unavailable(let reason) = target.credentials {
            throw DeliveryError(code: .credentialsUnavailable, message: reason, certainty: .unsent)
        }
        if target.configuration["url"]?.stringValue == "http://127.0.0.1/" {
            throw DeliveryError(code: .egressRefused, message: "That address is refused.", certainty: .unsent)
        }
        return RecordingEndpoint(target: target, receiver: receiver)
    }
}

private struct RecordingEndpoint: DeliveryEndpoint {
    let target: Target
    let receiver: RecordingReceiver

    func deliver(_ attempt: DeliveryAttempt) async -> DeliveryResult {
        await receiver.deliver(attempt, to: target)
    }
}
