package import Distribution

/// An adapter whose targets are a ``SimulatedReceiver``.
package struct SimulatedAdapter: DistributionAdapter {
    package let channelType = ChannelType.webhook
    private let receiver: SimulatedReceiver

    package init(receiver: SimulatedReceiver) {
        self.receiver = receiver
    }

    package func admit(_ draft: TargetDraft) throws(Refusal) -> AdmittedTarget {
        AdmittedTarget(configuration: draft.configuration, credentials: draft.credentials, generatedCredentials: [])
    }

    package func render(_ input: RenderingInput) throws(Refusal) -> RenderedBody {
        let text = "\(input.domainID).\(input.contentItemID).\(input.contentVersion)"
        return RenderedBody(contentType: "text/plain", bytes: Array(text.utf8))
    }

    package func endpoint(for target: Target) throws(DeliveryError) -> any DeliveryEndpoint {
        SimulatedEndpoint(target: target, receiver: receiver)
    }
}

private struct SimulatedEndpoint: DeliveryEndpoint {
    let target: Target
    let receiver: SimulatedReceiver

    func deliver(_ attempt: DeliveryAttempt) async -> DeliveryResult {
        await receiver.deliver(attempt, to: target)
    }
}
