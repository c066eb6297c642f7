internal import NIOCore

/// How long to wait before a channel that the broker closed is opened again: not at all, unless it keeps happening.
struct ReopeningPace {
    private var openedAt: NIODeadline?
    private var pause = TimeAmount.zero

    mutating func opened(at now: NIODeadline) { openedAt = now }

    mutating func closed(at now: NIODeadline) -> TimeAmount {
        let wasShort = openedAt.map { now - $0 < .seconds(5) } ?? true
        defer {
            pause = wasShort ? min(max(pause * 2, .milliseconds(50)), .seconds(5)) : .zero
            openedAt = nil
        }
        return wasShort ? pause : .zero
    }
}
