extension RecommendedAction {
    /// - Parameters:
    ///   - jobs: The jobs that are known of it; where they are not, the sentence counts instead of naming.
    ///   - disabledTargets: Targets among them that take no attempts.
    ///   - holds: What keeps jobs among them waiting whose target rests.
    ///   - unreplayable: Jobs among them that cannot be tried again.
    package static func plan(
        _ id: PlanID, status: PlanStatus, counts: JobCounts, jobs: [JobFacts], disabledTargets: Set<TargetID> = [],
        holds: [JobID: TargetHold] = [:], unreplayable: Set<JobID> = [], scheduledAt: Timestamp? = nil, now: Timestamp
    ) -> RecommendedAction {
        let path = "/api/distribution/plans/\(id)"
        let failed = jobs.filter { $0.status == .failed }
        let mendable = failed.filter { !unreplayable.contains($0.id) }
        switch status {
        case .queued, .running:
            if let target = disabledTargets.min() { return .disabledTarget(target) }
            return open(path, counts, jobs, holds, mendable.first, scheduledAt, now)
        case .succeeded: return .init(sentence: "Nothing to do.")
        case .cancelled: return .init(sentence: "Nothing to do: the plan was called off.")
        case .partial, .failed:
            guard failed.count == counts.failed, mendable.isEmpty, let first = failed.first else {
                return ended(path, status, counts, jobs, mendable)
            }
            let send = "POST /api/distribution/plans"
            return .init(
                sentence: "\(failure(first)), then \(send).", availableActions: [send],
                priority: status == .failed ? .critical : .high)
        }
    }

    private static func open(
        _ path: String, _ counts: JobCounts, _ jobs: [JobFacts], _ holds: [JobID: TargetHold], _ failed: JobFacts?,
        _ scheduledAt: Timestamp?, _ now: Timestamp
    ) -> RecommendedAction {
        let cancel = "POST \(path)/cancel"
        let isRetryable = failed != nil || counts.retrying > 0
        let actions = isRetryable ? ["POST \(path)/retry", cancel] : [cancel]
        if let scheduledAt, scheduledAt > now {
            return .init(
                sentence: "Wait: delivery begins at \(scheduledAt.clock(at: now)).", availableActions: [cancel])
        }
        let progress = "Wait: \(counts.succeeded) of \(counts.total) delivered"
        if let job = failed {
            let retry = "POST /api/distribution/jobs/\(job.id)/retry"
            return .init(
                sentence: "\(progress). \(failure(job)), then \(retry).", availableActions: [retry] + actions,
                priority: .high)
        }
        let retrying = jobs.filter { $0.status == .retrying && holds[$0.id] == nil }
        if retrying.isEmpty, let hold = jobs.lazy.compactMap({ holds[$0.id] }).first {
            return .init(
                sentence: "\(progress); \(hold.clause); \(hold.way).", availableActions: [hold.call] + actions,
                priority: hold.priority)
        }
        guard let next = retrying.min(by: { ($0.nextAttemptAt ?? now) < ($1.nextAttemptAt ?? now) }) else {
            return .init(
                sentence: "\(progress).", availableActions: actions, priority: counts.failed > 0 ? .high : .low)
        }
        return .init(
            sentence: "\(progress); \(retry(next, now)).", availableActions: actions, priority: .medium)
    }

    private static func ended(
        _ path: String, _ status: PlanStatus, _ counts: JobCounts, _ jobs: [JobFacts], _ failed: [JobFacts]
    ) -> RecommendedAction {
        let priority: ActionPriority = status == .failed ? .critical : .high
        if counts.failed > 0 {
            let retry = "POST \(path)/retry"
            guard let first = failed.first else {
                return .init(
                    sentence: "\(counts.failed) of \(counts.total) failed. Correct what they name, then \(retry).",
                    availableActions: [retry], priority: priority)
            }
            let others = counts.failed > 1 ? " (\(counts.failed - 1) more failed)" : ""
            return .init(
                sentence: "\(failure(first))\(others), then \(retry).", availableActions: [retry], priority: priority)
        }
        if counts.blocked > 0 {
            let send = "POST /api/distribution/plans"
            guard let first = jobs.first(where: { $0.status == .blocked }) else {
                return .init(
                    sentence: "Policy blocked \(counts.blocked) of \(counts.total). Correct it, then \(send).",
                    availableActions: [send], priority: priority)
            }
            return .init(
                sentence: "\(failure(first)), then \(send).", availableActions: [send], priority: priority)
        }
        return .init(sentence: "Nothing to do: \(counts.cancelled) of \(counts.total) were called off.")
    }
}
