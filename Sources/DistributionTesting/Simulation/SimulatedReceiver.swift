package import Distribution
import Synchronization

/// Every target of a simulated world: takes requests, loses answers, hangs and refuses as the weather is, and remembers
/// what it has really accepted.
package final class SimulatedReceiver: Sendable {
    /// One request as it left the process.
    package struct Request: Sendable {
        package let deliveryID: DeliveryID
        package let targetID: TargetID
        package let startedAt: Timestamp
        package let sentAt: Timestamp
        package internal(set) var isAccepted = false
        /// The target asked to be left alone until then.
        package internal(set) var heldOffUntil: Timestamp?
    }

    private struct State {
        var requests: [Request] = []
        /// Targets that answer nobody until a moment.
        var outages: [TargetID: Timestamp] = [:]
    }

    private enum Fate {
        case accept(afterMilliseconds: Int64)
        case acceptSilently
        case reject(Int, retryAfter: Int64?)
        case refuseConnection
        case reset
        case hang(isAccepted: Bool)
    }

    private let executor: SimulationExecutor
    private let time: SimulatedTime
    private let chance: SeededRandomness
    private let weather: SimulationWeather
    private let trace: SimulationTrace
    private let state = Mutex(State())

    package init(
        executor: SimulationExecutor, time: SimulatedTime, chance: SeededRandomness, weather: SimulationWeather,
        trace: SimulationTrace
    ) {
        self.executor = executor
        self.time = time
        self.chance = chance
        self.weather = weather
        self.trace = trace
    }

    package var requests: [Request] { state.withLock { $0.requests } }

    /// Lets a target answer nobody for a while.
    package func fail(_ target: TargetID, forMilliseconds duration: Int64) {
        state.withLock { $0.outages[target] = executor.now.adding(milliseconds: duration) }
    }

    func deliver(_ attempt: DeliveryAttempt, to target: Target) async -> DeliveryResult {
        let start = executor.now
        let fate = fate(of: target)
        do {
            try await time.sleep(until: start.adding(milliseconds: Int64(chance.below(30))))
        } catch {
            return failure(.timeout, .unsent, since: start)
        }
        if case .refuseConnection = fate { return failure(.connectFailed, .unsent, since: start) }
        let number = send(attempt, target)
        trace.note(
            Int64(number),
            "\(executor.now.milliseconds) request \(number) \(attempt.deliveryID) to \(target.id): \(fate)")
        return await answer(fate, number, target, since: start)
    }

    private func send(_ attempt: DeliveryAttempt, _ target: Target) -> Int {
        state.withLock { state in
            state.requests.append(
                Request(
                    deliveryID: attempt.deliveryID, targetID: target.id, startedAt: attempt.startedAt,
                    sentAt: executor.now))
            return state.requests.count - 1
        }
    }

    private func answer(_ fate: Fate, _ number: Int, _ target: Target, since start: Timestamp) async -> DeliveryResult {
        let deadline = start.adding(milliseconds: target.delivery.timeouts.total)
        var end = executor.now.adding(milliseconds: Int64(chance.within(1...30)))
        switch fate {
        case .accept(let delay):
            end = end.adding(milliseconds: delay)
            accept(number, at: end)
        case .acceptSilently: accept(number, at: end)
        case .hang(let isAccepted):
            if isAccepted { accept(number, at: end) }
            end = deadline
        case .reject, .refuseConnection, .reset: break
        }
        do {
            // The answer takes its time, too: what was accepted may be answered too late.
            try await time.sleep(until: min(end.adding(milliseconds: Int64(chance.within(1...30))), deadline))
        } catch {
            return failure(.timeout, .ambiguous, since: start)
        }
        return result(of: fate, number, since: start, isLate: executor.now > deadline)
    }

    private func result(of fate: Fate, _ number: Int, since start: Timestamp, isLate: Bool) -> DeliveryResult {
        switch fate {
        case .accept where !isLate && state.withLock({ $0.requests[number].isAccepted }):
            return DeliveryResult(
                outcome: .accepted(externalID: nil, externalURL: nil), statusCode: 200,
                durationMilliseconds: executor.now.milliseconds(since: start), responseExcerpt: nil)
        case .reject(let status, let retryAfter):
            let delay = retryAfter.map { RetryAfter(milliseconds: $0) }
            if let delay, status == 429 || status == 503 {
                let until = executor.now.adding(milliseconds: delay.milliseconds)
                state.withLock { $0.requests[number].heldOffUntil = until }
            }
            return DeliveryResult(
                outcome: .rejected(statusCode: status, retryAfter: delay), statusCode: status,
                durationMilliseconds: executor.now.milliseconds(since: start), responseExcerpt: nil)
        case .accept, .hang: return failure(.timeout, .ambiguous, since: start)
        case .acceptSilently, .reset, .refuseConnection: return failure(.connectionReset, .ambiguous, since: start)
        }
    }

    /// The target takes the request in, whatever has become of the process that sent it.
    private func accept(_ number: Int, at moment: Timestamp) {
        executor.schedule(at: moment) { _ in
            self.state.withLock { $0.requests[number].isAccepted = true }
            self.trace.note(Int64(number), "\(self.executor.now.milliseconds) request \(number) accepted")
        }
    }

    private func failure(_ code: ErrorCode, _ certainty: Certainty, since start: Timestamp) -> DeliveryResult {
        DeliveryResult(
            outcome: .failed(code: code, message: "It failed.", certainty: certainty), statusCode: nil,
            durationMilliseconds: executor.now.milliseconds(since: start), responseExcerpt: nil)
    }

    private func fate(of target: Target) -> Fate {
        let now = executor.now
        if let end = state.withLock({ $0.outages[target.id] }), now < end {
            return chance.happens(perMille: 500) ? .refuseConnection : .reject(500, retryAfter: nil)
        }
        guard weather.happens(perMille: 450) else { return .accept(afterMilliseconds: 0) }
        return switch chance.below(100) {
        case 0..<8: .accept(afterMilliseconds: Int64(chance.within(500...16_000)))
        case 8..<20: .acceptSilently
        case 20..<45: .reject(500, retryAfter: nil)
        case 45..<55: .reject(503, retryAfter: Int64(chance.within(1...20) * 1_000))
        case 55..<65:
            .reject(429, retryAfter: chance.happens(perMille: 500) ? Int64(chance.within(1...20) * 1_000) : nil)
        case 65..<80: .refuseConnection
        case 80..<88: .reset
        case 88..<94: .hang(isAccepted: chance.happens(perMille: 500))
        case 94..<97: .reject(400, retryAfter: nil)
        default: .reject(410, retryAfter: nil)
        }
    }
}
