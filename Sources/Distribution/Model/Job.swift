/// One (plan, target) pair, as the ledger holds it.
package struct Job: Sendable, Hashable {
    package let id: JobID
    package let planID: PlanID
    package let domainID: DomainID
    package let targetID: TargetID
    package let channelType: ChannelType
    package let deliveryID: DeliveryID
    /// nil where policy blocked the job before anything was rendered.
    package let payloadDigest: Digest256?
    /// How often the job has been handed to the broker; only its newest message counts.
    package var epoch: Int64
    /// The newest epoch that the broker has confirmed; smaller than ``epoch`` while the job is owed.
    package var publishedEpoch: Int64
    /// Attempts begun so far; never restarts.
    package var attempt: Int
    /// Attempts used up since acceptance or the last replay: the place in the retry schedule.
    package var scheduleStep: Int
    package let maxAttempts: Int
    package var status: JobStatus
    package var nextAttemptAt: Timestamp?
    /// When the licence ends: checked again before every attempt.
    package let policyExpiresAt: Timestamp?
    package var lastError: DeliveryError?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: JobID, planID: PlanID, domainID: DomainID, targetID: TargetID, channelType: ChannelType,
        deliveryID: DeliveryID, payloadDigest: Digest256?, epoch: Int64, publishedEpoch: Int64, attempt: Int,
        scheduleStep: Int, maxAttempts: Int, status: JobStatus, nextAttemptAt: Timestamp?,
        policyExpiresAt: Timestamp?, lastError: DeliveryError?, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.planID = planID
        self.domainID = domainID
        self.targetID = targetID
        self.channelType = channelType
        self.deliveryID = deliveryID
        self.payloadDigest = payloadDigest
        self.epoch = epoch
        self.publishedEpoch = publishedEpoch
        self.attempt = attempt
        self.scheduleStep = scheduleStep
        self.maxAttempts = maxAttempts
        self.status = status
        self.nextAttemptAt = nextAttemptAt
        self.policyExpiresAt = policyExpiresAt
        self.lastError = lastError
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

extension Job {
    /// The number of the last attempt that will be made unless one succeeds: attempts that used up nothing of the
    /// schedule, as where the target asked to be left alone, and those before a replay come on top of it.
    package var lastAttempt: Int {
        guard status != .cancelled else { return max(attempt, maxAttempts) }
        let made = status == .running ? attempt - 1 : attempt
        return max(attempt, made + maxAttempts - scheduleStep)
    }
}
