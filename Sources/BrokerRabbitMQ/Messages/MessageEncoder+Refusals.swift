internal import AMQP
internal import Distribution

extension MessageEncoder {
    /// The plan with its content taken out, for the dead plans.
    ///
    /// Of the properties only those stay that identify the message; the sender's own headers stay where they are short
    /// and not the broker's, the user moves to `x-user-id` because the broker would check it again. It can be encoded
    /// whatever came: what is too long is cut, for a message that cannot be published is tried for ever.
    func message(_ refused: RefusedPlanMessage) -> OutgoingMessage {
        let plan = refused.message
        let original = (plan.settlement as? ConsumedMessage)?.delivery.properties
        var headers = original.map { Self.ownHeaders($0.headers) } ?? FieldTable()
        let isPlanKey =
            Self.isShort(plan.routingKey) && (plan.routingKey == "plan" || plan.routingKey.hasPrefix("plan."))
        headers[HeaderName.errorCode] = .string(refused.refusal.code.rawValue)
        headers[HeaderName.error] = .string(
            "\(refused.refusal.message) \(refused.refusal.remediation)".prefix(utf8Bytes: MessageConstant.errorLimit))
        if let userID = plan.userID { headers[HeaderName.userID] = .string(userID) }
        if !isPlanKey { headers[HeaderName.routingKey] = .string(plan.routingKey) }
        Self.append(plan.trace, to: &headers)
        return OutgoingMessage(
            exchange: names.dead,
            routingKey: isPlanKey ? plan.routingKey : MessageConstant.refusedPlanKey,
            properties: MessageProperties(
                contentType: MessageConstant.json, headers: headers, correlationID: Self.short(plan.correlationID),
                messageID: Self.short(plan.messageID), timestamp: original?.timestamp,
                type: Self.short(original?.type), appID: Self.short(original?.appID)),
            body: refused.sanitizedBody
        )
    }

    /// The job message as it came, with the reason, for the dead letters of the channel whose queue held it.
    func quarantined(_ message: IncomingJobMessage, as error: DeliveryError) -> OutgoingMessage {
        let original = (message.original as? ConsumedMessage)?.delivery.properties
        var headers = original.map { Self.jobHeaders($0.headers) } ?? FieldTable()
        Self.append(error, to: &headers)
        if let userID = original?.userID { headers[HeaderName.userID] = .string(userID) }
        Self.append(message.trace, to: &headers)
        return OutgoingMessage(
            exchange: names.dead,
            routingKey: Self.quarantineKey(message),
            properties: MessageProperties(
                contentType: Self.short(message.contentType), headers: headers,
                messageID: Self.short(original?.messageID), type: Self.short(original?.type) ?? MessageConstant.jobType),
            body: message.body
        )
    }

    private static func quarantineKey(_ message: IncomingJobMessage) -> String {
        if let queue = message.queue { return JobRoutingKey(queue).text }
        if case .success(let claim) = message.claim {
            return JobRoutingKey(channelType: claim.channelType, targetID: claim.targetID).text
        }
        return JobRoutingKey.unknownText
    }

    /// What a job message says about itself, right or wrong, without a lap's or the broker's headers.
    private static func jobHeaders(_ headers: FieldTable) -> FieldTable {
        var kept = FieldTable()
        for field in headers where jobHeaderNames.contains(field.name) && isShort(field.value) {
            kept[field.name] = field.value
        }
        return kept
    }

    private static let jobHeaderNames: Set<String> = [
        HeaderName.jobID, HeaderName.planID, HeaderName.targetID, HeaderName.domainID, HeaderName.channel,
        HeaderName.epoch, HeaderName.attempt,
    ]

    /// Headers that a sender made up: none of the broker's, none of ours, none that route; no more than fit into a
    /// frame beside the rest.
    private static func ownHeaders(_ headers: FieldTable) -> FieldTable {
        var kept = FieldTable()
        var room = 16_384
        for field in headers where kept.count < 32 && isOwn(field.name) && isShort(field.value) {
            room -= field.name.utf8.count + (field.value.stringValue?.utf8.count ?? 0) + 16
            guard room >= 0 else { break }
            kept[field.name] = field.value
        }
        return kept
    }

    private static func isOwn(_ name: String) -> Bool {
        let lowercase = name.lowercased()
        return isShort(name) && !lowercase.hasPrefix("x-") && lowercase != "cc" && lowercase != "bcc"
    }

    /// Whether it is what AMQP calls a short string. One that came as such may have grown: each byte that is not UTF-8
    /// becomes three.
    private static func isShort(_ text: String) -> Bool { text.utf8.count <= 255 }

    private static func short(_ text: String?) -> String? { text?.prefix(utf8Bytes: 255) }

    private static func isShort(_ value: FieldValue) -> Bool {
        switch value {
        case .string(let text): text.utf8.count <= 1024
        case .bool, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .float, .double, .timestamp: true
        case .decimal, .bytes, .array, .table, .void: false
        }
    }
}
