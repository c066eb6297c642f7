import DistributionTesting

/// What a simulated world may meet.
struct SimulationOptions: Sendable {
    /// A bug on purpose; none in production.
    var flaw: SimulationFlaw?
    /// Whether a crash may be a power cut, which takes what was not forced to disk.
    var hasPowerCuts = true
    /// Whether a queue may lose what waits in it: only reconciliation finds out each time.
    var losesQueues = false
    /// Whether the service looks for jobs that the broker has lost; without it, what a queue has lost is found.
    var reconciles = true
    /// Lines of the trace that are kept.
    var lineLimit = 0
}
