/// Where a plan stands; derived from its jobs but for `cancelled`.
package enum PlanStatus: String, Sendable, Hashable, CaseIterable {
    /// Accepted, no attempt has begun. Next: `running`, `cancelled`, or `failed` where policy blocked every job.
    case queued
    /// At least one attempt has begun and one job is not yet at its end. Next: `succeeded`, `partial`, `failed`,
    /// `cancelled`.
    case running
    /// Every job succeeded. Final.
    case succeeded
    /// Some jobs succeeded, the others are at their end. Next: `running`, on retry or replay.
    case partial
    /// No job succeeded and all are at their end. Next: `running`, on retry or replay.
    case failed
    /// Called off before its end. Final.
    case cancelled

    package var isFinal: Bool {
        switch self {
        case .queued, .running: false
        case .succeeded, .partial, .failed, .cancelled: true
        }
    }
}
