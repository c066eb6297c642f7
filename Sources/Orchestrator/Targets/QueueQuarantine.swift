import Distribution
import Synchronization

/// The targets whose queue the broker refuses, and why: their jobs stay owed in the ledger until it takes them again.
///
/// Published now they would find no queue, or one that is somebody else's.
final class QueueQuarantine: Sendable {
    private let problems = Mutex<[TargetID: QueueProblem]>([:])
    private let metrics: OrchestratorMetrics

    init(metrics: OrchestratorMetrics) {
        self.metrics = metrics
    }

    func problem(of id: TargetID) -> QueueProblem? {
        problems.withLock { $0[id] }
    }

    var targets: Set<TargetID> { problems.withLock { Set($0.keys) } }

    /// The jobs that may be published.
    func admitted(_ jobs: [OwedJob]) -> [OwedJob] {
        problems.withLock { problems in
            problems.isEmpty ? jobs : jobs.filter { problems[$0.claim.targetID] == nil }
        }
    }

    /// - Returns: Whether the target was not in quarantine before; else its problem began then.
    func enter(_ id: TargetID, _ error: BrokerError, at now: Timestamp) -> Bool {
        problems.withLock { problems in
            let known = problems[id]
            problems[id] = QueueProblem(
                message: error.message, remediation: error.remediation ?? QueueProblem.standardRemediation,
                since: known?.since ?? now)
            metrics.inQuarantine(problems.count)
            return known == nil
        }
    }

    /// - Returns: Whether the target was in quarantine.
    func leave(_ id: TargetID) -> Bool {
        problems.withLock { problems in
            guard problems.removeValue(forKey: id) != nil else { return false }
            metrics.inQuarantine(problems.count)
            return true
        }
    }
}
