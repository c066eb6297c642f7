/// Encodes what happened as CloudEvents 1.0 in structured JSON (contract, section 2.4); pure, equal bytes for equal
/// facts.
///
/// `sequence` follows the CloudEvents sequence extension: a string that sorts as text, so the number is padded with
/// zeros to ten digits; reading it as a decimal integer gives the number.
package struct EventComposer: Sendable {
    let source: String

    /// - Parameter source: `/clawcast/<instance>`.
    package init(source: String) {
        self.source = source
    }

    package func planAccepted(
        _ stamp: EventStamp, _ plan: PlanFacts, status: PlanStatus, counts: JobCounts
    ) -> OutgoingEvent {
        self.plan("accepted", stamp, plan, status, counts)
    }

    package func planScheduled(
        _ stamp: EventStamp, _ plan: PlanFacts, status: PlanStatus, counts: JobCounts, scheduledAt: Timestamp
    ) -> OutgoingEvent {
        self.plan("scheduled", stamp, plan, status, counts, scheduledAt: scheduledAt)
    }

    package func planCompleted(
        _ stamp: EventStamp, _ plan: PlanFacts, status: PlanStatus, counts: JobCounts
    ) -> OutgoingEvent {
        self.plan("completed", stamp, plan, status, counts)
    }

    package func planCancelled(
        _ stamp: EventStamp, _ plan: PlanFacts, status: PlanStatus, counts: JobCounts
    ) -> OutgoingEvent {
        self.plan("cancelled", stamp, plan, status, counts)
    }

    package func planReopened(
        _ stamp: EventStamp, _ plan: PlanFacts, status: PlanStatus, counts: JobCounts
    ) -> OutgoingEvent {
        self.plan("reopened", stamp, plan, status, counts)
    }

    /// A refused message: it has no plan, so no `subject` and no `sequence`; domain 0 where it did not tell.
    package func planRejected(_ stamp: EventStamp, _ rejection: PlanRejection) -> OutgoingEvent {
        let envelope = Envelope(
            kind: "plan.rejected", subject: nil, domainID: rejection.domainID, correlationID: rejection.requestID,
            trace: rejection.trace)
        return compose(envelope, stamp) { writer in
            writer.key("plan")
            writer.beginObject()
            writer.key("id")
            writer.null()
            writer.key("idempotencyKey")
            writer.string(rejection.idempotencyKey)
            writer.key("requestId")
            writer.string(rejection.requestID)
            writer.key("status")
            writer.null()
            writer.endObject()
            writer.key("error")
            writer.raw(RefusalView.json(rejection.refusal))
            writer.key("recommendedNextAction")
            writer.string(rejection.refusal.remediation)
        }
    }

    private func plan(
        _ event: String, _ stamp: EventStamp, _ plan: PlanFacts, _ status: PlanStatus, _ counts: JobCounts,
        scheduledAt: Timestamp? = nil
    ) -> OutgoingEvent {
        let envelope = Envelope(
            kind: "plan." + event, subject: "plans/\(plan.id)", domainID: plan.domainID,
            correlationID: plan.requestID, trace: plan.trace)
        return compose(envelope, stamp) { writer in
            writer.key("plan")
            writer.planFacts(plan, status)
            writer.key("counts")
            writer.raw(PlanView.counts(counts))
            if let scheduledAt {
                writer.key("scheduledAt")
                writer.timestamp(scheduledAt)
            }
            writer.key("error")
            writer.null()
            writer.key("recommendedNextAction")
            let action = RecommendedAction.plan(
                plan.id, status: status, counts: counts, jobs: [], scheduledAt: scheduledAt, now: stamp.time)
            writer.string(action.sentence)
        }
    }
}
