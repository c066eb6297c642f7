import Distribution

/// Whether the ledger can be written, and who waits until it can: a pure state machine; ``LedgerGate`` acts on it.
///
/// While it cannot, one of those who wait leads and tries the ledger out, so that a hundred of them cost no more than
/// one. Once it answers, outcomes of deliveries are written first, then everything else, and it counts as well when all of
/// that is written: an end that is told of is one.
struct LedgerTrouble: Sendable {
    enum Standing: Sendable, Hashable {
        /// Writes go through. → `failing`
        case well
        /// A write has failed; whoever wants to write waits. → `recovering`
        case failing
        /// It was tried out, and those who waited write now. → `well`, `failing`
        case recovering
    }

    /// What a write is for.
    enum Urgency: Sendable, Hashable {
        /// What has happened already, and is known here alone: waits for as long as it takes, and goes first.
        case outcome
        /// What the service does by itself: waits.
        case upkeep
        /// What comes in from a queue and can go back there: waits for a while.
        case intake
    }

    /// What one of those who wait is told.
    enum Word: Sendable, Hashable {
        /// It tries the ledger out from now on.
        case lead
        /// It may write.
        case go
        /// It has waited long enough.
        case dismiss
    }

    struct Failure: Sendable, Hashable {
        let obstacle: LedgerObstacle
        let message: String
        let since: Timestamp
    }

    /// A change that people are told of.
    enum News: Sendable, Hashable {
        case began(Failure)
        /// Something else stands in the way now.
        case changed(Failure)
        /// It has lasted so long that nothing is to be consumed meanwhile.
        case lasting
        case ended(Failure, failedWrites: Int)
    }

    private struct Waiter: Sendable {
        let id: Int
        let urgency: Urgency
        let since: Timestamp
    }

    /// Milliseconds that ``Urgency/intake`` waits: RabbitMQ closes the channel of a message that is held for 30 minutes.
    static let patience: Int64 = 600_000
    /// Milliseconds after which it is ``News/lasting``; a shorter one passes with what is in hand already.
    static let lastingAfter: Int64 = 10_000

    private(set) var standing = Standing.well
    /// Since it began; nil while it is well.
    private(set) var failure: Failure?
    /// Tries of the present leader and those before it, since it began or last recovered in part.
    private(set) var probes = 0
    private var failedWrites = 0
    private var isLasting = false
    private var isClosed = false
    /// In the order in which they came.
    private var waiting: [Waiter] = []
    private var leader: Int?
    /// Those who were told to go and have not told how it went.
    private var trials: Set<Int> = []
    private var last = 0

    /// A write has failed.
    mutating func failed(_ error: LedgerError, at now: Timestamp) -> News? {
        failedWrites += 1
        standing = .failing
        let known = failure
        let newest = Failure(obstacle: error.obstacle, message: error.message, since: known?.since ?? now)
        failure = newest
        guard let known else { return .began(newest) }
        if known.obstacle != newest.obstacle { return .changed(newest) }
        guard !isLasting, now.milliseconds(since: known.since) >= Self.lastingAfter else { return nil }
        isLasting = true
        return .lasting
    }

    /// Somebody wants to write while the ledger is not well.
    ///
    /// - Returns: Its number, and what it is told at once; nil where it is to wait.
    mutating func enter(_ urgency: Urgency, at now: Timestamp) -> (id: Int, word: Word?) {
        last += 1
        if isClosed, urgency != .outcome { return (last, .dismiss) }
        switch standing {
        case .well: return (last, .go)
        // Those who came first are all at it already.
        case .recovering where waiting.isEmpty: return (last, .go)
        case .recovering, .failing:
            waiting.append(Waiter(id: last, urgency: urgency, since: now))
            guard standing == .failing, leader == nil else { return (last, nil) }
            leader = last
            return (last, .lead)
        }
    }

    /// The leader tries the ledger out.
    ///
    /// - Returns: How many tries came before.
    mutating func probing() -> Int {
        defer { probes += 1 }
        return probes
    }

    /// The ledger has taken the leader's try.
    ///
    /// - Returns: Who may write now, and the news where nobody waits.
    mutating func proved(at now: Timestamp) -> (go: [Int], news: News?) {
        leader = nil
        standing = .recovering
        return release()
    }

    /// Dismisses those who have waited too long.
    ///
    /// - Returns: Them, and who leads now where the leader was one of them.
    mutating func overdue(at now: Timestamp) -> (dismissed: [Int], leader: Int?) {
        dismiss { $0.urgency == .intake && now.milliseconds(since: $0.since) >= Self.patience }
    }

    /// Dismisses all who do not wait to write an outcome, now and from now on: the service stops.
    ///
    /// - Returns: As ``overdue(at:)``.
    mutating func close() -> (dismissed: [Int], leader: Int?) {
        isClosed = true
        return dismiss { $0.urgency != .outcome }
    }

    /// Whether one who entered is still to try the ledger out.
    func isLed(by id: Int) -> Bool { standing == .failing && leader == id }

    /// One who entered is gone: it was cancelled, or has written, or its write has failed.
    ///
    /// - Returns: Who may write now, who leads now, and the news where the ledger is well again.
    mutating func left(_ id: Int) -> (go: [Int], leader: Int?, news: News?) {
        waiting.removeAll { $0.id == id }
        if leader == id { leader = nil }
        let wasTrial = trials.remove(id) != nil
        if standing == .recovering, wasTrial, trials.isEmpty {
            let (go, news) = release()
            return (go, nil, news)
        }
        return ([], nextLeader(), nil)
    }

    /// Lets outcomes go, or everybody where there is none; where nobody waits it is well.
    private mutating func release() -> (go: [Int], news: News?) {
        let outcomes = waiting.filter { $0.urgency == .outcome }
        let next = outcomes.isEmpty ? waiting : outcomes
        guard !next.isEmpty || !trials.isEmpty else {
            let news = failure.map { News.ended($0, failedWrites: failedWrites) }
            (standing, failure, failedWrites, probes, isLasting) = (.well, nil, 0, 0, false)
            return ([], news)
        }
        let ids = next.map(\.id)
        trials.formUnion(ids)
        waiting.removeAll { trials.contains($0.id) }
        return (ids, nil)
    }

    private mutating func nextLeader() -> Int? {
        guard standing == .failing, leader == nil, let first = waiting.first else { return nil }
        leader = first.id
        return first.id
    }

    private mutating func dismiss(_ isOver: (Waiter) -> Bool) -> (dismissed: [Int], leader: Int?) {
        let over = waiting.filter(isOver).map(\.id)
        waiting.removeAll(where: isOver)
        if let leader, over.contains(leader) { self.leader = nil }
        return (over, nextLeader())
    }
}
