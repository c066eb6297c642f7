/// What can happen to a job; `distribution.job.<rawValue>`.
package enum JobEvent: String, Sendable, Hashable, CaseIterable {
    case succeeded, retrying, failed, blocked, cancelled, replayed
}

/// What can happen to a target; `distribution.target.<rawValue>`.
package enum TargetEvent: String, Sendable, Hashable, CaseIterable {
    case created, updated, deleted, paused, resumed, disabled
}
