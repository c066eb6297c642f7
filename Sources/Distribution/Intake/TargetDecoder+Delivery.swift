extension TargetDecoder {
    /// The longest delay of a schedule: seven days, in seconds.
    private static let longestDelay = 604_800.0
    /// The resolution of every time here: a millisecond, in seconds.
    private static let shortest = 0.001

    static func readDelivery(_ reader: JSONReader, into input: inout TargetInput) throws(Refusal) {
        input.retry = try reader.optionalObject("retry").map(retry)
        input.maxInFlight = try reader.optionalInteger("maxInFlight", in: 1...1_000).map { Int($0) }
        if let limit = try reader.optionalObject("rateLimit") {
            input.rateLimit = .some(try rateLimit(limit))
        } else if reader.object["rateLimit"] != nil {
            input.rateLimit = .some(nil)
        }
        input.timeouts = try reader.optionalObject("timeouts").map(timeouts)
        input.permanentStatusCodes = try statusCodes(reader)
    }

    private static func retry(_ reader: JSONReader) throws(Refusal) -> RetryPolicy {
        let jitter = try reader.optionalNumber("jitter", in: 0...0.5) ?? 0.1
        if reader.has("scheduleSeconds") {
            try reader.refuseUnknown(allowed: ["scheduleSeconds", "jitter"])
            return RetryPolicy(schedule: .explicit(try delays(reader)), jitter: jitter)
        }
        try reader.refuseUnknown(allowed: ["maxAttempts", "initialSeconds", "multiplier", "capSeconds", "jitter"])
        let maxAttempts = try reader.requiredInteger("maxAttempts", in: 1...100)
        let initial = try reader.requiredNumber("initialSeconds", in: shortest...longestDelay)
        let cap = try reader.optionalNumber("capSeconds", in: shortest...longestDelay) ?? max(initial, 86_400)
        guard cap >= initial else { throw reader.refusal("capSeconds", "must not be less than initialSeconds") }
        let multiplier = try reader.optionalNumber("multiplier", in: 1...100) ?? 2
        return RetryPolicy(
            schedule: .exponential(
                maxAttempts: Int(maxAttempts), initial: milliseconds(initial), multiplier: multiplier,
                cap: milliseconds(cap)),
            jitter: jitter)
    }

    private static func delays(_ reader: JSONReader) throws(Refusal) -> [Int64] {
        let elements = try reader.requiredArray("scheduleSeconds")
        guard elements.count <= 99 else { throw reader.refusal("scheduleSeconds", "must hold at most 99 delays") }
        var delays: [Int64] = []
        for element in elements {
            guard let seconds = element.doubleValue, (0...longestDelay).contains(seconds) else {
                throw reader.refusal("scheduleSeconds", "must hold numbers from 0 to 604800")
            }
            delays.append(milliseconds(seconds))
        }
        return delays
    }

    private static func rateLimit(_ reader: JSONReader) throws(Refusal) -> RateLimit {
        try reader.refuseUnknown(allowed: ["perSecond", "burst"])
        let perSecond = try reader.requiredNumber("perSecond", in: 0.001...10_000)
        let burst = try reader.optionalInteger("burst", in: 1...10_000)
        return RateLimit(perSecond: perSecond, burst: burst.map { Int($0) } ?? max(1, Int(perSecond.rounded(.up))))
    }

    /// The total bounds connecting too, so the two need not agree.
    private static func timeouts(_ reader: JSONReader) throws(Refusal) -> DeliveryTimeouts {
        try reader.refuseUnknown(allowed: ["connectSeconds", "totalSeconds"])
        var timeouts = DeliveryTimeouts()
        if let connect = try reader.optionalNumber("connectSeconds", in: shortest...60) {
            timeouts.connect = milliseconds(connect)
        }
        if let total = try reader.optionalNumber("totalSeconds", in: shortest...300) {
            timeouts.total = milliseconds(total)
        }
        return timeouts
    }

    /// Sorted, each once.
    private static func statusCodes(_ reader: JSONReader) throws(Refusal) -> [Int]? {
        guard let elements = try reader.optionalArray("permanentStatusCodes") else { return nil }
        var codes: Set<Int> = []
        for element in elements {
            guard let code = element.integerValue, (300...599).contains(code) else {
                throw reader.refusal("permanentStatusCodes", "must hold whole numbers from 300 to 599")
            }
            codes.insert(Int(code))
        }
        return codes.sorted()
    }

    private static func milliseconds(_ seconds: Double) -> Int64 {
        Int64((seconds * 1000).rounded())
    }
}
