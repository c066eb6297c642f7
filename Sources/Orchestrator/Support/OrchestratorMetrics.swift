import Distribution
import Metrics
import Synchronization

/// The orchestrator's counters, gauges and timers; handles are made once.
package struct OrchestratorMetrics: Sendable {
    private let plansAccepted = Counter(label: "clawcast_plans_accepted_total")
    private let jobsAccepted = Counter(label: "clawcast_jobs_accepted_total")
    private let jobsReleased = Counter(label: "clawcast_jobs_published_total")
    private let eventsRelayed = Counter(label: "clawcast_events_published_total")
    private let deadLettersRelayed = Counter(label: "clawcast_dead_letters_published_total")
    private let attemptsInFlight = Gauge(label: "clawcast_attempts_in_flight")
    private let targetsInQuarantine = Gauge(label: "clawcast_targets_in_quarantine")
    private let deliveryDuration = Metrics.Timer(label: "clawcast_delivery_duration_seconds")
    private let conservationViolations = Gauge(label: "clawcast_conservation_violations")
    private let conservationWarnings = Gauge(label: "clawcast_conservation_warnings")
    private let jobsReissued = Counter(label: "clawcast_jobs_missed_total")
    private let lettersHandled = DeadLetterRun.Kind.allCases.map { kind in
        Counter(label: "clawcast_dead_letters_handled_total", dimensions: [("kind", kind.rawValue)])
    }
    private let rowsRetired = Counter(label: "clawcast_retention_rows_total")
    private let longestRetentionStep = Gauge(label: "clawcast_retention_step_longest_seconds")
    private let ledgerAvailable = Gauge(label: "clawcast_ledger_available")
    private let brokerAvailable = Gauge(label: "clawcast_broker_available")
    private let brokerBlocked = Gauge(label: "clawcast_broker_blocked")
    private let outcomes: OutcomeCounters = OutcomeCounters()

    package init() {}

    func planAccepted(jobs: Int) {
        plansAccepted.increment()
        jobsAccepted.increment(by: jobs)
    }

    func planRejected(_ code: ErrorCode) {
        Counter(label: "clawcast_plans_rejected_total", dimensions: [("code", code.rawValue)]).increment()
    }

    func jobsPublished(_ count: Int) {
        jobsReleased.increment(by: count)
    }

    func eventsPublished(_ count: Int) {
        eventsRelayed.increment(by: count)
    }

    func deadLettersHandled(_ count: Int, by kind: DeadLetterRun.Kind) {
        guard let place = DeadLetterRun.Kind.allCases.firstIndex(of: kind) else { return }
        lettersHandled[place].increment(by: count)
    }

    /// - Parameter longest: Milliseconds for which the slowest step since the start kept the writer to itself, its commit
    ///   included.
    func retired(rows: Int, longest: Int64) {
        rowsRetired.increment(by: rows)
        longestRetentionStep.record(Double(longest) / 1_000)
    }

    func deadLettersPublished(_ count: Int) {
        deadLettersRelayed.increment(by: count)
    }

    func inFlight(_ count: Int) {
        attemptsInFlight.record(count)
    }

    func inQuarantine(_ count: Int) {
        targetsInQuarantine.record(count)
    }

    func attemptEnded(channel: ChannelType, outcome: String, durationMilliseconds: Int64) {
        deliveryDuration.recordMilliseconds(durationMilliseconds)
        outcomes.increment(channel: channel, outcome: outcome)
    }

    func targetGoverned(_ consequences: TargetGovernor.Consequences) {
        if case .throttled = consequences.finding { Counter(label: "clawcast_target_pauses_total").increment() }
        if consequences.probeAt != nil { Counter(label: "clawcast_circuit_openings_total").increment() }
    }

    func audited(violations: Int, warnings: Int) {
        conservationViolations.record(violations)
        conservationWarnings.record(warnings)
    }

    func jobsMissed(_ count: Int) {
        jobsReissued.increment(by: count)
    }

    func ledger(isAvailable: Bool) {
        ledgerAvailable.record(isAvailable ? 1 : 0)
    }

    func ledgerFailed(_ obstacle: LedgerObstacle) {
        Counter(label: "clawcast_ledger_failures_total", dimensions: [("cause", obstacle.rawValue)]).increment()
    }

    func broker(_ health: BrokerHealth) {
        switch health {
        case .connected, .blocked(_, _?):
            brokerAvailable.record(1)
            brokerBlocked.record(0)
        case .blocked(_, nil):
            brokerAvailable.record(1)
            brokerBlocked.record(1)
        case .disconnected:
            brokerAvailable.record(0)
            brokerBlocked.record(0)
        }
    }

    func jobMismatched() {
        Counter(label: "clawcast_job_mismatches_total").increment()
    }
}

/// One counter for each channel and outcome seen, found without a registry look-up.
private final class OutcomeCounters: Sendable {
    private struct Key: Hashable {
        let channel: ChannelType
        let outcome: String
    }

    private let counters = Mutex<[Key: Counter]>([:])

    func increment(channel: ChannelType, outcome: String) {
        let key = Key(channel: channel, outcome: outcome)
        let counter = counters.withLock { counters in
            if let counter = counters[key] { return counter }
            let dimensions = [("channel", channel.rawValue), ("outcome", outcome)]
            let counter = Counter(label: "clawcast_attempts_total", dimensions: dimensions)
            counters[key] = counter
            return counter
        }
        counter.increment()
    }
}
