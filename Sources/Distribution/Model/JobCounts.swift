/// How many jobs of a plan are in each state.
package struct JobCounts: Sendable, Hashable {
    package var queued = 0
    package var running = 0
    package var retrying = 0
    package var succeeded = 0
    package var failed = 0
    package var blocked = 0
    package var cancelled = 0

    package init() {}

    package subscript(status: JobStatus) -> Int {
        get {
            switch status {
            case .queued: queued
            case .running: running
            case .retrying: retrying
            case .succeeded: succeeded
            case .failed: failed
            case .blocked: blocked
            case .cancelled: cancelled
            }
        }
        set {
            switch status {
            case .queued: queued = newValue
            case .running: running = newValue
            case .retrying: retrying = newValue
            case .succeeded: succeeded = newValue
            case .failed: failed = newValue
            case .blocked: blocked = newValue
            case .cancelled: cancelled = newValue
            }
        }
    }

    package var total: Int { queued + running + retrying + succeeded + failed + blocked + cancelled }

    /// Jobs that may still be attempted.
    package var open: Int { queued + running + retrying }

    /// The status of a plan with these jobs that is not cancelled.
    ///
    /// - Parameter hasBegun: Whether an attempt of any job has ever begun.
    package func planStatus(hasBegun: Bool) -> PlanStatus {
        guard open == 0 else { return hasBegun ? .running : .queued }
        if succeeded == total { return .succeeded }
        return succeeded > 0 ? .partial : .failed
    }
}
