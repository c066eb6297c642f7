import Distribution
import Synchronization

/// Where test targets are delivered to: remembers every attempt, answers as it is told, and can hold attempts open.
final class RecordingReceiver: Sendable {
    struct Delivery: Sendable {
        let target: Target
        let attempt: DeliveryAttempt
    }

    struct Seen: Sendable {
        var deliveries: [Delivery] = []
        /// Attempts under way, by target.
        var inFlight: [TargetID: Int] = [:]
        var mostInFlight: [TargetID: Int] = [:]
        var mostInFlightOfAll = 0

        func count(_ target: TargetID) -> Int { deliveries.count { $0.target.id == target } }
    }

    private struct State {
        var seen = Seen()
        var answers: [TargetID: [DeliveryResult.Outcome]] = [:]
        var held: [TargetID: [AsyncStream<Void>.Continuation]] = [:]
        var certaintyOnceStopped = Certainty.unsent
        var watchers: [AsyncStream<Void>.Continuation] = []

        mutating func notify() {
            watchers.removeAll { watcher in
                if case .terminated = watcher.yield() { true } else { false }
            }
        }
    }

    private let state = Mutex(State())

    var seen: Seen { state.withLock { $0.seen } }

    /// Answers the next attempts at a target so; all others are accepted.
    func answerNext(_ target: TargetID, _ outcomes: DeliveryResult.Outcome...) {
        answerNext(target, outcomes)
    }

    func answerNext(_ target: TargetID, _ outcomes: [DeliveryResult.Outcome]) {
        state.withLock { $0.answers[target, default: []] += outcomes }
    }

    /// Leaves attempts at a target open until ``release(_:)``; one that is cancelled answers with `certainty`.
    func hold(_ target: TargetID, certaintyOnceStopped certainty: Certainty = .unsent) {
        state.withLock { state in
            state.held[target] = []
            state.certaintyOnceStopped = certainty
        }
    }

    func release(_ target: TargetID) {
        let held = state.withLock { $0.held.removeValue(forKey: target) ?? [] }
        for attempt in held { attempt.finish() }
    }

    /// Returns once the condition is true; true already counts.
    func until(_ condition: @Sendable (Seen) -> Bool) async {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.watchers.append(continuation) }
        defer { continuation.finish() }
        if condition(seen) { return }
        for await _ in changes where condition(seen) { return }
    }

    func deliver(_ attempt: DeliveryAttempt, to target: Target) async -> DeliveryResult {
        let opened = arrive(attempt, target)
        if let opened { for await _ in opened {} }
        let outcome = state.withLock { state in
            defer { state.notify() }
            state.seen.inFlight[target.id, default: 0] -= 1
            if opened != nil, Task.isCancelled {
                return DeliveryResult.Outcome.failed(
                    code: .timeout, message: "Stopped.", certainty: state.certaintyOnceStopped)
            }
            guard let answer = state.answers[target.id]?.first else {
                return .accepted(externalID: nil, externalURL: nil)
            }
            state.answers[target.id]?.removeFirst()
            return answer
        }
        return DeliveryResult(
            outcome: outcome, statusCode: outcome.statusCode, durationMilliseconds: 5, responseExcerpt: nil)
    }

    /// - Returns: What to wait for, where the target's attempts are held.
    private func arrive(_ attempt: DeliveryAttempt, _ target: Target) -> AsyncStream<Void>? {
        state.withLock { state in
            defer { state.notify() }
            state.seen.deliveries.append(Delivery(target: target, attempt: attempt))
            state.seen.inFlight[target.id, default: 0] += 1
            let inFlight = state.seen.inFlight[target.id] ?? 0
            state.seen.mostInFlight[target.id] = max(state.seen.mostInFlight[target.id] ?? 0, inFlight)
            let all = state.seen.inFlight.values.reduce(0, +)
            state.seen.mostInFlightOfAll = max(state.seen.mostInFlightOfAll, all)
            guard state.held[target.id] != nil else { return nil }
            let (opened, continuation) = AsyncStream.makeStream(of: Void.self)
            state.held[target.id]?.append(continuation)
            return opened
        }
    }
}

extension DeliveryResult.Outcome {
    fileprivate var statusCode: Int? {
        switch self {
        case .accepted: 200
        case .rejected(let statusCode, _): statusCode
        case .failed: nil
        }
    }
}
