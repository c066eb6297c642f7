/// A part of a list, by ascending id.
package struct Page: Sendable, Hashable {
    /// Only rows with an id above it.
    package let after: Int64
    /// 1 to 500.
    package let limit: Int

    package init(after: Int64 = 0, limit: Int = 50) {
        self.after = after
        self.limit = min(max(limit, 1), 500)
    }
}

/// Which jobs are asked for; nil matches all.
package struct JobFilter: Sendable, Hashable {
    package var planID: PlanID?
    package var targetID: TargetID?
    package var channelType: ChannelType?
    package var status: JobStatus?
    package var errorCode: ErrorCode?
    /// Of dead letters alone: those that died at this time or after it.
    package var diedFrom: Timestamp?
    /// Of dead letters alone: those that died before it.
    package var diedBefore: Timestamp?

    package init(
        planID: PlanID? = nil, targetID: TargetID? = nil, channelType: ChannelType? = nil, status: JobStatus? = nil,
        errorCode: ErrorCode? = nil, diedFrom: Timestamp? = nil, diedBefore: Timestamp? = nil
    ) {
        self.planID = planID
        self.targetID = targetID
        self.channelType = channelType
        self.status = status
        self.errorCode = errorCode
        self.diedFrom = diedFrom
        self.diedBefore = diedBefore
    }
}

/// A job with its receipt and whether its target takes work.
package struct JobSummary: Sendable, Hashable {
    package let job: Job
    package let receipt: Receipt?
    package let isTargetActive: Bool
    package let targetPause: TargetPause?
    /// Whether nothing but its status could keep it from being tried again: its target exists, its plan was not called
    /// off, and its bytes are kept.
    package let isReplayable: Bool

    package init(
        job: Job, receipt: Receipt?, isTargetActive: Bool, targetPause: TargetPause?, isReplayable: Bool = true
    ) {
        self.job = job
        self.receipt = receipt
        self.isTargetActive = isTargetActive
        self.targetPause = targetPause
        self.isReplayable = isReplayable
    }
}

package struct PlanSnapshot: Sendable, Hashable {
    package let plan: Plan
    package let jobs: [JobSummary]
    package let isTruncated: Bool

    package init(plan: Plan, jobs: [JobSummary], isTruncated: Bool) {
        self.plan = plan
        self.jobs = jobs
        self.isTruncated = isTruncated
    }
}

package struct JobSnapshot: Sendable, Hashable {
    package let summary: JobSummary
    package let attempts: [Attempt]

    package init(summary: JobSummary, attempts: [Attempt]) {
        self.summary = summary
        self.attempts = attempts
    }
}

package struct DeadLetterSummary: Sendable, Hashable {
    package let job: Job
    package let diedAt: Timestamp
    package let payloadBytes: Int
    /// As ``JobSummary/isReplayable``.
    package let isReplayable: Bool

    package init(job: Job, diedAt: Timestamp, payloadBytes: Int, isReplayable: Bool = true) {
        self.job = job
        self.diedAt = diedAt
        self.payloadBytes = payloadBytes
        self.isReplayable = isReplayable
    }
}

package struct LedgerTotals: Sendable, Hashable {
    package let jobs: JobCounts
    package let owedJobs: Int
    /// Those that wait for the time of their plan.
    package let scheduledJobs: Int
    package let owedEvents: Int
    package let targets: Int

    package init(jobs: JobCounts, owedJobs: Int, scheduledJobs: Int, owedEvents: Int, targets: Int) {
        self.jobs = jobs
        self.owedJobs = owedJobs
        self.scheduledJobs = scheduledJobs
        self.owedEvents = owedEvents
        self.targets = targets
    }
}
