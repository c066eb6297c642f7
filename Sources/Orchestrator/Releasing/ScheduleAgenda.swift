import Distribution

/// How far the handing out of scheduled jobs has come, and when it goes on. Decides, and does nothing itself.
///
/// Jobs are handed out in the order of their times and ids, from a position on, which lies behind everything that was
/// handed out or has no use for it (a disabled target). Whatever may lie before that position nevertheless, since it was
/// accepted late, came back, or found no broker, makes it begin anew.
struct ScheduleAgenda {
    enum Step: Hashable {
        /// Jobs may be due.
        ///
        /// - Parameter isAnew: Some of what is to come was handed out before.
        case handOut(isAnew: Bool)
        /// Nothing is due before this moment; without one, until somebody says otherwise.
        case rest(until: Timestamp?)
    }

    private enum Next {
        case unknown
        case none
        case at(Timestamp)
    }

    private var position = SchedulePosition.start
    /// Everything due by then was looked for; a job of an earlier time that appears now was not seen.
    private var lookedThrough = Timestamp(milliseconds: 0)
    private var next = Next.unknown
    /// The earliest time that was announced while it was looked up what is next.
    private var announced: Timestamp?
    /// Where to begin anew.
    private var restart: SchedulePosition?
    /// The broker did not take something; it is begun anew once it may.
    private var isStalled = false

    // MARK: News

    /// Jobs for a time were accepted.
    ///
    /// - Returns: Whether that changes what is to be done next.
    mutating func announce(_ time: Timestamp) -> Bool {
        if time <= lookedThrough {
            restart = min(restart ?? SchedulePosition(before: time), SchedulePosition(before: time))
            return true
        }
        switch next {
        case .unknown:
            announced = min(announced ?? time, time)
            return false
        case .at(let known) where known <= time: return false
        case .at, .none:
            next = .at(time)
            return true
        }
    }

    /// Anything may be owed again, whenever it was due.
    mutating func beginAnew() {
        restart = .start
    }

    // MARK: Handing out

    mutating func step(at now: Timestamp) -> Step {
        if let restart {
            begin(from: restart)
            return .handOut(isAnew: true)
        }
        if isStalled { return .rest(until: nil) }
        switch next {
        case .unknown: return .handOut(isAnew: false)
        case .none: return .rest(until: nil)
        case .at(let time): return time <= now ? .handOut(isAnew: false) : .rest(until: time)
        }
    }

    private mutating func begin(from place: SchedulePosition) {
        position = place
        lookedThrough = min(lookedThrough, place.dueAt.adding(milliseconds: -1))
        restart = nil
        isStalled = false
        next = .unknown
    }

    /// - Returns: After which position to read what is due by `now`; nil where that would begin anew first.
    mutating func read(by now: Timestamp) -> SchedulePosition? {
        guard restart == nil else { return nil }
        lookedThrough = max(lookedThrough, now)
        return position
    }

    mutating func handedOut(through last: SchedulePosition) {
        position = max(position, last)
    }

    /// Nothing more was due by `moment`.
    ///
    /// - Returns: After which time to look for the next one.
    mutating func exhausted(by moment: Timestamp) -> Timestamp {
        position = max(position, SchedulePosition(behind: moment))
        (next, announced) = (.unknown, nil)
        return lookedThrough
    }

    /// - Parameter time: The next one in the ledger; nil where there is none.
    mutating func found(_ time: Timestamp?) {
        let earliest = [time, announced].compactMap(\.self).min()
        next = earliest.map { .at($0) } ?? .none
        announced = nil
    }

    /// Some of what was handed out was not taken. Whoever says so sees to it that it is begun anew.
    mutating func stall() {
        isStalled = true
    }
}
