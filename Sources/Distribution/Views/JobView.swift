/// A job as every protocol shows it.
package enum JobView {
    /// The job with every attempt, as `GET /jobs/:id` answers.
    package static func json(
        _ snapshot: JobSnapshot, now: Timestamp, standings: TargetStandings = .usual
    ) -> JSON {
        let job = snapshot.summary.job
        var object = nested(snapshot.summary, now: now, standings: standings)
        object["planId"] = .integer(job.planID.rawValue)
        object["attempts"] = .array(snapshot.attempts.map { attempt($0, isFinal: job.status.isFinal) })
        object["createdAt"] = .moment(job.createdAt)
        object["updatedAt"] = .moment(job.updatedAt)
        object["recommendedNextAction"] = .string(
            action(snapshot.summary, now: now, standings: standings).sentence)
        return .object(object)
    }

    /// The job in a list of jobs.
    package static func summary(
        _ summary: JobSummary, now: Timestamp, standings: TargetStandings = .usual
    ) -> JSON {
        var object = nested(summary, now: now, standings: standings)
        object["planId"] = .integer(summary.job.planID.rawValue)
        object["createdAt"] = .moment(summary.job.createdAt)
        object["updatedAt"] = .moment(summary.job.updatedAt)
        object["recommendedNextAction"] = .string(action(summary, now: now, standings: standings).sentence)
        return .object(object)
    }

    /// What to do about the job, with the calls that make sense now.
    ///
    /// - Parameter standings: What is known of targets beside the ledger.
    package static func action(
        _ summary: JobSummary, now: Timestamp, standings: TargetStandings = .usual
    ) -> RecommendedAction {
        let job = summary.job
        guard summary.isTargetActive || job.status.isFinal else { return .disabledTarget(job.targetID) }
        let action = RecommendedAction.job(JobFacts(job), now: now, isReplayable: summary.isReplayable)
        return TargetHold(summary, now: now, standings: standings).map(action.held) ?? action
    }

    /// The job within its plan.
    static func nested(_ summary: JobSummary, now: Timestamp, standings: TargetStandings) -> JSONObject {
        let job = summary.job
        let lastError = job.status == .succeeded ? nil : job.lastError
        return [
            "id": .integer(job.id.rawValue),
            "targetId": .integer(job.targetID.rawValue),
            "channelType": .string(job.channelType.rawValue),
            "deliveryId": .string(job.deliveryID.text),
            "status": .string(job.status.rawValue),
            "attempt": .integer(job.attempt),
            "maxAttempts": .integer(job.lastAttempt),
            "waitingOn": .text(WaitReason(summary, now: now, openCircuits: standings.openCircuits)?.rawValue),
            "nextAttemptAt": .moment(job.nextAttemptAt),
            "lastError": .text(lastError?.message),
            "error": lastError.map { error($0, isFinal: job.status.isFinal) } ?? .null,
            "receipt": summary.receipt.map(ReceiptView.json) ?? .null,
        ]
    }

    /// - Parameter isFinal: Whether no attempt follows by itself.
    package static func error(_ error: DeliveryError, isFinal: Bool) -> JSON {
        .object([
            "code": .string(error.code.rawValue),
            "statusCode": .whole(error.statusCode.map(Int64.init)),
            "certainty": .text(error.certainty?.rawValue),
            "remediation": .string(Remediation.sentence(for: error.code, isFinal: isFinal)),
        ])
    }

    private static func attempt(_ attempt: Attempt, isFinal: Bool) -> JSON {
        .object([
            "id": .integer(attempt.id.rawValue),
            "number": .integer(attempt.number),
            "startedAt": .moment(attempt.startedAt),
            "finishedAt": .moment(attempt.finishedAt),
            "durationMs": .whole(attempt.durationMilliseconds),
            "statusCode": .whole(attempt.statusCode.map(Int64.init)),
            "certainty": .text(attempt.certainty?.rawValue),
            "message": .text(attempt.error?.message),
            "error": attempt.error.map { error($0, isFinal: isFinal) } ?? .null,
            "responseExcerpt": .text(attempt.responseExcerpt),
        ])
    }
}
