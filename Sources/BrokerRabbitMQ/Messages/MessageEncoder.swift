internal import AMQP
internal import Distribution

/// Writes the domain's messages as the contract has them on the wire (sections 2.1 to 2.4).
struct MessageEncoder: Sendable {
    let names: ObjectNames
    let ladder: DelayLadder

    /// Straight to the target's queue, or into the ladder where it is not due yet.
    func message(_ job: OutgoingJob, routingKey: String) -> OutgoingMessage {
        var headers = FieldTable()
        let lap = ladder.lap(milliseconds: job.delayMilliseconds)
        headers.reserveCapacity(lap == nil ? 9 : 9 + ladder.levels)
        Self.append(job.claim, attempt: job.attempt, trace: job.trace, to: &headers)
        lap?.appendHeaders(to: &headers, levels: ladder.levels)
        return OutgoingMessage(
            exchange: lap.map { names.delays[$0.entryLevel] } ?? names.jobs,
            routingKey: routingKey,
            properties: Self.jobProperties(job.claim, contentType: job.contentType, headers: headers),
            body: job.body
        )
    }

    func message(_ letter: DeadLetter, routingKey: String) -> OutgoingMessage {
        var headers = FieldTable()
        headers.reserveCapacity(15)
        Self.append(letter.claim, attempt: letter.attempts, trace: letter.trace, to: &headers)
        Self.append(letter.error, to: &headers)
        headers[HeaderName.attempts] = .int64(Int64(letter.attempts))
        if let statusCode = letter.error.statusCode { headers[HeaderName.statusCode] = .int64(Int64(statusCode)) }
        if let first = letter.firstAttemptAt { headers[HeaderName.firstAttemptAt] = .string(first.iso8601) }
        headers[HeaderName.deadAt] = .string(letter.diedAt.iso8601)
        return OutgoingMessage(
            exchange: names.dead,
            routingKey: routingKey,
            properties: Self.jobProperties(letter.claim, contentType: letter.contentType, headers: headers),
            body: letter.body
        )
    }

    func message(_ event: OutgoingEvent) -> OutgoingMessage {
        OutgoingMessage(
            exchange: names.events,
            routingKey: event.routingKey,
            properties: MessageProperties(
                contentType: MessageConstant.cloudEvents, correlationID: event.correlationID, messageID: event.id,
                type: Self.eventType(routingKey: event.routingKey)),
            body: event.body
        )
    }

    /// What no queue takes, and no alternate exchange either.
    var nothing: OutgoingMessage {
        OutgoingMessage(exchange: names.delays[0], routingKey: "", mandatory: false, body: [])
    }

    func message(_ reply: PlanReply) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "",
            routingKey: reply.address,
            properties: MessageProperties(
                contentType: MessageConstant.json, correlationID: reply.correlationID),
            body: reply.body
        )
    }

    /// `distribution.7.job.succeeded` is routed by domain; the CloudEvents type leaves the domain out.
    static func eventType(routingKey: String) -> String {
        let dot = UInt8(ascii: ".")
        guard let first = routingKey.utf8.firstIndex(of: dot),
            let second = routingKey[routingKey.index(after: first)...].utf8.firstIndex(of: dot)
        else { return routingKey }
        var type = routingKey
        type.removeSubrange(first..<second)
        return type
    }

    static func append(_ error: DeliveryError, to headers: inout FieldTable) {
        headers[HeaderName.errorCode] = .string(error.code.rawValue)
        headers[HeaderName.error] = .string(error.message.prefix(utf8Bytes: MessageConstant.errorLimit))
    }

    static func append(_ trace: TraceContext?, to headers: inout FieldTable) {
        guard let trace else { return }
        headers[HeaderName.traceparent] = .string(trace.traceparent)
        if let tracestate = trace.tracestate { headers[HeaderName.tracestate] = .string(tracestate) }
    }

    private static func append(
        _ claim: JobClaim, attempt: Int, trace: TraceContext?, to headers: inout FieldTable
    ) {
        headers[HeaderName.jobID] = .int64(claim.jobID.rawValue)
        headers[HeaderName.planID] = .int64(claim.planID.rawValue)
        headers[HeaderName.targetID] = .int64(claim.targetID.rawValue)
        headers[HeaderName.domainID] = .int64(claim.domainID.rawValue)
        headers[HeaderName.channel] = .string(claim.channelType.rawValue)
        headers[HeaderName.epoch] = .int64(claim.epoch)
        headers[HeaderName.attempt] = .int64(Int64(attempt))
        append(trace, to: &headers)
    }

    private static func jobProperties(
        _ claim: JobClaim, contentType: String, headers: FieldTable
    ) -> MessageProperties {
        MessageProperties(
            contentType: contentType, headers: headers, messageID: claim.deliveryID.text,
            type: MessageConstant.jobType)
    }
}
