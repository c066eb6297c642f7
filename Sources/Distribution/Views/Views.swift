package enum PlanView {
    package static func json(_ snapshot: PlanSnapshot, now: Timestamp, openCircuits: Set<TargetID> = []) -> JSON {
        .null
    }
    /// A plan in a list, without its jobs.
    package static func summary(_ plan: Plan, now: Timestamp) -> JSON { .null }
}
package enum JobView {
    package static func json(_ snapshot: JobSnapshot, now: Timestamp, openCircuits: Set<TargetID> = []) -> JSON {
        .null
    }
    package static func summary(_ summary: JobSummary, now: Timestamp, openCircuits: Set<TargetID> = []) -> JSON {
        .null
    }
}
package enum ReceiptView {
    package static func json(_ receipt: Receipt) -> JSON { .null }
}
package enum TargetView {
    package static func json(_ target: Target, generated: [String: Secret] = [:]) -> JSON { .null }
}
package enum DeadLetterView {
    package static func json(_ summary: DeadLetterSummary) -> JSON { .null }
}
package enum RefusalView {
    package static func json(_ refusal: Refusal, requestID: String? = nil) -> JSON { .null }
}
