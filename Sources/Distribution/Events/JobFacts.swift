/// What events tell of a job, as it stands after the transaction that makes the event true.
package struct JobFacts: Sendable, Hashable {
    package let id: JobID
    package let planID: PlanID
    package let targetID: TargetID
    package let channelType: ChannelType
    package let deliveryID: DeliveryID
    /// Attempts begun so far.
    package let attempt: Int
    /// The number of the last one, as far as it is known.
    package let maxAttempts: Int
    package let status: JobStatus
    package let nextAttemptAt: Timestamp?
    package let lastError: DeliveryError?

    package init(
        id: JobID, planID: PlanID, targetID: TargetID, channelType: ChannelType, deliveryID: DeliveryID,
        attempt: Int, maxAttempts: Int, status: JobStatus, nextAttemptAt: Timestamp?, lastError: DeliveryError?
    ) {
        self.id = id
        self.planID = planID
        self.targetID = targetID
        self.channelType = channelType
        self.deliveryID = deliveryID
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.status = status
        self.nextAttemptAt = nextAttemptAt
        self.lastError = lastError
    }
}
