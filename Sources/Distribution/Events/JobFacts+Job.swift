extension JobFacts {
    package init(_ job: Job) {
        self.init(
            id: job.id, planID: job.planID, targetID: job.targetID, channelType: job.channelType,
            deliveryID: job.deliveryID, attempt: job.attempt, maxAttempts: job.lastAttempt, status: job.status,
            nextAttemptAt: job.nextAttemptAt, lastError: job.lastError)
    }
}
