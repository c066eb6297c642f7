/// A plan as every protocol shows it.
package enum PlanView {
    /// The plan with its jobs, as `GET /plans/:id` answers.
    ///
    /// - Parameter standings: What is known of targets beside the ledger.
    package static func json(
        _ snapshot: PlanSnapshot, now: Timestamp, standings: TargetStandings = .usual
    ) -> JSON {
        let plan = snapshot.plan
        var object: JSONObject = [
            "id": .integer(plan.id.rawValue),
            "status": .string(plan.status.rawValue),
            "counts": counts(plan.counts),
            "completedAt": .moment(plan.completedAt),
            "pollAfterSeconds": .whole(pollAfterSeconds(snapshot, now: now)),
            "recommendedNextAction": .string(action(snapshot, now: now, standings: standings).sentence),
            "jobs": .array(
                snapshot.jobs.map { .object(JobView.nested($0, now: now, standings: standings)) }),
            "jobsTruncated": .bool(snapshot.isTruncated),
        ]
        describe(plan, in: &object)
        object["createdBy"] = plan.createdBy
        object["createdAt"] = .moment(plan.createdAt)
        return .object(object)
    }

    /// A plan in a list: what was asked for and how far it is, without its jobs.
    package static func summary(_ plan: Plan, now: Timestamp) -> JSON {
        let action = RecommendedAction.plan(
            plan.id, status: plan.status, counts: plan.counts, jobs: [], scheduledAt: plan.scheduledAt, now: now)
        var object: JSONObject = ["id": .integer(plan.id.rawValue)]
        describe(plan, in: &object)
        object["status"] = .string(plan.status.rawValue)
        object["counts"] = counts(plan.counts)
        object["createdBy"] = plan.createdBy
        object["createdAt"] = .moment(plan.createdAt)
        object["completedAt"] = .moment(plan.completedAt)
        object["recommendedNextAction"] = .string(action.sentence)
        return .object(object)
    }

    /// Adds what was asked for.
    private static func describe(_ plan: Plan, in object: inout JSONObject) {
        object["domainId"] = .integer(plan.domainID.rawValue)
        object["idempotencyKey"] = .string(plan.idempotencyKey)
        object["requestId"] = .text(plan.requestID)
        object["contentItemId"] = .integer(plan.contentItemID)
        object["contentVersion"] = .integer(plan.contentVersion)
        object["scheduledAt"] = .moment(plan.scheduledAt)
    }

    /// What to do about the plan, with the calls that make sense now.
    package static func action(
        _ snapshot: PlanSnapshot, now: Timestamp, standings: TargetStandings = .usual
    ) -> RecommendedAction {
        let plan = snapshot.plan
        let holds = snapshot.jobs.compactMap { summary in
            TargetHold(summary, now: now, standings: standings).map { (summary.job.id, $0) }
        }
        let disabled = snapshot.jobs.filter { !$0.isTargetActive && !$0.job.status.isFinal }.map(\.job.targetID)
        return .plan(
            plan.id, status: plan.status, counts: plan.counts, jobs: snapshot.jobs.map { JobFacts($0.job) },
            disabledTargets: Set(disabled), holds: Dictionary(holds) { first, _ in first },
            unreplayable: Set(snapshot.jobs.filter { !$0.isReplayable }.map(\.job.id)),
            scheduledAt: plan.scheduledAt, now: now)
    }

    static func counts(_ counts: JobCounts) -> JSON {
        .object([
            "total": .integer(counts.total), "queued": .integer(counts.queued), "running": .integer(counts.running),
            "retrying": .integer(counts.retrying), "succeeded": .integer(counts.succeeded),
            "failed": .integer(counts.failed), "blocked": .integer(counts.blocked),
            "cancelled": .integer(counts.cancelled),
        ])
    }

    /// Five seconds while something is due; otherwise until the next job is, at most five minutes; nil at the end. What
    /// waits for a disabled target waits for people.
    private static func pollAfterSeconds(_ snapshot: PlanSnapshot, now: Timestamp) -> Int64? {
        guard !snapshot.plan.status.isFinal else { return nil }
        let scheduled = snapshot.plan.scheduledAt.map { max($0, now) } ?? now
        let waits = snapshot.jobs.filter { !$0.job.status.isFinal }.map { summary -> Int64 in
            if summary.job.status == .running { return 0 }
            guard summary.isTargetActive else { return longestPoll * 1000 }
            return (summary.job.nextAttemptAt ?? scheduled).milliseconds(since: now)
        }
        return min(max((waits.min() ?? 0) / 1000, 5), longestPoll)
    }

    private static let longestPoll: Int64 = 300
}
