extension DeliverySettings {
    static let fieldNames: Set<String> = ["retry", "maxInFlight", "rateLimit", "timeouts", "permanentStatusCodes"]

    /// The settings in the form in which they are configured; reading them back gives equal settings.
    package var json: JSON { .object(fields) }

    var fields: JSONObject {
        [
            "retry": .object(retry.json),
            "maxInFlight": .integer(maxInFlight),
            "rateLimit": rateLimit.map { limit in
                .object(["perSecond": .number("\(limit.perSecond)"), "burst": .integer(limit.burst)])
            } ?? .null,
            "timeouts": .object([
                "connectSeconds": .seconds(timeouts.connect), "totalSeconds": .seconds(timeouts.total),
            ]),
            "permanentStatusCodes": .array(permanentStatusCodes.map { .integer($0) }),
        ]
    }

    /// Reads settings as ``json`` writes them; what is absent takes its default.
    ///
    /// - Throws: `VALIDATION_ERROR` where a value is out of its bounds or a field is unknown.
    package init(json: JSONObject) throws(Refusal) {
        let reader = JSONReader(json)
        try reader.refuseUnknown(allowed: Self.fieldNames)
        var input = TargetInput()
        try TargetDecoder.readDelivery(reader, into: &input)
        self = input.delivery()
    }
}

extension RetryPolicy {
    fileprivate var json: JSONObject {
        switch schedule {
        case .explicit(let delays):
            ["scheduleSeconds": .array(delays.map { .seconds($0) }), "jitter": .number("\(jitter)")]
        case .exponential(let maxAttempts, let initial, let multiplier, let cap):
            [
                "maxAttempts": .integer(maxAttempts), "initialSeconds": .seconds(initial),
                "multiplier": .number("\(multiplier)"), "capSeconds": .seconds(cap), "jitter": .number("\(jitter)"),
            ]
        }
    }
}

extension JSON {
    /// Milliseconds as a decimal number of seconds, exactly.
    fileprivate static func seconds(_ milliseconds: Int64) -> JSON {
        let (whole, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
        let sign = milliseconds < 0 ? "-" : ""
        guard rest > 0 else { return .number("\(sign)\(whole)") }
        var fraction = String(String(1000 + rest).dropFirst())
        while fraction.last == "0" { fraction.removeLast() }
        return .number("\(sign)\(whole).\(fraction)")
    }
}
