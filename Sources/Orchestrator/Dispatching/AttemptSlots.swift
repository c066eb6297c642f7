import Distribution

/// Who may start an attempt now: a pure state machine over the global limit, each target's own, and fairness.
///
/// Targets with waiting work take turns. Above half of the global limit no target may hold more than its fair share of
/// the attempts in flight (the limit divided by the targets that have work), so one slow target cannot take all slots.
struct AttemptSlots<Work: Sendable>: Sendable {
    private struct Lane {
        var limit: Int
        var running = 0
        var waiting: [Work] = []
        var isInTurn = false
    }

    /// Attempts in flight over all targets, at most.
    let limit: Int
    private(set) var inFlight = 0
    private var lanes: [TargetID: Lane] = [:]
    /// Targets that have waiting work and are below their own limit, next first.
    private var turn: [TargetID] = []

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// Adds work of a target; `targetLimit` is how many attempts of it may be in flight.
    mutating func enqueue(_ work: Work, of target: TargetID, targetLimit: Int) {
        var lane = lanes[target] ?? Lane(limit: 1)
        lane.limit = max(1, targetLimit)
        lane.waiting.append(work)
        line(up: target, &lane)
        lanes[target] = lane
    }

    /// The next work to start, which holds a slot from now on until ``finish(_:)``; nil when none may start.
    mutating func next() -> Work? {
        guard inFlight < limit else { return nil }
        for _ in 0..<turn.count {
            let target = turn.removeFirst()
            guard var lane = lanes[target] else { continue }
            guard lane.running < fairShare else {
                turn.append(target)
                continue
            }
            let work = lane.waiting.removeFirst()
            lane.isInTurn = false
            lane.running += 1
            inFlight += 1
            line(up: target, &lane)
            lanes[target] = lane
            return work
        }
        return nil
    }

    /// Gives the slot of one attempt of a target back.
    mutating func finish(_ target: TargetID) {
        guard var lane = lanes[target], lane.running > 0 else { return }
        lane.running -= 1
        inFlight -= 1
        line(up: target, &lane)
        lanes[target] = lane.running == 0 && lane.waiting.isEmpty ? nil : lane
    }

    /// Takes the waiting work of a target out, in order.
    mutating func withdraw(_ target: TargetID) -> [Work] {
        guard var lane = lanes[target] else { return [] }
        let waiting = lane.waiting
        lane.waiting = []
        if lane.isInTurn { turn.removeAll { $0 == target } }
        lane.isInTurn = false
        lanes[target] = lane.running == 0 ? nil : lane
        return waiting
    }

    /// Takes all waiting work out, by ascending target.
    mutating func withdrawAll() -> [Work] {
        lanes.keys.sorted().flatMap { withdraw($0) }
    }

    /// Whether work of a target waits or runs.
    func hasWork(of target: TargetID) -> Bool { lanes[target] != nil }

    /// How many attempts of one target may be in flight as things stand.
    private var fairShare: Int {
        inFlight < limit / 2 ? limit : max(1, limit / max(1, lanes.count))
    }

    private mutating func line(up target: TargetID, _ lane: inout Lane) {
        guard !lane.isInTurn, !lane.waiting.isEmpty, lane.running < lane.limit else { return }
        lane.isInTurn = true
        turn.append(target)
    }
}
