import Distribution

/// The settlement of a message that only a procedure looks at, which settles nothing itself.
struct DiscardedSettlement: MessageSettlement {
    func acknowledge() {}
    func giveBack() {}
}

extension IncomingJobMessage {
    /// The message of an owed job, as it comes from its queue.
    convenience init(_ owed: OwedJob, epoch: Int64? = nil, body: [UInt8]? = nil, isRedelivered: Bool = false) {
        self.init(
            queue: TargetQueue(targetID: owed.claim.targetID, channelType: owed.claim.channelType, type: .quorum),
            claim: .success(
                JobClaim(
                    jobID: owed.claim.jobID, planID: owed.claim.planID, targetID: owed.claim.targetID,
                    domainID: owed.claim.domainID, channelType: owed.claim.channelType,
                    deliveryID: owed.claim.deliveryID, epoch: epoch ?? owed.claim.epoch)),
            contentType: owed.contentType, body: body ?? owed.body, trace: owed.trace, isRedelivered: isRedelivered,
            settlement: DiscardedSettlement(), original: 0)
    }
}
