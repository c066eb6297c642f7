/// A dead letter in a list: the job that ended as failed, without its bytes.
package enum DeadLetterView {
    package static func json(_ summary: DeadLetterSummary) -> JSON {
        let job = summary.job
        return .object([
            "jobId": .integer(job.id.rawValue),
            "planId": .integer(job.planID.rawValue),
            "targetId": .integer(job.targetID.rawValue),
            "channelType": .string(job.channelType.rawValue),
            "deliveryId": .string(job.deliveryID.text),
            "attempts": .integer(job.attempt),
            "lastError": .text(job.lastError?.message),
            "error": job.lastError.map { JobView.error($0, isFinal: true) } ?? .null,
            "diedAt": .moment(summary.diedAt),
            "payloadBytes": .integer(summary.payloadBytes),
            "recommendedNextAction": .string(
                RecommendedAction.job(
                    JobFacts(job), now: summary.diedAt, isReplayable: summary.isReplayable
                ).sentence),
        ])
    }
}
