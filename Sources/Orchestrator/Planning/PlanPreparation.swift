package import Distribution
import Sealing

/// Turns a request into a plan that the ledger can take over: targets resolved, policy decided, bodies rendered.
///
/// Nothing is written here, so a dry run is this and no more.
package struct PlanPreparation: Sendable {
    private let directory: TargetDirectory
    private let adapters: AdapterRegistry
    private let randomness: any Randomness

    package init(directory: TargetDirectory, adapters: AdapterRegistry, randomness: any Randomness) {
        self.directory = directory
        self.adapters = adapters
        self.randomness = randomness
    }

    /// - Throws: `TARGET_NOT_FOUND`, `NO_TARGETS`, `NOT_SUPPORTED`, or what the adapter says of the content.
    package func prepare(
        _ request: PlanRequest, requestDigest: Digest256, userID: String?, at now: Timestamp
    ) throws(Refusal) -> PreparedPlan {
        var bodies = RenderedBodies(adapters: adapters, request: request, now: now)
        var jobs: [PreparedPlan.PreparedJob] = []
        for (target, transform) in try resolve(request) {
            let content: PreparedPlan.PreparedJob.Content
            switch PolicyGate.decide(
                policy: request.policy, content: request.content, channel: target.channelType, transform: transform,
                now: now)
            {
            case .allowed(let excerptOnly):
                let body = RenderedBodies.Key(
                    channel: target.channelType, transform: transform, excerptOnly: excerptOnly)
                content = .payload(try bodies.place(of: body))
            case .denied(let error):
                content = .blocked(error)
            }
            jobs.append(
                PreparedPlan.PreparedJob(
                    targetID: target.id, channelType: target.channelType,
                    deliveryID: DeliveryID(randomness.uuid(at: now)),
                    maxAttempts: target.delivery.retry.maxAttempts, content: content))
        }
        return PreparedPlan(
            request: request, requestDigest: requestDigest, acceptedAt: now, userID: userID,
            payloads: bodies.payloads, jobs: jobs)
    }

    /// Takes targets that are deleted out of those that plans are made for.
    func forget(_ gone: [TargetID]) {
        for id in gone { directory.remove(id) }
    }

    private func resolve(_ request: PlanRequest) throws(Refusal) -> [(Target, Transform)] {
        let resolved: [(Target, Transform)]
        switch request.selection {
        case .targets(let references):
            var targets: [(Target, Transform)] = []
            for reference in references {
                guard let target = directory.target(reference.id), target.domainID == request.domainID else {
                    throw .targetNotFound(reference.id)
                }
                targets.append((target, reference.transform ?? request.transform))
            }
            resolved = targets
        case .channels(let channels):
            resolved = directory.targets(of: request.domainID)
                .filter { $0.isActive && channels.contains($0.channelType) }.map { ($0, request.transform) }
        case .all:
            resolved = directory.targets(of: request.domainID).filter(\.isActive).map { ($0, request.transform) }
        }
        guard !resolved.isEmpty else { throw .noTargets }
        return resolved
    }
}

/// The distinct bodies of one plan: jobs that would get equal bytes share them.
private struct RenderedBodies {
    struct Key: Hashable {
        let channel: ChannelType
        let transform: Transform
        let excerptOnly: Bool
    }

    private let adapters: AdapterRegistry
    private let request: PlanRequest
    private let now: Timestamp
    private var places: [Key: Int] = [:]
    private(set) var payloads: [Payload] = []

    init(adapters: AdapterRegistry, request: PlanRequest, now: Timestamp) {
        self.adapters = adapters
        self.request = request
        self.now = now
    }

    mutating func place(of key: Key) throws(Refusal) -> Int {
        if let place = places[key] { return place }
        guard let adapter = adapters[key.channel] else { throw .channelNotInstalled(key.channel) }
        let body = try adapter.render(
            RenderingInput(
                domainID: request.domainID, contentItemID: request.contentItemID,
                contentVersion: request.contentVersion, content: request.content, transform: key.transform,
                excerptOnly: key.excerptOnly, acceptedAt: now))
        payloads.append(
            Payload(digest: SHA256.digest(body.bytes), contentType: body.contentType, bytes: body.bytes))
        places[key] = payloads.count - 1
        return payloads.count - 1
    }
}
