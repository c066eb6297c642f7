/// What keeps a job waiting that nothing is wrong with: something about its target.
package struct TargetHold: Sendable, Hashable {
    private enum Cause: Sendable, Hashable {
        case paused(TargetPause)
        case circuitOpen
        case queueRefused
    }

    private let targetID: TargetID
    private let cause: Cause

    /// nil where the job waits for anything else, or for nothing.
    package init?(_ summary: JobSummary, now: Timestamp, standings: TargetStandings) {
        targetID = summary.job.targetID
        let isOpen = summary.job.status == .queued || summary.job.status == .retrying
        switch WaitReason(summary, now: now, openCircuits: standings.openCircuits) {
        case .targetDisabled: return nil
        case _ where isOpen && standings.refusedQueues.contains(targetID): cause = .queueRefused
        case .targetPaused:
            guard let pause = summary.targetPause else { return nil }
            cause = .paused(pause)
        case .circuitOpen: cause = .circuitOpen
        case .schedule, .retry, nil: return nil
        }
    }

    /// `target 12 is paused until 2026-04-06T10:05:00.000Z (HTTP 429 with Retry-After 300 s)`
    var clause: String {
        switch cause {
        case .paused(let pause):
            let end = pause.until.map { "until \($0)" } ?? "until it is resumed"
            return "target \(targetID) is paused \(end) (\(pause.reason))"
        case .circuitOpen: return "target \(targetID) does not answer and is asked by one probe at a time"
        case .queueRefused: return "the broker refuses the queue of target \(targetID)"
        }
    }

    /// What somebody can do about it.
    var way: String {
        switch cause {
        case .paused, .circuitOpen: "\(call) ends that"
        case .queueRefused: "\(call) says why, and what mends it"
        }
    }

    var call: String {
        let path = "/api/distribution/targets/\(targetID)"
        return switch cause {
        case .paused, .circuitOpen: "POST \(path)/resume"
        case .queueRefused: "GET \(path)"
        }
    }

    var priority: ActionPriority { cause == .queueRefused ? .high : .medium }
}

extension RecommendedAction {
    /// The same for a job that waits for its target.
    func held(_ hold: TargetHold) -> RecommendedAction {
        RecommendedAction(
            sentence: "Wait: \(hold.clause); \(hold.way).", availableActions: [hold.call] + availableActions,
            priority: hold.priority)
    }
}
