/// The objects that events and views share, each in the one form that the contract gives it.
extension JSONWriter {
    mutating func planFacts(_ plan: PlanFacts, _ status: PlanStatus) {
        beginObject()
        key("id")
        integer(plan.id.rawValue)
        key("idempotencyKey")
        string(plan.idempotencyKey)
        key("requestId")
        string(plan.requestID)
        key("contentItemId")
        integer(plan.contentItemID)
        key("contentVersion")
        integer(plan.contentVersion)
        key("status")
        string(status.rawValue)
        endObject()
    }

    mutating func jobFacts(_ job: JobFacts) {
        beginObject()
        key("id")
        integer(job.id.rawValue)
        key("planId")
        integer(job.planID.rawValue)
        key("targetId")
        integer(job.targetID.rawValue)
        key("channelType")
        string(job.channelType.rawValue)
        key("deliveryId")
        string(job.deliveryID.text)
        key("attempt")
        integer(job.attempt)
        key("status")
        string(job.status.rawValue)
        key("nextAttemptAt")
        timestamp(job.nextAttemptAt)
        key("lastError")
        string(job.status == .succeeded ? nil : job.lastError?.message)
        endObject()
    }

    mutating func receipt(_ receipt: Receipt?) {
        guard let receipt else { return null() }
        beginObject()
        key("id")
        integer(receipt.id.rawValue)
        key("jobId")
        integer(receipt.jobID.rawValue)
        key("externalId")
        string(receipt.externalID)
        key("externalUrl")
        string(receipt.externalURL)
        key("deliveredAt")
        timestamp(receipt.deliveredAt)
        key("responseMeta")
        beginObject()
        key("statusCode")
        integer(receipt.responseMeta.statusCode.map(Int64.init))
        key("durationMs")
        integer(receipt.responseMeta.durationMilliseconds)
        endObject()
        endObject()
    }

    mutating func deliveryError(_ error: DeliveryError?) {
        guard let error else { return null() }
        beginObject()
        key("code")
        string(error.code.rawValue)
        key("statusCode")
        integer(error.statusCode.map(Int64.init))
        key("certainty")
        string(error.certainty?.rawValue)
        key("remediation")
        string(Remediation.sentence(for: error.code))
        endObject()
    }

    /// The flat error object of section 7.
    mutating func refusal(_ refusal: Refusal) {
        beginObject()
        key("error")
        string(refusal.message)
        key("code")
        string(refusal.code.rawValue)
        key("remediation")
        string(refusal.remediation)
        key("context")
        beginObject()
        for (name, value) in refusal.context.sorted(by: { $0.key < $1.key }) {
            key(escaping: name)
            string(value)
        }
        endObject()
        endObject()
    }

    mutating func counts(_ counts: JobCounts) {
        beginObject()
        key("total")
        integer(counts.total)
        key("queued")
        integer(counts.queued)
        key("running")
        integer(counts.running)
        key("retrying")
        integer(counts.retrying)
        key("succeeded")
        integer(counts.succeeded)
        key("failed")
        integer(counts.failed)
        key("blocked")
        integer(counts.blocked)
        key("cancelled")
        integer(counts.cancelled)
        endObject()
    }
}
