internal import AMQP
internal import Distribution

/// The headers of a job message, found in one pass over the table.
struct JobHeaders {
    private var jobID: FieldValue?
    private var planID: FieldValue?
    private var targetID: FieldValue?
    private var domainID: FieldValue?
    private var channel: FieldValue?
    private var epoch: FieldValue?
    private var traceparent: String?
    private var tracestate: String?

    init(_ table: FieldTable) {
        for field in table.fields {
            switch field.name {
            case HeaderName.jobID: jobID = field.value
            case HeaderName.planID: planID = field.value
            case HeaderName.targetID: targetID = field.value
            case HeaderName.domainID: domainID = field.value
            case HeaderName.channel: channel = field.value
            case HeaderName.epoch: epoch = field.value
            case HeaderName.traceparent: traceparent = field.value.stringValue
            case HeaderName.tracestate: tracestate = field.value.stringValue
            default: break
            }
        }
    }

    var trace: TraceContext? {
        traceparent.flatMap { TraceContext(traceparent: $0, tracestate: tracestate) }
    }

    /// What the message claims to be, or `JOB_MISMATCH` with the header that is missing, malformed or at odds with the
    /// queue.
    func claim(messageID: String?, queue: TargetQueue?) -> Result<JobClaim, DeliveryError> {
        do throws(DeliveryError) {
            let claim = try read(messageID: messageID)
            if let queue {
                try Self.require(claim.targetID == queue.targetID, HeaderName.targetID, "names another target's queue")
                try Self.require(
                    claim.channelType == queue.channelType, HeaderName.channel, "names another channel's queue")
            }
            return .success(claim)
        } catch {
            return .failure(error)
        }
    }

    private func read(messageID: String?) throws(DeliveryError) -> JobClaim {
        guard let deliveryID = messageID.flatMap(DeliveryID.init(text:)) else {
            throw Self.mismatch("message_id", "is missing or no delivery id")
        }
        guard let channelType = channel?.stringValue.flatMap(ChannelType.init(rawValue:)) else {
            throw Self.mismatch(HeaderName.channel, "is missing or no channel's name")
        }
        return JobClaim(
            jobID: JobID(try Self.number(jobID, HeaderName.jobID)),
            planID: PlanID(try Self.number(planID, HeaderName.planID)),
            targetID: TargetID(try Self.number(targetID, HeaderName.targetID)),
            domainID: DomainID(try Self.number(domainID, HeaderName.domainID)),
            channelType: channelType,
            deliveryID: deliveryID,
            epoch: try Self.number(epoch, HeaderName.epoch)
        )
    }

    private static func number(_ value: FieldValue?, _ name: String) throws(DeliveryError) -> Int64 {
        guard let number = value?.integerValue, number > 0 else {
            throw mismatch(name, "is missing or no positive integer")
        }
        return number
    }

    private static func require(_ holds: Bool, _ name: String, _ fault: String) throws(DeliveryError) {
        if !holds { throw mismatch(name, fault) }
    }

    private static func mismatch(_ name: String, _ fault: String) -> DeliveryError {
        DeliveryError(code: .jobMismatch, message: "The message is no job of Clawcast's: \(name) \(fault).")
    }
}
