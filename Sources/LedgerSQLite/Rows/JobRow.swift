import Distribution

/// A job as its row has it: the domain's part, and what only the ledger needs.
struct JobRow {
    var job: Job
    /// The attempt under way, whoever's it is.
    var openAttemptID: AttemptID?
    var firstAttemptAt: Timestamp?

    /// The columns that ``init(columns:)`` reads, in its order, of the table or alias `j`.
    static let columns = """
        j.id, j.planId, j.domainId, j.targetId, j.channelType, j.deliveryId, j.payloadDigest, j.epoch, \
        j.publishedEpoch, j.attempt, j.scheduleStep, j.maxAttempts, j.status, j.nextAttemptAt, j.policyExpiresAt, \
        j.errorCode, j.lastError, j.errorStatusCode, j.errorCertainty, j.createdAt, j.updatedAt, j.openAttemptId, \
        j.firstAttemptAt
        """
    static let columnCount: Int32 = 23

    init(job: Job, openAttemptID: AttemptID?, firstAttemptAt: Timestamp?) {
        self.job = job
        self.openAttemptID = openAttemptID
        self.firstAttemptAt = firstAttemptAt
    }

    init(columns: Columns) throws {
        guard let deliveryID = DeliveryID(text: columns.text(5)) else { throw columns.damage(5) }
        let status: JobStatus = try columns.value(12)
        job = Job(
            id: columns.id(0), planID: columns.id(1), domainID: columns.id(2), targetID: columns.id(3),
            channelType: try columns.value(4), deliveryID: deliveryID, payloadDigest: try columns.digestOrNil(6),
            epoch: columns.integer(7), publishedEpoch: columns.integer(8), attempt: columns.int(9),
            scheduleStep: columns.int(10), maxAttempts: columns.int(11), status: status,
            // While an attempt is open the column keeps the time it was due, should the attempt be given back.
            nextAttemptAt: status == .running ? nil : try columns.timestampOrNil(13),
            policyExpiresAt: try columns.timestampOrNil(14), lastError: try columns.deliveryError(15),
            createdAt: try columns.timestamp(19), updatedAt: try columns.timestamp(20))
        openAttemptID = columns.isNull(21) ? nil : columns.id(21)
        firstAttemptAt = try columns.timestampOrNil(22)
    }

    var facts: JobFacts {
        JobFacts(
            id: job.id, planID: job.planID, targetID: job.targetID, channelType: job.channelType,
            deliveryID: job.deliveryID, attempt: job.attempt, maxAttempts: job.lastAttempt, status: job.status,
            nextAttemptAt: job.nextAttemptAt, lastError: job.lastError)
    }

    var claim: JobClaim {
        JobClaim(
            jobID: job.id, planID: job.planID, targetID: job.targetID, domainID: job.domainID,
            channelType: job.channelType, deliveryID: job.deliveryID, epoch: job.epoch)
    }

    /// What a job under way was before, and is again where its attempt is given back.
    var waitingStatus: JobStatus { job.scheduleStep == 0 ? .queued : .retrying }
}
