import Distribution
import Orchestrator
import PrometheusExport
import Synchronization

/// What the ledger holds, as gauges; it is asked at most every ten seconds, however often somebody scrapes.
final class LedgerGauges: Sendable {
    private static let lifetimeMilliseconds: Int64 = 10_000

    private let useCases: DistributionUseCases
    private let metrics: PrometheusMetricsFactory
    private let askedAt = Mutex<Timestamp?>(nil)

    init(useCases: DistributionUseCases, metrics: PrometheusMetricsFactory) {
        self.useCases = useCases
        self.metrics = metrics
    }

    /// Keeps the figures as they are while the ledger cannot tell; `clawcast_ready` says so.
    func refresh() async {
        let now = useCases.now()
        let isDue = askedAt.withLock { askedAt in
            if let askedAt, abs(now.milliseconds(since: askedAt)) < Self.lifetimeMilliseconds { return false }
            askedAt = now
            return true
        }
        guard isDue, let totals = try? await useCases.totals() else { return }
        for status in JobStatus.allCases {
            metrics.set(
                gauge: "clawcast_jobs", dimensions: [("status", status.rawValue)], to: Double(totals.jobs[status]))
        }
        metrics.set(gauge: "clawcast_jobs_owed", to: Double(totals.owedJobs))
        metrics.set(gauge: "clawcast_jobs_scheduled", to: Double(totals.scheduledJobs))
        metrics.set(gauge: "clawcast_events_owed", to: Double(totals.owedEvents))
        metrics.set(gauge: "clawcast_targets", to: Double(totals.targets))
    }
}
