/// Keeps attempts from a target that does not answer: after ten failures in a row one probe at a time, ever more rarely.
///
/// A failure is one of connection or time, or a 5xx; any other answer shows that the target lives.
///
/// | from | on | to |
/// |---|---|---|
/// | closed | the tenth failure in a row | open, probe after 30 s |
/// | open | its probe's time, with work at hand | probing |
/// | probing | the probe fails | open, the pause doubled, 10 min at most |
/// | probing | the probe ends unsent | open, probe at once |
/// | open, probing | any answer | closed |
struct CircuitBreaker: Sendable, Hashable {
    enum State: Sendable, Hashable {
        /// - Parameter failures: In a row, below ``threshold``.
        case closed(failures: Int)
        /// One probe may start at `probeAt`.
        case open(Outage, probeAt: Timestamp)
        /// A probe is under way; it began at `since`.
        case probing(Outage, since: Timestamp)
    }

    /// What lasts from opening to closing.
    struct Outage: Sendable, Hashable {
        let openedAt: Timestamp
        /// Milliseconds from the last failed probe to the next.
        var pause: Int64
    }

    static let threshold = 10
    static let firstPause: Int64 = 30_000
    static let longestPause: Int64 = 600_000

    private(set) var state = State.closed(failures: 0)

    /// - Parameter record: As the ledger has it; a probe that was under way then is made anew.
    init(_ record: CircuitRecord? = nil) {
        guard let record else { return }
        state = .open(Outage(openedAt: record.openedAt, pause: record.pause), probeAt: record.probeAt)
    }

    /// The circuit as it is to be written down; nil while it is closed, or a probe is under way.
    var record: CircuitRecord? {
        guard case .open(let outage, let probeAt) = state else { return nil }
        return CircuitRecord(openedAt: outage.openedAt, probeAt: probeAt, pause: outage.pause)
    }

    /// - Returns: When the circuit has opened, or stays open after a failed probe, the time of the next probe.
    mutating func failed(startedAt: Timestamp, at now: Timestamp) -> Timestamp? {
        switch state {
        case .closed(let failures) where failures + 1 < Self.threshold:
            state = .closed(failures: failures + 1)
            return nil
        case .closed:
            return open(Outage(openedAt: now, pause: Self.firstPause), at: now)
        case .open:
            return nil
        case .probing(var outage, let since):
            // What was under way when the circuit opened says nothing new.
            guard startedAt >= since else { return nil }
            outage.pause = min(outage.pause * 2, Self.longestPause)
            return open(outage, at: now)
        }
    }

    /// - Returns: Whether the circuit was open.
    mutating func answered() -> Bool {
        defer { state = .closed(failures: 0) }
        if case .closed = state { return false }
        return true
    }

    /// An attempt starts; where the circuit is open it is the probe.
    mutating func attemptStarted(at now: Timestamp) {
        if case .open(let outage, _) = state { state = .probing(outage, since: now) }
    }

    /// A probe ended without a request: its turn is free again.
    mutating func probeAbandoned(at now: Timestamp) {
        if case .probing(let outage, _) = state { state = .open(outage, probeAt: now) }
    }

    private mutating func open(_ outage: Outage, at now: Timestamp) -> Timestamp {
        let probeAt = now.adding(milliseconds: outage.pause)
        state = .open(outage, probeAt: probeAt)
        return probeAt
    }
}
