extension RecommendedAction {
    /// - Parameter isReplayable: Whether a failed job could be tried again, as far as anybody knows.
    package static func job(_ job: JobFacts, now: Timestamp, isReplayable: Bool = true) -> RecommendedAction {
        // By far the most frequent, and it needs none of the texts below.
        guard job.status != .succeeded else { return .init(sentence: "Nothing to do.") }
        let path = "/api/distribution/jobs/\(job.id)"
        let cancel = "POST \(path)/cancel"
        let retry = "POST \(path)/retry"
        switch job.status {
        case .queued:
            let first = job.attempt == 0 ? "the first attempt" : "the next attempt"
            let time = job.nextAttemptAt.flatMap { $0 > now ? "is due at \($0.clock(at: now))" : nil }
            return .init(sentence: "Wait: \(first) \(time ?? "follows at once").", availableActions: [cancel])
        case .running:
            return .init(
                sentence: "Wait: attempt \(job.attempt) of \(job.maxAttempts) is being made.",
                availableActions: [cancel])
        case .retrying:
            if job.nextAttemptAt == nil, job.lastError?.code == .targetGone { return .disabledTarget(job.targetID) }
            let why = job.lastError.map { " (\($0.label))" } ?? ""
            return .init(
                sentence: "Wait: \(Self.retry(job, now)) after attempt \(job.attempt) of \(job.maxAttempts)\(why).",
                availableActions: [retry, cancel], priority: .medium)
        case .succeeded: return .init(sentence: "Nothing to do.")
        case .failed where isReplayable:
            return .init(
                sentence: "\(failure(job)), then \(retry).", availableActions: [retry], priority: .high)
        case .failed, .blocked:
            return .init(
                sentence: "\(failure(job)), then POST /api/distribution/plans.",
                availableActions: ["POST /api/distribution/plans"], priority: .medium)
        case .cancelled: return .init(sentence: "Nothing to do: it was called off.")
        }
    }

    /// For whatever waits on a target that is disabled.
    static func disabledTarget(_ id: TargetID) -> RecommendedAction {
        let path = "/api/distribution/targets/\(id)"
        return .init(
            sentence: "Target \(id) is disabled. Correct it, then POST \(path)/enable, or DELETE \(path).",
            availableActions: ["POST \(path)/enable", "DELETE \(path)"], priority: .high)
    }

    /// `target 12 retries at 10:05:04Z`
    static func retry(_ job: JobFacts, _ now: Timestamp) -> String {
        let time = job.nextAttemptAt.flatMap { $0 > now ? "at \($0.clock(at: now))" : nil }
        return "target \(job.targetID) retries \(time ?? "at once")"
    }

    /// `Target 14: EGRESS_REFUSED. Correct its url`
    static func failure(_ job: JobFacts) -> String {
        guard let error = job.lastError else { return "Target \(job.targetID) failed. Check its configuration" }
        return "Target \(job.targetID): \(error.label). \(Remediation.mending(error))"
    }
}

extension DeliveryError {
    /// The shortest that says why: `HTTP 503`, else the code.
    fileprivate var label: String {
        code == .httpStatus || code == .rateLimited ? message : code.rawValue
    }
}

extension Timestamp {
    /// `10:05:04Z`, with its date in front where that is another day than `now`.
    func clock(at now: Timestamp) -> String {
        let text = iso8601
        let isSameDay = text.prefix(10) == now.iso8601.prefix(10)
        return "\(text.dropFirst(isSameDay ? 11 : 0).prefix(isSameDay ? 8 : 19))Z"
    }
}
