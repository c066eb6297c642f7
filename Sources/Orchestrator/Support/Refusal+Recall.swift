package import Distribution

extension Refusal {
    package static func planCancelForbidden(_ id: PlanID, _ status: PlanStatus) -> Refusal {
        Refusal(
            .planCancelForbidden, "The plan has ended as \(status.rawValue).",
            remediation: Remediation.sentence(for: .planCancelForbidden),
            context: ["planId": "\(id)", "status": status.rawValue])
    }

    package static func jobCancelForbidden(_ id: JobID, _ status: JobStatus) -> Refusal {
        Refusal(
            .jobCancelForbidden, "The job has ended as \(status.rawValue).",
            remediation: Remediation.sentence(for: .jobCancelForbidden),
            context: ["jobId": "\(id)", "status": status.rawValue])
    }

    /// - Parameter subject: `The job` or `The plan`, as the sentence begins.
    package static func retryForbidden(
        _ subject: String, _ obstacle: RetryObstacle, context: [String: String]
    ) -> Refusal {
        switch obstacle {
        case .status(let status):
            Refusal(
                .jobRetryForbidden, "\(subject) has nothing to retry: \(Self.standing(status)).",
                remediation: Self.remediation(for: status), context: context)
        case .planCancelled:
            Refusal(
                .jobRetryForbidden, "\(subject) cannot be retried, as the plan was cancelled.",
                remediation: "Send a new plan with POST /api/distribution/plans.", context: context)
        case .targetDeleted:
            Refusal(
                .jobRetryForbidden, "\(subject) cannot be retried, as the target was deleted.",
                remediation: "Create the target anew, then send a new plan.", context: context)
        case .payloadGone:
            Refusal(
                .deadLetterExpired, "\(subject) cannot be retried, as the bytes are no longer kept.",
                remediation: Remediation.sentence(for: .deadLetterExpired), context: context)
        }
    }

    private static func standing(_ status: JobStatus) -> String {
        switch status {
        case .queued, .running, .retrying: "an attempt is under way or waits in the queue"
        case .succeeded, .failed, .blocked, .cancelled: "what has ended, ended as \(status.rawValue)"
        }
    }

    private static func remediation(for status: JobStatus) -> String {
        switch status {
        case .queued, .running, .retrying: "Wait until it has ended."
        case .succeeded: "Nothing is left to do."
        case .failed, .blocked, .cancelled: "Correct what kept it back, then send a new plan."
        }
    }
}
