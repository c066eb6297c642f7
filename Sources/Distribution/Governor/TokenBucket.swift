/// A target's rate limit as a token bucket: an attempt takes a token, `perSecond` come back, `burst` are kept at most.
///
/// In any stretch of `t` seconds at most `burst + perSecond · t` tokens are taken.
struct TokenBucket: Sendable, Hashable {
    let limit: RateLimit
    private var tokens: Double
    private var refilledAt: Timestamp

    /// Full at first.
    init(_ limit: RateLimit, at now: Timestamp) {
        self.limit = limit
        tokens = Double(max(limit.burst, 1))
        refilledAt = now
    }

    /// When a token can be taken; `now` where one is there.
    mutating func nextToken(at now: Timestamp) -> Timestamp {
        refill(at: now)
        guard tokens < 1 else { return now }
        let wait = ((1 - tokens) / limit.perSecond * 1000).rounded(.up)
        return now.adding(milliseconds: max(1, Int64(wait)))
    }

    /// Takes a token that ``nextToken(at:)`` has just found.
    mutating func take() { tokens -= 1 }

    /// Puts a token back that nothing was sent for.
    mutating func putBack() { tokens = min(tokens + 1, Double(max(limit.burst, 1))) }

    /// A clock that was set back gives nothing and takes nothing.
    private mutating func refill(at now: Timestamp) {
        let elapsed = now.milliseconds(since: refilledAt)
        guard elapsed != 0 else { return }
        refilledAt = now
        guard elapsed > 0 else { return }
        tokens = min(tokens + Double(elapsed) / 1000 * limit.perSecond, Double(max(limit.burst, 1)))
    }
}
