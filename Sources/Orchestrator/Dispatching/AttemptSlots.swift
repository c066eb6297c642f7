import Distribution

/// Who may start an attempt now: a pure state machine over the global limit and fairness between targets; each target's
/// own limits are its governor's (``TargetGovernor``), which is asked last.
///
/// Targets with waiting work take turns. Above half of the global limit no target may hold more than its fair share of
/// the attempts in flight (the limit divided by the targets that have work), so one slow target cannot take all slots.
struct AttemptSlots<Work: Sendable>: Sendable {
    /// What a target with waiting work does; one without is idle.
    private enum Standing {
        case idle
        /// In the turn.
        case lined
        /// As many as its governor allows are running: the end of one brings it back into the turn.
        case full
        /// Its governor holds it back until it is woken.
        case asleep
    }

    private struct Lane {
        var running = 0
        var waiting: [Work] = []
        var standing = Standing.idle

        /// Whether it competes for slots.
        var isContending: Bool { running > 0 || standing == .lined || standing == .full }
    }

    /// Attempts in flight over all targets, at most.
    let limit: Int
    private(set) var inFlight = 0
    private var lanes: [TargetID: Lane] = [:]
    private var contenders = 0
    /// The targets that are ``Standing/lined``, next first.
    private var turn: [TargetID] = []
    private var alarms: [(target: TargetID, at: Timestamp)] = []

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    mutating func enqueue(_ work: Work, of target: TargetID) {
        change(target) { $0.waiting.append(work) }
        lineUp(target, from: .idle)
    }

    /// The next work to start, which holds a slot from now on until ``finish(_:)``; nil when none may start.
    ///
    /// - Parameter admit: Asks a target's governor; where it says start, that target's work is what is returned.
    mutating func next(_ admit: (TargetID) -> TargetGovernor.Admission) -> Work? {
        guard inFlight < limit else { return nil }
        for _ in 0..<turn.count {
            let target = turn.removeFirst()
            guard let running = lanes[target]?.running else { continue }
            guard running < fairShare else {
                turn.append(target)
                continue
            }
            switch admit(target) {
            case .start: return start(target)
            case .full: change(target) { $0.standing = .full }
            case .wait(let until):
                change(target) { $0.standing = .asleep }
                if let until { alarms.append((target, until)) }
            }
        }
        return nil
    }

    /// Gives the slot of one attempt of a target back.
    mutating func finish(_ target: TargetID) {
        guard let running = lanes[target]?.running, running > 0 else { return }
        inFlight -= 1
        change(target) { $0.running -= 1 }
        lineUp(target, from: .full)
    }

    /// Has a target's governor asked again, as when its time has come or it was changed.
    mutating func wake(_ target: TargetID) {
        lineUp(target, from: .asleep)
        lineUp(target, from: .full)
    }

    var hasAlarms: Bool { !alarms.isEmpty }

    /// The targets that fell asleep since the last call, each with the time to wake it at.
    mutating func takeAlarms() -> [(target: TargetID, at: Timestamp)] {
        defer { alarms = [] }
        return alarms
    }

    /// Takes the waiting work of a target out, in order.
    mutating func withdraw(_ target: TargetID) -> [Work] {
        guard let lane = lanes[target] else { return [] }
        if lane.standing == .lined { turn.removeAll { $0 == target } }
        change(target) { lane in
            lane.waiting = []
            lane.standing = .idle
        }
        return lane.waiting
    }

    /// Takes all waiting work out, by ascending target.
    mutating func withdrawAll() -> [Work] {
        lanes.keys.sorted().flatMap { withdraw($0) }
    }

    private mutating func start(_ target: TargetID) -> Work? {
        inFlight += 1
        let work = change(target) { lane in
            lane.running += 1
            lane.standing = .idle
            return lane.waiting.removeFirst()
        }
        lineUp(target, from: .idle)
        return work
    }

    private mutating func lineUp(_ target: TargetID, from standing: Standing) {
        guard let lane = lanes[target], lane.standing == standing, !lane.waiting.isEmpty else { return }
        change(target) { $0.standing = .lined }
        turn.append(target)
    }

    /// How many attempts of one target may be in flight as things stand.
    private var fairShare: Int {
        inFlight < limit / 2 ? limit : max(1, limit / max(1, contenders))
    }

    @discardableResult
    private mutating func change<Value>(_ target: TargetID, _ body: (inout Lane) -> Value) -> Value {
        func apply(_ lane: inout Lane) -> (value: Value, isOver: Bool) {
            if lane.isContending { contenders -= 1 }
            let value = body(&lane)
            if lane.isContending { contenders += 1 }
            return (value, lane.running == 0 && lane.waiting.isEmpty)
        }
        let (value, isOver) = apply(&lanes[target, default: Lane()])
        if isOver { lanes[target] = nil }
        return value
    }
}
