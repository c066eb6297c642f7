/// Fixed texts of messages.
enum MessageConstant {
    static let jobType = "distribution.job"
    static let json = "application/json"
    static let cloudEvents = "application/cloudevents+json"
    static let bytes = "application/octet-stream"
    static let directReplyPrefix = "amq.rabbitmq.reply-to."
    /// Where a plan's own routing key would not reach the dead plans.
    static let refusedPlanKey = "plan.unknown"
    /// Bytes of `x-error` at most.
    static let errorLimit = 1024
}
