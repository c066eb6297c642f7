import Distribution

enum Samples {
    static let trace = TraceContext(
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "vendor=1")

    static func queue(_ target: Int64, _ channel: ChannelType = .webhook, _ type: QueueType = .quorum) -> TargetQueue {
        TargetQueue(targetID: TargetID(target), channelType: channel, type: type)
    }

    static func deliveryID(_ job: Int64) -> DeliveryID {
        DeliveryID(UUIDv7(time: Timestamp(milliseconds: 1_775_469_600_000), random: (0, UInt64(job))))
    }

    static func claim(_ job: Int64, target: Int64 = 12, channel: ChannelType = .webhook) -> JobClaim {
        JobClaim(
            jobID: JobID(job), planID: PlanID(7), targetID: TargetID(target), domainID: DomainID(1),
            channelType: channel, deliveryID: deliveryID(job), epoch: 3)
    }

    static func job(
        _ number: Int64, target: Int64 = 12, channel: ChannelType = .webhook, delay: Int64 = 0
    ) -> OutgoingJob {
        OutgoingJob(
            claim: claim(number, target: target, channel: channel), attempt: 2, contentType: "application/json",
            body: Array("{\"n\":\(number)}".utf8), trace: trace, delayMilliseconds: delay)
    }

    static func deadLetter(_ number: Int64, channel: ChannelType = .webhook) -> DeadLetter {
        DeadLetter(
            claim: claim(number, channel: channel), contentType: "application/json", body: [1], trace: nil,
            error: DeliveryError(code: .httpStatus, message: "HTTP 500", certainty: .rejected), attempts: 2,
            firstAttemptAt: nil, diedAt: Timestamp(milliseconds: 1_775_469_600_000))
    }
}
