/// What a target may set about how it is delivered to, whatever its channel.
package struct DeliverySettings: Sendable, Hashable {
    package var retry: RetryPolicy
    /// Attempts in flight at once, 1 to 1,000.
    package var maxInFlight: Int
    package var rateLimit: RateLimit?
    package var timeouts: DeliveryTimeouts
    /// HTTP status codes (300 to 599) after which a job is dead at once.
    package var permanentStatusCodes: [Int]

    package init(
        retry: RetryPolicy = .standard, maxInFlight: Int = 16, rateLimit: RateLimit? = nil,
        timeouts: DeliveryTimeouts = DeliveryTimeouts(), permanentStatusCodes: [Int] = []
    ) {
        self.retry = retry
        self.maxInFlight = maxInFlight
        self.rateLimit = rateLimit
        self.timeouts = timeouts
        self.permanentStatusCodes = permanentStatusCodes
    }
}

/// At most `perSecond` attempts a second on average, and `burst` at once.
package struct RateLimit: Sendable, Hashable {
    package let perSecond: Double
    package let burst: Int

    package init(perSecond: Double, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }
}

/// Bounds of one attempt, in milliseconds.
package struct DeliveryTimeouts: Sendable, Hashable {
    package var connect: Int64
    /// Look-up, connect, TLS and answer together.
    package var total: Int64

    package init(connect: Int64 = 5_000, total: Int64 = 15_000) {
        self.connect = connect
        self.total = total
    }
}
