/// What ledger and broker say at one moment, as far as messages are concerned.
package struct SystemReading: Sendable, Hashable {
    package let targets: [AuditTarget]
    package let waiting: [TargetID: WaitingJobs]
    package let pulse: LedgerPulse
    package let census: BrokerCensus

    package init(
        targets: [AuditTarget], waiting: [TargetID: WaitingJobs], pulse: LedgerPulse, census: BrokerCensus
    ) {
        self.targets = targets
        self.waiting = waiting
        self.pulse = pulse
        self.census = census
    }

    /// Over all targets.
    package var total: WaitingJobs {
        waiting.values.reduce(into: WaitingJobs()) { $0.add($1) }
    }

    /// Whether nothing moves, so that what is missing is missing: nothing has changed since the reading before, no
    /// message is on its way, and, where a service runs, nothing is in flight or owed.
    package func isQuiet(since earlier: SystemReading?) -> Bool {
        let total = total
        guard self == earlier, total.recent == 0 else { return false }
        guard census.isServed else { return true }
        return total.running == 0 && pulse.owedEvents == 0 && pulse.owedDeadLetters == 0 && owedJobs == 0
    }

    /// Jobs of active targets whose newest message was not confirmed yet.
    private var owedJobs: Int {
        targets.lazy.filter(\.isActive).map { waiting[$0.queue.targetID]?.unconfirmed ?? 0 }.reduce(0, +)
    }
}
