extension EventComposer {
    /// - Parameter receipt: Set for `succeeded` only.
    package func job(
        _ event: JobEvent, _ stamp: EventStamp, _ plan: PlanFacts, planStatus: PlanStatus, job: JobFacts,
        receipt: Receipt?
    ) -> OutgoingEvent {
        let envelope = Envelope(
            kind: "job." + event.rawValue, subject: "plans/\(plan.id.rawValue)/jobs/\(job.id.rawValue)",
            domainID: plan.domainID, correlationID: plan.requestID, trace: plan.trace)
        return compose(envelope, stamp) { writer in
            writer.key("plan")
            writer.planFacts(plan, planStatus)
            writer.key("job")
            writer.jobFacts(job)
            writer.key("receipt")
            writer.receipt(receipt)
            writer.key("error")
            writer.raw(
                job.status == .succeeded
                    ? .null : job.lastError.map { JobView.error($0, isFinal: job.status.isFinal) } ?? .null)
            writer.key("recommendedNextAction")
            writer.string(RecommendedAction.job(job, now: stamp.time).sentence)
        }
    }

    /// Tells of a target what a list of targets shows; never a credential, nor its configuration.
    ///
    /// - Parameter reason: Why it was paused or disabled.
    package func target(
        _ event: TargetEvent, _ stamp: EventStamp, _ target: Target, reason: String?
    ) -> OutgoingEvent {
        let envelope = Envelope(
            kind: "target." + event.rawValue, subject: "targets/\(target.id)", domainID: target.domainID,
            correlationID: nil, trace: nil)
        return compose(envelope, stamp) { writer in
            writer.key("target")
            writer.beginObject()
            writer.key("id")
            writer.integer(target.id.rawValue)
            writer.key("domainId")
            writer.integer(target.domainID.rawValue)
            writer.key("name")
            writer.string(target.name)
            writer.key("channelType")
            writer.string(target.channelType.rawValue)
            writer.key("active")
            writer.bool(target.isActive)
            writer.key("pausedUntil")
            writer.timestamp(target.pause?.until)
            writer.endObject()
            writer.key("reason")
            writer.string(reason.map(Sanitizer.message))
            writer.key("recommendedNextAction")
            writer.string(RecommendedAction.target(target, event).sentence)
        }
    }
}
