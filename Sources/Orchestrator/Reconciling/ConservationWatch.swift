import Distribution
import Logging

/// Audits the ledger again and again while the service runs: `clawcast_conservation_violations` must read 0, and every
/// violation is told of with what to do about it.
struct ConservationWatch: Sendable {
    /// An audit is followed by a rest of so many times its length, so that it takes a fiftieth of a core at most.
    private static let restFactor: Int64 = 50

    let ports: Ports
    let settings: OrchestratorSettings
    let metrics: OrchestratorMetrics

    /// Audits until cancelled.
    func run() async {
        guard let interval = settings.auditIntervalMilliseconds else { return }
        let check = ConservationCheck(ledger: ports.ledger)
        while !Task.isCancelled {
            let start = ports.time.monotonicMilliseconds()
            do {
                let audit = try await check.audit(.sampled)
                guard !Task.isCancelled else { return }
                tell(audit.findings)
            } catch {
                ports.logger.warning("The ledger could not be audited.", metadata: ["error": "\(error)"])
            }
            let length = ports.time.monotonicMilliseconds() - start
            let rest = max(interval, length * Self.restFactor)
            guard (try? await ports.time.sleep(until: ports.time.now().adding(milliseconds: rest))) != nil else {
                return
            }
        }
    }

    private func tell(_ findings: ConservationFindings) {
        metrics.audited(
            violations: findings.violations.reduce(0) { $0 + $1.count },
            warnings: findings.warnings.reduce(0) { $0 + $1.count })
        for finding in findings.all {
            ports.logger.log(
                level: finding.problem.severity == .violation ? .error : .warning,
                "The ledger does not hold what it must.",
                metadata: [
                    "code": "\(finding.problem.rawValue)", "problem": "\(finding.problem.sentence)",
                    "count": "\(finding.count)", "subjects": "\(finding.subjects.joined(separator: ", "))",
                    "remediation": "\(finding.problem.remediation)",
                ])
        }
    }
}
