/// A job as every protocol shows it.
package enum JobView {
    /// The job with every attempt, as `GET /jobs/:id` answers.
    package static func json(
        _ snapshot: JobSnapshot, now: Timestamp, openCircuits: Set<TargetID> = []
    ) -> JSON {
        let job = snapshot.summary.job
        var object = nested(snapshot.summary, now: now, openCircuits: openCircuits)
        object["planId"] = .integer(job.planID.rawValue)
        object["attempts"] = .array(snapshot.attempts.map(attempt))
        object["createdAt"] = .moment(job.createdAt)
        object["updatedAt"] = .moment(job.updatedAt)
        object["recommendedNextAction"] = .string(action(snapshot.summary, now: now).sentence)
        return .object(object)
    }

    /// The job in a list of jobs.
    package static func summary(
        _ summary: JobSummary, now: Timestamp, openCircuits: Set<TargetID> = []
    ) -> JSON {
        var object = nested(summary, now: now, openCircuits: openCircuits)
        object["planId"] = .integer(summary.job.planID.rawValue)
        object["createdAt"] = .moment(summary.job.createdAt)
        object["updatedAt"] = .moment(summary.job.updatedAt)
        object["recommendedNextAction"] = .string(action(summary, now: now).sentence)
        return .object(object)
    }

    /// What to do about the job, with the calls that make sense now.
    package static func action(_ summary: JobSummary, now: Timestamp) -> RecommendedAction {
        let isWaitingForTarget = !summary.isTargetActive && !summary.job.status.isFinal
        return isWaitingForTarget
            ? .disabledTarget(summary.job.targetID)
            : .job(JobFacts(summary.job), now: now, isReplayable: summary.isReplayable)
    }

    /// The job within its plan.
    static func nested(_ summary: JobSummary, now: Timestamp, openCircuits: Set<TargetID>) -> JSONObject {
        let job = summary.job
        let lastError = job.status == .succeeded ? nil : job.lastError
        return [
            "id": .integer(job.id.rawValue),
            "targetId": .integer(job.targetID.rawValue),
            "channelType": .string(job.channelType.rawValue),
            "deliveryId": .string(job.deliveryID.text),
            "status": .string(job.status.rawValue),
            "attempt": .integer(job.attempt),
            "maxAttempts": .integer(job.maxAttempts),
            "waitingOn": .text(WaitReason(summary, now: now, openCircuits: openCircuits)?.rawValue),
            "nextAttemptAt": .moment(job.nextAttemptAt),
            "lastError": .text(lastError?.message),
            "error": lastError.map(error) ?? .null,
            "receipt": summary.receipt.map(ReceiptView.json) ?? .null,
        ]
    }

    static func error(_ error: DeliveryError) -> JSON {
        .object([
            "code": .string(error.code.rawValue),
            "statusCode": .whole(error.statusCode.map(Int64.init)),
            "certainty": .text(error.certainty?.rawValue),
            "remediation": .string(Remediation.sentence(for: error.code)),
        ])
    }

    private static func attempt(_ attempt: Attempt) -> JSON {
        .object([
            "id": .integer(attempt.id.rawValue),
            "number": .integer(attempt.number),
            "startedAt": .moment(attempt.startedAt),
            "finishedAt": .moment(attempt.finishedAt),
            "durationMs": .whole(attempt.durationMilliseconds),
            "statusCode": .whole(attempt.statusCode.map(Int64.init)),
            "certainty": .text(attempt.certainty?.rawValue),
            "message": .text(attempt.error?.message),
            "error": attempt.error.map(error) ?? .null,
            "responseExcerpt": .text(attempt.responseExcerpt),
        ])
    }
}
