import Foundation

/// What one round of killing has shown.
struct SoakRound: Sendable, CustomStringConvertible {
    let number: Int
    /// Who was killed, and when.
    let kill: String
    let findings: ConservationCheck.Findings
    /// From the first plan to the last finding.
    let duration: Duration

    var description: String {
        let findings = findings
        let end = findings.problems.isEmpty ? "" : "; \(findings.problems.count) problems"
        let seconds = duration.formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1)))
        return "round \(number): \(kill), \(seconds); \(findings.plans) plans, \(findings.deliveries) deliveries, "
            + "\(findings.repeated) repeated, \(findings.ambiguous) ambiguous\(end)"
    }
}

/// All rounds together.
struct SoakSummary: Sendable, CustomStringConvertible {
    private(set) var rounds = 0
    private(set) var problems: [String] = []
    private var plans = 0
    private var deliveries = 0
    private var repeated = 0
    private var ambiguous = 0

    /// Findings of any kind: each is a loss, or a repetition that nothing tells of.
    var lost: Int { problems.count }

    mutating func add(_ round: SoakRound) {
        rounds += 1
        plans += round.findings.plans
        deliveries += round.findings.deliveries
        repeated += round.findings.repeated
        ambiguous += round.findings.ambiguous
        problems += round.findings.problems.map { "round \(round.number) (\(round.kill)): \($0)" }
    }

    var description: String {
        "\(rounds) rounds, \(plans) plans, \(deliveries) deliveries, \(lost) lost or unexplained, "
            + "\(repeated) duplicated (of \(ambiguous) attempts called ambiguous)"
    }
}
