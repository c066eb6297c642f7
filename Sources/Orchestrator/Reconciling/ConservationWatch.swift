import Distribution
import Logging

/// Audits the ledger again and again while the service runs, and holds the broker's messages against it wherever the
/// system stands still for a moment: `clawcast_conservation_violations` must read 0, and every violation is told of with
/// what to do about it.
struct ConservationWatch: Sendable {
    /// Milliseconds for which nothing must move, so that a message that is missing is missing.
    private static let stillness: Int64 = 5_000

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
                let messages = await messages(check)
                guard !Task.isCancelled else { return }
                tell(audit.findings, messages)
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

    /// What the broker's queues lack, or hold beyond; empty where the system moves, or nobody can be asked.
    private func messages(_ check: ConservationCheck) async -> ConservationFindings {
        // At the start the connection may be a moment away.
        for _ in 1...2 {
            do {
                return try await compare(check)
            } catch {
                ports.logger.debug("Messages could not be counted.", metadata: ["error": "\(error)"])
                guard (try? await stillness()) != nil else { break }
            }
        }
        return ConservationFindings()
    }

    private func compare(_ check: ConservationCheck) async throws -> ConservationFindings {
        guard let earlier = try await check.readingOfWaiting(at: ports.time.now(), ports.broker) else {
            return ConservationFindings()
        }
        try await stillness()
        let reading = try await check.readingOfWaiting(at: ports.time.now(), ports.broker)
        guard let reading, reading.isQuiet(since: earlier) else { return ConservationFindings() }
        return reading.findings(isQuiet: true)
    }

    private func stillness() async throws {
        try await ports.time.sleep(until: ports.time.now().adding(milliseconds: Self.stillness))
    }

    /// - Parameter messages: Of these only violations are worth a line: copies go by themselves.
    private func tell(_ ledger: ConservationFindings, _ messages: ConservationFindings) {
        var findings = ledger
        findings.add(messages)
        metrics.audited(
            violations: findings.violations.reduce(0) { $0 + $1.count },
            warnings: findings.warnings.reduce(0) { $0 + $1.count })
        tell(ledger.all, "The ledger does not hold what it must.")
        tell(messages.violations, "The broker does not hold what it must.")
    }

    private func tell(_ findings: [ConservationFinding], _ message: Logger.Message) {
        for finding in findings {
            ports.logger.log(
                level: finding.problem.severity == .violation ? .error : .warning, message,
                metadata: [
                    "code": "\(finding.problem.rawValue)", "problem": "\(finding.problem.sentence)",
                    "count": "\(finding.count)", "subjects": "\(finding.subjects.joined(separator: ", "))",
                    "remediation": "\(finding.problem.remediation)",
                ])
        }
    }
}
