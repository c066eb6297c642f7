package import Distribution

/// A plan message as a publisher sends it.
package struct InMemoryPlanMessage: Sendable, Hashable {
    package var body: [UInt8]
    package var routingKey: String
    package var messageID: String?
    package var correlationID: String?
    package var replyTo: String?
    package var userID: String?
    package var trace: TraceContext?

    package init(
        _ body: [UInt8], routingKey: String = "plan.requested", messageID: String? = nil, correlationID: String? = nil,
        replyTo: String? = nil, userID: String? = nil, trace: TraceContext? = nil
    ) {
        self.body = body
        self.routingKey = routingKey
        self.messageID = messageID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.userID = userID
        self.trace = trace
    }
}
