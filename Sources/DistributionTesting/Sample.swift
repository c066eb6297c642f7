package import Distribution

/// Small whole values for tests, which name only what they are about.
package enum Sample {
    /// 2026-04-06T10:00:00.000Z, where ``ManualTime`` starts too.
    package static let now = Timestamp(milliseconds: 1_775_469_600_000)

    package static func content(
        data: JSONObject = [
            "title": .string("T"), "slug": .string("t"), "summary": .string("S"), "body": .string("# B"),
        ],
        status: String = "published",
        premiumFields: [String] = ["body"], canonicalURL: String? = "https://example.com/t"
    ) -> Content {
        Content(
            contentTypeID: 15, contentTypeSlug: "article", status: status, data: data, premiumFields: premiumFields,
            canonicalURL: canonicalURL, createdAt: now.adding(milliseconds: -3_600_000), updatedAt: now)
    }

    /// An owner's policy, which allows everything that is not stated otherwise.
    package static func policy(
        basis: Policy.Basis = .owner, allowedChannels: [ChannelType]? = nil, allowRedistribution: Bool = true,
        excerptOnly: Bool = false, expiresAt: Timestamp? = nil, entitlement: Policy.Entitlement? = nil
    ) -> Policy {
        Policy(
            basis: basis, allowedChannels: allowedChannels, allowRedistribution: allowRedistribution,
            excerptOnly: excerptOnly, expiresAt: expiresAt, entitlement: entitlement)
    }

    package static func planRequest(
        idempotencyKey: String = "key-1", domainID: DomainID = DomainID(1), requestID: String? = "request-1",
        contentVersion: Int64 = 3, scheduledAt: Timestamp? = nil, selection: PlanRequest.Selection = .all,
        transform: Transform = Transform(), content: Content = Sample.content(), policy: Policy = Sample.policy(),
        trace: TraceContext? = nil
    ) -> PlanRequest {
        let canonical = "\(domainID) \(contentVersion) \(String(describing: scheduledAt)) \(selection) \(content.data)"
        return PlanRequest(
            idempotencyKey: idempotencyKey, domainID: domainID, requestID: requestID, contentItemID: 88,
            contentVersion: contentVersion, scheduledAt: scheduledAt, selection: selection, transform: transform,
            content: content, policy: policy, createdBy: .null, trace: trace, canonicalBytes: Array(canonical.utf8))
    }

    package static func target(
        id: Int64 = 12, domainID: DomainID = DomainID(1), channelType: ChannelType = .webhook,
        configuration: JSONObject = ["url": .string("https://receiver.example/hook")],
        credentials: [String: Secret] = ["secret": Secret("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")],
        delivery: DeliverySettings = DeliverySettings(), isActive: Bool = true, pause: TargetPause? = nil
    ) -> Target {
        Target(
            id: TargetID(id), domainID: domainID, channelType: channelType, name: "target \(id)",
            configuration: configuration, credentials: .available(credentials), delivery: delivery,
            isActive: isActive, pause: pause, createdAt: now, updatedAt: now)
    }

    /// A delivery id that is the same for the same number.
    package static func deliveryID(_ number: Int64) -> DeliveryID {
        DeliveryID(UUIDv7(time: now, random: (0, UInt64(bitPattern: number))))
    }

    package static func job(
        id: Int64 = 31, planID: Int64 = 7, targetID: Int64 = 12, channelType: ChannelType = .webhook,
        epoch: Int64 = 1, publishedEpoch: Int64 = 1, attempt: Int = 0, scheduleStep: Int = 0, maxAttempts: Int = 10,
        status: JobStatus = .queued, nextAttemptAt: Timestamp? = nil, policyExpiresAt: Timestamp? = nil,
        lastError: DeliveryError? = nil
    ) -> Job {
        Job(
            id: JobID(id), planID: PlanID(planID), domainID: DomainID(1), targetID: TargetID(targetID),
            channelType: channelType, deliveryID: deliveryID(id), payloadDigest: nil, epoch: epoch,
            publishedEpoch: publishedEpoch, attempt: attempt, scheduleStep: scheduleStep, maxAttempts: maxAttempts,
            status: status, nextAttemptAt: nextAttemptAt, policyExpiresAt: policyExpiresAt, lastError: lastError,
            createdAt: now, updatedAt: now)
    }

    /// The claim of a message for this very job.
    package static func claim(for job: Job) -> JobClaim {
        JobClaim(
            jobID: job.id, planID: job.planID, targetID: job.targetID, domainID: job.domainID,
            channelType: job.channelType, deliveryID: job.deliveryID, epoch: job.epoch)
    }

    package static func plan(
        id: Int64 = 7, status: PlanStatus = .running, counts: JobCounts = JobCounts(), scheduledAt: Timestamp? = nil,
        completedAt: Timestamp? = nil
    ) -> Plan {
        Plan(
            id: PlanID(id), domainID: DomainID(1), idempotencyKey: "key-\(id)", requestID: "request-\(id)",
            contentItemID: 88, contentVersion: 3, scheduledAt: scheduledAt, status: status, counts: counts,
            createdBy: .null, trace: nil, createdAt: now, completedAt: completedAt)
    }
}
