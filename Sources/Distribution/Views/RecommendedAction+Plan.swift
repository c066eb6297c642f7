extension RecommendedAction {
    /// - Parameters:
    ///   - jobs: The jobs that are known of it; where they are not, the sentence counts instead of naming.
    ///   - disabledTargets: Targets among them that take no attempts.
    package static func plan(
        _ id: PlanID, status: PlanStatus, counts: JobCounts, jobs: [JobFacts], disabledTargets: Set<TargetID> = [],
        scheduledAt: Timestamp? = nil, now: Timestamp
    ) -> RecommendedAction {
        let path = "/api/distribution/plans/\(id)"
        switch status {
        case .queued, .running:
            if let target = disabledTargets.min() { return .disabledTarget(target) }
            return open(path, counts, jobs, scheduledAt, now)
        case .succeeded: return .init(sentence: "Nothing to do.")
        case .cancelled: return .init(sentence: "Nothing to do: the plan was called off.")
        case .partial, .failed: return ended(path, status, counts, jobs)
        }
    }

    private static func open(
        _ path: String, _ counts: JobCounts, _ jobs: [JobFacts], _ scheduledAt: Timestamp?, _ now: Timestamp
    ) -> RecommendedAction {
        let cancel = "POST \(path)/cancel"
        if let scheduledAt, scheduledAt > now {
            return .init(
                sentence: "Wait: delivery begins at \(scheduledAt.clock(at: now)).", availableActions: [cancel])
        }
        let progress = "Wait: \(counts.succeeded) of \(counts.total) delivered"
        if let job = jobs.first(where: { $0.status == .failed }) {
            let retry = "POST /api/distribution/jobs/\(job.id)/retry"
            return .init(
                sentence: "\(progress). \(failure(job)), then \(retry).", availableActions: [retry, cancel],
                priority: .high)
        }
        let retrying = jobs.filter { $0.status == .retrying }
        guard let next = retrying.min(by: { ($0.nextAttemptAt ?? now) < ($1.nextAttemptAt ?? now) }) else {
            return .init(
                sentence: "\(progress).", availableActions: [cancel], priority: counts.failed > 0 ? .high : .low)
        }
        return .init(
            sentence: "\(progress); \(retry(next, now)).", availableActions: [cancel], priority: .medium)
    }

    private static func ended(
        _ path: String, _ status: PlanStatus, _ counts: JobCounts, _ jobs: [JobFacts]
    ) -> RecommendedAction {
        let priority: ActionPriority = status == .failed ? .critical : .high
        if counts.failed > 0 {
            let retry = "POST \(path)/retry"
            let failed = jobs.filter { $0.status == .failed }
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
