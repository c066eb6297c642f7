import Distribution

/// Who may start an attempt now: a pure state machine over the global limit, each target's own, and fairness.
///
/// Targets with waiting work take turns. Above half of the global limit no target may hold more than its fair share of
/// the attempts in flight (the limit divided by the targets that have work), so one slow target cannot take all slots.
struct AttemptSlots<Work: Sendable>: Sendable {
    private struct Lane {
        var limit: Int
        var running = 0
        var waiting = FIFO<Work>()
        var isInTurn = false

        /// Whether it has to be put in line now, which the caller does.
        mutating func linesUp() -> Bool {
            guard !isInTurn, !waiting.isEmpty, running < limit else { return false }
            isInTurn = true
            return true
        }
    }

    /// Attempts in flight over all targets, at most.
    let limit: Int
    private(set) var inFlight = 0
    private var lanes: [TargetID: Lane] = [:]
    /// Targets that have waiting work and are below their own limit, next first.
    private var turn = FIFO<TargetID>()

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Adds work of a target; `targetLimit` is how many attempts of it may be in flight.
    mutating func enqueue(_ work: Work, of target: TargetID, targetLimit: Int) {
        let linesUp = change(&lanes[target, default: Lane(limit: 1)]) { lane in
            lane.limit = max(1, targetLimit)
            lane.waiting.append(work)
            return lane.linesUp()
        }
        if linesUp { turn.append(target) }
    }

    /// The next work to start, which holds a slot from now on until ``finish(_:)``; nil when none may start.
    mutating func next() -> Work? {
        guard inFlight < limit else { return nil }
        for _ in 0..<turn.count {
            guard let target = turn.popFirst(), let place = lanes.index(forKey: target) else { continue }
            guard lanes.values[place].running < fairShare else {
                turn.append(target)
                continue
            }
            let (work, linesUp) = change(&lanes.values[place]) { lane in
                lane.isInTurn = false
                lane.running += 1
                return (lane.waiting.popFirst(), lane.linesUp())
            }
            inFlight += 1
            if linesUp { turn.append(target) }
            return work
        }
        return nil
    }

    /// Whether ``next()`` would return work.
    var mayStart: Bool {
        inFlight < limit && turn.contains { (lanes[$0]?.running ?? 0) < fairShare }
    }

    /// Gives the slot of one attempt of a target back.
    mutating func finish(_ target: TargetID) {
        guard let place = lanes.index(forKey: target), lanes.values[place].running > 0 else { return }
        inFlight -= 1
        let (linesUp, isDone) = change(&lanes.values[place]) { lane in
            lane.running -= 1
            return (lane.linesUp(), lane.running == 0 && lane.waiting.isEmpty)
        }
        if linesUp { turn.append(target) }
        if isDone { lanes.remove(at: place) }
    }

    /// Takes the waiting work of a target out, in order.
    mutating func withdraw(_ target: TargetID) -> [Work] {
        guard var lane = lanes[target] else { return [] }
        let waiting = lane.waiting.takeAll()
        if lane.isInTurn { turn.removeAll { $0 == target } }
        lane.isInTurn = false
        lanes[target] = lane.running == 0 ? nil : lane
        return waiting
    }

    /// Takes all waiting work out, by ascending target.
    mutating func withdrawAll() -> [Work] {
        lanes.keys.sorted().flatMap { withdraw($0) }
    }

    /// How many attempts of one target may be in flight as things stand.
    private var fairShare: Int {
        inFlight < limit / 2 ? limit : max(1, limit / max(1, lanes.count))
    }

    /// Changes a lane where it stands: a copy of it would copy all that waits there.
    private func change<Result>(_ lane: inout Lane, _ body: (inout Lane) -> Result) -> Result { body(&lane) }
}
