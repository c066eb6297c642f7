/// Where a job stands.
package enum JobStatus: String, Sendable, Hashable, CaseIterable {
    /// Owed to the broker or waiting in its queue. Next: `running`, `blocked`, `cancelled`.
    case queued
    /// An attempt is open. Next: `succeeded`, `retrying`, `failed`, `queued` (given back unsent), `cancelled`.
    case running
    /// An attempt failed and another is due at `nextAttemptAt`. Next: `running`, `blocked`, `cancelled`.
    case retrying
    /// The target accepted it. Final.
    case succeeded
    /// Its attempts are used up, or it can never succeed: a dead letter. Next: `queued`, on replay.
    case failed
    /// Policy forbids it. Final.
    case blocked
    /// Called off. Final, unless an attempt was under way that still succeeds. Next: `succeeded`.
    case cancelled

    package var isFinal: Bool {
        switch self {
        case .queued, .running, .retrying: false
        case .succeeded, .failed, .blocked, .cancelled: true
        }
    }
}
