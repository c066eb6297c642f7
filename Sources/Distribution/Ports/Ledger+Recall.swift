/// What became of a request to call a plan off.
package enum PlanRecall: Sendable, Hashable {
    /// Its open jobs are cancelled.
    case cancelled(PlanID)
    /// It had been called off before; nothing was written.
    case repeated(PlanID)
    /// It has come to another end; nothing was written.
    case ended(PlanID, PlanStatus)
    /// No plan has this key yet; the one that comes with it before this moment is called off at once.
    case remembered(until: Timestamp)
    /// No plan of this domain has this id.
    case unknown(PlanID)

    /// How long a cancellation waits for its plan.
    package static let memoryMilliseconds: Int64 = 86_400_000
}

/// What became of a request to call a job off.
package enum JobRecall: Sendable, Hashable {
    case cancelled
    /// It had been called off before; nothing was written.
    case repeated
    /// It has come to another end; nothing was written.
    case ended(JobStatus)
    case unknown
}

/// Why a job cannot be tried again.
package enum RetryObstacle: Sendable, Hashable {
    /// It is neither failed nor waiting for its next attempt.
    case status(JobStatus)
    /// Its plan was called off.
    case planCancelled
    case targetDeleted
    /// Its bytes are no longer kept.
    case payloadGone
}

/// What became of a request to try a job again.
package enum JobRetryOutcome: Sendable, Hashable {
    /// Handed out anew.
    case retried
    /// Nothing was written.
    case refused(RetryObstacle)
    case unknown
}

/// What became of a request to try the jobs of a plan again.
package enum PlanRetryOutcome: Sendable, Hashable {
    /// So many jobs were handed out anew.
    case retried(Int)
    /// No job can be tried again, by the first of its failed jobs or else for its status; nothing was written.
    case refused(RetryObstacle)
    case unknown
}

/// What one step of trying a plan's jobs again did: a plan of many targets is done in several.
package struct PlanRetryStep: Sendable, Hashable {
    package private(set) var retried: Int
    /// Why the first of those that cannot be tried again cannot be.
    package private(set) var obstacle: RetryObstacle?
    /// Whether no job is left to look at.
    package var isLast: Bool

    package init(retried: Int, obstacle: RetryObstacle?, isLast: Bool) {
        self.retried = retried
        self.obstacle = obstacle
        self.isLast = isLast
    }

    package mutating func add(_ next: PlanRetryStep) {
        retried += next.retried
        obstacle = obstacle ?? next.obstacle
        isLast = next.isLast
    }

    /// - Parameter counts: The plan's jobs after the last step.
    package func outcome(_ counts: JobCounts) -> PlanRetryOutcome {
        retried > 0 ? .retried(retried) : .refused(obstacle ?? .status(counts.telling))
    }
}

extension JobCounts {
    /// A state of these jobs that says why none can be tried again: an open one before those at their end.
    package var telling: JobStatus {
        JobStatus.allCases.first { self[$0] > 0 } ?? .succeeded
    }
}
