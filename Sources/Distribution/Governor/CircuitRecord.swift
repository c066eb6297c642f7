/// An open circuit as it is written down: the next process goes on with it, and does not count ten failures anew.
package struct CircuitRecord: Sendable, Hashable {
    package let openedAt: Timestamp
    package let probeAt: Timestamp
    /// Milliseconds from the last failed probe to the next.
    package let pause: Int64

    package init(openedAt: Timestamp, probeAt: Timestamp, pause: Int64) {
        self.openedAt = openedAt
        self.probeAt = probeAt
        self.pause = pause
    }
}

/// What an attempt has changed about the circuit of its target; written in the attempt's transaction.
package enum CircuitNote: Sendable, Hashable {
    /// It has opened, or stays open after a failed probe.
    case open(CircuitRecord)
    case closed

    package var record: CircuitRecord? {
        if case .open(let record) = self { record } else { nil }
    }
}
