/// What a channel is to Clawcast: it checks the configuration of its targets, renders bodies, and delivers them.
///
/// An adapter never sees AMQP and settles nothing: it returns what happened, and the orchestrator decides.
package protocol DistributionAdapter: Sendable {
    var channelType: ChannelType { get }

    /// Checks a target's configuration and completes its credentials (a secret that was not given is generated).
    ///
    /// - Returns: The configuration with defaults filled in, all credentials to store, and the names of those that were
    ///   generated and are shown once.
    func admit(_ draft: TargetDraft) throws(Refusal) -> AdmittedTarget

    /// Renders the body that every attempt of a job will send; pure.
    func render(_ input: RenderingInput) throws(Refusal) -> RenderedBody

    /// Prepares delivering to a target: parses what need not be parsed again on every attempt.
    ///
    /// - Throws: A ``DeliveryError`` (`CREDENTIALS_UNAVAILABLE`, `EGRESS_REFUSED` …) where no attempt could succeed.
    func endpoint(for target: Target) throws(DeliveryError) -> any DeliveryEndpoint
}

/// One target as it stood at one revision, ready to be delivered to. Used by many attempts at once.
package protocol DeliveryEndpoint: Sendable {
    /// Makes one attempt within the target's time bounds. Cancellation ends it early, with the certainty known then.
    func deliver(_ attempt: DeliveryAttempt) async -> DeliveryResult
}

/// What a target was asked to become.
package struct TargetDraft: Sendable, Hashable {
    package let configuration: JSONObject
    package let credentials: [String: Secret]
    package let delivery: DeliverySettings

    package init(configuration: JSONObject, credentials: [String: Secret], delivery: DeliverySettings) {
        self.configuration = configuration
        self.credentials = credentials
        self.delivery = delivery
    }
}

/// A draft that its adapter has found good.
package struct AdmittedTarget: Sendable, Hashable {
    package let configuration: JSONObject
    package let credentials: [String: Secret]
    package let generatedCredentials: [String]

    package init(configuration: JSONObject, credentials: [String: Secret], generatedCredentials: [String]) {
        self.configuration = configuration
        self.credentials = credentials
        self.generatedCredentials = generatedCredentials
    }
}

/// What one attempt sends.
package struct DeliveryAttempt: Sendable {
    package let deliveryID: DeliveryID
    package let startedAt: Timestamp
    package let contentType: String
    package let body: [UInt8]
    package let trace: TraceContext?

    package init(
        deliveryID: DeliveryID, startedAt: Timestamp, contentType: String, body: [UInt8], trace: TraceContext?
    ) {
        self.deliveryID = deliveryID
        self.startedAt = startedAt
        self.contentType = contentType
        self.body = body
        self.trace = trace
    }
}

/// What came of one attempt, as far as the adapter can tell.
package struct DeliveryResult: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case accepted(externalID: String?, externalURL: String?)
        /// The target answered no.
        case rejected(statusCode: Int, retryAfter: RetryAfter?)
        /// No answer: `code` says why and `certainty` whether the request may have arrived.
        case failed(code: ErrorCode, message: String, certainty: Certainty)
    }

    package let outcome: Outcome
    package let statusCode: Int?
    package let durationMilliseconds: Int64
    /// At most 4 KiB of the answer, sanitized.
    package let responseExcerpt: String?

    package init(outcome: Outcome, statusCode: Int?, durationMilliseconds: Int64, responseExcerpt: String?) {
        self.outcome = outcome
        self.statusCode = statusCode
        self.durationMilliseconds = durationMilliseconds
        self.responseExcerpt = responseExcerpt
    }
}

/// How long a target asked to be left alone (RFC 9110 §10.2.3), already relative to its own `Date`.
package struct RetryAfter: Sendable, Hashable {
    /// 0 to 604,800,000 (7 days); more is cut to it.
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, 0), 604_800_000)
    }
}
