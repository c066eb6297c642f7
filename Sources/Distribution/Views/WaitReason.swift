/// What an open job waits for; nil where nothing holds it back but its turn.
package enum WaitReason: String, Sendable, Hashable, CaseIterable {
    case schedule
    case retry
    case targetPaused = "target_paused"
    case circuitOpen = "circuit_open"
    case targetDisabled = "target_disabled"

    /// Of several reasons the one that lasts longest: a disabled target, then the later of its pause and the job's own
    /// time, then an open circuit.
    ///
    /// - Parameter openCircuits: Targets that take a probe at a time only.
    package init?(_ summary: JobSummary, now: Timestamp, openCircuits: Set<TargetID>) {
        let job = summary.job
        guard job.status == .queued || job.status == .retrying else { return nil }
        let due = job.nextAttemptAt ?? now
        if !summary.isTargetActive {
            self = .targetDisabled
        } else if let pause = summary.targetPause, pause.holds(at: max(due, now)) {
            self = .targetPaused
        } else if due > now {
            self = job.status == .retrying ? .retry : .schedule
        } else if openCircuits.contains(job.targetID) {
            self = .circuitOpen
        } else if job.status == .retrying {
            self = .retry
        } else {
            return nil
        }
    }
}
