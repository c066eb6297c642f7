import Distribution
import DistributionTesting
import Logging

/// What the service logs, as lines of the trace.
struct SimulationLog: LogHandler {
    let trace: SimulationTrace
    let executor: SimulationExecutor
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    /// - Parameter isRead: Whether anybody reads it; composing what nobody reads takes its time.
    init(trace: SimulationTrace, executor: SimulationExecutor, isRead: Bool) {
        logLevel = isRead ? .info : .critical
        self.trace = trace
        self.executor = executor
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        trace.tell("\(executor.now.milliseconds) log: \(event.message) \(metadata.joined(separator: " "))")
    }
}
