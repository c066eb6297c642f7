/// Why a target's queue cannot be used at the moment; its jobs are kept and handed out once it can.
package struct QueueProblem: Sendable, Hashable {
    /// `QUEUE_REFUSED`: somebody has declared the queue otherwise, holds it alone, or access to it is denied.
    package static let code = "QUEUE_REFUSED"
    package static let standardRemediation =
        "Give Clawcast's user the permissions that `clawcast topology export` lists; it is tried again by itself."

    /// What the broker holds against it.
    package let message: String
    /// What an operator can do, in a sentence.
    package let remediation: String
    package let since: Timestamp

    package init(message: String, remediation: String, since: Timestamp) {
        self.message = message
        self.remediation = remediation
        self.since = since
    }
}
