import Distribution
import DistributionTesting
import Testing

/// A governor with a target and a clock, and short words for what happens to its attempts.
private struct Governed {
    var target = Sample.target()
    var governor = TargetGovernor(failingSince: nil)
    var now = Sample.now

    init(maxInFlight: Int = 16, rateLimit: RateLimit? = nil) {
        target.delivery = DeliverySettings(maxInFlight: maxInFlight, rateLimit: rateLimit)
    }

    mutating func pass(_ milliseconds: Int64) { now = now.adding(milliseconds: milliseconds) }

    mutating func admit() -> TargetGovernor.Admission { governor.admit(target, at: now) }

    /// Starts as many attempts as may start, a thousand at most.
    mutating func admitAll() -> Int {
        var count = 0
        while count < 1_000, admit() == .start { count += 1 }
        return count
    }

    /// Ends an attempt that began `age` milliseconds ago.
    @discardableResult
    mutating func end(_ evidence: AttemptEvidence, age: Int64 = 0) -> TargetGovernor.Consequences {
        let consequences = governor.observe(evidence, startedAt: now.adding(milliseconds: -age), at: now)
        governor.finish(at: now)
        return consequences
    }

    /// One attempt that must start, and its end.
    @discardableResult
    mutating func attempt(_ evidence: AttemptEvidence) -> TargetGovernor.Consequences {
        #expect(admit() == .start)
        return end(evidence)
    }

    func stance(prefetch: Int = 16) -> TargetGovernor.Stance { governor.stance(target, prefetch: prefetch, at: now) }
}

private let overload = AttemptEvidence.throttled(requested: 5_000, isOverload: true)

@Suite("Target governor: pauses") struct TargetGovernorPauseTests {
    @Test func `a target that asks to be left alone is, to the millisecond, and no attempt starts before`() {
        var governed = Governed()
        let consequences = governed.attempt(overload)
        let until = governed.now.adding(milliseconds: 5_000)
        #expect(consequences.pausedUntil == until)
        #expect(consequences.finding == .throttled(until: until, reason: "HTTP 429 with Retry-After 5 s"))
        #expect(governed.admit() == .wait(until: until))
        #expect(governed.stance() == .hold(until: until))
        governed.pass(4_999)
        #expect(governed.admit() == .wait(until: until))
        governed.pass(1)
        #expect(governed.admit() == .start)
    }

    @Test func `what was under way when the pause began prolongs it by what it is told, and no second pause begins`() {
        var governed = Governed()
        #expect(governed.admitAll() == 16)
        governed.pass(100)
        governed.end(.throttled(requested: nil, isOverload: true), age: 100)
        #expect(governed.stance() == .hold(until: governed.now.adding(milliseconds: 30_000)))
        let repeated = governed.end(.throttled(requested: nil, isOverload: true), age: 100)
        #expect(repeated.finding == nil)
        #expect(repeated.pausedUntil == governed.now.adding(milliseconds: 30_000))
        let longer = governed.end(.throttled(requested: 60_000, isOverload: true), age: 100)
        #expect(longer.finding != nil)
        #expect(governed.stance() == .hold(until: governed.now.adding(milliseconds: 60_000)))
        governed.end(overload, age: 100)
        #expect(governed.stance() == .hold(until: governed.now.adding(milliseconds: 60_000)))
    }

    @Test func `without a time the pause is thirty seconds and doubles to fifteen minutes, until something is taken`() {
        var governed = Governed()
        let unasked = AttemptEvidence.throttled(requested: nil, isOverload: true)
        for seconds in [30, 60, 120, 240, 480, 900, 900] as [Int64] {
            governed.attempt(unasked)
            #expect(governed.stance() == .hold(until: governed.now.adding(milliseconds: seconds * 1_000)))
            governed.pass(seconds * 1_000)
        }
        governed.attempt(.accepted)
        governed.attempt(unasked)
        #expect(governed.stance() == .hold(until: governed.now.adding(milliseconds: 30_000)))
    }

    @Test func `after 429 one attempt at a time, one more only after forty successes for each`() {
        var governed = Governed()
        governed.attempt(overload)
        governed.pass(5_000)
        for limit in 1...3 {
            for _ in 0..<(limit * 40) {
                #expect(governed.admitAll() == limit)
                for _ in 1..<max(limit, 1) { governed.governor.finish(at: governed.now) }
                governed.end(.accepted)
            }
        }
        #expect(governed.admitAll() == 4)
    }

    @Test func `after 503 each success allows one more, up to the target's own limit`() {
        var governed = Governed(maxInFlight: 4)
        governed.attempt(.throttled(requested: 1_000, isOverload: false))
        governed.pass(1_000)
        for limit in [1, 2, 3, 4, 4] {
            #expect(governed.admitAll() == limit)
            for _ in 1..<limit { governed.governor.finish(at: governed.now) }
            governed.end(.accepted)
        }
    }

    @Test func `the target's own pause holds whatever the governor knows, and its end is told`() {
        var governed = Governed()
        let until = governed.now.adding(milliseconds: 1_000)
        governed.target.pause = TargetPause(until: until, reason: "why")
        #expect(governed.admit() == .wait(until: until))
        governed.target.pause = TargetPause(until: nil, reason: "why")
        #expect(governed.admit() == .wait(until: nil))
        #expect(governed.stance() == .hold(until: nil))
        governed.target.pause = nil
        governed.target.isActive = false
        #expect(governed.stance() == .hold(until: nil))
        governed.target.isActive = true
        #expect(governed.admit() == .start)
    }

    @Test func `resuming lifts the pause that the target asked for`() {
        var governed = Governed()
        governed.attempt(overload)
        governed.governor.reset()
        #expect(governed.admit() == .start)
    }
}

@Suite("Target governor: circuit") struct TargetGovernorCircuitTests {
    @Test func `ten failures in a row open the circuit; an answer in between begins anew`() {
        var governed = Governed()
        for _ in 0..<9 { #expect(governed.attempt(.unavailable).probeAt == nil) }
        governed.attempt(.refused)
        for _ in 0..<9 { #expect(governed.attempt(.unavailable).probeAt == nil) }
        let probeAt = governed.now.adding(milliseconds: 30_000)
        #expect(governed.attempt(.unavailable).probeAt == probeAt)
        #expect(governed.governor.openCircuit?.probeAt == probeAt)
        #expect(governed.admit() == .wait(until: probeAt))
    }

    @Test func `one probe at a time, after thirty seconds growing to ten minutes, until one succeeds`() {
        var governed = Governed()
        for _ in 0..<10 { governed.attempt(.unavailable) }
        for seconds in [30, 60, 120, 240, 480, 600, 600] as [Int64] {
            governed.pass(seconds * 1_000 - 1)
            #expect(governed.admitAll() == 0)
            governed.pass(1)
            #expect(governed.stance() == .consume(prefetch: 1))
            #expect(governed.admitAll() == 1)
            #expect(governed.admit() == .full)
            #expect(governed.governor.openCircuit?.probeAt == nil)
            governed.end(.unavailable)
        }
        governed.pass(600_000)
        #expect(governed.attempt(.accepted).isCircuitClosed)
        #expect(governed.governor.openCircuit == nil)
        // It is not run over with all that has waited.
        #expect(governed.admitAll() == 1)
    }

    @Test func `an open circuit is written down, and the next process goes on with it`() throws {
        var governed = Governed()
        for _ in 0..<9 { #expect(governed.attempt(.unavailable).circuit == nil) }
        let opened = try #require(governed.attempt(.unavailable).circuit?.record)
        #expect((opened.probeAt, opened.pause) == (governed.now.adding(milliseconds: 30_000), 30_000))
        governed.pass(30_000)
        let failed = try #require(governed.attempt(.unavailable).circuit?.record)
        #expect((failed.openedAt, failed.pause) == (opened.openedAt, 60_000))
        // Its probe was under way when the process ended: the next makes one at once, and one only.
        governed.pass(60_000)
        #expect(governed.admit() == .start)
        governed.governor = TargetGovernor(failingSince: nil, circuit: failed)
        #expect(governed.governor.openCircuit?.openedAt == opened.openedAt)
        #expect(governed.admitAll() == 1)
        let again = try #require(governed.end(.unavailable).circuit?.record)
        #expect(again.pause == 120_000)
        governed.governor = TargetGovernor(failingSince: nil, circuit: again)
        #expect(governed.admit() == .wait(until: again.probeAt))
        governed.pass(120_000)
        #expect(governed.attempt(.accepted).circuit == .closed)
        #expect(governed.attempt(.accepted).circuit == nil)
    }

    @Test func `failures of attempts that began before the circuit opened change nothing, a late success closes it`() {
        var governed = Governed()
        #expect(governed.admitAll() == 16)
        governed.pass(100)
        for _ in 0..<10 { governed.end(.unavailable, age: 100) }
        let probeAt = governed.governor.openCircuit?.probeAt
        governed.pass(50)
        governed.end(.unavailable, age: 150)
        #expect(governed.governor.openCircuit?.probeAt == probeAt)
        governed.pass(30_000)
        // Five of the old ones are still under way: the probe waits for them.
        #expect(governed.admit() == .full)
        #expect(governed.end(.accepted, age: 30_150).isCircuitClosed)
    }

    @Test func `a probe that was never sent gives its turn back`() {
        var governed = Governed()
        for _ in 0..<10 { governed.attempt(.unavailable) }
        governed.pass(30_000)
        #expect(governed.admit() == .start)
        governed.governor.finish(at: governed.now)
        #expect(governed.admit() == .start)
    }
}

@Suite("Target governor: limits and patience") struct TargetGovernorLimitTests {
    @Test func `no more attempts than the target's limit are in flight`() {
        var governed = Governed(maxInFlight: 3)
        #expect(governed.admitAll() == 3)
        #expect(governed.admit() == .full)
        governed.end(.accepted)
        #expect(governed.admitAll() == 1)
    }

    @Test func `a rate limit lets a burst through and then so many a second, in any stretch of time`() {
        var governed = Governed(maxInFlight: 1_000, rateLimit: RateLimit(perSecond: 5, burst: 10))
        #expect(governed.admitAll() == 10)
        #expect(governed.admit() == .wait(until: governed.now.adding(milliseconds: 200)))
        var started: [Timestamp] = []
        for _ in 0..<100 {
            if case .wait(let until?) = governed.admit() { governed.now = until }
            #expect(governed.admit() == .start)
            started.append(governed.now)
        }
        for (first, last) in zip(started, started.dropFirst(50)) {
            #expect(last.milliseconds(since: first) >= 50 * 200 - 200)
        }
        governed.pass(3_600_000)
        #expect(governed.admitAll() == 10)
    }

    @Test func `an attempt that was never sent costs no token`() {
        var governed = Governed(rateLimit: RateLimit(perSecond: 1, burst: 1))
        #expect(governed.admit() == .start)
        governed.governor.finish(at: governed.now)
        #expect(governed.admit() == .start)
        governed.end(.accepted)
        #expect(governed.admit() == .wait(until: governed.now.adding(milliseconds: 1_000)))
    }

    @Test func `the prefetch is no more than what may start within a minute`() {
        #expect(Governed(maxInFlight: 4).stance() == .consume(prefetch: 4))
        #expect(Governed(maxInFlight: 100).stance() == .consume(prefetch: 16))
        let slow = Governed(rateLimit: RateLimit(perSecond: 0.05, burst: 1))
        #expect(slow.stance() == .consume(prefetch: 3))
        let slowest = Governed(rateLimit: RateLimit(perSecond: 0.001, burst: 1))
        #expect(slowest.stance() == .consume(prefetch: 1))
    }

    @Test func `a row of failures is noted after ten minutes and ends after five days; a success clears it`() {
        var governed = Governed()
        let begin = governed.now
        #expect(governed.attempt(.refused).finding == nil)
        governed.pass(600_000)
        #expect(governed.attempt(.refused).finding == .failing(since: begin))
        #expect(governed.attempt(.refused).finding == nil)
        #expect(governed.attempt(.accepted).finding == .recovered)
        #expect(governed.attempt(.accepted).finding == nil)
        let second = governed.now
        governed.attempt(.unavailable)
        governed.pass(431_999_999)
        #expect(governed.attempt(.unavailable).finding == .failing(since: second))
        governed.pass(1)
        #expect(governed.attempt(.refused).finding == .failedTooLong(since: second))
    }

    @Test func `what the ledger knows of failures counts after a restart`() {
        var governed = Governed()
        let since = governed.now.adding(milliseconds: -432_000_000)
        governed.governor = TargetGovernor(failingSince: since)
        #expect(governed.attempt(.refused).finding == .failedTooLong(since: since))
    }

    @Test func `what an attempt's end says about its target`() {
        func evidence(_ outcome: DeliveryResult.Outcome) -> AttemptEvidence {
            AttemptEvidence(
                DeliveryResult(outcome: outcome, statusCode: nil, durationMilliseconds: 1, responseExcerpt: nil))
        }
        func rejected(_ status: Int, _ milliseconds: Int64? = nil) -> AttemptEvidence {
            evidence(.rejected(statusCode: status, retryAfter: milliseconds.map { RetryAfter(milliseconds: $0) }))
        }
        #expect(evidence(.accepted(externalID: nil, externalURL: nil)) == .accepted)
        #expect(rejected(404) == .refused && rejected(302) == .refused && rejected(410) == .refused)
        #expect(rejected(500) == .unavailable && rejected(503) == .unavailable)
        #expect(rejected(503, 0) == .unavailable)
        #expect(rejected(503, 1_000) == .throttled(requested: 1_000, isOverload: false))
        #expect(rejected(429) == .throttled(requested: nil, isOverload: true))
        #expect(rejected(429, 0) == .throttled(requested: nil, isOverload: true))
        // Never early: rounded up to the ladder's unit.
        #expect(rejected(429, 101) == .throttled(requested: 200, isOverload: true))
        #expect(rejected(429, 999_999_999_999) == .throttled(requested: 604_800_000, isOverload: true))
        let unavailable: [ErrorCode] = [.dnsFailed, .connectFailed, .tlsFailed, .timeout, .connectionReset]
        for code in unavailable {
            #expect(evidence(.failed(code: code, message: "", certainty: .unsent)) == .unavailable)
        }
        for code in [ErrorCode.egressRefused, .credentialsUnavailable, .notSupported] {
            #expect(evidence(.failed(code: code, message: "", certainty: .unsent)) == AttemptEvidence.none)
        }
    }
}
