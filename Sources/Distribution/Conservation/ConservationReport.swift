/// What a check of conservation over ledger and broker has found.
package struct ConservationReport: Sendable {
    package let checkedAt: Timestamp
    package let ledger: LedgerAudit
    /// nil where no broker could be asked.
    package let messages: SystemReading?
    /// Whether fewer messages than expected could be judged.
    package let isQuiet: Bool
    package let findings: ConservationFindings

    /// - Parameter brokerObstacle: Why no broker could be asked.
    package init(
        checkedAt: Timestamp, ledger: LedgerAudit, messages: SystemReading?, isQuiet: Bool, brokerObstacle: String?
    ) {
        self.checkedAt = checkedAt
        self.ledger = ledger
        self.messages = messages
        self.isQuiet = isQuiet
        var findings = ledger.findings
        if let messages {
            findings.add(messages.findings(isQuiet: isQuiet))
        } else {
            findings.add(.brokerSkipped, brokerObstacle ?? "no broker is known")
        }
        self.findings = findings
    }

    /// Whether nothing contradicts a promise; warnings may remain.
    package var holds: Bool { findings.violations.isEmpty }
}
