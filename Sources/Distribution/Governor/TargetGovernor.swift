/// Decides when attempts at one target may start, from what the target answers: pause, rate limit, circuit, ramp.
///
/// A state machine without clock or memory of its own: every call brings the time, and what must outlive the process
/// comes back as a ``TargetFinding``. The pause that an operator or an earlier process has written is the target's own
/// (``Target/pause``) and is asked first.
///
/// Every attempt makes three calls: ``admit(_:at:)``, ``observe(_:startedAt:at:)`` when it ends (left out where nothing
/// was asked of the target), and ``finish(at:)`` when its slot is free again.
package struct TargetGovernor: Sendable, Hashable {
    /// Without one success for so long, counted from the first failure, a target is disabled: five days.
    package static let patience: Int64 = 432_000_000
    /// A row of failures is written down once it lasts ten minutes, so that a target that fails now and then costs
    /// nothing.
    package static let failingNoted: Int64 = 600_000
    /// The broker hands over what may start within a minute and no more.
    private static let prefetchSeconds = 60.0

    private var inFlight = 0
    /// Attempts that were observed and have not finished yet.
    private var observed = 0
    private var throttle = ThrottlePause()
    private var circuit: CircuitBreaker
    private var ramp: AttemptRamp?
    private var bucket: TokenBucket?
    private var failingSince: Timestamp?
    private var isFailingNoted: Bool

    /// - Parameters:
    ///   - failingSince: As the ledger has it.
    ///   - circuit: The same.
    package init(failingSince: Timestamp?, circuit: CircuitRecord? = nil) {
        self.failingSince = failingSince
        isFailingNoted = failingSince != nil
        self.circuit = CircuitBreaker(circuit)
    }

    /// Starts an attempt where one may start.
    package mutating func admit(_ target: Target, at now: Timestamp) -> Admission {
        if case .hold(let until) = hold(target, at: now) { return .wait(until: until) }
        if let ramp, ramp.limit >= target.delivery.maxInFlight { self.ramp = nil }
        guard inFlight < limit(of: target.delivery) else { return .full }
        if let rate = target.delivery.rateLimit {
            if bucket?.limit != rate { bucket = TokenBucket(rate, at: now) }
            if let next = bucket?.nextToken(at: now), next > now { return .wait(until: next) }
            bucket?.take()
        } else {
            bucket = nil
        }
        inFlight += 1
        circuit.attemptStarted(at: now)
        return .start
    }

    /// Takes in what an attempt's end says.
    ///
    /// - Parameter startedAt: When the attempt began: what was under way before a pause or a probe is no new evidence.
    package mutating func observe(
        _ evidence: AttemptEvidence, startedAt: Timestamp, at now: Timestamp
    ) -> Consequences {
        var consequences = Consequences()
        guard evidence != .none else { return consequences }
        observed += 1
        switch evidence {
        case .accepted:
            throttle.accepted()
            ramp?.accepted()
            consequences.isCircuitClosed = answered()
            consequences.finding = recovered()
        case .refused:
            consequences.isCircuitClosed = answered()
            consequences.finding = failing(since: startedAt, at: now)
        case .unavailable:
            consequences.probeAt = circuit.failed(startedAt: startedAt, at: now)
            consequences.finding = failing(since: startedAt, at: now)
        case .throttled(let requested, let isOverload):
            consequences.isCircuitClosed = answered()
            if throttle.throttled(requested: requested, startedAt: startedAt, at: now), let until = throttle.until {
                ramp = AttemptRamp(isOverload ? .careful : .quick)
                consequences.finding = .throttled(until: until, reason: Self.reason(requested, isOverload))
            }
            consequences.pausedUntil = throttle.until
        case .none: break
        }
        if consequences.probeAt != nil, let record = circuit.record {
            consequences.circuit = .open(record)
        } else if consequences.isCircuitClosed {
            consequences.circuit = .closed
        }
        return consequences
    }

    /// Frees the slot of an attempt. One that was not observed asked nothing of the target and costs no token.
    package mutating func finish(at now: Timestamp) {
        guard inFlight > 0 else { return }
        inFlight -= 1
        if observed > 0 {
            observed -= 1
        } else {
            bucket?.putBack()
            circuit.probeAbandoned(at: now)
        }
    }

    /// Whether the queue is to be consumed, with up to `prefetch` messages in hand.
    package func stance(_ target: Target, prefetch: Int, at now: Timestamp) -> Stance {
        let held = hold(target, at: now)
        guard case .consume = held else { return held }
        if openCircuit != nil { return .consume(prefetch: 1) }
        let perMinute = target.delivery.rateLimit.map { Int(($0.perSecond * Self.prefetchSeconds).rounded(.up)) }
        let most = min(target.delivery.maxInFlight, prefetch, perMinute ?? prefetch)
        return .consume(prefetch: max(1, most))
    }

    /// Forgets what held the target back, as when somebody resumes or enables it. What is in flight stays counted.
    package mutating func reset() {
        throttle.lift()
        if circuit.answered() { ramp = AttemptRamp(.quick) }
        failingSince = nil
        isFailingNoted = false
    }

    package var openCircuit: OpenCircuit? {
        switch circuit.state {
        case .closed: nil
        case .open(let outage, let probeAt): OpenCircuit(openedAt: outage.openedAt, probeAt: probeAt)
        case .probing(let outage, _): OpenCircuit(openedAt: outage.openedAt, probeAt: nil)
        }
    }

    /// The target's own standing first, then what it asked for, then the circuit.
    private func hold(_ target: Target, at now: Timestamp) -> Stance {
        guard target.isActive else { return .hold(until: nil) }
        if let pause = target.pause, pause.holds(at: now) { return .hold(until: pause.until) }
        if let until = throttle.until, until > now { return .hold(until: until) }
        if case .open(_, let probeAt) = circuit.state, probeAt > now { return .hold(until: probeAt) }
        return .consume(prefetch: 1)
    }

    private func limit(of delivery: DeliverySettings) -> Int {
        switch circuit.state {
        case .closed: min(delivery.maxInFlight, ramp?.limit ?? delivery.maxInFlight)
        case .open: 1
        case .probing: 0
        }
    }

    /// - Returns: Whether an open circuit has closed.
    private mutating func answered() -> Bool {
        let wasOpen = circuit.answered()
        if wasOpen { ramp = AttemptRamp(.quick) }
        return wasOpen
    }

    private mutating func recovered() -> TargetFinding? {
        defer { (failingSince, isFailingNoted) = (nil, false) }
        return isFailingNoted ? .recovered : nil
    }

    private mutating func failing(since startedAt: Timestamp, at now: Timestamp) -> TargetFinding? {
        let since = failingSince ?? startedAt
        failingSince = since
        if now.milliseconds(since: since) >= Self.patience { return .failedTooLong(since: since) }
        guard !isFailingNoted, now.milliseconds(since: since) >= Self.failingNoted else { return nil }
        isFailingNoted = true
        return .failing(since: since)
    }

    private static func reason(_ requested: Int64?, _ isOverload: Bool) -> String {
        let answer = isOverload ? "HTTP 429" : "HTTP 503"
        return requested.map { "\(answer) with Retry-After \(($0 + 999) / 1000) s" } ?? "\(answer) without Retry-After"
    }
}
