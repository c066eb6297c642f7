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
        var waiting = FIFO<Work>()
        var standing = Standing.idle

        /// Whether it competes for slots.
        var isContending: Bool { running > 0 || standing == .lined || standing == .full }

        /// Whether it has to be put in line now, which the caller does.
        mutating func linesUp(from expected: Standing) -> Bool {
            guard standing == expected, !waiting.isEmpty else { return false }
            standing = .lined
            return true
        }
    }

    /// Attempts in flight over all targets, at most.
    let limit: Int
    private(set) var inFlight = 0
    private var lanes: [TargetID: Lane] = [:]
    private var contenders = 0
    /// The targets that are ``Standing/lined``, next first.
    private var turn = FIFO<TargetID>()
    private var alarms: [(target: TargetID, at: Timestamp)] = []

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    mutating func enqueue(_ work: Work, of target: TargetID) {
        let (linesUp, delta) = Self.change(&lanes[target, default: Lane()]) { lane in
            lane.waiting.append(work)
            return lane.linesUp(from: .idle)
        }
        contenders += delta
        if linesUp { turn.append(target) }
    }

    /// The next work to start, which holds a slot from now on until ``finish(_:)``; nil when none may start.
    ///
    /// - Parameter admit: Asks a target's governor; where it says start, that target's work is what is returned.
    mutating func next(_ admit: (TargetID) -> TargetGovernor.Admission) -> Work? {
        guard inFlight < limit else { return nil }
        for _ in 0..<turn.count {
            guard let target = turn.popFirst(), let place = lanes.index(forKey: target) else { continue }
            guard lanes.values[place].running < fairShare else {
                turn.append(target)
                continue
            }
            switch admit(target) {
            case .start: return start(target, at: place)
            case .full: lanes.values[place].standing = .full
            case .wait(let until):
                contenders += Self.change(&lanes.values[place]) { $0.standing = .asleep }.delta
                if let until { alarms.append((target, until)) }
            }
        }
        return nil
    }

    /// Whether a target has no work at all and a slot may be taken for it ahead of any: below half of the limit, where
    /// no target's fair share counts, and while nobody waits for a turn.
    func isRoomForIdle(_ target: TargetID) -> Bool {
        inFlight < limit / 2 && turn.isEmpty && lanes[target] == nil
    }

    /// Takes a slot for a target without work, until ``finish(_:)``.
    mutating func reserve(_ target: TargetID) {
        inFlight += 1
        contenders += Self.change(&lanes[target, default: Lane()]) { $0.running += 1 }.delta
    }

    /// Whether ``next(_:)`` would ask a governor.
    var mayStart: Bool {
        inFlight < limit && turn.contains { (lanes[$0]?.running ?? 0) < fairShare }
    }

    /// Gives the slot of one attempt of a target back.
    mutating func finish(_ target: TargetID) {
        guard let place = lanes.index(forKey: target), lanes.values[place].running > 0 else { return }
        inFlight -= 1
        let (linesUp, delta) = Self.change(&lanes.values[place]) { lane in
            lane.running -= 1
            return lane.linesUp(from: .full)
        }
        contenders += delta
        if linesUp { turn.append(target) }
        removeIfOver(at: place)
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
        guard let place = lanes.index(forKey: target) else { return [] }
        if lanes.values[place].standing == .lined { turn.removeAll { $0 == target } }
        let (waiting, delta) = Self.change(&lanes.values[place]) { lane in
            lane.standing = .idle
            return lane.waiting.takeAll()
        }
        contenders += delta
        removeIfOver(at: place)
        return waiting
    }

    /// Takes all waiting work out, by ascending target.
    mutating func withdrawAll() -> [Work] {
        lanes.keys.sorted().flatMap { withdraw($0) }
    }

    /// Whether work of a target waits or runs.
    func hasWork(of target: TargetID) -> Bool { lanes[target] != nil }

    private mutating func start(_ target: TargetID, at place: Dictionary<TargetID, Lane>.Index) -> Work? {
        inFlight += 1
        let (work, linesUp) = Self.change(&lanes.values[place]) { lane in
            lane.running += 1
            lane.standing = .idle
            return (lane.waiting.popFirst(), lane.linesUp(from: .idle))
        }.value
        if linesUp { turn.append(target) }
        return work
    }

    private mutating func lineUp(_ target: TargetID, from standing: Standing) {
        guard let place = lanes.index(forKey: target) else { return }
        let (linesUp, delta) = Self.change(&lanes.values[place]) { $0.linesUp(from: standing) }
        contenders += delta
        if linesUp { turn.append(target) }
    }

    private mutating func removeIfOver(at place: Dictionary<TargetID, Lane>.Index) {
        guard lanes.values[place].running == 0, lanes.values[place].waiting.isEmpty else { return }
        lanes.remove(at: place)
    }

    /// How many attempts of one target may be in flight as things stand.
    private var fairShare: Int {
        inFlight < limit / 2 ? limit : max(1, limit / max(1, contenders))
    }

    /// Changes a lane where it stands: a copy of it would copy all that waits there.
    ///
    /// - Returns: What `body` returns, and by how much the number of contenders changes.
    private static func change<Value>(
        _ lane: inout Lane, _ body: (inout Lane) -> Value
    ) -> (value: Value, delta: Int) {
        let before = lane.isContending
        let value = body(&lane)
        return (value, (lane.isContending ? 1 : 0) - (before ? 1 : 0))
    }
}
