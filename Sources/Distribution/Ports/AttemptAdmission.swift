/// Whether a job message may start an attempt; the one rule that every ledger applies to the row it has read.
package enum AttemptAdmission: Sendable, Hashable {
    case start
    case early(dueAt: Timestamp)
    case stale
    case expired
    case mismatch(String)

    /// - Parameters:
    ///   - job: The row; nil where there is none.
    ///   - request: What the message claims, with the digest of its bytes.
    package static func decide(on job: Job?, for request: AttemptRequest) -> AttemptAdmission {
        guard let job else { return .mismatch("No job has this id.") }
        let claim = request.claim
        guard job.planID == claim.planID, job.domainID == claim.domainID, job.targetID == claim.targetID,
            job.channelType == claim.channelType, job.deliveryID == claim.deliveryID
        else { return .mismatch("Its ids are not those of the job.") }
        guard job.payloadDigest == request.payloadDigest else {
            return .mismatch("Its bytes are not those of the job.")
        }
        guard claim.epoch <= job.epoch else { return .mismatch("Its epoch has not been handed out.") }
        guard claim.epoch == job.epoch, !job.status.isFinal else { return .stale }
        if let expiry = job.policyExpiresAt, expiry <= request.startedAt { return .expired }
        if let due = job.nextAttemptAt, due > request.startedAt { return .early(dueAt: due) }
        return .start
    }
}
