internal import NIOCore

/// What the resolver knows and what it waits for; decides, and leaves the doing to ``NameResolver``.
struct ResolverState {
    enum Decision {
        case answer(NameResolver.Outcome)
        /// The waiter joined a look-up that is under way.
        case wait
        /// The waiter is the first: look the name up.
        case lookUp
    }

    private struct Answer {
        var outcome: NameResolver.Outcome
        var expires: NIODeadline
    }

    private struct Pending {
        var began: NIODeadline
        var waiters: [NameResolver.Waiter]
    }

    private static let maximumAnswers = 8_192
    /// A look-up that took this long met a silent server, whatever it ended in.
    private static let slow = TimeAmount.seconds(2)
    /// Nobody joins a look-up that has been silent for this long: it would take their time too.
    private static let hopeless = TimeAmount.seconds(10)

    private let maxPending: Int
    private let positiveTTL: TimeAmount
    private let negativeTTL: TimeAmount
    private let timeoutTTL: TimeAmount
    private var answers: [String: Answer] = [:]
    private var pending: [String: Pending] = [:]
    private var isShutDown = false

    init(configuration: OutboundClientConfiguration) {
        maxPending = configuration.maxPendingLookups
        positiveTTL = .milliseconds(Int64(configuration.positiveTTL))
        negativeTTL = .milliseconds(Int64(configuration.negativeTTL))
        timeoutTTL = .milliseconds(Int64(configuration.timeoutTTL))
    }

    mutating func ask(_ host: String, at now: NIODeadline, _ waiter: @escaping NameResolver.Waiter) -> Decision {
        guard !isShutDown else { return .answer(.failure(.shutDown)) }
        if let answer = answers[host], now < answer.expires {
            if case .failure(.noAnswer) = answer.outcome { return .answer(.failure(.recentlyFailed)) }
            return .answer(answer.outcome)
        }
        if let began = pending[host]?.began {
            guard now - began < Self.hopeless else { return .answer(.failure(.noAnswer)) }
            pending[host]?.waiters.append(waiter)
            return .wait
        }
        guard pending.count < maxPending else { return .answer(.failure(.tooBusy)) }
        pending[host] = Pending(began: now, waiters: [waiter])
        return .lookUp
    }

    /// Remembers the outcome and returns who waits for it.
    mutating func finish(
        _ host: String, _ outcome: NameResolver.Outcome, began: NIODeadline, at now: NIODeadline
    ) -> [NameResolver.Waiter] {
        let waiters = pending.removeValue(forKey: host)?.waiters ?? []
        guard !isShutDown else { return waiters }
        if answers.count >= Self.maximumAnswers { dropAnswers(at: now) }
        answers[host] = Answer(outcome: outcome, expires: now + lifetime(outcome, took: now - began))
        return waiters
    }

    mutating func shutDown() -> [NameResolver.Waiter] {
        isShutDown = true
        answers = [:]
        defer { pending = [:] }
        return pending.values.flatMap(\.waiters)
    }

    private func lifetime(_ outcome: NameResolver.Outcome, took: TimeAmount) -> TimeAmount {
        switch outcome {
        case .success: positiveTTL
        case .failure: took >= Self.slow ? timeoutTTL : negativeTTL
        }
    }

    private mutating func dropAnswers(at now: NIODeadline) {
        answers = answers.filter { now < $0.value.expires }
        guard answers.count >= Self.maximumAnswers else { return }
        // All are fresh: half of them, whichever, can be asked for again.
        answers = Dictionary(
            uniqueKeysWithValues: answers.lazy.map { ($0.key, $0.value) }.prefix(Self.maximumAnswers / 2))
    }
}
